namespace InrFast.Kernels.Dense;

/// <summary>y = W x + b, or of a sine layer sin(omega (W x + b)).</summary>
/// <param name="Weights">[output][input].</param>
/// <param name="Biases">[output].</param>
/// <param name="Omega">Null: linear.</param>
/// <param name="Step">Of which all weights are whole multiples; null: of none.</param>
public sealed record ChainLayer(float[] Weights, float[] Biases, float? Omega, float? Step = null);

/// <summary>
/// A chain of small layers at the points of a grid and without gradients: what draws a compressed image. A point is one lane of a vector, so that widths need no padding, and
/// the arithmetic is the same for every point whatever the vectors' width: so are the bits. Made once for its numbers, and used by one thread; an evaluation allocates nothing.
/// </summary>
public abstract class SineChainKernels
{
    /// <summary>Points of one evaluation.</summary>
    public const int Points = 64;

    protected readonly IReadOnlyList<ChainLayer> layers;

    protected SineChainKernels(IReadOnlyList<ChainLayer> layers)
    {
        if (layers.Count == 0) throw new ArgumentException("A chain has a layer.", nameof(layers));
        for (int l = 0; l < layers.Count; l++)
            if (layers[l].Biases.Length == 0 || layers[l].Weights.Length % layers[l].Biases.Length != 0 || l > 0 && Inputs(layers[l]) != layers[l - 1].Biases.Length)
                throw new ArgumentException($"Layer {l} has {layers[l].Weights.Length} weights and {layers[l].Biases.Length} biases, which do not fit what is before.", nameof(layers));
        this.layers = layers;
    }

    protected static int Inputs(ChainLayer layer) => layer.Weights.Length / layer.Biases.Length;

    /// <summary>Floats of memory that an evaluation works in, aligned to 64 bytes.</summary>
    public abstract long ScratchFloats { get; }

    /// <summary>The grid whose points are evaluated from now on: coordinates along each of its axes, which are the inputs.</summary>
    public abstract void SetGrid(float[][] coordinates);

    /// <summary>Of as many points as there are from <paramref name="first"/> on, numbered with the first axis fastest; beyond the grid's end values mean nothing.</summary>
    /// <param name="values">[output][<see cref="Points"/>].</param>
    public abstract void Evaluate(long first, nint values, nint scratch);
}
