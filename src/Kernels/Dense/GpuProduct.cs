using ILGPU;
using InrFast.Kernels.Gpu;

namespace InrFast.Kernels.Dense;

/// <summary>What a product of matrices reads, and where its results go: c[row, column] = sum over k of a[row, k] b[k, column].</summary>
interface IOperands
{
    int Rows { get; }
    int Columns { get; }

    /// <summary>Columns that are stored: those beyond <see cref="Columns"/> get zeros.</summary>
    int Width { get; }

    /// <summary>Neighbouring numbers of a lie along k, not along its rows.</summary>
    bool IsAlongK { get; }

    float Left(int row, int k);
    float Right(int k, int column);
    void Store(int row, int column, float sum);
}

/// <summary>
/// A block of 256 threads makes a tile of 64 x 64 results, a thread 4 x 4 of them in registers; both operands pass through shared memory 16 steps of k at a
/// time (8.5 KiB), and the tile leaves through it (17 KiB), so that whatever is done to a result is there once in the code and writes rows.
/// </summary>
static class GpuProduct
{
    public const int Tile = 64, Threads = 256;
    const int Depth = 16, Each = 4, Across = Tile / Each, Pitch = Tile + 4, Vectors = Pitch / 4;

    /// <summary>16 bytes, which one instruction loads.</summary>
    readonly struct Four(float x, float y, float z, float w)
    {
        public readonly float X = x, Y = y, Z = z, W = w;
    }

    /// <summary>Tiles along an axis.</summary>
    public static int Tiles(long count) => checked((int)((count + Tile - 1) / Tile));

    /// <summary>The tile from (firstRow, firstColumn) on, summed over firstK .. endK.</summary>
    public static void Run<TOperands>(TOperands o, int firstRow, int firstColumn, int firstK, int endK) where TOperands : struct, IOperands
    {
        ArrayView<Four> leftVectors = SharedMemory.Allocate<Four>(Depth * Vectors), rightVectors = SharedMemory.Allocate<Four>(Depth * Vectors);
        ArrayView<float> left = leftVectors.Cast<float>(), right = rightVectors.Cast<float>(), tile = SharedMemory.Allocate<float>(Tile * Pitch);
        int thread = Group.IdxX, x = thread % Across, y = thread / Across;
        var sums = LocalMemory.Allocate<float>(Each * Each);
        for (int i = 0; i < Each * Each; i++) sums[i] = 0;

        for (int k = firstK; k < endK; k += Depth)
        {
            for (int i = 0; i < Tile * Depth / Threads; i++)
            {
                int n = thread + i * Threads, row = n % Tile, depth = n / Tile;
                right[depth * Pitch + row] = k + depth < endK && firstColumn + row < o.Columns ? o.Right(k + depth, firstColumn + row) : 0;
                if (o.IsAlongK)
                {
                    row = n / Depth;
                    depth = n % Depth;
                }
                left[depth * Pitch + row] = k + depth < endK && firstRow + row < o.Rows ? o.Left(firstRow + row, k + depth) : 0;
            }
            Group.Barrier();
            for (int depth = 0; depth < Depth; depth++)
            {
                Four a = leftVectors[depth * Vectors + y], b = rightVectors[depth * Vectors + x];
                Row(sums, 0, a.X, b);
                Row(sums, 4, a.Y, b);
                Row(sums, 8, a.Z, b);
                Row(sums, 12, a.W, b);
            }
            Group.Barrier();
        }

        for (int i = 0; i < Each; i++)
            for (int j = 0; j < Each; j++) tile[(y * Each + i) * Pitch + x * Each + j] = sums[i * Each + j];
        Group.Barrier();
        for (int n = thread; n < Tile * Tile; n += Group.DimX) // not of constant length: not unrolled
        {
            int row = firstRow + n / Tile, column = firstColumn + n % Tile;
            if (row < o.Rows && column < o.Width) o.Store(row, column, tile[n / Tile * Pitch + n % Tile]);
        }
    }

    static void Row(ArrayView<float> sums, int first, float a, Four b)
    {
        sums[first] = Intrinsics.Fma(a, b.X, sums[first]);
        sums[first + 1] = Intrinsics.Fma(a, b.Y, sums[first + 1]);
        sums[first + 2] = Intrinsics.Fma(a, b.Z, sums[first + 2]);
        sums[first + 3] = Intrinsics.Fma(a, b.W, sums[first + 3]);
    }
}
