using System.Runtime.CompilerServices;

namespace InrFast.Kernels.Sampling;

/// <summary>
/// How samples at whole numbers become a function: f(x) = sum over i of sample(i) Kernel(x - i), along each axis. Given twice: as the
/// definition, in double, and as the weights that are not 0, for the float kernels.
/// </summary>
public interface IInterpolant
{
    /// <summary>Samples that count: floor(x) + 1 - Taps / 2 and those after it.</summary>
    int Taps { get; }

    double Kernel(double x);
    double Slope(double x);

    /// <summary>Weights of the taps, and their derivatives, where x is t beyond a whole number, t in [0, 1).</summary>
    void Weigh(float t, out TapNumbers weights, out TapNumbers slopes);
}

/// <summary>A number for each of up to four taps; 0 beyond the interpolant's.</summary>
public readonly struct TapNumbers(float first, float second, float third, float fourth)
{
    public readonly float First = first, Second = second, Third = third, Fourth = fourth;
}

/// <summary>Straight lines between samples: exact for affine functions, continuous.</summary>
public readonly struct Linear : IInterpolant
{
    public int Taps => 2;
    public double Kernel(double x) => Math.Max(0, 1 - Math.Abs(x));
    public double Slope(double x) => x is < -1 or >= 1 ? 0 : x < 0 ? 1 : -1; // at a sample that of the piece after it

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Weigh(float t, out TapNumbers weights, out TapNumbers slopes) => (weights, slopes) = (new(1 - t, t, 0, 0), new(-1, 1, 0, 0));
}

/// <summary>
/// Cubic convolution with a = -1/2, the Catmull-Rom spline: through the samples, exact for quadratics, with continuous first derivative
/// (Keys: Cubic convolution interpolation for digital image processing, IEEE Trans. ASSP 29, 1981, equation 15).
/// </summary>
public readonly struct Cubic : IInterpolant
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
    public void Weigh(float t, out TapNumbers weights, out TapNumbers slopes)
    {
        weights = new(((2 - t) * t - 1) * t * 0.5f, (3 * t - 5) * t * t * 0.5f + 1, ((4 - 3 * t) * t + 1) * t * 0.5f, (t - 1) * t * t * 0.5f);
        slopes = new((2 - 1.5f * t) * t - 0.5f, (4.5f * t - 5) * t, (4 - 4.5f * t) * t + 0.5f, (1.5f * t - 1) * t);
    }
}
