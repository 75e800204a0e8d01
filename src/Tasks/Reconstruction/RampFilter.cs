using InrFast.Kernels;
using InrFast.Kernels.Fourier;
using InrFast.Kernels.Projection;

namespace InrFast.Tasks.Reconstruction;

/// <summary>What the ramp is multiplied with, from 1 at frequency 0 to the highest that the detector's columns hold.</summary>
public enum RampWindow
{
    /// <summary>Nothing (Ramachandran and Lakshminarayanan 1971).</summary>
    RamLak,

    /// <summary>sin(x) / x, x from 0 to pi/2 (Shepp and Logan 1974).</summary>
    SheppLogan,

    /// <summary>cos(x), x from 0 to pi/2.</summary>
    Cosine,

    /// <summary>(1 + cos x) / 2, x from 0 to pi.</summary>
    Hann,
}

/// <summary>
/// The ramp filter along the columns of projections. It is the Fourier transform of the ramp's samples in space, not the ramp's own samples, so that the mean of the image is right
/// (Kak and Slaney: Principles of computerized tomographic imaging, 1988, equation 3.29), padded so that nothing wraps around.
/// </summary>
sealed unsafe class RampFilter
{
    readonly int columns, padded;
    readonly FourierKernels kernels;
    readonly float[] response;

    /// <param name="columns">Of a detector line.</param>
    /// <param name="spacing">Of columns where the image is: in the plane of the gantry's axis; of an arc, their angle.</param>
    /// <param name="isArc">The ramp of equal angles, (n a / sin n a)^2 times that of equal distances (equation 3.140 of the same).</param>
    public RampFilter(int columns, double spacing, bool isArc, RampWindow window, Device device)
    {
        this.columns = columns;
        for (padded = 1; padded < 2 * columns; padded *= 2) { }
        kernels = device.Fourier([padded], real: true);
        var ramp = new float[padded];
        for (int i = 0; i < columns; i++)
        {
            double arc = i == 0 || !isArc ? 1 : Math.Pow(i * spacing / Math.Sin(i * spacing), 2);
            ramp[i] = ramp[(padded - i) % padded] = (float)(arc * (i == 0 ? 0.25 : i % 2 == 0 ? 0 : -1 / (Math.PI * Math.PI * i * i)) / spacing);
        }
        float[] spectrum = new float[2 * kernels.SpectrumCount], scratch = new float[kernels.ScratchFloats];
        fixed (float* from = ramp, to = spectrum, work = scratch) kernels.RealForward((nint)from, (nint)to, (nint)work);
        response = new float[padded / 2 + 1];
        for (int k = 0; k < response.Length; k++) response[k] = spectrum[2 * k] * (float)Window(window, 2.0 * k / padded);
    }

    /// <summary>Floats that each call of <see cref="Apply"/> needs for itself.</summary>
    public long ScratchFloats => kernels.ScratchFloats + padded + 2 * kernels.SpectrumCount;

    /// <summary>One line, in place.</summary>
    public void Apply(Span<float> line, float[] scratch)
    {
        fixed (float* work = scratch)
        {
            float* real = work, spectrum = real + padded, rest = spectrum + 2 * kernels.SpectrumCount;
            line.CopyTo(new(real, columns));
            new Span<float>(real + columns, padded - columns).Clear();
            kernels.RealForward((nint)real, (nint)spectrum, (nint)rest);
            for (int k = 0; k < response.Length; k++)
            {
                spectrum[2 * k] *= response[k];
                spectrum[2 * k + 1] *= response[k];
            }
            kernels.RealInverse((nint)spectrum, (nint)real, (nint)rest);
            new Span<float>(real, columns).CopyTo(line);
        }
    }

    static double Window(RampWindow window, double x) => window switch
    {
        RampWindow.SheppLogan => x == 0 ? 1 : Math.Sin(Math.PI / 2 * x) / (Math.PI / 2 * x),
        RampWindow.Cosine => Math.Cos(Math.PI / 2 * x),
        RampWindow.Hann => (1 + Math.Cos(Math.PI * x)) / 2,
        _ => 1,
    };
}
