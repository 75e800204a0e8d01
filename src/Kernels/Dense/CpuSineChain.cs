using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using InrFast.Kernels.Activations;
using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Dense;

/// <summary>In float32; every sum starts with the bias and adds the products in the order of the inputs, each by a fused multiply-add. A layer is a product of its numbers [unit][1 and inputs] and the values [1 and inputs][point]: the bias is the weight of a row of ones.</summary>
sealed unsafe class CpuSineChain<V> : SineChainKernels where V : struct, IVector<V>
{
    const MethodImplOptions Optimized = MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining;
    const int MostRows = 8, Step = 32; // of a block of products: units, points at most
    const int FloatsOfCache = 6144; // of both buffers, which leaves a first-level cache of 32 KiB some room
    readonly int[] depths, units;
    readonly int tile; // points that go through all layers together
    readonly bool[] areSines;
    float[][] grid = [];
    readonly float[] numbers; // zeros, then of each layer; pinned; units padded with zeros to whole blocks

    public CpuSineChain(IReadOnlyList<ChainLayer> layers) : base(layers)
    {
        (depths, units, areSines) = ([.. layers.Select(layer => 1 + Inputs(layer))], [.. layers.Select(layer => layer.Biases.Length)], [.. layers.Select(layer => layer.Omega is not null)]);
        numbers = GC.AllocateArray<float>(Step + Enumerable.Range(0, units.Length).Sum(l => depths[l] * Padded(units[l])), pinned: true);
        tile = 2 * Rows * Points <= FloatsOfCache ? Points : Step;
        int at = Step;
        for (int l = 0; l < units.Length; at += depths[l] * Padded(units[l++]))
        {
            float factor = layers[l].Omega is { } omega ? new Sine(omega).InputScale : 1;
            for (int u = 0; u < units[l]; u++)
            {
                int inputs = depths[l] - 1, row = at + u * depths[l];
                numbers[row] = layers[l].Biases[u] * factor;
                for (int i = 0; i < inputs; i++) numbers[row + 1 + i] = layers[l].Weights[u * inputs + i] * factor;
            }
        }
    }

    /// <summary>Rows of a buffer.</summary>
    int Rows => 1 + Padded(Math.Max(units.Max(), depths.Max() - 1));

    static int Padded(int units) => (units + MostRows - 1) / MostRows * MostRows;

    public override long ScratchFloats => 2L * Rows * tile;

    public override void SetGrid(float[][] coordinates) => grid = coordinates;

    public override void Evaluate(long first, nint values, nint scratch)
    {
        for (int p = 0; p < Points; p += tile) EvaluateTile(first + p, (float*)values + p, (float*)scratch);
    }

    [MethodImpl(Optimized)]
    void EvaluateTile(long first, float* values, float* x)
    {
        int tile = this.tile;
        float* zeros = (float*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(numbers)), layer = zeros + Step, y = x + (nint)Rows * tile;
        new Span<float>(x, tile).Fill(1);
        new Span<float>(y, tile).Fill(1);
        for (int i = 0, run; i < tile; i += run)
        {
            (long line, long at) = Math.DivRem(first + i, grid[0].Length);
            run = (int)Math.Min(tile - i, grid[0].Length - at);
            grid[0].AsSpan((int)at, run).CopyTo(new(x + tile + i, run));
            for (int k = 1; k < grid.Length; line /= grid[k++].Length) new Span<float>(x + (k + 1) * tile + i, run).Fill(grid[k][line % grid[k].Length]);
        }
        for (int l = 0; l < depths.Length; l++)
        {
            float* w = layer, z = y + tile;
            for (int u = 0, rows; u < units[l]; u += rows, w += rows * depths[l], z += rows * tile)
            {
                rows = BlockRows(units[l] - u);
                for (int p = 0; p < tile; p += 2 * V.Count) Product(rows, w, x + p, depths[l], z + p, tile, zeros);
            }
            if (areSines[l]) Sines(y + tile, units[l] * tile);
            layer += depths[l] * Padded(units[l]);
            float* used = x;
            x = y;
            y = used;
        }
        for (int o = 1; o <= units[^1]; o++, values += Points) new ReadOnlySpan<float>(x + o * tile, tile).CopyTo(new(values, tile));
    }

    /// <summary>Of so many units that are left; never more than their padding has. With 16 registers 6 at most.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static int BlockRows(int left) => left <= 4 ? 4 : V.Count == 8 ? left is 7 or 8 ? 4 : 6 : left <= 6 ? 6 : 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Product(int rows, float* w, float* x, int depth, float* z, int tile, float* zeros)
    {
        if (rows == 4) MicroKernels.Row4x2<V>(w, depth, x, tile, depth, z, tile, zeros);
        else if (rows == 6) MicroKernels.Row6x2<V>(w, depth, x, tile, depth, z, tile, zeros);
        else MicroKernels.Row8x2<V>(w, depth, x, tile, depth, z, tile, zeros);
    }

    [MethodImpl(Optimized)]
    static void Sines(float* z, int count)
    {
        for (float* end = z + count; z < end; z += 2 * V.Count)
        {
            V a = VectorMath.SinPi(V.Load(z)), b = VectorMath.SinPi(V.Load(z + V.Count));
            V.Store(a, z);
            V.Store(b, z + V.Count);
        }
    }
}
