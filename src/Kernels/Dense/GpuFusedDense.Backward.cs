using ILGPU;
using InrFast.Kernels.Gpu;

namespace InrFast.Kernels.Dense;

sealed partial class GpuFusedDense<TActivation, TWidth>
{
    // ---- the gradient of y: its sums are the last bias's gradient, its largest number decides the scale ----

    /// <summary>The scale and its inverse (16 bytes); sums of parts [output][part], double; largest of parts [output][part].</summary>
    long OutputBytes => 16 + (long)shape.Outputs * GpuReduction.MostBlocks * (sizeof(double) + sizeof(float));

    struct OutputArgument
    {
        public GpuMatrix DY;
        public GpuFloats Scale, Largest, Bias;
        public Doubles Sums;
        public int Count;
    }

    OutputArgument Outputs(in Matrix dy, nint bias) => new()
    {
        DY = new(dy), Scale = new(output), Sums = new(output + 16), Largest = new(output + 16 + shape.Outputs * GpuReduction.MostBlocks * sizeof(double)), Bias = new(bias),
        Count = GpuReduction.BlocksFor(dy.Rows),
    };

    /// <summary>A block for a part of a column.</summary>
    static void OutputParts(OutputArgument a)
    {
        int column = Grid.IdxY;
        double sum = 0;
        float largest = 0;
        for (int row = (int)Elements.Index; row < a.DY.Rows; row += Grid.DimX * Group.DimX)
        {
            float dy = a.DY[0, row, column];
            sum += dy;
            largest = Intrinsics.Max(largest, GpuFloat.Abs(dy).Value);
        }
        double sumOfBlock = GpuReduction.SumOfBlock(sum);
        float largestOfBlock = LargestOfBlock(largest);
        if (Group.IdxX != 0) return;
        a.Sums[column * a.Count + Grid.IdxX] = sumOfBlock;
        a.Largest[column * a.Count + Grid.IdxX] = largestOfBlock;
    }

    static float LargestOfBlock(float value)
    {
        var shared = SharedMemory.Allocate<float>(GpuReduction.Threads);
        int thread = Group.IdxX;
        shared[thread] = value;
        Group.Barrier();
        for (int half = Group.DimX / 2; half > 0; half /= 2)
        {
            if (thread < half) shared[thread] = Intrinsics.Max(shared[thread], shared[thread + half]);
            Group.Barrier();
        }
        return shared[0];
    }

    /// <summary>
    /// One block: the power of two that brings the largest number to 8 .. 16. Halves reach from 65504 down to 6e-8, so a gradient may grow 4000 times on its way back, and be 2^27 times
    /// smaller than the largest.
    /// </summary>
    static void ChooseScale(OutputArgument a)
    {
        const int Bias = 127, Target = 3, Least = Bias - 100, Most = Bias + 100, MantissaBits = 23;
        float largest = 0;
        for (int i = Group.IdxX; i < a.Count * a.DY.Columns; i += Group.DimX) largest = Intrinsics.Max(largest, a.Largest[i]);
        float ofAll = LargestOfBlock(largest);
        if (Group.IdxX != 0) return;
        int exponent = 2 * Bias + Target - ((int)Interop.FloatAsInt(ofAll) >> MantissaBits);
        exponent = exponent < Least ? Least : exponent > Most ? Most : exponent;
        a.Scale[0] = Interop.IntAsFloat((uint)(exponent << MantissaBits));
        a.Scale[1] = Interop.IntAsFloat((uint)((2 * Bias - exponent) << MantissaBits));
    }

    /// <summary>A block for a column.</summary>
    static void AddOutputs(OutputArgument a)
    {
        double part = 0;
        if (Group.IdxX < a.Count) part = a.Sums[Grid.IdxX * a.Count + Group.IdxX];
        double sum = GpuReduction.SumOfBlock(part);
        if (Group.IdxX == 0) a.Bias[Grid.IdxX] += (float)sum;
    }

    // ---- through the layers ----

    struct BackwardArgument
    {
        public GpuMatrix DY, DX;
        public GpuFloats LastWeights, Scale;
        public long Matrices, Slopes, MatrixBytes;
        public int Capacity, HiddenLayers, EndSlice;
    }

    public override void Backward(in Matrix dy, in Matrix saved, nint prepared, in Matrix dx)
    {
        var outputs = Outputs(dy, 0);
        outputParts.Launch(outputs, (outputs.Count, shape.Outputs, 1), (GpuReduction.Threads, 1));
        chooseScale.Launch(outputs, (1, 1, 1), (GpuReduction.Threads, 1));
        int products = shape.IsNarrow || !dx.IsEmpty ? Products : Products - 1;
        backward.Launch(new()
        {
            DY = new(dy), DX = new(dx), LastWeights = new(prepared + (nint)(LastAt * sizeof(float))), Scale = outputs.Scale, Matrices = prepared + (nint)(Products * MatrixFloats * sizeof(float)),
            Slopes = SlopesOf(saved, 0), MatrixBytes = Bytes(saved), Capacity = Matrix.PadRows(dy.Rows), HiddenLayers = shape.HiddenLayers, EndSlice = products * GpuRowTile<TWidth>.Slices,
        }, (Tiles(dy.Rows), 1, 1), (GpuRowTile<TWidth>.Threads, 1));
    }

    static void Backward(BackwardArgument a)
    {
        GpuRowTile<TWidth> tile = new(Intrinsics.SharedStart());
        int first = Grid.IdxX * GpuRowTile<TWidth>.Rows, slice = 0;
        long slopes = a.Slopes + (a.HiddenLayers - 1) * a.MatrixBytes;
        float scale = a.Scale[0];
        var sums = LocalMemory.Allocate<float>(GpuRowTile<TWidth>.Sums);
        if (a.EndSlice > 0) tile.Fetch(a.Matrices, 0);
        GpuRowTile<TWidth>.Start(sums, default);
        for (int output = 0; output < a.DY.Columns; output++) GpuRowTile<TWidth>.AddOuter(sums, a.DY, first + GpuRowTile<TWidth>.Row, output, scale, a.LastWeights.At(output * Width));
        for (int layer = 0; layer < a.HiddenLayers; layer++) // from the last
        {
            TimesSlope(tile, sums, 0, 0, slopes, first, a.Capacity);
            TimesSlope(tile, sums, 0, 1, slopes, first, a.Capacity);
            TimesSlope(tile, sums, 1, 0, slopes, first, a.Capacity);
            TimesSlope(tile, sums, 1, 1, slopes, first, a.Capacity);
            Group.Barrier(); // all have read their slopes, and written their rows
            tile.CopyTo(slopes, first, a.Capacity);
            slopes -= a.MatrixBytes;
            GpuRowTile<TWidth>.Start(sums, default);
            if (slice < a.EndSlice)
            {
                tile.Multiply(sums, a.Matrices, slice, a.EndSlice);
                slice += GpuRowTile<TWidth>.Slices;
                Group.Barrier(); // all have read their rows
            }
        }
        if (!a.DX.IsEmpty)
        {
            float inverse = a.Scale[1];
            StoreInputs(a.DX, sums, 0, 0, first, inverse);
            StoreInputs(a.DX, sums, 0, 1, first, inverse);
            StoreInputs(a.DX, sums, 1, 0, first, inverse);
            StoreInputs(a.DX, sums, 1, 1, first, inverse);
        }
    }

    /// <summary>The gradient of what this thread has of 8 rows' sums.</summary>
    static void TimesSlope(GpuRowTile<TWidth> tile, ArrayView<float> sums, int m, int h, long slopes, int first, int capacity)
    {
        int row = GpuRowTile<TWidth>.Row + 16 * m + 8 * h;
        FourWords near = default, far = default;
        if (first + row < capacity)
        {
            near = Intrinsics.LoadFour(GpuRowTile<TWidth>.Own(slopes, first + row, 0));
            far = Intrinsics.LoadFour(GpuRowTile<TWidth>.Own(slopes, first + row, 1));
        }
        TimesSlope(tile, sums, m, h, 0, row, near.X);
        TimesSlope(tile, sums, m, h, 1, row, near.Y);
        TimesSlope(tile, sums, m, h, 2, row, near.Z);
        TimesSlope(tile, sums, m, h, 3, row, near.W);
        TimesSlope(tile, sums, m, h, 4, row, far.X);
        TimesSlope(tile, sums, m, h, 5, row, far.Y);
        TimesSlope(tile, sums, m, h, 6, row, far.Z);
        TimesSlope(tile, sums, m, h, 7, row, far.W);
    }

    static void TimesSlope(GpuRowTile<TWidth> tile, ArrayView<float> sums, int m, int h, int n, int row, uint slopes)
    {
        int at = GpuRowTile<TWidth>.At(m, h, n);
        tile.Store(row, GpuRowTile<TWidth>.Column + 8 * n, sums[at] * Intrinsics.LowHalf(slopes), sums[at + 1] * Intrinsics.HighHalf(slopes));
    }

    static void StoreInputs(GpuMatrix dx, ArrayView<float> sums, int m, int h, int first, float factor)
    {
        int row = first + GpuRowTile<TWidth>.Row + 16 * m + 8 * h;
        for (int n = 0; n < 8; n++)
        {
            int at = GpuRowTile<TWidth>.At(m, h, n), column = GpuRowTile<TWidth>.Column + 8 * n;
            if (row < dx.Rows && column < dx.Width)
            {
                dx[0, row, column] = sums[at] * factor;
                dx[0, row, column + 1] = sums[at + 1] * factor;
            }
        }
    }
}
