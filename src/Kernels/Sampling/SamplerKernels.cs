using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Sampling;

/// <summary>
/// Makes the rows of a training batch: coordinates of voxels, and the image's values there. Everything follows from the clock, the order and
/// the row's number, so any worker can make any tile at any time. With jitter the points lie anywhere in their voxels, uniformly, and
/// the values are interpolated linearly.
/// </summary>
public abstract class SamplerKernels
{
    /// <summary>Writes rows firstRow, firstRow + 1, ... of this step's batch into the matrices' rows 0, 1, ...</summary>
    /// <param name="clock">Address of a <see cref="Clock"/>. Sample r of step s is element s * batchRows + r of the order.</param>
    /// <param name="image">Address of the image, float [voxel][channel], a channel for each column of values.</param>
    /// <param name="coordinates">One column per axis, in the engine's coordinates (<see cref="VoxelGrid"/>).</param>
    /// <param name="values">Empty: not wanted, and the image is not read.</param>
    /// <param name="weights">One column: the factor that makes the sample's loss unbiased for a mean over the image (1 but for
    /// <see cref="ImportanceVoxels"/>). Empty: not wanted.</param>
    public abstract void Sample(nint clock, long firstRow, long batchRows, nint image, in Matrix coordinates, in Matrix values, in Matrix weights);
}

/// <summary>
/// An endless sequence of voxels, the same for the same seed. A mutable cursor of plain arithmetic that every device runs: copy, start anywhere, go on.
/// </summary>
public interface IVoxelOrder
{
    /// <summary>Moves to one element of the sequence.</summary>
    void Start(ulong seed, long position);

    /// <summary>The number of the voxel here, and its weight; moves on.</summary>
    long Next(out float weight);

    /// <summary>The same many times, with vectors where they help.</summary>
    /// <param name="weights">Empty: not wanted.</param>
    void Take<V>(Span<long> voxels, Span<float> weights) where V : struct, IVector<V>;
}

static class VoxelOrder
{
    /// <summary><see cref="IVoxelOrder.Take"/> one by one.</summary>
    public static void TakeEach<TOrder>(ref TOrder order, Span<long> voxels, Span<float> weights) where TOrder : struct, IVoxelOrder
    {
        for (int i = 0; i < voxels.Length; i++)
        {
            voxels[i] = order.Next(out float weight);
            if (!weights.IsEmpty) weights[i] = weight;
        }
    }
}
