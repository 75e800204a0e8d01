using InrFast.Autodiff;
using InrFast.Kernels;
using InrFast.Tasks.Fitting;

namespace InrFast.Tasks.Compression;

/// <summary>What trains the networks of an image's blocks, and counts their updates. Blocks are shared out over the workers, each trained by one, so that no update waits for another thread.</summary>
sealed class Training(CompressionOptions options, Device device, Workers workers, Action<FitProgress> tell, CancellationToken cancel)
{
    readonly Lock telling = new();
    long done, rows;

    public Device Device => device;
    public long Iterations => options.Iterations;

    /// <summary>Updates of all networks together.</summary>
    public long Updates { get; set; }

    public ulong SeedOf(int block) => unchecked(options.Seed + (ulong)block);

    /// <summary>Does a block's work for each; the costliest first. Fewer blocks than workers are done one by one, by all.</summary>
    /// <param name="work">Block, what to compute with, and what to tell each update's loss.</param>
    public T[] ForEach<T>(CompressedHeader header, IReadOnlyList<Box> boxes, Func<int, Workers, Action<double>, T> work)
    {
        var results = new T[boxes.Count];
        int next = 0;
        int[] order = [.. Enumerable.Range(0, boxes.Count).OrderByDescending(b => BlockFit.Rows(boxes[b]) * (double)header.Widths[b] * header.Widths[b])];
        if (header.Widths.Count(width => width > 0) < workers.Count)
        {
            foreach (int b in order) Do(b, workers);
            return results;
        }
        workers.Run(_ =>
        {
            using var alone = new Workers(1);
            for (int i; (i = Interlocked.Increment(ref next) - 1) < order.Length;) Do(order[i], alone);
        });
        return results;

        void Do(int b, Workers by)
        {
            try
            {
                results[b] = work(b, by, loss => Tell(loss, BlockFit.Rows(boxes[b])));
            }
            catch
            {
                Volatile.Write(ref next, order.Length);
                throw;
            }
        }
    }

    void Tell(double loss, int more)
    {
        cancel.ThrowIfCancellationRequested();
        lock (telling) tell(new(++done, Updates, loss, double.NaN, 0, rows += more));
    }
}
