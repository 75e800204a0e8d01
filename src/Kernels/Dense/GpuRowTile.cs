using ILGPU;
using InrFast.Kernels.Gpu;

namespace InrFast.Kernels.Dense;

/// <summary>Columns of the layers of a fused kernel, padding included: a number that a kernel is compiled for.</summary>
interface IWidth
{
    int Columns { get; }
}

readonly struct Width64 : IWidth
{
    public int Columns => 64;
}

readonly struct Width128 : IWidth
{
    public int Columns => 128;
}

readonly struct Width256 : IWidth
{
    public int Columns => 256;
}

/// <summary>
/// The values of a block's rows, as halves in shared memory, on their way through the layers: a block of 8 warps, each of which makes 32 rows x 64 columns of a product in
/// 64 registers. 256 / 128 / 64 rows for widths 64 / 128 / 256 (34 KiB); the packed matrix passes through two stages of 64 steps of k (9 / 18 / 36 KiB each), the next on its way while
/// one is multiplied. Rows are 16 bytes longer than their columns, so that the 8 rows an ldmatrix reads lie in different banks. Two blocks fit a multiprocessor.
/// </summary>
readonly struct GpuRowTile<TWidth>(int shared) where TWidth : struct, IWidth
{
    public const int Threads = 256, Sums = 64, Depth = 64;
    const int WarpRows = 32, WarpColumns = 64, StagePitch = 2 * Depth + 16;

    readonly int shared = shared;

    public static int Width => default(TWidth).Columns;
    static int WarpsAcross => Width / WarpColumns;
    public static int Rows => WarpRows * (Threads / 32 / WarpsAcross);
    static int Pitch => 2 * Width + 16;
    static int StageBytes => Width * StagePitch;
    public static int SharedBytes => Rows * Pitch + 2 * StageBytes;

    /// <summary>Of a packed matrix: [slice of 64 k][n][k within it].</summary>
    public static int Slices => Width / Depth;
    public static int Bytes => 2 * Width * Width;

    static int Lane => Group.IdxX % 32;

    /// <summary>What this thread has of a product: rows Row + 8 h of m = 0, 1 (16 rows apart), columns Column + 8 n and the next.</summary>
    public static int Row => Group.IdxX / 32 / WarpsAcross * WarpRows + Lane / 4;
    public static int Column => Group.IdxX / 32 % WarpsAcross * WarpColumns + Lane % 4 * 2;

    /// <summary>Place among the sums of column 8 n (and the next) of row 8 h + 16 m.</summary>
    public static int At(int m, int h, int n) => (m * 8 + n) * 4 + 2 * h;

    /// <summary>Starts the copy of a slice into its stage.</summary>
    public void Fetch(long packed, int slice)
    {
        int stage = shared + Rows * Pitch + slice % 2 * StageBytes;
        for (int chunk = Group.IdxX; chunk < Width * Depth / 8; chunk += Group.DimX)
            Intrinsics.CopyAsync(stage + chunk / (Depth / 8) * StagePitch + chunk % (Depth / 8) * 16, packed + ((long)slice * Width * Depth / 8 + chunk) * 16, 16);
        Intrinsics.CommitCopies();
    }

    /// <summary>
    /// sums += rows times the packed matrix whose slices are firstSlice .. firstSlice + Slices; the first is on its way. The next to it, of the matrix that follows too, is fetched if there is one.
    /// All threads have written their rows; a barrier orders that.
    /// </summary>
    public void Multiply(ArrayView<float> sums, long packed, int firstSlice, int endSlice)
    {
        for (int slice = firstSlice; slice < firstSlice + Slices; slice++)
        {
            Intrinsics.AwaitCopies();
            Group.Barrier(); // the slice has arrived, and nobody reads the other stage any more
            if (slice + 1 < endSlice) Fetch(packed, slice + 1);
            int stage = shared + Rows * Pitch + slice % 2 * StageBytes, k = (slice - firstSlice) * Depth;
            Step(sums, stage, k, 0);
            Step(sums, stage, k, 16);
            Step(sums, stage, k, 32);
            Step(sums, stage, k, 48);
        }
    }

    void Step(ArrayView<float> sums, int stage, int k, int within)
    {
        int lane = Lane, warp = Group.IdxX / 32;
        int left = shared + (warp / WarpsAcross * WarpRows + lane % 16) * Pitch + 2 * (k + within + lane / 16 * 8);
        int right = stage + (warp % WarpsAcross * WarpColumns + lane % 8 + lane / 16 * 8) * StagePitch + 2 * (within + lane / 8 % 2 * 8);
        FourWords upper = Intrinsics.LoadMatrices(left), lower = Intrinsics.LoadMatrices(left + 16 * Pitch);
        for (int pair = 0; pair < 4; pair++)
        {
            var b = Intrinsics.LoadMatrices(right + pair * 16 * StagePitch);
            MultiplyAdd(sums, 8 * pair, upper, b.X, b.Y);
            MultiplyAdd(sums, 8 * pair + 4, upper, b.Z, b.W);
            MultiplyAdd(sums, 32 + 8 * pair, lower, b.X, b.Y);
            MultiplyAdd(sums, 36 + 8 * pair, lower, b.Z, b.W);
        }
    }

    public static void MultiplyAdd(ArrayView<float> sums, int at, FourWords a, uint b0, uint b1)
    {
        var d = Intrinsics.MultiplyMatrices(sums[at], sums[at + 1], sums[at + 2], sums[at + 3], a.X, a.Y, a.Z, a.W, b0, b1);
        sums[at] = d.X;
        sums[at + 1] = d.Y;
        sums[at + 2] = d.Z;
        sums[at + 3] = d.W;
    }

    /// <summary>Every row starts at these numbers of its columns, or at zero.</summary>
    public static void Start(ArrayView<float> sums, GpuFloats row)
    {
        for (int n = 0; n < 8; n++)
        {
            float even = 0, odd = 0;
            if (!row.IsEmpty)
            {
                even = row[Column + 8 * n];
                odd = row[Column + 8 * n + 1];
            }
            Set(sums, 4 * n, even, odd);
            Set(sums, 32 + 4 * n, even, odd);
        }
    }

    static void Set(ArrayView<float> sums, int at, float even, float odd)
    {
        sums[at] = even;
        sums[at + 1] = odd;
        sums[at + 2] = even;
        sums[at + 3] = odd;
    }

    /// <summary>sums[row][column] += a[row] b[column] of the rows of the whole matrix that start at first; the rows of a and b that are not there count as 0.</summary>
    public static void AddOuter(ArrayView<float> sums, GpuMatrix a, int first, int column, float factor, GpuFloats b)
    {
        float a0 = At(a, first, column) * factor, a1 = At(a, first + 8, column) * factor, a2 = At(a, first + 16, column) * factor, a3 = At(a, first + 24, column) * factor;
        for (int n = 0; n < 8; n++)
        {
            float even = b[Column + 8 * n], odd = b[Column + 8 * n + 1];
            AddTwo(sums, 4 * n, a0, even, odd);
            AddTwo(sums, 4 * n + 2, a1, even, odd);
            AddTwo(sums, 32 + 4 * n, a2, even, odd);
            AddTwo(sums, 34 + 4 * n, a3, even, odd);
        }
    }

    static float At(GpuMatrix a, int row, int column) => row < a.Rows ? a[0, row, column] : 0f;

    static void AddTwo(ArrayView<float> sums, int at, float a, float even, float odd)
    {
        sums[at] = Intrinsics.Fma(a, even, sums[at]);
        sums[at + 1] = Intrinsics.Fma(a, odd, sums[at + 1]);
    }

    /// <summary>Two columns of a row of the tile.</summary>
    public void Store(int row, int column, float even, float odd) => Intrinsics.StoreShared(shared + row * Pitch + 2 * column, Intrinsics.PackHalves(even, odd));

    /// <summary>Eight columns of a row of the tile.</summary>
    public FourWords Load(int row, int column) => Intrinsics.LoadSharedFour(shared + row * Pitch + 2 * column);

    /// <summary>The tile's rows to a matrix of halves [row][Width] in global memory, up to its last row.</summary>
    public void CopyTo(long matrix, int first, int rows)
    {
        for (int chunk = Group.IdxX; chunk < Rows * Width / 8; chunk += Group.DimX)
        {
            int row = chunk / (Width / 8), column = chunk % (Width / 8) * 8;
            if (first + row < rows)
            {
                var eight = Load(row, column);
                Intrinsics.StoreFour(matrix + ((long)(first + row) * Width + column) * 2, eight.X, eight.Y, eight.Z, eight.W);
            }
        }
    }

    /// <summary>
    /// Address of 16 bytes a lane, in which a warp keeps half of 8 rows x 64 columns of halves as it has them: what one thread wrote it reads again. Takes the place of the same 8 rows
    /// of a matrix [row][Width].
    /// </summary>
    public static long Own(long matrix, int row, int half) => matrix + ((((long)(row / 8) * WarpsAcross + Group.IdxX / 32 % WarpsAcross) * 2 + half) * 32 + Lane) * 16;
}
