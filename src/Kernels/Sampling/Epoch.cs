using System.Runtime.CompilerServices;
using InrFast.Kernels.Random;
using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Sampling;

/// <summary>A cursor in an endless sequence of epochs, each a new permutation of 0 .. count - 1.</summary>
struct Epoch(long count)
{
    readonly ulong count = (ulong)count;
    Permutation permutation = new(count > 0 ? (ulong)count : throw new ArgumentException("There is nothing to sample: the image or the mask has no voxels."), 0);
    ulong seed, position;

    public ulong Number { get; private set; }

    public void Start(ulong seed, long start)
    {
        this.seed = seed;
        (Number, position) = Math.DivRem((ulong)start, count);
        Shuffle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long Next()
    {
        if (position == count) Advance();
        return (long)permutation[position++];
    }

    /// <summary>As many elements as fit, all of one epoch, whose number is <see cref="Number"/> afterwards.</summary>
    public int Take<V>(Span<long> elements) where V : struct, IVector<V>
    {
        if (position == count) Advance();
        int taken = (int)Math.Min((ulong)elements.Length, count - position);
        permutation.Fill<V>(position, elements[..taken]);
        position += (uint)taken;
        return taken;
    }

    void Advance()
    {
        position = 0;
        Number++;
        Shuffle();
    }

    void Shuffle() => permutation = permutation.WithKey(new Philox(seed)[Number, RandomStream.EpochKey].Low);
}
