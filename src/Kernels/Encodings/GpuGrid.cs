using ILGPU;
using InrFast.Kernels.Gpu;

namespace InrFast.Kernels.Encodings;

/// <summary>Features of a node, known when a kernel is compiled.</summary>
interface IFeatureCount
{
    int Count { get; }
}

readonly struct OneFeature : IFeatureCount { public int Count => 1; }
readonly struct TwoFeatures : IFeatureCount { public int Count => 2; }
readonly struct FourFeatures : IFeatureCount { public int Count => 4; }
readonly struct EightFeatures : IFeatureCount { public int Count => 8; }

/// <summary>
/// A launch for each level, a thread for each row. The gradient of a table is summed in whole numbers of 64 bits, whose sum does not depend on the order of the
/// atomic additions: of rows r and a largest number below 2^e, a unit is 2^(e - 62) r or less, 2^-44 of that number for 2^18 rows. A level costs a pass
/// over its gradient for the largest number, the additions, and a pass over its table.
/// </summary>
sealed partial class GpuGrid<TFeatures> : GridKernels where TFeatures : struct, IFeatureCount
{
    const int MostFeatures = 8;

    readonly GpuDevice device;
    readonly GpuKernel<Argument> forward, scatter, backwardInput;
    readonly GpuKernel<PlanesArgument> store;
    readonly GpuKernel<SumArgument> largest, collect;
    readonly DeviceMemory sums; // first the bits of the largest number, then those of the table: all zero between two calls

    public GpuGrid(GpuDevice device, GridSettings settings) : base(settings)
    {
        this.device = device;
        forward = device.Kernel<Argument>(Forward);
        scatter = device.Kernel<Argument>(Scatter);
        backwardInput = device.Kernel<Argument>(BackwardInput);
        store = device.Kernel<PlanesArgument>(Store);
        largest = device.Kernel<SumArgument>(Largest);
        collect = device.Kernel<SumArgument>(Collect);
        sums = device.Zeros((1 + (long)settings.Levels.Max(level => level.Entries) * settings.Features) * sizeof(long));
    }

    struct Axis
    {
        public float Origin, Top;

        /// <summary>What a node adds to the entry: dense, times its number; hashed, by XOR.</summary>
        public uint Step;
    }

    struct Argument
    {
        public GpuMatrix X, Y, DX;
        public GpuFloats Table;
        public long Clock, CoarseToFineSteps, Sums;
        public Axis A0, A1, A2, A3;
        public float Scale;

        /// <summary>Of hashed levels the last entry; 0: dense.</summary>
        public uint Mask;
        public int Level, Levels, Corners, Smooth, Block, IsFirst;
    }

    struct PlanesArgument
    {
        public GpuMatrix Gradient, Planes;

        /// <summary>Of a level's block.</summary>
        public int Parts;
    }

    struct SumArgument
    {
        public GpuMatrix Planes;
        public GpuFloats Table;
        public long Sums, Count;
        public int Block;

        /// <summary>For which <see cref="FixedPoint.UnitsOf"/> was taken.</summary>
        public int Rows;
    }

    Argument Of(int level, in Matrix x, nint tables, nint clock)
    {
        var l = Settings.Levels[level];
        var argument = new Argument
        {
            X = new(x), Table = new(tables), Clock = clock, CoarseToFineSteps = Settings.CoarseToFineSteps, Scale = l.Scale, Mask = l.IsDense ? 0 : (uint)l.Entries - 1,
            Level = level, Levels = Settings.Levels.Length, Corners = 1 << Settings.Dimensions, Smooth = Settings.Interpolation == Interpolation.Smoothstep ? 1 : 0, IsFirst = level == 0 ? 1 : 0,
        };
        uint step = 1;
        for (int k = 0; k < Settings.Dimensions; k++)
        {
            Axis axis = new() { Origin = l.Origin[k], Top = l.Nodes[k] - 1, Step = l.IsDense ? step : GridSettings.Primes[k] };
            if (k == 0) argument.A0 = axis;
            else if (k == 1) argument.A1 = axis;
            else if (k == 2) argument.A2 = axis;
            else argument.A3 = axis;
            step *= (uint)l.Nodes[k];
        }
        return argument;
    }

    GpuKernel<Argument> For(in Matrix x, GpuKernel<Argument> plain, Action<Argument> jet) => x.Blocks == 1 ? plain : device.Kernel(jet);

    // ---- in kernels ----

    /// <summary>Where a point lies along an axis: the lower node, how far behind it (faded where the grid is smooth), and the derivative of that in the coordinate.</summary>
    static void Locate(Axis axis, float x, float scale, int smooth, out uint node, out float weight, out float slope)
    {
        float p = Intrinsics.Fma(x, scale, axis.Origin);
        slope = p > 0 && p < axis.Top ? scale : 0f;
        p = p > 0 ? p : 0f; // what is not a number lies at 0
        p = p < axis.Top ? p : axis.Top;
        float lower = Intrinsics.Floor(p);
        lower = lower < axis.Top - 1 ? lower : axis.Top - 1;
        node = (uint)lower;
        weight = p - lower;
        if (smooth == 0) return;
        slope *= 6 * weight * (1 - weight);
        weight = weight * weight * (3 - 2 * weight);
    }

    /// <summary>The cell of a row: nodes, weights of the upper sides, slopes. An axis that is not there has node 0 and weight 0.</summary>
    struct Cell
    {
        public uint N0, N1, N2, N3;
        public float W0, W1, W2, W3, S0, S1, S2, S3;

        public readonly uint Entry(int corner, in Argument a)
        {
            uint e0 = (N0 + (uint)(corner & 1)) * a.A0.Step, e1 = (N1 + (uint)(corner >> 1 & 1)) * a.A1.Step, e2 = (N2 + (uint)(corner >> 2 & 1)) * a.A2.Step, e3 = (N3 + (uint)(corner >> 3)) * a.A3.Step;
            return a.Mask == 0 ? e0 + e1 + e2 + e3 : (e0 ^ e1 ^ e2 ^ e3) & a.Mask;
        }

        static float Side(float w, int upper) => upper != 0 ? w : 1 - w;

        public readonly float Weight(int corner) => Side(W0, corner & 1) * Side(W1, corner & 2) * Side(W2, corner & 4) * Side(W3, corner & 8);

        /// <summary>Its derivative along an axis.</summary>
        public readonly float Slope(int corner, int axis)
        {
            float slope = axis == 0 ? S0 : axis == 1 ? S1 : axis == 2 ? S2 : S3;
            float others = (axis == 0 ? 1f : Side(W0, corner & 1)) * (axis == 1 ? 1f : Side(W1, corner & 2)) * (axis == 2 ? 1f : Side(W2, corner & 4)) * (axis == 3 ? 1f : Side(W3, corner & 8));
            return (corner >> axis & 1) != 0 ? slope * others : -slope * others;
        }
    }

    static Cell CellOf(in Argument a, int row)
    {
        Cell cell = default;
        Locate(a.A0, a.X[0, row, 0], a.Scale, a.Smooth, out cell.N0, out cell.W0, out cell.S0);
        if (a.Corners > 2) Locate(a.A1, a.X[0, row, 1], a.Scale, a.Smooth, out cell.N1, out cell.W1, out cell.S1);
        if (a.Corners > 4) Locate(a.A2, a.X[0, row, 2], a.Scale, a.Smooth, out cell.N2, out cell.W2, out cell.S2);
        if (a.Corners > 8) Locate(a.A3, a.X[0, row, 3], a.Scale, a.Smooth, out cell.N3, out cell.W3, out cell.S3);
        return cell;
    }

    /// <summary><see cref="GridSettings.ActiveLevels"/> of the clock's step.</summary>
    static bool IsActive(in Argument a)
    {
        if (a.CoarseToFineSteps <= 0) return true;
        long step = Intrinsics.LoadInt64(a.Clock);
        return step >= a.CoarseToFineSteps || a.Level < 2 + (a.Levels - 2) * step / a.CoarseToFineSteps;
    }

    // ---- forward ----

    public override void Forward(in Matrix x, nint tables, nint clock, in Matrix y)
    {
        for (int level = 0; level < Settings.Levels.Length; level++)
        {
            var argument = Of(level, x, tables + (nint)(Settings.Levels[level].Offset * sizeof(float)), clock);
            argument.Y = new(y);
            For(x, forward, ForwardJet).Launch(argument, x.Rows);
        }
    }

    static void Forward(Argument a)
    {
        int row = (int)Elements.Index, features = default(TFeatures).Count;
        if (row >= a.X.Rows) return;
        var sums = LocalMemory.Allocate<float>(MostFeatures);
        for (int f = 0; f < MostFeatures; f++) sums[f] = 0;
        if (IsActive(a))
        {
            var cell = CellOf(a, row);
            for (int corner = 0; corner < a.Corners; corner++)
            {
                long at = (long)cell.Entry(corner, a) * features;
                float weight = cell.Weight(corner);
                for (int f = 0; f < MostFeatures; f++)
                    if (f < features) sums[f] = Intrinsics.Fma(weight, a.Table[at + f], sums[f]);
            }
        }
        for (int f = 0; f < MostFeatures; f++)
            if (f < features) a.Y[0, row, a.Level * features + f] = sums[f];
        if (a.Level == a.Levels - 1)
            for (int column = a.Y.Columns; column < a.Y.Width; column++) a.Y[0, row, column] = 0;
    }

    // ---- gradient of the tables ----

    public override void StoreGradient(in Matrix dy, in Matrix planes) => store.Launch(new() { Gradient = new(dy), Planes = new(planes), Parts = Settings.Features / PlaneColumns }, planes, planes.Blocks);

    /// <summary>Planes: by level, then block, then (8 features) half.</summary>
    static void Store(PlanesArgument a)
    {
        int row = Elements.Row, column = Elements.Column, plane = Elements.Block, part = plane % a.Parts, block = plane / a.Parts % a.Gradient.Blocks, level = plane / (a.Parts * a.Gradient.Blocks);
        if (row < a.Planes.Rows && column < a.Planes.Columns)
            a.Planes[plane, row, column] = a.Gradient[block, row, (level * a.Parts + part) * a.Planes.Columns + column];
    }

    public override void Scatter(int level, in Matrix x, in Matrix planes, nint clock, nint tableGradient)
    {
        int blocks = x.Blocks * (Settings.Features / PlaneColumns);
        long count = (long)Settings.Levels[level].Entries * Settings.Features;
        SumArgument sum = new() { Planes = new(planes), Table = new(tableGradient), Sums = sums.Address, Count = count, Block = level * blocks, Rows = x.Rows };
        var argument = Of(level, x, tableGradient, clock);
        (argument.Y, argument.Sums, argument.Block) = (new(planes), sums.Address, level * blocks);
        sums.Clear(0, sizeof(long));
        if (x.Blocks == 1) largest.Launch(sum, x.Rows);
        else
        {
            sum.Rows *= argument.Corners; // all of a row's terms may meet
            device.Kernel<Argument>(LargestJet).Launch(argument, x.Rows);
        }
        For(x, scatter, ScatterJet).Launch(argument, x.Rows);
        collect.Launch(sum, count);
    }

    /// <summary>The largest magnitude of a level's gradient: floats without their sign are ordered as their bits are, what is not a number beyond all.</summary>
    static void Largest(SumArgument a)
    {
        int row = (int)Elements.Index, columns = a.Planes.Columns;
        if (row >= a.Planes.Rows) return;
        int most = 0;
        for (int f = 0; f < default(TFeatures).Count; f++)
        {
            int bits = FixedPoint.Magnitude(a.Planes[a.Block + f / columns, row, f % columns]);
            most = bits > most ? bits : most;
        }
        Intrinsics.AtomicMax(a.Sums, most);
    }

    static void Scatter(Argument a)
    {
        int row = (int)Elements.Index, features = default(TFeatures).Count, columns = a.Y.Columns;
        if (row >= a.X.Rows || !IsActive(a) || !FixedPoint.IsFinite(a.Sums)) return;
        double units = FixedPoint.UnitsOf(a.Sums, a.X.Rows);
        var cell = CellOf(a, row);
        for (int corner = 0; corner < a.Corners; corner++)
        {
            long at = (long)cell.Entry(corner, a) * features;
            float weight = cell.Weight(corner);
            for (int f = 0; f < features; f++)
                Intrinsics.AtomicAdd(FixedPoint.At(a.Sums, at + f), Intrinsics.Round((double)weight * a.Y[a.Block + f / columns, row, f % columns] * units));
        }
    }

    /// <summary>Adds the sums to the table's gradient and leaves zeros; a gradient that is not finite makes all of the level's not a number.</summary>
    static void Collect(SumArgument a)
    {
        long i = Elements.Index, address = FixedPoint.At(a.Sums, i);
        if (i >= a.Count) return;
        long sum = Intrinsics.LoadInt64(address);
        if (!FixedPoint.IsFinite(a.Sums)) a.Table[i] = float.NaN;
        else if (sum != 0) a.Table[i] += (float)(sum / FixedPoint.UnitsOf(a.Sums, a.Rows));
        if (sum != 0) Intrinsics.StoreInt64(address, 0);
    }

    // ---- gradient of the coordinates ----

    public override void BackwardInput(in Matrix dy, in Matrix x, nint tables, nint clock, in Matrix dx)
    {
        for (int level = 0; level < Settings.Levels.Length; level++)
        {
            var argument = Of(level, x, tables + (nint)(Settings.Levels[level].Offset * sizeof(float)), clock);
            (argument.Y, argument.DX) = (new(dy), new(dx));
            For(x, backwardInput, BackwardInputJet).Launch(argument, x.Rows);
        }
    }

    static void BackwardInput(Argument a)
    {
        int row = (int)Elements.Index, features = default(TFeatures).Count;
        if (row >= a.X.Rows) return;
        float d0 = 0, d1 = 0, d2 = 0, d3 = 0;
        if (IsActive(a))
        {
            var cell = CellOf(a, row);
            for (int corner = 0; corner < a.Corners; corner++)
            {
                long at = (long)cell.Entry(corner, a) * features;
                float product = 0;
                for (int f = 0; f < features; f++) product = Intrinsics.Fma(a.Table[at + f], a.Y[0, row, a.Level * features + f], product);
                d0 = Intrinsics.Fma(product, cell.Slope(corner, 0), d0);
                d1 = Intrinsics.Fma(product, cell.Slope(corner, 1), d1);
                d2 = Intrinsics.Fma(product, cell.Slope(corner, 2), d2);
                d3 = Intrinsics.Fma(product, cell.Slope(corner, 3), d3);
            }
        }
        Add(a, row, 0, d0);
        if (a.Corners > 2) Add(a, row, 1, d1);
        if (a.Corners > 4) Add(a, row, 2, d2);
        if (a.Corners > 8) Add(a, row, 3, d3);
    }

    static void Add(in Argument a, int row, int axis, float gradient)
    {
        var dx = a.DX;
        dx[0, row, axis] = a.IsFirst != 0 ? gradient : dx[0, row, axis] + gradient;
    }
}
