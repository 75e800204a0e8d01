using System.Runtime.CompilerServices;
using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Random;

/// <summary>
/// A random permutation of 0 .. count - 1, element by element, without memory. A Feistel network on pairs (l, r), l below a and r below b,
/// where a b is count or a little more, and cycle-walking back into the range (Black and Rogaway: Ciphers with arbitrary finite domains,
/// CT-RSA 2002). Near-square a and b of any size leave about one walk in sqrt(count) elements, so its branch costs nothing. l and r stay
/// below 2^20 and their sums are exact in float, which every device's vectors multiply and compare.
/// </summary>
public readonly struct Permutation
{
    /// <summary>The largest range.</summary>
    public const ulong MaxCount = 1ul << 40;

    // Multipliers of the hash lowbias32 (C. Wellons, hash-prospector); its upper 24 bits become a fraction.
    const uint First = 0x21F0AAAD, Second = 0x735A2D97;
    const int MixShift = 15, FractionShift = 8;
    const float FractionUnit = 1f / (1 << 24);

    readonly ulong count;
    readonly uint a, b;
    readonly Divider byA;
    readonly RandomBits keys, more; // of six rounds; with four, elements a apart still show it

    /// <param name="count">1 .. 2^40.</param>
    /// <param name="key">Which of 2^64 permutations.</param>
    public Permutation(ulong count, ulong key)
    {
        ArgumentOutOfRangeException.ThrowIfZero(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MaxCount);
        this.count = count;
        a = (uint)Math.Ceiling(Math.Sqrt(count));
        b = (uint)((count + a - 1) / a);
        byA = new(a);
        (keys, more) = RoundKeys(key);
    }

    Permutation(in Permutation of, ulong key)
    {
        this = of;
        (keys, more) = RoundKeys(key);
    }

    static (RandomBits, RandomBits) RoundKeys(ulong key) => (new Philox(key)[0, RandomStream.Permutation], new Philox(key)[1, RandomStream.Permutation]);

    /// <summary>Another permutation of the same range.</summary>
    public Permutation WithKey(ulong key) => new(this, key);

    public ulong this[ulong index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            do
            {
                uint r = (uint)byA.Divide(index), l = (uint)index - r * a;
                r = Shift(r, l + keys.X, b);
                l = Shift(l, r + keys.Y, a);
                r = Shift(r, l + keys.Z, b);
                l = Shift(l, r + keys.W, a);
                r = Shift(r, l + more.X, b);
                l = Shift(l, r + more.Y, a);
                index = (ulong)r * a + l;
            }
            while (index >= count);
            return index;
        }
    }

    /// <summary>(value + hash of source) mod range.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static uint Shift(uint value, uint source, uint range)
    {
        uint hash = source * First;
        hash = (hash ^ hash >> MixShift) * Second;
        int above = (int)value + (int)((int)(hash >> FractionShift) * (range * FractionUnit)) - (int)range;
        return (uint)above + (range & (uint)(above >> 31)); // a branch would be mispredicted half the time
    }

    /// <summary>Writes the elements of first, first + 1, ... (all below count), the same as one by one.</summary>
    public unsafe void Fill<V>(ulong first, Span<long> elements) where V : struct, IVector<V>
    {
        int i = 0;
        if (a >= V.Count) // a vector's indices then lie in one or two rows of the pairs' table
        {
            uint r = (uint)byA.Divide(first), l = (uint)first - r * a;
            uint* ls = stackalloc uint[V.Count], rs = stackalloc uint[V.Count];
            for (; i <= elements.Length - V.Count; i += V.Count)
            {
                V x = V.Create(l) + V.Indices, inRow = V.LessThan(x, V.Create(a));
                x = V.Select(inRow, x, x - V.Create(a));
                V y = V.Select(inRow, V.Create(r), V.Create(r + 1));
                y = Shift(y, x, keys.X, b);
                x = Shift(x, y, keys.Y, a);
                y = Shift(y, x, keys.Z, b);
                x = Shift(x, y, keys.W, a);
                y = Shift(y, x, more.X, b);
                x = Shift(x, y, more.Y, a);
                V.Store(V.ToInteger(x), (float*)ls);
                V.Store(V.ToInteger(y), (float*)rs);
                for (int lane = 0; lane < V.Count; lane++)
                {
                    ulong element = (ulong)rs[lane] * a + ls[lane];
                    elements[i + lane] = (long)(element < count ? element : this[element]);
                }
                l += (uint)V.Count;
                if (l < a) continue;
                l -= a;
                r++;
            }
        }
        for (; i < elements.Length; i++) elements[i] = (long)this[first + (uint)i];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V Shift<V>(V value, V source, uint key, uint range) where V : struct, IVector<V>
    {
        V hash = V.MultiplyInteger(V.AddInteger(V.ToInteger(source), V.CreateInteger((int)key)), V.CreateInteger((int)First));
        hash = V.MultiplyInteger(hash ^ V.ShiftRight(hash, MixShift), V.CreateInteger((int)Second));
        value += V.Floor(V.FromInteger(V.ShiftRight(hash, FractionShift)) * V.Create(range * FractionUnit));
        V size = V.Create(range);
        return V.Select(V.LessThan(value, size), value, value - size);
    }
}
