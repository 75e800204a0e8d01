using System.Runtime.CompilerServices;
using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Sampling;

/// <summary>
/// A shuffled sweep over listed voxels: every one of the foreground once per epoch, and one in <paramref name="share"/> of the background,
/// others each epoch, so that all had their turn after that many. Without a background: a mask. An epoch has
/// foregroundCount + ceil(backgroundCount / share) samples.
/// </summary>
/// <param name="foreground">Address of voxel numbers, uint32.</param>
/// <param name="background">Address of voxel numbers, uint32; 0: none.</param>
/// <param name="share">From 1; no more than backgroundCount, or some background comes more than once in so many epochs.</param>
public unsafe struct ListedSweep(nint foreground, long foregroundCount, nint background = 0, long backgroundCount = 0, int share = 1) : IVoxelOrder
{
    readonly uint* foreground = (uint*)foreground, background = (uint*)background;
    readonly long foregroundCount = foregroundCount, backgroundCount = backgroundCount;
    readonly int share = share;
    Epoch epoch = new(foregroundCount + (backgroundCount + share - 1) / share);

    public void Start(ulong seed, long position) => epoch.Start(seed, position);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long Next(out float weight)
    {
        weight = 1;
        return Voxel(epoch.Next());
    }

    public void Take<V>(Span<long> voxels, Span<float> weights) where V : struct, IVector<V>
    {
        weights.Fill(1);
        while (!voxels.IsEmpty)
        {
            int taken = epoch.Take<V>(voxels);
            for (int i = 0; i < taken; i++) voxels[i] = Voxel(voxels[i]);
            voxels = voxels[taken..];
        }
    }

    /// <summary>The voxel at a place in this epoch's list: the foreground, then the background's share.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    readonly long Voxel(long at)
    {
        if (at < foregroundCount) return foreground[at];
        at = (at - foregroundCount) * share + (long)(epoch.Number % (uint)share);
        return background[at < backgroundCount ? at : at % backgroundCount];
    }
}
