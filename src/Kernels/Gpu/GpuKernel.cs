using System.Runtime.CompilerServices;

namespace InrFast.Kernels.Gpu;

/// <summary>
/// A kernel on one card. Its argument is one struct, which crosses as it lies in memory: addresses as long, numbers, an activation. A launch allocates nothing.
/// </summary>
sealed unsafe class GpuKernel<TArgument>(Card card, nint kernel, int sharedBytes) where TArgument : struct
{
    /// <summary>Enqueues it; a grid of nothing is not launched.</summary>
    public void Launch(in TArgument argument, (long X, long Y, long Z) grid, (int X, int Y) block)
    {
        if (grid.X == 0 || grid.Y == 0 || grid.Z == 0) return;
        fixed (byte* address = &Unsafe.As<TArgument, byte>(ref Unsafe.AsRef(in argument)))
            card.Launch(kernel, (checked((uint)grid.X), checked((uint)grid.Y), checked((uint)grid.Z)), ((uint)block.X, (uint)block.Y), (uint)sharedBytes, address);
    }

    /// <summary>A thread for each of so many things, 256 in a block.</summary>
    public void Launch(in TArgument argument, long count) => Launch(argument, ((count + 255) / 256, 1, 1), (256, 1));
}
