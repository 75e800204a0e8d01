using System.Runtime.CompilerServices;

namespace InrFast.Kernels.Sampling;

/// <summary>
/// How samples at whole numbers become a function: f(x) = sum over i of sample(i) Kernel(x - i), along each axis. Given twice: as the
/// definition, in double, and as the weights that are not 0, for the float kernels.
/// </summary>
public unsafe interface IInterpolant
{
    /// <summary>Samples that count: floor(x) + 1 - Taps / 2 and those after it.</summary>
    int Taps { get; }

    double Kernel(double x);
    double Slope(double x);

    /// <summary>Weights of the taps, and their derivatives, where x is t beyond a whole number, t in [0, 1).</summary>
    void Weigh(float t, float* weights, float* slopes);
}

/// <summary>Straight lines between samples: exact for affine functions, continuous.</summary>
public readonly unsafe struct Linear : IInterpolant
{
    public int Taps => 2;
    public double Kernel(double x) => Math.Max(0, 1 - Math.Abs(x));
    public double Slope(double x) => x is < -1 or >= 1 ? 0 : x < 0 ? 1 : -1; // at a sample that of the piece after it

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Weigh(float t, float* weights, float* slopes)
    {
        (weights[0], weights[1]) = (1 - t, t);
        (slopes[0], slopes[1]) = (-1, 1);
    }
}

/// <summary>
/// Cubic convolution with a = -1/2, the Catmull-Rom spline: through the samples, exact for quadratics, with continuous first derivative
/// (Keys: Cubic convolution interpolation for digital image processing, IEEE Trans. ASSP 29, 1981, equation 15).
/// </summary>
public readonly unsafe struct Cubic : IInterpolant
{
    public int Taps => 4;

    public double Kernel(double x)
    {
        x = Math.Abs(x);
        return x < 1 ? 1.5 * x * x * x - 2.5 * x * x + 1 : x < 2 ? -0.5 * x * x * x + 2.5 * x * x - 4 * x + 2 : 0;
    }

    public double Slope(double x)
    {
        double u = Math.Abs(x);
        return Math.Sign(x) * (u < 1 ? 4.5 * u * u - 5 * u : u < 2 ? -1.5 * u * u + 5 * u - 4 : 0);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Weigh(float t, float* weights, float* slopes)
    {
        weights[0] = ((2 - t) * t - 1) * t * 0.5f;
        weights[1] = (3 * t - 5) * t * t * 0.5f + 1;
        weights[2] = ((4 - 3 * t) * t + 1) * t * 0.5f;
        weights[3] = (t - 1) * t * t * 0.5f;
        slopes[0] = (2 - 1.5f * t) * t - 0.5f;
        slopes[1] = (4.5f * t - 5) * t;
        slopes[2] = (4 - 4.5f * t) * t + 0.5f;
        slopes[3] = (1.5f * t - 1) * t;
    }
}
