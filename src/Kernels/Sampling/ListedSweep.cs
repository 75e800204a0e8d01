using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
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
public struct ListedSweep(nint foreground, long foregroundCount, nint background = 0, long backgroundCount = 0, int share = 1) : IVoxelOrder
{
    readonly long foreground = foreground, background = background;
    readonly long foregroundCount = foregroundCount, backgroundCount = backgroundCount;
    readonly int share = share > 0 ? share : throw new ArgumentException($"The background's share is one in {share}; it must be one in 1 or more.");
    Epoch epoch = new(foregroundCount + (backgroundCount + share - 1) / share);

    public void Start(ulong seed, long position) => epoch.Start(seed, position);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long Next(out float weight)
    {
        weight = 1;
        return DeviceAccess.ReadUInt32(Entry(epoch.Next()));
    }

    public unsafe void Take<V>(Span<long> voxels, Span<float> weights) where V : struct, IVector<V>
    {
        weights.Fill(1);
        while (!voxels.IsEmpty)
        {
            // The lists are read at random places: ask for all entries, then read them.
            var taken = voxels[..epoch.Take<V>(voxels)];
            foreach (ref long voxel in taken)
            {
                voxel = Entry(voxel);
                if (Sse.IsSupported) Sse.Prefetch0((void*)voxel);
            }
            foreach (ref long voxel in taken) voxel = DeviceAccess.ReadUInt32(voxel);
            voxels = voxels[taken.Length..];
        }
    }

    /// <summary>Address of the entry at a place of this epoch's list: the foreground, then the background's share.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    readonly long Entry(long at)
    {
        if (at < foregroundCount) return foreground + at * sizeof(uint);
        at = (at - foregroundCount) * share + (long)(epoch.Number % (uint)share);
        return background + (at < backgroundCount ? at : at % backgroundCount) * sizeof(uint);
    }
}
