using System.Runtime.CompilerServices;

namespace InrFast.Kernels.Random;

/// <summary>128 random bits, and what can be made of them.</summary>
public readonly record struct RandomBits(uint X, uint Y, uint Z, uint W)
{
    const float Unit24 = 1f / (1 << 24);
    const double Unit32 = 1.0 / (1L << 32);

    /// <summary>The first 64 bits, X lowest.</summary>
    public ulong Low => X | (ulong)Y << 32;

    /// <summary>The other 64 bits, Z lowest.</summary>
    public ulong High => Z | (ulong)W << 32;

    /// <summary>Uniform in [0, 1): one of 2^24 multiples of 2^-24.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Uniform(uint bits) => (bits >> 8) * Unit24;

    /// <summary>Uniform in (-1, 1), symmetric, never 0: one of 2^24 odd multiples of 2^-24.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Signed(uint bits) => (2 * (int)(bits >> 8) + 1 - (1 << 24)) * Unit24;

    /// <summary>Two independent numbers of mean 0 and variance 1, at most 6.7 from 0 (Box and Muller 1958, in double).</summary>
    public static (double, double) Normal(uint first, uint second)
    {
        double radius = Math.Sqrt(-2 * Math.Log((first + 0.5) * Unit32)), angle = 2 * Math.PI * Unit32 * second;
        return (radius * Math.Cos(angle), radius * Math.Sin(angle));
    }
}
