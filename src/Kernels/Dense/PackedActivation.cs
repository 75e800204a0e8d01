using System.Runtime.CompilerServices;
using InrFast.Kernels.Activations;
using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Dense;

/// <summary>
/// The activation of values of 1 to 4 packed columns. Few numbers: each vector of them passes through the stack, so that a run's end needs
/// no case of its own.
/// </summary>
static unsafe class PackedActivation<V, TActivation> where V : struct, IVector<V> where TActivation : struct, IActivation
{
    const MethodImplOptions Optimized = MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining;

    static void Gather(in Matrix from, int first, int count, float* to)
    {
        for (int b = 0; b < from.Blocks; b++)
            for (int i = 0; i < V.Count; i++) to[b * V.Count + i] = i < count ? from.Block(b)[first + i] : 0;
    }

    static void Scatter(float* from, in Matrix to, int first, int count)
    {
        for (int b = 0; b < to.Blocks; b++)
            for (int i = 0; i < count; i++) to.Block(b)[first + i] = from[b * V.Count + i];
    }

    [MethodImpl(Optimized)]
    public static void Forward(in Matrix y, in Matrix saved, TActivation f)
    {
        int numbers = y.Rows * y.Columns;
        float* z = stackalloc float[y.Blocks * V.Count], s = stackalloc float[(y.Blocks + 2) * V.Count];
        for (int first = 0; first < numbers; first += V.Count)
        {
            int count = Math.Min(V.Count, numbers - first);
            Gather(y, first, count, z);
            if (y.Blocks > 1) JetActivation<V, TActivation>.Forward(z, V.Count, y.Blocks, y.Directions, s, V.Count, f, V.AllBitsSet);
            else
            {
                f.Evaluate(V.Load(z), out var value, out var slope);
                V.Store(value, z);
                V.Store(slope, s);
            }
            Scatter(z, y, first, count);
            if (!saved.IsEmpty) Scatter(s, saved, first, count);
        }
    }

    [MethodImpl(Optimized)]
    public static void Backward(in Matrix dy, in Matrix saved)
    {
        int numbers = dy.Rows * dy.Columns;
        float* d = stackalloc float[dy.Blocks * V.Count], s = stackalloc float[saved.Blocks * V.Count];
        for (int first = 0; first < numbers; first += V.Count)
        {
            int count = Math.Min(V.Count, numbers - first);
            Gather(dy, first, count, d);
            Gather(saved, first, count, s);
            if (dy.Blocks > 1) JetActivation<V, TActivation>.Backward(d, V.Count, dy.Blocks, dy.Directions, s, V.Count);
            else V.Store(V.Load(d) * V.Load(s), d);
            Scatter(d, dy, first, count);
        }
    }
}
