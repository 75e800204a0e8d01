using System.Runtime.CompilerServices;
using InrFast.Kernels.Random;
using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Sampling;

/// <summary>Every sample any voxel, all with the same probability (with replacement).</summary>
/// <param name="count">Voxels of the image.</param>
public struct RandomVoxels(long count) : IVoxelOrder
{
    readonly ulong count = (ulong)count;
    RandomSequence random;

    public void Start(ulong seed, long position) => random = new(seed, RandomStream.Voxel, (ulong)position);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long Next(out float weight)
    {
        weight = 1;
        return (long)Math.BigMul(random.Next(), count, out _);
    }

    public void Take<V>(Span<long> voxels, Span<float> weights) where V : struct, IVector<V> => VoxelOrder.TakeEach(ref this, voxels, weights);
}
