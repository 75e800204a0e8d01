using ILGPU;
using InrFast.Kernels.Activations;
using InrFast.Kernels.Gpu;
using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Dense;

sealed partial class GpuFusedDense<TActivation, TWidth>
{
    /// <summary>Whether a forward leaves what a backward needs: known when it is compiled.</summary>
    interface IMode
    {
        bool Saves { get; }
    }

    readonly struct Saving : IMode
    {
        public bool Saves => true;
    }

    readonly struct Forgetting : IMode
    {
        public bool Saves => false;
    }

    struct ForwardArgument
    {
        public GpuMatrix X, Y;
        public GpuFloats Biases, FirstWeights, LastWeights;
        public long Matrices, Inputs, Slopes, MatrixBytes;
        public int Capacity, HiddenLayers, IsNarrow, EndSlice;
        public TActivation First, Rest;
    }

    public override void Forward(in Matrix x, nint prepared, in Matrix y, in Matrix saved)
    {
        nint At(long floats) => prepared + (nint)(floats * sizeof(float));
        ForwardArgument argument = new()
        {
            X = new(x), Y = new(y), Biases = new(At(BiasAt)), FirstWeights = new(At(FirstAt)), LastWeights = new(At(LastAt)), Matrices = prepared, HiddenLayers = shape.HiddenLayers,
            IsNarrow = shape.IsNarrow ? 1 : 0, EndSlice = Products * GpuRowTile<TWidth>.Slices, First = first, Rest = rest,
        };
        if (!saved.IsEmpty) (argument.Inputs, argument.Slopes, argument.MatrixBytes, argument.Capacity) = (InputOf(saved, 0), SlopesOf(saved, 0), Bytes(saved), Matrix.PadRows(x.Rows));
        (saved.IsEmpty ? forward : forwardAndSave).Launch(argument, (Tiles(x.Rows), 1, 1), (GpuRowTile<TWidth>.Threads, 1));
    }

    static long Tiles(int rows) => ((long)rows + GpuRowTile<TWidth>.Rows - 1) / GpuRowTile<TWidth>.Rows;

    static void Forward<TMode>(ForwardArgument a) where TMode : struct, IMode
    {
        GpuRowTile<TWidth> tile = new(Intrinsics.SharedStart());
        int first = Grid.IdxX * GpuRowTile<TWidth>.Rows, slice = 0;
        long inputs = a.Inputs, slopes = a.Slopes;
        var sums = LocalMemory.Allocate<float>(GpuRowTile<TWidth>.Sums);
        if (a.EndSlice > 0) tile.Fetch(a.Matrices, 0);
        if (a.IsNarrow == 0)
        {
            LoadInputs(a, tile, first);
            Group.Barrier();
            if (default(TMode).Saves)
            {
                tile.CopyTo(inputs, first, a.Capacity);
                inputs += a.MatrixBytes;
            }
        }
        for (int layer = 0; layer < a.HiddenLayers; layer++)
        {
            GpuRowTile<TWidth>.Start(sums, a.Biases.At(layer * Width));
            if (layer == 0 && a.IsNarrow != 0)
            {
                for (int i = 0; i < a.X.Columns; i++) GpuRowTile<TWidth>.AddOuter(sums, a.X, first + GpuRowTile<TWidth>.Row, i, 1, a.FirstWeights.At(i * Width));
            }
            else
            {
                tile.Multiply(sums, a.Matrices, slice, a.EndSlice);
                slice += GpuRowTile<TWidth>.Slices;
            }
            Group.Barrier(); // all have read their rows
            var f = a.Rest;
            if (layer == 0) f = a.First;
            Activate<TMode>(f, tile, sums, 0, 0, slopes, first, a.Capacity);
            Activate<TMode>(f, tile, sums, 0, 1, slopes, first, a.Capacity);
            Activate<TMode>(f, tile, sums, 1, 0, slopes, first, a.Capacity);
            Activate<TMode>(f, tile, sums, 1, 1, slopes, first, a.Capacity);
            Group.Barrier();
            if (default(TMode).Saves)
            {
                tile.CopyTo(inputs, first, a.Capacity);
                inputs += a.MatrixBytes;
                slopes += a.MatrixBytes;
            }
        }
        Output(a, tile, first);
    }

    /// <summary>Rows of the input, zeros where there are none.</summary>
    static void LoadInputs(ForwardArgument a, GpuRowTile<TWidth> tile, int first)
    {
        for (int pair = Group.IdxX; pair < GpuRowTile<TWidth>.Rows * Width / 2; pair += Group.DimX)
        {
            int row = pair / (Width / 2), column = pair % (Width / 2) * 2;
            bool exists = first + row < a.X.Rows;
            float even = exists && column < a.X.Columns ? a.X[0, first + row, column] : 0f, odd = exists && column + 1 < a.X.Columns ? a.X[0, first + row, column + 1] : 0f;
            tile.Store(row, column, even, odd);
        }
    }

    /// <summary>The activation of what this thread has of 8 rows.</summary>
    static void Activate<TMode>(TActivation f, GpuRowTile<TWidth> tile, ArrayView<float> sums, int m, int h, long slopes, int first, int capacity) where TMode : struct, IMode
    {
        int row = GpuRowTile<TWidth>.Row + 16 * m + 8 * h;
        var kept = LocalMemory.Allocate<uint>(8);
        for (int n = 0; n < 8; n++)
        {
            int at = GpuRowTile<TWidth>.At(m, h, n);
            GpuFloat even, odd;
            if (default(TMode).Saves)
            {
                f.Evaluate<GpuFloat>(sums[at], out even, out var evenSlope);
                f.Evaluate<GpuFloat>(sums[at + 1], out odd, out var oddSlope);
                kept[n] = Intrinsics.PackHalves(evenSlope.Value, oddSlope.Value);
            }
            else
            {
                even = f.Evaluate<GpuFloat>(sums[at]);
                odd = f.Evaluate<GpuFloat>(sums[at + 1]);
            }
            tile.Store(row, GpuRowTile<TWidth>.Column + 8 * n, even.Value, odd.Value);
        }
        if (default(TMode).Saves && first + row < capacity)
        {
            Intrinsics.StoreFour(GpuRowTile<TWidth>.Own(slopes, first + row, 0), kept[0], kept[1], kept[2], kept[3]);
            Intrinsics.StoreFour(GpuRowTile<TWidth>.Own(slopes, first + row, 1), kept[4], kept[5], kept[6], kept[7]);
        }
    }

    /// <summary>The last layer in float32: one, two or four threads a row.</summary>
    static void Output(ForwardArgument a, GpuRowTile<TWidth> tile, int first)
    {
        int threads = GpuRowTile<TWidth>.Threads / GpuRowTile<TWidth>.Rows, row = Group.IdxX / threads, part = Group.IdxX % threads;
        for (int output = 0; output < a.Y.Columns; output++)
        {
            float sum = 0;
            for (int column = 8 * part; column < Width; column += 8 * threads)
            {
                var eight = tile.Load(row, column);
                long weights = a.LastWeights.At(output * Width + column).Address;
                FourFloats near = Intrinsics.LoadFourSingles(weights), far = Intrinsics.LoadFourSingles(weights + 16);
                sum = Two(eight.X, near.X, near.Y, sum);
                sum = Two(eight.Y, near.Z, near.W, sum);
                sum = Two(eight.Z, far.X, far.Y, sum);
                sum = Two(eight.W, far.Z, far.W, sum);
            }
            if (threads > 1) sum += Intrinsics.ShuffleXor(sum, 1);
            if (threads > 2) sum += Intrinsics.ShuffleXor(sum, 2);
            if (part == 0 && first + row < a.Y.Rows) a.Y[0, first + row, output] = sum + a.LastWeights[a.Y.Columns * Width + output];
        }
        for (int column = a.Y.Columns; column < a.Y.Width; column++)
            if (part == 0 && first + row < a.Y.Rows) a.Y[0, first + row, column] = 0;
    }

    static float Two(uint halves, float low, float high, float sum) => Intrinsics.Fma(Intrinsics.HighHalf(halves), high, Intrinsics.Fma(Intrinsics.LowHalf(halves), low, sum));
}
