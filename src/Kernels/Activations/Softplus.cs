using System.Runtime.CompilerServices;
using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Activations;

/// <summary>f(x) = ln(1 + e^(beta x)) / beta. z = beta x. PyTorch's switch to f(x) = x above beta x = 20 changes nothing in float.</summary>
public readonly struct Softplus(float beta) : IActivation
{
    public float InputScale => beta;
    public bool IsLinear => false;
    public bool KeepsZero => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Evaluate<V>(V z) where V : struct, IVector<V> =>
        (V.Max(V.Zero, z) + VectorMath.Log1p(VectorMath.Exp(-V.Abs(z)))) * V.Create(1 / beta);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Evaluate<V>(V z, out V value, out V slope) where V : struct, IVector<V>
    {
        value = Evaluate(z);
        VectorMath.Sigmoid(z, out slope, out _);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Evaluate<V>(V z, out V value, out V slope, out V curvature, out V third) where V : struct, IVector<V>
    {
        value = Evaluate(z);
        VectorMath.Sigmoid(z, out slope, out var bell);
        curvature = bell * V.Create(beta);
        third = curvature * V.MultiplyAdd(slope, V.Create(-2 * beta), V.Create(beta));
    }

    public void Evaluate(double x, out double value, out double slope, out double curvature, out double third)
    {
        new Sigmoid().Evaluate(beta * x, out slope, out curvature, out third, out _);
        (value, curvature, third) = ((Math.Max(beta * x, 0) + Precise.Log1p(Math.Exp(-Math.Abs(beta * x)))) / beta, curvature * beta, third * beta * beta);
    }
}
