using System.Runtime.CompilerServices;

namespace InrFast.Kernels.Random;

/// <summary>
/// Exact division by a number fixed before, as one multiplication: with m = ceil(2^63 / d), floor(n m / 2^63) = floor(n / d) as long as
/// n (m d - 2^63) stays below 2^63, so for every n up to 2^40 and d up to 2^23 (Granlund and Montgomery, PLDI 1994).
/// </summary>
public readonly struct Divider(uint divisor)
{
    /// <summary>The largest divisor.</summary>
    public const uint MaxDivisor = 1 << 23;

    readonly ulong reciprocal = ((1ul << 63) + divisor - 1) / divisor;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Divide(ulong value) => Math.BigMul(2 * value, reciprocal, out _);
}
