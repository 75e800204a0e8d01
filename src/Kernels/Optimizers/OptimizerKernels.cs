namespace InrFast.Kernels.Optimizers;

/// <summary>
/// Steps of one optimiser over floats from .. to of parameters, addresses being those of float 0; both are multiples of 16.
/// </summary>
public abstract class OptimizerKernels
{
    /// <summary>Arrays of floats kept from step to step, 0 to 2.</summary>
    public abstract int States { get; }

    /// <summary>To be written where <see cref="Update"/> reads it.</summary>
    public abstract StepNumbers Numbers(in OptimizerStep step);

    /// <param name="first">Address of the first state; 0 where there is none.</param>
    /// <param name="numbers">Address of the step's <see cref="StepNumbers"/>.</param>
    /// <param name="clipFactor">Address of a double that multiplies all gradients; 0: none.</param>
    /// <param name="clearGradient">Leave zeros in the gradient, so that the next backward can add to it.</param>
    public abstract void Update(nint values, nint gradient, nint first, nint second, long from, long to, nint numbers, nint clipFactor = 0, bool clearGradient = false);

    /// <summary>gradient += part: the gradients of parts of a batch.</summary>
    public abstract void Add(nint part, nint gradient, long from, long to);

    /// <summary>Writes the sum of squares of the gradient to the double at <paramref name="result"/>.</summary>
    public abstract void SquaredNorm(nint gradient, long from, long to, nint result);

    /// <summary>
    /// Writes min(1, maxNorm / (norm + 1e-6)) to the double at <paramref name="factor"/>, norm² being the sum of the doubles at
    /// <paramref name="squaredNorms"/>: torch.nn.utils.clip_grad_norm_.
    /// </summary>
    public abstract void ClipFactor(nint squaredNorms, int count, double maxNorm, nint factor);

    /// <summary>average = decay * average + (1 - decay) * values: exponential moving average.</summary>
    public abstract void Ema(nint average, nint values, float decay, long from, long to);
}
