using System.Runtime.CompilerServices;
using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Sampling;

/// <summary>Every voxel once per epoch, in a new random order each epoch; a batch may span epochs.</summary>
/// <param name="count">Voxels of the image.</param>
public struct ShuffledSweep(long count) : IVoxelOrder
{
    Epoch epoch = new(count);

    public void Start(ulong seed, long position) => epoch.Start(seed, position);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long Next(out float weight)
    {
        weight = 1;
        return epoch.Next();
    }

    public void Take<V>(Span<long> voxels, Span<float> weights) where V : struct, IVector<V>
    {
        weights.Fill(1);
        while (!voxels.IsEmpty) voxels = voxels[epoch.Take<V>(voxels)..];
    }
}
