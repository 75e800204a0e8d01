using System.Runtime.InteropServices;

namespace InrFast.Kernels;

/// <summary>
/// What changes from step to step, in device memory, so that a recorded step can be replayed: kernels that draw random numbers or follow a
/// schedule read it there.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public struct Clock
{
    /// <summary>Updates of the parameters before this one: what schedules follow.</summary>
    public long Step;

    /// <summary>Which batch of samples this is: the step while training, the part of the image while rendering.</summary>
    public long Batch;

    /// <summary>Key of all random numbers of a run.</summary>
    public ulong Seed;
}
