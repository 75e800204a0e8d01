using System.Runtime.CompilerServices;
using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Sampling;

/// <summary>The voxels in their order, for rendering; at the end of the image the last one again and again.</summary>
/// <param name="count">Voxels of the image.</param>
public struct ImageOrder(long count) : IVoxelOrder
{
    readonly long last = count - 1;
    long position;

    public void Start(ulong seed, long position) => this.position = position;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long Next(out float weight)
    {
        weight = 1;
        return Math.Min(position++, last);
    }

    public void Take<V>(Span<long> voxels, Span<float> weights) where V : struct, IVector<V> => VoxelOrder.TakeEach(ref this, voxels, weights);
}
