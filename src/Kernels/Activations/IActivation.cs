using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Activations;

/// <summary>
/// y = f(x) of a layer: the one definition that every path uses. Vectors take z = InputScale * x, which the layer folds into its
/// packed weights; derivatives are with respect to x. Instance members, so that an activation carries its own numbers (omega,
/// slope); as a struct type argument it still compiles to straight code.
/// </summary>
public interface IActivation
{
    float InputScale { get; }
    bool IsLinear { get; }

    /// <summary>f(0) = 0, so that padding columns stay zero by themselves.</summary>
    bool KeepsZero { get; }

    V Evaluate<V>(V z) where V : struct, IVector<V>;

    /// <param name="z">InputScale * x.</param>
    /// <param name="value">f(x).</param>
    /// <param name="slope">f'(x).</param>
    void Evaluate<V>(V z, out V value, out V slope) where V : struct, IVector<V>;

    /// <summary>With f''(x) and f'''(x): jets of second order need the third when they are differentiated.</summary>
    void Evaluate<V>(V z, out V value, out V slope, out V curvature, out V third) where V : struct, IVector<V>;

    /// <summary>The definition, in double, of x itself: the oracle.</summary>
    void Evaluate(double x, out double value, out double slope, out double curvature, out double third);
}
