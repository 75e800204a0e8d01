using InrFast.Kernels.Vectors;

namespace InrFast.Tests.Vectors;

/// <summary>A function of vectors, taken number by number.</summary>
static unsafe class Lanes<V> where V : struct, IVector<V>
{
    public static float[] Map(Func<V, V> f, IReadOnlyList<float> numbers)
    {
        var results = new float[numbers.Count];
        float* lanes = stackalloc float[V.Count];
        for (int first = 0; first < numbers.Count; first += V.Count)
        {
            int count = Math.Min(V.Count, numbers.Count - first);
            for (int i = 0; i < V.Count; i++) lanes[i] = numbers[first + Math.Min(i, count - 1)];
            V.Store(f(V.Load(lanes)), lanes);
            for (int i = 0; i < count; i++) results[first + i] = lanes[i];
        }
        return results;
    }

    public static float At(Func<V, V> f, float x) => Map(f, [x])[0];
}

static class Sweep
{
    /// <summary>Evenly spaced.</summary>
    public static float[] Even(double low, double high, int count) => [.. Enumerable.Range(0, count).Select(i => (float)(low + (high - low) * i / (count - 1)))];

    /// <summary>Both signs, from 10^low to 10^high, evenly spaced in the logarithm.</summary>
    public static float[] Decades(double low, double high, int count) =>
        [.. Even(low, high, count).Select(e => (float)Math.Pow(10, e)).SelectMany(x => new[] { x, -x })];
}
