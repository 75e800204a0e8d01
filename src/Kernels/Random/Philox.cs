using System.Runtime.CompilerServices;

namespace InrFast.Kernels.Random;

/// <summary>What random numbers are drawn for: a part of the counter, so that no two uses share numbers.</summary>
public enum RandomStream : ulong
{
    /// <summary>Counter: the epoch.</summary>
    EpochKey,

    /// <summary>Round keys of a <see cref="Permutation"/>.</summary>
    Permutation,

    /// <summary>Counter: the sample.</summary>
    Voxel,

    /// <summary>Counter: the sample.</summary>
    Jitter,

    /// <summary>First values of parameters. Counter: four neighbouring numbers; the upper half also says of which parameter.</summary>
    Initialization,

    /// <summary>Noise of a simulated measurement. Counter: some numbers for each of its values.</summary>
    Noise,

    /// <summary>Of a small change of a parameter's number. Counter: two numbers; the upper half says of which parameter.</summary>
    Sign,
}

/// <summary>
/// Random numbers as a function of a key and a counter, without state: Philox 4x32 with 10 rounds (Salmon, Moraes, Dror, Shaw: Parallel
/// random numbers: as easy as 1, 2, 3; SC 2011).
/// </summary>
public readonly struct Philox(ulong key)
{
    /// <summary>The block of a 128-bit counter, whose upper half is the stream.</summary>
    public RandomBits this[ulong counter, RandomStream stream] => this[counter, (ulong)stream];

    public RandomBits this[ulong low, ulong high]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            uint x = (uint)low, y = (uint)(low >> 32), z = (uint)high, w = (uint)(high >> 32), k0 = (uint)key, k1 = (uint)(key >> 32);
            for (int round = 0; round < 10; round++)
            {
                ulong p = 0xD2511F53ul * x, q = 0xCD9E8D57ul * z;
                (x, y, z, w) = ((uint)(q >> 32) ^ y ^ k0, (uint)q, (uint)(p >> 32) ^ w ^ k1, (uint)p);
                k0 += 0x9E3779B9; // golden ratio
                k1 += 0xBB67AE85; // sqrt(3) - 1
            }
            return new(x, y, z, w);
        }
    }
}
