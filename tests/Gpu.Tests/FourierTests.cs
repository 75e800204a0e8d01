using InrFast.Kernels;

namespace InrFast.Tests;

/// <summary>Transforms on the card against their definition in double: every radix, products of them, lengths that need a chirp, odd and even rows of real numbers.</summary>
public sealed class FourierTests
{
    static readonly int[][] Sizes = [[1], [2, 3], [8, 5], [13, 4], [16], [7, 9, 2], [17, 3], [3, 19], [22, 2, 5], [29]];

    static float[] Numbers(int count)
    {
        var random = new Random(count);
        return [.. Enumerable.Range(0, count).Select(_ => (float)random.NextDouble() - 0.5f)];
    }

    static readonly (Device Device, Func<Run<float>, nint> At)[] Both = [(Gpu.Device, run => run.OnCard), (new ReferenceDevice(), run => run.OnHost)];

    [Test]
    public void ComplexTransformsAgree([ValueSource(nameof(Sizes))] int[] size, [Values] bool inverse)
    {
        using Run<float> data = new(Numbers(2 * size.Aggregate((a, b) => a * b)));
        foreach (var (device, at) in Both)
        {
            var kernels = device.Fourier(size);
            using Run<float> scratch = new(new float[kernels.ScratchFloats], known: false);
            kernels.Transform(at(data), inverse, at(scratch));
        }
        Close.Check(data.Actual, data.Expected, 3e-6, "spectrum");
    }

    [Test]
    public void RealTransformsAgreeAndComeBack([ValueSource(nameof(Sizes))] int[] size)
    {
        float[] numbers = Numbers(size.Aggregate((a, b) => a * b));
        using Run<float> real = new(numbers), spectrum = new(new float[2 * Gpu.Device.Fourier(size, real: true).SpectrumCount], known: false), back = new(new float[numbers.Length], known: false);
        foreach (var (device, at) in Both)
        {
            var kernels = device.Fourier(size, real: true);
            using Run<float> scratch = new(new float[kernels.ScratchFloats], known: false);
            kernels.RealForward(at(real), at(spectrum), at(scratch));
        }
        Close.Check(spectrum.Actual, spectrum.Expected, 3e-6, "spectrum");
        foreach (var (device, at) in Both)
        {
            var kernels = device.Fourier(size, real: true);
            using Run<float> scratch = new(new float[kernels.ScratchFloats], known: false);
            kernels.RealInverse(at(spectrum), at(back), at(scratch));
        }
        Close.Check(back.Actual, numbers, 3e-6, "what comes back");
    }

    /// <summary>The imaginary parts that a real row's spectrum cannot have do not matter.</summary>
    [Test]
    public void AnInverseIgnoresWhatNoRealRowHas([Values(6, 7)] int n)
    {
        var kernels = Gpu.Device.Fourier([n], real: true);
        float[] clean = Numbers((int)(2 * kernels.SpectrumCount)), dirty = [.. clean];
        clean[1] = 0;
        if (n % 2 == 0) clean[^1] = 0;
        using Run<float> scratch = new(new float[kernels.ScratchFloats]), first = new(clean), second = new(dirty), expected = new(new float[n]), actual = new(new float[n]);
        kernels.RealInverse(first.OnCard, expected.OnCard, scratch.OnCard);
        kernels.RealInverse(second.OnCard, actual.OnCard, scratch.OnCard);
        Assert.That(actual.Actual, Is.EqualTo(expected.Actual));
    }

    /// <summary>Any lines, each for itself: the same bits, and the others untouched.</summary>
    [Test]
    public void LinesAreTransformedEachForItself()
    {
        int[] size = [6, 5, 4];
        var kernels = Gpu.Device.Fourier(size);
        float[] numbers = Numbers(240);
        using Run<float> whole = new(numbers), parts = new(numbers), scratch = new(new float[kernels.ScratchFloats], known: false);
        for (int axis = 0; axis < 3; axis++)
        {
            kernels.Transform(whole.OnCard, axis, false, 0, kernels.Lines(axis), scratch.OnCard);
            for (long line = 0; line < kernels.Lines(axis); line += 7) kernels.Transform(parts.OnCard, axis, false, line, Math.Min(7, kernels.Lines(axis) - line), scratch.OnCard);
        }
        Assert.That(parts.Actual, Is.EqualTo(whole.Actual));
    }
}
