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

    /// <summary>Does a group's work for each; the costliest first. Fewer groups than workers are done one by one, by all.</summary>
    /// <param name="work">Number of the group, what to compute with, and what to tell each update's loss.</param>
    public T[] ForEach<T>(CompressedHeader header, IReadOnlyList<NetworkGroup> groups, Func<int, Workers, Action<double>, T> work)
    {
        var results = new T[groups.Count];
        int next = 0;
        double Cost(int g) => groups[g].Rows * groups[g].Networks.Sum(network => (double)header.Widths[network] * header.Widths[network]);
        int[] order = [.. Enumerable.Range(0, groups.Count).OrderByDescending(Cost)];
        if (order.Count(g => Cost(g) > 0) < workers.Count)
        {
            foreach (int g in order) Do(g, workers);
            return results;
        }
        workers.Run(_ =>
        {
            using var alone = new Workers(1);
            for (int i; (i = Interlocked.Increment(ref next) - 1) < order.Length;) Do(order[i], alone);
        });
        return results;

        void Do(int g, Workers by)
        {
            try
            {
                results[g] = work(g, by, loss => Tell(loss, groups[g].Rows));
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
