using System.Runtime.CompilerServices;
using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Sampling;

/// <summary>All points of a patch around each voxel of another order, x fastest, then the next patch. At the border a patch is moved inside. A fourth axis, time, is one point wide.</summary>
public struct VoxelPatches<TOrder>(TOrder centres, VoxelGrid grid, PatchShape patch) : IVoxelOrder where TOrder : struct, IVoxelOrder
{
    readonly VoxelGrid grid = grid;
    readonly PatchShape patch = patch;
    TOrder centres = centres;
    long corner;
    int at;

    public void Start(ulong seed, long position)
    {
        centres.Start(seed, position / patch.Count);
        corner = Corner(centres.Next(out _));
        at = (int)(position % patch.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long Next(out float weight)
    {
        weight = 1;
        if (at == patch.Count)
        {
            corner = Corner(centres.Next(out _));
            at = 0;
        }
        int line = at / patch.X, x = at % patch.X;
        at++;
        return corner + patch.Step * (x + grid[0].Size * (line % patch.Y + (long)grid[1].Size * (line / patch.Y)));
    }

    public void Take<V>(Span<long> voxels, Span<float> weights) where V : struct, IVector<V> => VoxelOrder.TakeEach(ref this, voxels, weights);

    readonly long Corner(long centre)
    {
        long line = centre / grid[0].Size, plane = line / grid[1].Size;
        long x = Along(grid[0].Size, patch.X, centre % grid[0].Size), y = Along(grid[1].Size, patch.Y, line % grid[1].Size), z = Along(grid[2].Size, patch.Z, plane % grid[2].Size);
        return x + grid[0].Size * (y + grid[1].Size * (z + plane / grid[2].Size * grid[2].Size));
    }

    /// <summary>By conditions: Math.Clamp may throw, which no kernel of a card can.</summary>
    readonly long Along(int size, int points, long centre)
    {
        long first = centre - patch.Step * (points / 2), last = size - 1 - patch.Step * (points - 1);
        return first < 0 ? 0 : first > last ? last : first;
    }
}
