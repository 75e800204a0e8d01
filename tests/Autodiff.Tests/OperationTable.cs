using InrFast.Autodiff;
using InrFast.Autodiff.Operations;
using InrFast.Kernels;
using InrFast.Kernels.Activations;
using InrFast.Kernels.Encodings;
using InrFast.Kernels.Losses;
using InrFast.Kernels.Projection;
using InrFast.Kernels.Sampling;

namespace InrFast.Tests;

/// <summary>One row for every operation and every variant of it that takes a path of its own.</summary>
static class OperationTable
{
    public static IEnumerable<Row> Rows => [.. Layers, .. Grids, .. Losses, .. Batches, .. Small, .. Jets, .. Images, .. Tiles];

    // ---- dense layers ----

    static IEnumerable<Row> Layers =>
    [
        .. Activation("identity", new Identity()), .. Activation("sine", new Sine(4)), .. Activation("tanh", new Tanh()),
        .. Activation("sigmoid", new Sigmoid()), .. Activation("softplus", new Softplus(2)), .. Activation("GELU", new GELU()), .. Activation("SiLU", new SiLU()),
        .. Activation("Gaussian", new Gaussian(2)), .. Activation("FINER", new Finer(2), Kink.Curvature), .. Activation("ELU", new ELU(1), Kink.Curvature),
        .. Activation("ReLU", new ReLU(), Kink.Slope), .. Activation("leaky ReLU", new LeakyReLU(0.1f), Kink.Slope),
        new("dense, wide input", b => [b.Error(b.Siren(b.Input(20)))]),
        new("dense, wide output", b => [b.Error(b.Dense(b.Input(3), 37, new Sine(3)))]),
        new("dense, narrow to narrow", b => [b.Error(b.Dense(b.Dense(b.Input(3), 4, new Tanh()), 2, new Tanh()))]),
        new("dense, wide to wide, several panels", b => [b.Error(b.Siren(b.Input(2), width: 72))]),
        new("dense, sigmoid to 1 column", b => [b.Error(b.Dense(b.Dense(b.Input(2), 20, new Sine(8)), 1, new Sigmoid()))]),
        new("dense, sigmoid to 3 columns", b => [b.Error(b.Dense(b.Dense(b.Input(2), 20, new Sine(8)), 3, new Sigmoid()))]),
        new("dense without bias", b => [b.Error(b.Dense(b.Dense(b.Input(2), 20, new Sine(8), bias: false), 1, new Identity(), bias: false))]),
        new("dense, frozen weight", b => [b.Error(b.Linear(b.Dense(b.Dense(b.Input(2), 20, new Sine(8)), 24, new Sine(8), weightTrained: false), 1))]),
        new("dense, all frozen but the last", b =>
        {
            var h = b.Dense(b.Dense(b.Input(2), 20, new Sine(8)), 24, new Sine(8));
            foreach (var parameter in b.Graph.Parameters) parameter.IsTrained = false;
            return [b.Error(b.Linear(h, 1))];
        }),
        new("dense, one weight in two layers", b =>
        {
            var weight = Dense.Weight(b.Graph, "shared", 20, 20);
            var h = b.Dense(b.Input(2), 20, new Sine(8));
            for (int i = 0; i < 2; i++) h = new Dense<Sine>(h, weight, null, new Sine(2)).Output;
            return [b.Error(b.Linear(h, 1))];
        }),
    ];

    /// <summary>The derivative in which an activation has a step.</summary>
    enum Kink { None, Curvature, Slope }

    /// <summary>A layer with narrow input, one of both sides wide, one with narrow output; then the same as jets of second order.</summary>
    static IEnumerable<Row> Activation<TActivation>(string name, TActivation f, Kink kink = Kink.None) where TActivation : struct, IActivation
    {
        Value Net(Sketch b, Value x) => b.Dense(b.Dense(b.Dense(x, 20, f), 24, f), 3, f);
        yield return new($"dense, {name}", b => [b.Error(Net(b, b.Input(2)))]) { Slope = kink == Kink.Slope ? 5e-2 : 1e-3, Step = kink == Kink.None ? 4e-3 : 4e-4 };
        yield return new($"jets through {name}", b => Jet(b, 2, 2, x => Net(b, x)))
        {
            Slope = kink == Kink.None ? 2e-3 : double.PositiveInfinity, Outliers = kink == Kink.None ? 0 : 0.15,
        };
    }

    static Loss[] Jet(Sketch b, int axes, int order, Func<Value, Value> net)
    {
        var x = b.Input(axes);
        var y = net(new JetSeed(x, order).Output);
        b.Jets.Add((x, y));
        return b.JetErrors(y);
    }

    // ---- grids ----

    static GridSettings Cells(int dimensions, Interpolation interpolation = Interpolation.Linear, int log2TableSize = 8) =>
        GridSettings.ForCube(dimensions, 4, 2, 4, 1.6, log2TableSize) with { Interpolation = interpolation };

    /// <summary>Coordinates that parameters move.</summary>
    static Value Moved(Sketch b, Value x) => new Sum(x, new Scale(b.Dense(x, x.Shape.Columns, new Tanh()), 0.2f).Output).Output;

    static IEnumerable<Row> Grids =>
    [
        new("grid, 2-D", b => [b.Error(b.Siren(b.Grid(b.Input(2), Cells(2))))]),
        new("grid, 3-D, hashed", b => [b.Error(b.Siren(b.Grid(b.Input(3), Cells(3))))]),
        new("grid, 3-D, hashed, smoothstep", b => [b.Error(b.Siren(b.Grid(b.Input(3), Cells(3, Interpolation.Smoothstep)), 3))]),
        new("grid, 8 features", b => [b.Error(b.Siren(b.Grid(b.Input(2), GridSettings.ForCube(2, 3, 8, 4, 1.6, 8))))]),
        new("grid, moved coordinates", b => [b.Error(b.Siren(b.Grid(Moved(b, b.Input(2)), Cells(2, Interpolation.Smoothstep))))]) { Slope = 1e-2 },
        new("grid, moved coordinates, 3-D, hashed", b => [b.Error(b.Siren(b.Grid(Moved(b, b.Input(3)), Cells(3, Interpolation.Smoothstep))))]) { Slope = 1e-2 },
        new("grid, frozen, moved coordinates", b =>
        {
            var y = b.Grid(Moved(b, b.Input(2)), Cells(2, Interpolation.Smoothstep));
            b.Graph.Parameters[^1].IsTrained = false;
            return [b.Error(b.Siren(y))];
        }) { Slope = 1e-2 },
        new("grid of a bank", b => [b.Error(b.Linear(b.Grid(b.Input(2), Cells(2)), 1))]) { Members = 3 },
        new("grid, rays of 16 samples", b => [b.Error(new GroupSum(b.Siren(b.Grid(b.Input(2, 16), Cells(2))), 1 / 16f).Output)]) { Items = 21 },
        new("grid, sampled coordinates", b =>
        {
            var samples = Samples(b, _ => new RandomVoxels(Voxels.Count));
            return [new(new RowLoss<SquaredError>(b.Siren(b.Grid(samples.Coordinates, Cells(2))), samples.Values, default).Output)];
        }),
        new("grid, NCC: two stages", b => [Ncc(b.Siren(b.Grid(b.Input(2), Cells(2))), b.Input(1))]) { Stages = 2 },
        new("jets through a grid", b => Jet(b, 2, 1, x => b.Siren(b.Grid(x, Cells(2, Interpolation.Smoothstep))))) { Outliers = 0.1 },
        new("second-order jets through a grid, 3-D", b => Jet(b, 3, 2, x => b.Siren(b.Grid(x, Cells(3, Interpolation.Smoothstep)), omega: 2))) { Outliers = 0.2 },
    ];

    // ---- losses ----

    static IEnumerable<Row> Losses =>
    [
        RowWise("squared error", new SquaredError()), RowWise("absolute error", new AbsoluteError()) with { Slope = 2e-2 },
        RowWise("Huber", new Huber(0.3f)), RowWise("relative squared error", new RelativeSquaredError()) with { Slope = double.PositiveInfinity }, // its denominator counts as constant
        new("binary cross-entropy", b => [new(new RowLoss<BinaryCrossEntropy>(Probability(b), b.Input(1, low: 0), default).Output)]),
        RowWise("binary cross-entropy of logits", new BinaryCrossEntropyWithLogits()),
        new("weighted squared error, 3 columns", b => [new(new RowLoss<SquaredError>(b.Siren(b.Input(2), 3), b.Input(3), default, b.Input(1, low: 0)).Output)]),
        new("weighted squared error, 20 columns, groups of 3", b => [new(new RowLoss<SquaredError>(b.Siren(b.Input(2, 3), 20), b.Input(20, 3), default, b.Input(1, 3, low: 0)).Output)]) { Items = 67 },
        new("two losses of a value", b => { var y = b.Siren(b.Input(2)); return [b.Error(y), new(new RowLoss<Huber>(y, b.Input(1), new Huber(0.2f)).Output, 0.7)]; }),
        new("one loss twice", b => { var loss = b.Error(b.Siren(b.Input(2))); return [loss, loss with { Weight = 0.25 }]; }),
    ];

    static Row RowWise<TLoss>(string name, TLoss loss) where TLoss : struct, ILoss =>
        new(name, b => [new(new RowLoss<TLoss>(b.Siren(b.Input(2)), b.Input(1, low: 0), loss).Output)]);

    static Value Probability(Sketch b) => b.Dense(b.Dense(b.Input(2), 24, new Sine(8)), 1, new Sigmoid());

    // ---- sums over the batch ----

    public static Loss Ncc(Value y, Value target) => new(new SharedFunction<NormalizedCrossCorrelation>(new Moments(y, target).Output, default).Output);

    /// <summary>A correlation that needs the values of a displacement and penalties of its derivatives: the gradient of both waits for the whole batch.</summary>
    public static Loss[] RegularizedNcc(Sketch b, int order, Func<Value, Loss[]> penalties)
    {
        var u = b.Siren(new JetSeed(b.Input(2), order).Output, 2, omega: 2);
        return [Ncc(b.Siren(new JetBlock(u, 0).Output), b.Input(1)), .. penalties(u)];
    }

    static IEnumerable<Row> Batches =>
    [
        new("soft Dice", b => [new(new SharedFunction<SoftDice>(new Moments(Probability(b), b.Input(1, low: 0)).Output, default).Output)]) { Stages = 2 },
        new("NCC with itself, moved", b => { var x = b.Input(2); return [Ncc(b.Siren(x), b.Siren(x))]; }) { Stages = 2 },
        new("NCC of jets", b => [Ncc(b.Siren(new JetSeed(b.Input(2)).Output), b.Input(1))]) { Stages = 2 },
        new("NCC, weighted", b => [new(new SharedFunction<NormalizedCrossCorrelation>(new Moments(b.Siren(b.Input(2)), b.Input(1), b.Input(1, low: 0)).Output, default).Output)]) { Stages = 2 },
        new("moments with two consumers", b =>
        {
            var moments = new Moments(Probability(b), b.Input(1, low: 0)).Output;
            return [new(new SharedFunction<SoftDice>(moments, default).Output), new(new SharedFunction<NormalizedCrossCorrelation>(moments, default).Output, 0.5)];
        }) { Stages = 2 },
        new("a loss that is also an operand: MSE + its root", b =>
        {
            var loss = b.Error(b.Siren(b.Input(2)));
            return [loss, new(new SharedFunction<Root>(loss.Value, default).Output, 0.6)];
        }) { Stages = 2 },
        .. Enum.GetValues<Between>().SelectMany<Between, Row>(between =>
        [
            new($"NCC, {between}", b => [Ncc(b.Siren(b.Input(2)), b.Input(1))]) { Stages = 2 },
            new($"NCC + 0.3 MSE, {between}", b =>
            {
                Value y = b.Siren(b.Input(2)), t = b.Input(1);
                return [Ncc(y, t), new(new RowLoss<SquaredError>(y, t, default).Output, 0.3)];
            }) { Stages = 2 },
            new($"NCC beside a Jacobian penalty, {between}", b => RegularizedNcc(b, 1, u => [new(new FoldingPenalty<SquaredError>(u, default).Output, 0.3)])) { Stages = 2 },
            new($"NCC beside second derivatives, {between}", b => RegularizedNcc(b, 2, b.JetErrors)) { Stages = 2 },
            new($"standardise, then layers, {between}", b => [b.Error(b.Siren(new Standardize(b.Siren(b.Input(2))).Output, omega: 2))]) { Stages = 3 },
            new($"standardise twice, {between}", b => [b.Error(b.Linear(new Standardize(b.Siren(new Standardize(b.Siren(b.Input(2))).Output, omega: 2)).Output, 2))]) { Stages = 5 },
            new($"standardise, and past it, {between}", b =>
            {
                var y = b.Siren(b.Input(2));
                return [b.Error(b.Siren(new Concatenate(y, new Standardize(y).Output).Output, omega: 2)), b.Error(y)];
            }) { Stages = 3 },
            new($"wide gradients between stages, {between}", b =>
            {
                var h = b.Dense(b.Input(2), 24, new Sine(8));
                var statistics = new SharedFunction<Statistics>(new Moments(b.Linear(h, 1)).Output, new Statistics(1e-3)).Output;
                return [b.Error(b.Siren(new Standardize(h, statistics).Output, omega: 1))];
            }) { Stages = 3 },
            new($"a shared value with two consumers, {between}", b =>
            {
                var y = b.Siren(b.Input(2));
                var statistics = new SharedFunction<Statistics>(new Moments(y).Output, new Statistics(1e-3)).Output;
                return [b.Error(new Product(new Standardize(y, statistics).Output, new Standardize(b.Siren(b.Input(2)), statistics).Output).Output)];
            }) { Stages = 3 },
            new($"standardise jets, {between}", b =>
            {
                var y = b.Siren(new JetSeed(b.Input(2)).Output, omega: 3);
                return [.. b.JetErrors(y), .. b.JetErrors(new Standardize(y).Output)];
            }) { Stages = 3 },
        ]).Select(row => row with { Between = row.Name.EndsWith("Store", StringComparison.Ordinal) ? Between.Store : Between.Recompute }),
    ];

    readonly struct Root : ISharedFunction
    {
        public int Inputs => 1;
        public int Outputs => 1;
        public void Evaluate(Doubles x, Doubles y) => y[0] = Math.Sqrt(x[0]);
        public void Backward(Doubles x, Doubles dy, Doubles dx) => dx[0] = dy[0] / (2 * Math.Sqrt(x[0]));
    }

    // ---- small operations ----

    static IEnumerable<Row> Small =>
    [
        new("residual: values with two consumers", b =>
        {
            Value h = b.Dense(b.Input(2), 24, new Sine(8)), first = h;
            for (int i = 0; i < 2; i++) h = new Sum(h, b.Dense(h, 24, new Sine(2))).Output;
            return [b.Error(b.Linear(new Sum(first, h).Output, 1))];
        }),
        new("a sum of a value with itself", b => { var y = b.Siren(b.Input(2)); return [b.Error(new Sum(y, y).Output)]; }),
        new("scale", b => [b.Error(b.Linear(new Scale(b.Dense(b.Input(2), 20, new Sine(8)), -1.7f).Output, 1))]),
        new("product", b => { var x = b.Input(2); return [b.Error(b.Linear(new Product(b.Dense(x, 20, new Sine(8)), b.Dense(x, 20, new Tanh())).Output, 1))]; }),
        new("a product of a value with itself", b => { var y = b.Siren(b.Input(2), 3); return [b.Error(new Product(y, y).Output)]; }),
        new("concatenate", b => { var x = b.Input(2); return [b.Error(b.Siren(new Concatenate(x, b.Dense(x, 20, new Sine(8)), b.Dense(x, 3, new Tanh())).Output, omega: 2))]; }),
        new("concatenate a value twice", b => { var h = b.Dense(b.Input(2), 20, new Sine(8)); return [b.Error(b.Linear(new Concatenate(h, h).Output, 1))]; }),
        new("slices", b =>
        {
            var h = b.Dense(b.Input(2), 40, new Sine(8));
            return [b.Error(b.Linear(new Slice(h, 3, 20).Output, 1)), b.Error(new Slice(h, 36, 3).Output)];
        }),
        new("affine map, 3 to 2 axes", b => [b.Error(b.Siren(new AffineMap(Moved(b, b.Input(3)), [[0.5f, 0.1f, 0, 0.2f], [0, -0.7f, 0.3f, 0]]).Output))]),
        new("complex Gabor wavelet", b => [b.Error(b.Linear(new ComplexGabor(b.Linear(b.Input(2), 24), 5, 3).Output, 2))]),
        new("experts by position", b =>
        {
            var x = b.Input(2);
            return [b.Error(b.Linear(new SelectExpert(b.Dense(x, 6, new Sine(8)), x, 3).Output, 2))];
        }),
        new("a weight that counts as constant", b =>
        {
            var y = b.Siren(b.Input(2));
            return [new(new RowLoss<SquaredError>(y, b.Input(1), default, new Detach(y).Output).Output)];
        }) { Slope = double.PositiveInfinity },
        new("local correlation, 3-D", b => [Local(b, 3, new(3, 2, 4), new(2, 2, 3))]) { Items = 11 },
        new("local correlation, 2-D, weighted", b => [Local(b, 2, new(4, 3, 1), new(2, 3, 1), weighted: true)]) { Items = 13 },
        new("local correlation, one window a patch", b => [Local(b, 2, new(3, 3, 1), new(3, 3, 1))]) { Items = 13 },
        new("group sum, rays of 64", b => [b.Error(new GroupSum(b.Siren(b.Input(2, 64), 3), 1 / 64f).Output)]) { Items = 21 },
        new("group sum of 20 columns, groups of 5", b => [b.Error(new GroupSum(b.Dense(b.Input(2, 5), 20, new Sine(8)), 0.3f).Output)]) { Items = 67 },
        new("rows for all points around them", b => [b.Error(new GroupSpread(b.Siren(b.Input(2, 3), 3), 4).Output)]) { Items = 21 },
        new("wide rows, spread", b => [b.Error(new GroupSpread(b.Dense(b.Input(2), 20, new Sine(8)), 5).Output)]) { Items = 67 },
        new("groups larger than a tile", b => [b.Error(new GroupSum(b.Siren(b.Input(2, 192)), 1 / 192f).Output)]) { Items = 9 },
    ];

    static Loss Local(Sketch b, int axes, PatchShape patch, PatchShape window, bool weighted = false) =>
        new(new LocalCorrelation(b.Siren(b.Input(axes, patch.Count)), b.Input(1, patch.Count), patch, window, weighted ? b.Input(1, patch.Count, low: 0) : null).Output);

    // ---- jets ----

    static IEnumerable<Row> Jets =>
    [
        new("first-order jets, 3-D", b => Jet(b, 3, 1, x => b.Siren(x, 3, omega: 3))),
        new("first-order jets, narrow layers", b => Jet(b, 2, 1, x => b.Dense(b.Dense(x, 3, new Tanh()), 2, new Sigmoid()))),
        new("second-order jets, 3-D, 3 columns", b => Jet(b, 3, 2, x => b.Siren(x, 3, omega: 3))),
        new("second-order jets, 1-D, wide", b => Jet(b, 1, 2, x => b.Dense(b.Siren(x, 20, omega: 3), 20, new Tanh()))),
        new("one block of a jet", b => { var x = b.Input(2); var y = b.Siren(new JetSeed(x, 2).Output, omega: 3); b.Jets.Add((x, y)); return [b.Error(new JetBlock(y, 4).Output)]; }),
        new("jets of moved coordinates", b => { var y = b.Siren(new JetSeed(Moved(b, b.Input(2))).Output, omega: 3); return b.JetErrors(y); }),
        new("sums, scales, products, concatenations and slices of jets", b => Jet(b, 2, 2, x =>
        {
            Value p = b.Dense(x, 20, new Sine(2)), q = b.Dense(x, 20, new Tanh());
            var y = new Sum(new Scale(p, 0.5f).Output, new Product(p, q).Output).Output;
            return b.Linear(new Concatenate(x, new Slice(y, 2, 17).Output).Output, 2);
        })),
        new("jets of an affine map", b => Jet(b, 2, 2, x => b.Siren(new AffineMap(x, [[0.5f, 0.1f, 0.2f], [0, -0.7f, 0], [1, 1, 0.1f]]).Output, omega: 3))),
        new("jets through complex Gabor wavelets", b => Jet(b, 2, 2, x => b.Linear(new ComplexGabor(b.Linear(x, 20), 3, 2).Output, 2))),
        new("first-order jets, products", b => Jet(b, 3, 1, x => { var y = b.Siren(x, 3, omega: 3); return new Product(y, y).Output; })),
        new("a jet times a constant", b => Jet(b, 2, 2, x => new Product(b.Siren(x, 2, omega: 3), b.Siren(b.Input(3), 2, omega: 3)).Output)),
        new("a constant times a jet", b => Jet(b, 2, 1, x => new Product(b.Siren(b.Input(3), 2, omega: 3), b.Siren(x, 2, omega: 3)).Output)),
        new("folding penalty, 2-D", b => [new(new FoldingPenalty<SquaredError>(b.Siren(new JetSeed(b.Input(2)).Output, 2, omega: 2), default).Output)]),
        new("folding penalty, 3-D, and its displacement", b =>
        {
            var u = b.Siren(new JetSeed(b.Input(3)).Output, 3, omega: 2);
            return [new(new FoldingPenalty<Huber>(u, new Huber(0.5f)).Output, 0.3), b.Error(u)];
        }),
        new("surface penalty, 2-D", b => [new(new SurfacePenalty<Excess>(b.Siren(new JetSeed(b.Input(2)).Output, 2, omega: 2), default).Output)]),
        new("surface penalty, 3-D, second order", b => [new(new SurfacePenalty<SquaredError>(b.Siren(new JetSeed(b.Input(3), 2).Output, 3, omega: 2), default).Output, 0.2)]),
        new("a field that is straight around its points", b =>
        {
            var jet = b.Siren(new JetSeed(b.Input(2)).Output, 2, omega: 3);
            Value Around(int block) => new GroupSpread(new JetBlock(jet, block).Output, 27).Output;
            var away = b.Input(2, 27);
            return [b.Error(new Sum(Around(0), new Product(Around(2), away).Output).Output), b.Error(jet)];
        }),
        new("jets of rays", b =>
        {
            var y = new GroupSum(b.Siren(new JetSeed(b.Input(2, 16)).Output, omega: 3), 1 / 16f).Output;
            return b.JetErrors(y);
        }) { Items = 21 },
    ];

    // ---- images ----

    static readonly VoxelGrid Voxels = new([16, 12]);
    static readonly float[] Image = [.. from y in Enumerable.Range(0, 12) from x in Enumerable.Range(0, 16) select MathF.Sin(0.4f * x) * MathF.Cos(0.3f * y)];
    static readonly float[] Colours = [.. from i in Enumerable.Range(0, 192 * 3) select MathF.Sin(0.05f * i)];
    static readonly uint[] Even = [.. from i in Enumerable.Range(0, 96) select (uint)(2 * i)], Odd = [.. from i in Enumerable.Range(0, 96) select (uint)(2 * i + 1)];
    static readonly AliasEntry[] Importance = MakeImportance();

    static AliasEntry[] MakeImportance()
    {
        var table = new AliasEntry[192];
        AliasTable.Build([.. Enumerable.Range(1, 192).Select(i => (float)i)], table);
        return table;
    }

    static SampleVoxels<TOrder> Samples<TOrder>(Sketch b, Func<Binder, TOrder> order, bool jitter = false) where TOrder : struct, IVoxelOrder =>
        new(b.Graph, Voxels, order, Image, 1, jitter);

    static Row Sampled<TOrder>(string name, Func<Binder, TOrder> order, bool jitter = false) where TOrder : struct, IVoxelOrder =>
        new($"sampled voxels, {name}", b =>
        {
            var samples = Samples(b, order, jitter);
            return [new(new RowLoss<SquaredError>(b.Siren(samples.Coordinates), samples.Values, default, samples.Weights).Output)];
        });

    /// <summary>Line integrals of a network that is never negative.</summary>
    static Row Rays<TLoss>(string name, DetectorShape shape, int rows, TLoss loss) where TLoss : struct, ILoss => new($"sampled rays, {name}", b =>
    {
        const int Samples = 6;
        bool flat = rows == 1;
        var geometry = new ProjectionGeometry(new(8, 7, flat ? 1 : 6, new(0.25, 0.25, 0.25), new(-0.9, -0.8, flat ? 0 : -0.6)), shape, 9, rows, 4, (rows - 1) / 2.0,
            [.. Enumerable.Range(0, 7).Select(i => View.Circular(shape, 0.2 + i, 4, 6, 0.3, 0.3))]);
        float[] measured = [.. Enumerable.Range(0, (int)geometry.Count).Select(i => 0.5f + 0.3f * MathF.Sin(i))];
        var rays = new SampleRays<ShuffledSweep>(b.Graph, geometry, flat ? new([8, 7]) : new([8, 7, 6]), _ => new ShuffledSweep(geometry.Count), measured, Samples);
        var attenuation = b.Dense(b.Dense(rays.Coordinates, 20, new Sine(5)), 1, new Softplus(1));
        return [new(new RowLoss<TLoss>(new Product(new GroupSum(attenuation, 1f / Samples).Output, rays.Lengths).Output, rays.Values, loss).Output)];
    });

    static IEnumerable<Row> Images =>
    [
        Sampled("random", _ => new RandomVoxels(Voxels.Count)),
        Sampled("random, jitter", _ => new RandomVoxels(Voxels.Count), jitter: true),
        Sampled("shuffled sweep", _ => new ShuffledSweep(Voxels.Count)),
        Sampled("listed sweep", binder => new ListedSweep(binder.Constant<uint>(Even), Even.Length, binder.Constant<uint>(Odd), Odd.Length, 4)),
        Sampled("importance", binder => new ImportanceVoxels(binder.Constant<AliasEntry>(Importance), Voxels.Count)),
        new("sampled patches", b =>
        {
            var patch = PatchShape.Within(Voxels, 3, 5); // as many rows as fit: 3 x 3
            var samples = new SampleVoxels<VoxelPatches<ShuffledSweep>>(b.Graph, Voxels, _ => new(new ShuffledSweep(Voxels.Count), Voxels, patch), Image, group: patch.Count);
            return [b.Error(new GroupSum(b.Siren(samples.Coordinates), 0.1f).Output), new(new RowLoss<SquaredError>(b.Siren(samples.Coordinates), samples.Values, default).Output)];
        }) { Items = 30 },
        Sampled("image order", _ => new ImageOrder(Voxels.Count)),
        new("sampled voxels, NCC: sampled again", b =>
        {
            var samples = Samples(b, _ => new RandomVoxels(Voxels.Count));
            return [Ncc(b.Siren(samples.Coordinates), samples.Values)];
        }) { Stages = 2 },
        Rays("fan beam", DetectorShape.Flat, 1, new SquaredError()), Rays("cone beam, counts", DetectorShape.Flat, 5, new Transmission()), Rays("parallel beam", DetectorShape.Parallel, 5, new SquaredError()),
        new("sampled voxels of a bank", b =>
        {
            var samples = new SampleVoxels<ShuffledSweep>(b.Graph, Voxels, _ => new ShuffledSweep(Voxels.Count), (float[])[.. Image, .. Colours.Take(192)]);
            return [new(new RowLoss<SquaredError>(b.Siren(samples.Coordinates), samples.Values, default).Output)];
        }) { Members = 2 },
        new("interpolate, linear", b => [b.Error(new Interpolate<Linear>(Moved(b, b.Input(2)), Voxels, Image, 1, default).Output)]) { Slope = 3e-2 },
        new("interpolate, cubic", b => [b.Error(new Interpolate<Cubic>(Moved(b, b.Input(2)), Voxels, Image, 1, default).Output)]) { Slope = 5e-3 },
        new("interpolate, cubic, 3 channels, then layers", b => [b.Error(b.Siren(new Interpolate<Cubic>(Moved(b, b.Input(2)), Voxels, Colours, 3, default).Output, omega: 2))]) { Slope = 5e-3 },
        new("interpolate, images at several times", b =>
        {
            Value place = b.Linear(b.Input(3), 3), time = b.Input(1);
            return [b.Error(new Interpolate<Cubic>(new Concatenate(place, time).Output, new VoxelGrid([4, 3, 4]).AtTimes(4), Image, 1, default).Output)];
        }) { Slope = 5e-3 },
        new("interpolate, NCC: registration", b => [Ncc(new Interpolate<Cubic>(Moved(b, b.Input(2)), Voxels, Image, 1, default).Output, b.Input(1))]) { Stages = 2, Slope = 5e-3 },
    ];

    // ---- banks and tiles ----

    static IEnumerable<Row> Tiles =>
    [
        new("bank of 5 networks", b => [b.Error(b.Siren(b.Input(2)))]) { Members = 5 },
        new("bank of 20 networks, each one worker's", b => [b.Error(b.Siren(b.Input(2), width: 16))]) { Members = 20, Items = 43 },
        new("bank of 3, NCC", b => [Ncc(b.Siren(b.Input(2)), b.Input(1))]) { Members = 3, Stages = 2 },
        new("one item", b => [b.Error(b.Siren(b.Input(2)))]) { Items = 1 },
    ];
}
