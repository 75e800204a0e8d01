namespace InrFast.Kernels.Vectors;

/// <summary>The end of a run that no vector divides: fewer than <see cref="IVector{V}.Count"/> floats.</summary>
static unsafe class PartialVector<V> where V : struct, IVector<V>
{
    /// <summary>Ones in the first lanes.</summary>
    public static V Mask(int count) => V.LessThan(V.Indices, V.Create(count));

    /// <summary>Zero beyond the first lanes.</summary>
    public static V Load(float* p, int count)
    {
        float* lanes = stackalloc float[V.Count];
        for (int i = 0; i < V.Count; i++) lanes[i] = i < count ? p[i] : 0;
        return V.Load(lanes);
    }

    public static void Store(V a, float* p, int count)
    {
        float* lanes = stackalloc float[V.Count];
        V.Store(a, lanes);
        for (int i = 0; i < count; i++) p[i] = lanes[i];
    }
}
