using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Activations;

/// <summary>f(x) = x.</summary>
public readonly struct Identity : IActivation
{
    public float InputScale => 1;
    public bool IsLinear => true;
    public bool KeepsZero => true;
    public V Evaluate<V>(V z) where V : struct, IVector<V> => z;
    public void Evaluate<V>(V z, out V value, out V slope) where V : struct, IVector<V> => (value, slope) = (z, V.Create(1));
    public void Evaluate<V>(V z, out V value, out V slope, out V curvature, out V third) where V : struct, IVector<V> =>
        (value, slope, curvature, third) = (z, V.Create(1), V.Zero, V.Zero);
    public void Evaluate(double x, out double value, out double slope, out double curvature, out double third) =>
        (value, slope, curvature, third) = (x, 1, 0, 0);
}
