namespace InrFast.Kernels.Fourier;

/// <summary>
/// Discrete Fourier transforms of arrays of one to three axes of any sizes, x fastest, complex numbers as pairs (real, imaginary). Forward:
/// X(k) = sum over i of x(i) exp(-2 pi i k / n) along each axis; the inverse divides by n. Made once for a size and used any number of times, by
/// several threads, each with scratch of its own; a transform allocates nothing.
/// </summary>
public abstract class FourierKernels
{
    public const int MaxAxes = 3, MaxLength = 1 << 24;

    protected readonly int[] size;

    /// <param name="size">Numbers along each axis, x first, of the array in space.</param>
    /// <param name="real">The array in space is real: of its spectrum the columns 0 .. size[0] / 2 are kept, the others are their conjugates.</param>
    protected FourierKernels(ReadOnlySpan<int> size, bool real)
    {
        if (size.Length is < 1 or > MaxAxes) throw new ArgumentException($"A Fourier transform works along 1 to {MaxAxes} axes, not {size.Length}.", nameof(size));
        foreach (int length in size)
            if (length is < 1 or > MaxLength) throw new ArgumentException($"An axis has {length} numbers; 1 to {MaxLength} are possible.", nameof(size));
        this.size = size.ToArray();
        IsReal = real;
    }

    public bool IsReal { get; }

    /// <summary>Complex numbers of a row of the spectrum.</summary>
    public int SpectrumColumns => IsReal ? size[0] / 2 + 1 : size[0];

    /// <summary>Complex numbers of the spectrum.</summary>
    public long SpectrumCount => SpectrumColumns * RealLines;

    /// <summary>Floats that each call needs for itself.</summary>
    public abstract long ScratchFloats { get; }

    /// <summary>Rows along x.</summary>
    public long RealLines => Lines(0);

    /// <summary>Lines along an axis, numbered as the first of their numbers are.</summary>
    public long Lines(int axis) => size.Select((length, i) => i == axis ? 1L : i == 0 ? SpectrumColumns : length).Aggregate((a, b) => a * b);

    /// <summary>Complex lines along one axis, in place. Of a real array not along x.</summary>
    public abstract void Transform(nint data, int axis, bool inverse, long firstLine, long lines, nint scratch);

    /// <summary>Real rows, float [line][size[0]], to halves of their spectra, complex [line][SpectrumColumns].</summary>
    public abstract void RealForward(nint real, nint spectrum, long firstLine, long lines, nint scratch);

    /// <summary>Back; the imaginary parts that a real row's spectrum cannot have (of the first number, and of the last where size[0] is even) are ignored.</summary>
    public abstract void RealInverse(nint spectrum, nint real, long firstLine, long lines, nint scratch);

    /// <summary>A complex array along all its axes, in place.</summary>
    public void Transform(nint data, bool inverse, nint scratch)
    {
        for (int axis = 0; axis < size.Length; axis++) Transform(data, axis, inverse, 0, Lines(axis), scratch);
    }

    /// <summary>A real array along all its axes.</summary>
    public void RealForward(nint real, nint spectrum, nint scratch)
    {
        RealForward(real, spectrum, 0, RealLines, scratch);
        for (int axis = 1; axis < size.Length; axis++) Transform(spectrum, axis, false, 0, Lines(axis), scratch);
    }

    /// <summary>Back; the spectrum is lost.</summary>
    public void RealInverse(nint spectrum, nint real, nint scratch)
    {
        for (int axis = size.Length - 1; axis > 0; axis--) Transform(spectrum, axis, true, 0, Lines(axis), scratch);
        RealInverse(spectrum, real, 0, RealLines, scratch);
    }

    /// <summary>Where a line begins and how far its numbers lie apart, in complex numbers.</summary>
    protected (long Start, long Step) Line(int axis, long line)
    {
        long step = 1;
        for (int i = 0; i < axis; i++) step *= i == 0 ? SpectrumColumns : size[i];
        return axis == 0 ? (line * SpectrumColumns, 1) : (line / step * step * size[axis] + line % step, step);
    }

    protected void RequireComplexAxis(int axis)
    {
        if (axis < 0 || axis >= size.Length) throw new ArgumentOutOfRangeException(nameof(axis), $"axis {axis} of {size.Length}");
        if (axis == 0 && IsReal) throw new ArgumentException("rows of a real array are transformed by RealForward and RealInverse", nameof(axis));
    }

    protected void RequireReal()
    {
        if (!IsReal) throw new InvalidOperationException("these transforms are of complex arrays");
    }
}
