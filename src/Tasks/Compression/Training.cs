using InrFast.Autodiff;
using InrFast.Kernels;
using InrFast.Tasks.Fitting;

namespace InrFast.Tasks.Compression;

/// <summary>What trains the networks of an image's blocks, and counts their updates. Blocks are shared out over the workers, each trained by one, so that no update waits for another thread; a card trains one after another.</summary>
sealed class Training(CompressionOptions options, CompressionState state, Device device, Workers workers, Action<FitProgress> tell, CancellationToken cancel)
{
    readonly Lock telling = new();
    long done, updates, rows;

    public Device Device => device;
    public long Iterations => options.Iterations;

    /// <summary>So many updates of all networks together are to come.</summary>
    public void Expect(long more) => updates = Math.Max(updates, done + more);

    public ulong SeedOf(int block) => unchecked(options.Seed + (ulong)block);

    /// <summary>Does a group's work for each that the state does not hold already; the costliest first. Fewer groups than workers are done one by one, by all. The networks in the order of the file.</summary>
    /// <param name="phase">What is done, under which the state keeps it.</param>
    /// <param name="updates">Of each group.</param>
    /// <param name="work">Number of the group, what to compute with, and what to tell each update's loss.</param>
    public FittedBlock[] ForEach(string phase, CompressedHeader header, IReadOnlyList<NetworkGroup> groups, long updates, Func<int, Workers, Action<double>, FittedBlock[]> work)
    {
        var results = new FittedBlock[groups.Count][];
        var places = header.Networks();
        int next = 0;
        double Cost(int g) => groups[g].Rows * groups[g].Networks.Sum(network => (double)header.Widths[network] * header.Widths[network]);
        int[] order = [.. Enumerable.Range(0, groups.Count).OrderByDescending(Cost)];
        if (!device.RunsOnHost || order.Count(g => Cost(g) > 0) < workers.Count)
        {
            foreach (int g in order) Do(g, workers);
        }
        else workers.Run(_ =>
        {
            using var alone = new Workers(1);
            for (int i; (i = Interlocked.Increment(ref next) - 1) < order.Length;) Do(order[i], alone);
        });
        return [.. results.SelectMany(own => own)];

        void Do(int g, Workers by)
        {
            string key = $"{phase} {g}";
            try
            {
                if (state.Find(key) is { } kept && FittedBlock.Restore(kept, groups[g].Networks.Select(network => places[network].Tensors(header))) is { } restored)
                {
                    results[g] = restored;
                    if (Cost(g) > 0) lock (telling) done += updates;
                    return;
                }
                results[g] = work(g, by, loss => Tell(loss, groups[g].Rows));
                state.Add(key, FittedBlock.Flatten(results[g]));
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
        lock (telling) tell(new(++done, updates, loss, double.NaN, 0, rows += more));
    }
}
