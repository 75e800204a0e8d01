using System.Runtime.CompilerServices;
using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Activations;

/// <summary>f(x) = max(x, 0); derivative 0 at 0, as PyTorch's. Not a number stays so: it is Max's second operand.</summary>
public readonly struct ReLU : IActivation
{
    public float InputScale => 1;
    public bool IsLinear => false;
    public bool KeepsZero => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Evaluate<V>(V z) where V : struct, IVector<V> => V.Max(V.Zero, z);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Evaluate<V>(V z, out V value, out V slope) where V : struct, IVector<V> =>
        (value, slope) = (V.Max(V.Zero, z), V.GreaterThan(z, V.Zero) & V.Create(1));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Evaluate<V>(V z, out V value, out V slope, out V curvature, out V third) where V : struct, IVector<V>
    {
        Evaluate(z, out value, out slope);
        (curvature, third) = (V.Zero, V.Zero);
    }

    public void Evaluate(double x, out double value, out double slope, out double curvature, out double third) =>
        (value, slope, curvature, third) = (Math.Max(x, 0), x > 0 ? 1 : 0, 0, 0);
}
