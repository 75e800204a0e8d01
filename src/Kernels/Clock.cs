using System.Runtime.InteropServices;

namespace InrFast.Kernels;

/// <summary>
/// What changes from step to step, in device memory, so that a recorded step can be replayed: kernels that draw random numbers or follow a
/// schedule read it there.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public struct Clock
{
    /// <summary>Steps begun before this one.</summary>
    public long Step;

    /// <summary>Key of all random numbers of a run.</summary>
    public ulong Seed;
}
