using InrFast.Autodiff;
using InrFast.Autodiff.Operations;
using InrFast.Kernels;
using InrFast.Kernels.Losses;
using InrFast.Kernels.Optimizers;
using InrFast.Kernels.Random;
using InrFast.Kernels.Sampling;
using InrFast.Tasks.Fitting;

namespace InrFast.Tasks.Compression;

/// <summary>A network, fitted, and how much worse the error gets when its tensors are rounded.</summary>
/// <param name="Weights">Not rounded.</param>
/// <param name="Sensitivity">Of each tensor: squared error of all values, as parts of the image's range, for each square of the rounding step.</param>
sealed record FittedBlock(BlockWeights Weights, float[] Sensitivity)
{
    /// <summary>All numbers behind each other, as a checkpoint keeps them.</summary>
    public static float[] Flatten(IEnumerable<FittedBlock> blocks) =>
        [.. blocks.SelectMany(block => block.Weights.Tensors.SelectMany(tensor => tensor).Concat(block.Sensitivity).Prepend((float)block.Weights.Scale).Prepend((float)block.Weights.Offset))];

    /// <summary>The reverse; null where the numbers are not those of networks with such tensors.</summary>
    public static FittedBlock[]? Restore(float[] numbers, IEnumerable<int[]> tensorsOfNetworks)
    {
        int at = 0;
        int[][] tensors = [.. tensorsOfNetworks];
        if (numbers.Length != tensors.Sum(own => 2 + own.Sum() + own.Length)) return null;
        return [.. tensors.Select(own =>
        {
            var (offset, scale) = ((Half)Next(1)[0], (Half)Next(1)[0]);
            float[][] values = [.. own.Select(Next)];
            return new FittedBlock(new(offset, scale, values), Next(own.Length));
        })];

        float[] Next(int count) => numbers[at..(at += count)];
    }
}

/// <summary>Networks that are trained together: a leaf's alone, or a whole tree of them.</summary>
/// <param name="Networks">Their numbers in the file.</param>
/// <param name="Span">Voxels along each axis that their coordinates span.</param>
/// <param name="Values">[voxel][leaf][channel], parts of the image's range.</param>
/// <param name="Region">[voxel][leaf]: 1 in a region to be kept; null: there is none.</param>
sealed record NetworkGroup(int[] Networks, int[] Span, float[] Values, float[]? Region = null)
{
    const int MostRows = 8192, LeastRows = 2048, ShareOfVoxels = 16;

    /// <summary>Rows of an update.</summary>
    public int Rows => (int)Math.Min(Box.Whole(Span).Voxels, Math.Clamp(Box.Whole(Span).Voxels / ShareOfVoxels, LeastRows, MostRows));
}

/// <summary>The networks of a group in training.</summary>
sealed class BlockFit : IDisposable
{
    const double LearningRate = 3e-3, TuningRate = 3e-4, WidthOfRate = 48;

    readonly NetworkGroup group;
    readonly Half[] offsets; // of each leaf
    readonly Half scale; // one for all, so that the loss counts every voxel alike
    readonly BlockNetwork block;
    readonly int[] tensors; // of each network
    readonly bool[] isLeaf;
    readonly int[] depths;
    readonly Plan plan;
    readonly Runner runner;

    /// <param name="rate">Of learning, at first; less of wide leaves, which it would throw out. (Of a tree by its root, which is wider: an embryo 16 times smaller 38.4 dB instead of 39.5.)</param>
    BlockFit(CompressedHeader header, NetworkGroup group, RegionTerm? region, double rate, long iterations, ulong seed, Device device, Workers workers)
    {
        this.group = group;
        var places = header.Networks();
        int[] own = group.Networks, widths = [.. own.Select(network => header.Widths[network])];
        isLeaf = [.. own.Select(network => places[network].Box is not null)];
        tensors = [.. own.Select(network => places[network].Tensors(header).Length)];
        depths = [.. own.Select(network => places[network].Path.Length)];
        int leaves = isLeaf.Count(leaf => leaf), columns = leaves * header.Channels;
        (offsets, scale) = Normalise(group.Values, leaves, header.Channels);
        float[] targets = [.. group.Values.Select((value, i) => (value - (float)offsets[i % columns / header.Channels]) / (float)scale)];
        int masks = region is not null && group.Region is not null ? leaves : 0;
        if (masks > 0) targets = [.. targets.Chunk(columns).Zip(group.Region!.Chunk(leaves), (values, inside) => values.Concat(inside)).SelectMany(row => row)];
        block = new BlockNetwork(header, [.. own.Select(network => places[network].Path is [.., var parent, _] ? Array.IndexOf(own, parent) : -1)], widths, columns, device);
        var grid = BlockNetwork.Coordinates(group.Span);
        var samples = new SampleVoxels<ShuffledSweep>(block.Graph, grid, _ => new ShuffledSweep(grid.Count), targets, columns + masks);
        var output = block.Network.Apply(samples.Coordinates);
        var losses = new List<Loss> { new(new RowLoss<SquaredError>(output, Columns(samples.Values, 0, columns), default).Output) };
        var fixes = new List<Action<ParameterStore>>();
        for (int leaf = 0; leaf < masks; leaf++)
            if (group.Region!.Where((_, i) => i % leaves == leaf).Any(inside => inside > 0))
                losses.Add(region!.Add(block.Graph, $"region.{leaf}", Columns(output, leaf, 1), Columns(samples.Values, columns + leaf, 1), (float)offsets[leaf], (float)scale, fixes));
        fixes.ForEach(fix => fix(block.Store));
        plan = Plan.Train(device, [.. losses]);
        var optimizer = Optimizer.Create(device, new Adam(), rate * Math.Min(1, WidthOfRate / widths.Where((_, i) => isLeaf[i]).Max()), new CosineSchedule(iterations, Floor: 0.01), clipNorm: 1);
        runner = device.RunsOnHost
            ? new HostRunner(plan, block.Store, workers, group.Rows, optimizer, tileRows: isLeaf.Length > 1 ? 16 : 128) // activations of all leaves stay in cache
            : Runner.Create(plan, block.Store, workers, group.Rows, optimizer);
        runner.Seed = seed;
    }

    static Value Columns(Value value, int first, int count) => value.Shape.Columns == count ? value : new Slice(value, first, count).Output;

    /// <summary>Each leaf's mean, and the deviation from these of all.</summary>
    static (Half[] Offsets, Half Scale) Normalise(float[] values, int leaves, int channels)
    {
        double[] means = new double[leaves];
        for (int i = 0; i < values.Length; i++) means[i / channels % leaves] += (double)values[i] * leaves / values.Length;
        double sum = 0;
        for (int i = 0; i < values.Length; i++) sum += (values[i] - means[i / channels % leaves]) * (values[i] - means[i / channels % leaves]);
        return ([.. means.Select(mean => (Half)mean)], (Half)Math.Max(Math.Sqrt(sum / values.Length), 1e-4));
    }

    /// <summary>Fits the networks of a group, or takes the mean where its block gets none.</summary>
    /// <param name="tell">Is told the loss after each update.</param>
    public static FittedBlock[] Run(CompressedHeader header, NetworkGroup group, RegionTerm? region, long iterations, ulong seed, Device device, Workers workers, Action<double> tell)
    {
        if (header.Widths[group.Networks[0]] == 0) return [new(new(Normalise(group.Values, 1, group.Values.Length).Offsets[0], default, []), [])];
        using var fit = new BlockFit(header, group, region, LearningRate, iterations, seed, device, workers);
        fit.block.Network.Initialize(fit.block.Store, seed);
        for (long step = 0; step < iterations; step++) tell(fit.Update());
        float[][] all = fit.block.Read();
        var (weights, sensitivity) = (fit.Split(all), fit.Sensitivity(all));
        return [.. weights.Select((own, i) => new FittedBlock(own, sensitivity[fit.TensorsOf(i)]))];
    }

    /// <summary>
    /// Rounds all numbers, a few before each update, in random order: those that are left learn to make up for it (incremental quantisation, Zhou 2017). Of a brain of 64 voxels, 64 times smaller, rounding alone costs 0.7 dB,
    /// and this 0.3; gradients at rounded numbers for numbers kept exactly beside them (straight-through) 0.9.
    /// </summary>
    /// <param name="fitted">The group's networks.</param>
    /// <param name="codes">Of each tensor's step.</param>
    public static FittedBlock[] Tune(CompressedHeader header, NetworkGroup group, RegionTerm? region, FittedBlock[] fitted, byte[][] codes, long iterations, ulong seed, Device device, Workers workers, Action<double> tell)
    {
        if (fitted[0].Weights.Tensors.Length == 0) return fitted;
        using var fit = new BlockFit(header, group, region, TuningRate, iterations, seed, device, workers);
        var store = fit.block.Store;
        float[] steps = new float[store.Length], numbers = new float[store.Length], updated = new float[store.Length];
        var tensors = fitted.SelectMany(own => own.Weights.Tensors);
        store.Values.Read<float>(numbers);
        fit.block.Write(tensors.Zip(codes.SelectMany(own => own), (tensor, code) => Enumerable.Repeat(WeightCoder.Step(code), tensor.Length).ToArray()));
        store.Values.Read<float>(steps);
        int[] places = [.. Enumerable.Range(0, numbers.Length).Where(i => steps[i] != numbers[i])]; // without padding, and what is not of the networks
        var shuffled = new Permutation((ulong)places.Length, seed);
        int[] order = [.. places.Select((_, i) => places[(int)shuffled[(ulong)i]])];
        fit.block.Write(tensors);
        store.Values.Read<float>(numbers);
        int rounded = 0;
        for (long step = 1; step <= iterations; step++)
        {
            RoundUntil((int)(order.Length * step / iterations));
            tell(fit.Update());
            store.Values.Read<float>(updated);
            foreach (int i in order.AsSpan(rounded)) numbers[i] = updated[i];
        }
        RoundUntil(order.Length);
        return [.. fitted.Zip(fit.Split(fit.block.Read()), (own, weights) => own with { Weights = weights })];

        void RoundUntil(int end)
        {
            foreach (int i in order.AsSpan(rounded..end)) numbers[i] = MathF.Round(numbers[i] / steps[i]) * steps[i];
            rounded = end;
            store.Values.Write<float>(numbers);
        }
    }

    Range TensorsOf(int network) => tensors.Take(network).Sum()..tensors.Take(network + 1).Sum();

    BlockWeights[] Split(float[][] all)
    {
        int leaf = 0;
        return [.. isLeaf.Select((draws, i) => new BlockWeights(draws ? offsets[leaf++] : default, scale, all[TensorsOf(i)]))];
    }

    double Update()
    {
        double loss = runner.Train();
        return double.IsFinite(loss) ? loss : throw new FitException(FitError.Diverged, $"the loss of a block is {loss} after {block.Store.Step} iterations");
    }

    /// <summary>
    /// By changing a tensor's numbers up or down at random: what of the squared error is linear in the change cancels between a change and its opposite. Of a tree, all networks of a level together, which get their mean.
    /// </summary>
    float[] Sensitivity(float[][] all)
    {
        const double Relative = 0.01;
        double undisturbed = runner.Evaluate(), factor = (double)(float)scale * (float)scale * group.Values.Length;
        var sensitivity = new float[all.Length];
        double[] sizes = [.. all.Select(tensor => Relative * Math.Sqrt(tensor.Average(value => (double)value * value)) + 1e-6)];
        var kinds = Enumerable.Range(0, tensors.Length).SelectMany(i => Enumerable.Range(0, tensors[i]).Select(t => (Kind: (depths[i], t), Tensor: TensorsOf(i).Start.Value + t))).ToLookup(each => each.Kind, each => each.Tensor);
        foreach (var kind in kinds)
        {
            double Disturbed(double by)
            {
                block.Write(all.Select((tensor, t) => kind.Contains(t) ? Moved(tensor, by * sizes[t], t) : tensor));
                return runner.Evaluate();
            }
            double excess = (Disturbed(1) + Disturbed(-1)) / 2 - undisturbed, squares = kind.Sum(t => sizes[t] * sizes[t]);
            foreach (int t in kind) sensitivity[t] = (float)(factor * Math.Max(excess, 1e-9) / squares / 12); // rounding to steps has a variance of step^2 / 12
        }
        return sensitivity;

        float[] Moved(float[] tensor, double by, int t)
        {
            var signs = new RandomSequence(runner.Seed, RandomStream.Sign, (ulong)t << 32);
            return [.. tensor.Select(value => (float)(value + ((signs.Next() & 1) == 1 ? by : -by)))];
        }
    }

    public void Dispose()
    {
        runner.Dispose();
        plan.Dispose();
        block.Dispose();
    }
}
