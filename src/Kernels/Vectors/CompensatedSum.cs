using System.Runtime.CompilerServices;

namespace InrFast.Kernels.Vectors;

/// <summary>
/// A sum of floats as good as one in double, in float vectors: what each addition rounds away is summed beside it (two-sum, two-product:
/// Ogita, Rump and Oishi 2005, algorithms 4.4 and 5.3). One chain of additions; the rest runs beside it.
/// </summary>
unsafe struct CompensatedSum<V> where V : struct, IVector<V>
{
    V sum, lost;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(V x)
    {
        var next = sum + x;
        var added = next - sum;
        lost += (sum - (next - added)) + (x - added);
        sum = next;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddProduct(V a, V b)
    {
        var product = a * b;
        lost += V.MultiplyAdd(a, b, -product);
        Add(product);
    }

    /// <summary>By value, so that the two stay in registers until then.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly double Total() => Total(sum, lost);

    [MethodImpl(MethodImplOptions.NoInlining)]
    static double Total(V sum, V lost)
    {
        float* lanes = stackalloc float[2 * V.Count];
        V.Store(sum, lanes);
        V.Store(lost, lanes + V.Count);
        double total = 0;
        for (int i = 0; i < V.Count; i++) total += (double)lanes[i] + lanes[V.Count + i];
        return total;
    }
}
