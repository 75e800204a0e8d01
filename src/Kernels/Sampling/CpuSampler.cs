using System.Runtime.Intrinsics.X86;
using InrFast.Kernels.Random;
using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Sampling;

/// <summary>
/// Draws a chunk of voxels, asking for their memory, and reads their values after the coordinates are written: the image's cache misses
/// overlap with the arithmetic.
/// </summary>
sealed unsafe class CpuSampler<V, TOrder>(VoxelGrid grid, TOrder order) : SamplerKernels where V : struct, IVector<V> where TOrder : struct, IVoxelOrder
{
    const int Chunk = 64;

    public override void Sample(nint clock, long firstRow, long batchRows, nint image, in Matrix coordinates, in Matrix values, in Matrix weights)
    {
        var now = *(Clock*)clock;
        var cursor = order;
        cursor.Start(now.Seed, now.Batch * batchRows + firstRow);
        Span<long> all = stackalloc long[Chunk];
        for (int row = 0; row < coordinates.Rows; row += Chunk)
        {
            int rows = Math.Min(Chunk, coordinates.Rows - row);
            var voxels = all[..rows];
            cursor.Take<V>(voxels, weights.IsEmpty ? default : new(weights.Row(row), rows));
            if (!values.IsEmpty && Sse.IsSupported)
                foreach (long voxel in voxels) Sse.Prefetch0((float*)image + voxel * values.Columns);
            float* to = coordinates.Row(row);
            for (int r = 0; r < rows; r++) grid.Place(voxels[r], to + r * coordinates.Stride);
            if (!values.IsEmpty) Read((float*)image, voxels, values, row);
        }
    }

    static void Read(float* image, ReadOnlySpan<long> voxels, in Matrix values, int row)
    {
        int channels = values.Columns;
        float* to = values.Row(row);
        if (channels == 1)
            for (int r = 0; r < voxels.Length; r++) to[r] = image[voxels[r]];
        else
            for (int r = 0; r < voxels.Length; r++, to += values.Stride)
            {
                for (int c = 0; c < channels; c++) to[c] = image[voxels[r] * channels + c];
                if (channels > Matrix.Packed) new Span<float>(to + channels, Matrix.PadColumns(channels) - channels).Clear();
            }
    }
}

/// <summary>Moves the points of another sampler within their voxels and interpolates the image there.</summary>
sealed unsafe class CpuJitteredSampler(VoxelGrid grid, SamplerKernels centres, InterpolationKernels interpolation) : SamplerKernels
{
    public override void Sample(nint clock, long firstRow, long batchRows, nint image, in Matrix coordinates, in Matrix values, in Matrix weights)
    {
        centres.Sample(clock, firstRow, batchRows, 0, coordinates, default, weights);
        var now = *(Clock*)clock;
        var random = new Philox(now.Seed);
        ulong position = (ulong)(now.Batch * batchRows + firstRow);
        for (int r = 0; r < coordinates.Rows; r++)
        {
            float* to = coordinates.Row(r);
            var bits = random[position + (ulong)r, RandomStream.Jitter];
            for (int axis = 0; axis < grid.Axes; axis++)
                to[axis] += RandomBits.Signed(axis switch { 0 => bits.X, 1 => bits.Y, 2 => bits.Z, _ => bits.W }) * grid[axis].HalfStep;
        }
        if (!values.IsEmpty) interpolation.Forward(image, coordinates, values);
    }
}
