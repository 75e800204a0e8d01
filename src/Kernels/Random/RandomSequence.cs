using System.Runtime.CompilerServices;

namespace InrFast.Kernels.Random;

/// <summary>A cursor in the sequence of 64-bit numbers of a key and a stream: a block of <see cref="Philox"/> makes two of them.</summary>
public struct RandomSequence(ulong key, RandomStream stream, ulong position)
{
    readonly Philox random = new(key);
    RandomBits block = new Philox(key)[position >> 1, stream];
    ulong position = position;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Next()
    {
        if ((position & 1) != 0)
        {
            ulong high = block.High;
            block = random[++position >> 1, stream];
            return high;
        }
        position++;
        return block.Low;
    }
}
