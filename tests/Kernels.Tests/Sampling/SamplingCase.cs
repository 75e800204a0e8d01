using System.Runtime.InteropServices;
using InrFast.Kernels;
using InrFast.Kernels.Sampling;
using InrFast.Kernels.Vectors;

namespace InrFast.Tests;

/// <summary>Memory for a kernel, packed rows first.</summary>
sealed unsafe class HostRows : IDisposable
{
    readonly void* memory;

    public HostRows(int rows, int columns)
    {
        nuint floats = (nuint)(Matrix.PadRows(rows) * Matrix.StrideOf(columns));
        memory = NativeMemory.AlignedAlloc(4 * floats, 64);
        new Span<float>(memory, (int)floats).Fill(float.NaN);
        Matrix = new((nint)memory, rows, Matrix.PadRows(rows), columns);
    }

    public HostRows(float[] numbers) : this(numbers.Length, 1) => numbers.CopyTo(new Span<float>(memory, numbers.Length));

    public Matrix Matrix { get; }
    public nint Address => (nint)memory;
    public ref float this[int row, int column = 0] => ref ((float*)memory)[row * Matrix.Stride + column];

    /// <summary>A part of the rows.</summary>
    public Matrix Slice(int first, int rows) => new((nint)((float*)memory + first * Matrix.Stride), rows, rows, Matrix.Columns);

    public float[] Numbers => [.. from r in Enumerable.Range(0, Matrix.Rows) from c in Enumerable.Range(0, Matrix.Columns) select this[r, c]];
    public void Dispose() => NativeMemory.AlignedFree(memory);
}

static class SamplingCase
{
    public static readonly Device Reference = new ReferenceDevice();
    public static readonly Device[] Cpus = [new CpuDevice<F32x4>(), new CpuDevice<F32x8>(), new CpuDevice<F32x16>()];
    public static readonly Device[] All = [Reference, .. Cpus];

    /// <summary>Rows of coordinates, values (if there is an image) and weight of one step, made in tiles.</summary>
    public static unsafe float[] Sample(SamplerKernels kernels, long step, int rows, int axes, HostRows? image = null, int channels = 1, int tile = int.MaxValue, ulong seed = 5)
    {
        var clock = new Clock { Batch = step, Seed = seed };
        using HostRows coordinates = new(rows, axes), values = new(rows, channels), weights = new(rows, 1);
        for (int first = (rows - 1) / tile * tile; first >= 0; first -= tile) // the last tile first: order must not matter
        {
            int some = Math.Min(tile, rows - first);
            kernels.Sample((nint)(&clock), first, rows, image?.Address ?? 0, coordinates.Slice(first, some), image == null ? default : values.Slice(first, some), weights.Slice(first, some));
            if (tile == int.MaxValue) break;
        }
        return [.. coordinates.Numbers, .. image == null ? [] : values.Numbers, .. weights.Numbers];
    }

    /// <summary>The voxels of an order, from the start.</summary>
    public static long[] Voxels<TOrder>(TOrder order, long start, int count, ulong seed = 5) where TOrder : struct, IVoxelOrder
    {
        var voxels = new long[count];
        order.Start(seed, start);
        order.Take<F32x8>(voxels, default);
        return voxels;
    }
}
