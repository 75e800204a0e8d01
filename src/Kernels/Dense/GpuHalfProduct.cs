using ILGPU;
using InrFast.Kernels.Gpu;

namespace InrFast.Kernels.Dense;

/// <summary>
/// A tile of left^T right over a range of rows, both matrices of halves [row][width]: 128 x 128 results a block (of width 64 the whole 64 x 64), a warp 32 x 64 of them in 64 registers.
/// 32 rows at a time pass through three stages of shared memory (17 KiB each of 128 columns, 9 of 64), two on their way while one is multiplied.
/// </summary>
readonly struct GpuHalfProduct<TWidth>(int shared) where TWidth : struct, IWidth
{
    const int Depth = 32, Stages = 3, Ones = 0x3C003C00;

    readonly int shared = shared;

    static int Width => default(TWidth).Columns;
    public static int Tile => Width < 128 ? Width : 128;

    /// <summary>Of the product, and along each axis.</summary>
    public static int Tiles => Width / Tile;
    public static int Threads => 32 * (Tile / 32) * (Tile / 64);
    static int Pitch => 2 * Tile + 16;
    public static int SharedBytes => Stages * 2 * Depth * Pitch;

    static int Lane => Group.IdxX % 32;
    static int WarpRow => Group.IdxX / 32 / (Tile / 64) * 32;
    static int WarpColumn => Group.IdxX / 32 % (Tile / 64) * 64;

    /// <summary>Rows that this thread has of the tile (and those 8, 16, 24 later), and columns (and the next, and those 8 n later).</summary>
    public static int Row => WarpRow + Lane / 4;
    public static int Column => WarpColumn + Lane % 4 * 2;

    void Fetch(long left, long right, int row, int end, int stage)
    {
        int to = shared + stage * 2 * Depth * Pitch;
        for (int chunk = Group.IdxX; chunk < Depth * Tile / 8; chunk += Group.DimX)
        {
            int r = chunk / (Tile / 8), c = chunk % (Tile / 8), bytes = row + r < end ? 16 : 0;
            long offset = ((long)(row + r < end ? row + r : 0) * Width + c * 8) * 2;
            Intrinsics.CopyAsync(to + r * Pitch + c * 16, left + offset, bytes);
            Intrinsics.CopyAsync(to + (Depth + r) * Pitch + c * 16, right + offset, bytes);
        }
    }

    /// <summary>sums, and of the left's columns alone totals, over rows first .. end of matrices that start at the tile's columns.</summary>
    public void Run(ArrayView<float> sums, ArrayView<float> totals, long left, long right, int first, int end)
    {
        Fetch(left, right, first, end, 0);
        Intrinsics.CommitCopies();
        Fetch(left, right, first + Depth, end, 1);
        Intrinsics.CommitCopies();
        int stage = 0;
        for (int row = first; row < end; row += Depth)
        {
            Intrinsics.AwaitCopiesButOne();
            Group.Barrier(); // these rows have arrived, and nobody reads those before them any more
            if (row + 2 * Depth < end) Fetch(left, right, row + 2 * Depth, end, (stage + 2) % Stages);
            Intrinsics.CommitCopies();
            int at = shared + stage * 2 * Depth * Pitch;
            Step(sums, totals, at);
            Step(sums, totals, at + 16 * Pitch);
            stage = (stage + 1) % Stages;
        }
    }

    static void Step(ArrayView<float> sums, ArrayView<float> totals, int at)
    {
        int lane = Lane;
        int left = at + (lane % 8 + lane / 16 * 8) * Pitch + 2 * (WarpRow + lane / 8 % 2 * 8);
        int right = at + (Depth + lane % 8 + lane / 8 % 2 * 8) * Pitch + 2 * (WarpColumn + lane / 16 * 8);
        FourWords upper = Intrinsics.LoadTransposed(left), lower = Intrinsics.LoadTransposed(left + 32);
        GpuRowTile<TWidth>.MultiplyAdd(totals, 0, upper, Ones, Ones);
        GpuRowTile<TWidth>.MultiplyAdd(totals, 4, lower, Ones, Ones);
        for (int pair = 0; pair < 4; pair++)
        {
            var b = Intrinsics.LoadTransposed(right + pair * 32);
            GpuRowTile<TWidth>.MultiplyAdd(sums, 8 * pair, upper, b.X, b.Y);
            GpuRowTile<TWidth>.MultiplyAdd(sums, 8 * pair + 4, upper, b.Z, b.W);
            GpuRowTile<TWidth>.MultiplyAdd(sums, 32 + 8 * pair, lower, b.X, b.Y);
            GpuRowTile<TWidth>.MultiplyAdd(sums, 36 + 8 * pair, lower, b.Z, b.W);
        }
    }
}
