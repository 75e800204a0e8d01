using InrFast.Kernels;
using InrFast.Kernels.Fourier;

namespace InrFast.Tests;

public class FourierTests
{
    // Every radix, powers and products of them, primes beyond the radices (a chirp), one line and more than a vector's lanes of them.
    static readonly int[][] Sizes =
    [
        .. Enumerable.Range(1, 34).Select(n => new[] { n, 3 }), [64], [97, 21], [101], [128, 35], [143, 2], [240], [289], [1009], [1024],
        [1, 1], [5, 1, 7], [12, 10], [17, 19], [8, 6, 4], [15, 23, 9], [33, 2, 6],
    ];

    [Test]
    public void ComplexTransformsAgreeWithTheDefinition([ValueSource(nameof(Sizes))] int[] size)
    {
        var numbers = Random(2 * size.Aggregate((a, b) => a * b));
        var expected = Complex(SamplingCase.Reference, size, numbers, false);
        double scale = Norm(expected) / Math.Sqrt(expected.Length);
        foreach (var device in SamplingCase.Cpus)
        {
            var result = Complex(device, size, numbers, false);
            Assert.That(result, Is.EqualTo(expected).Within(3e-6 * scale), device.Name);
            Assert.That(Complex(device, size, result, true), Is.EqualTo(numbers).Within(2e-6), device.Name);
        }
    }

    [Test]
    public void RealTransformsAreTheKeptHalfOfComplexOnes([ValueSource(nameof(Sizes))] int[] size)
    {
        int count = size.Aggregate((a, b) => a * b), n = size[0];
        var numbers = Random(count);
        var whole = Complex(SamplingCase.Reference, size, [.. numbers.SelectMany(x => new[] { x, 0 })], false);
        var expected = Enumerable.Range(0, count).Where(i => i % n <= n / 2).SelectMany(i => new[] { whole[2 * i], whole[2 * i + 1] }).ToArray();
        double scale = Norm(expected) / Math.Sqrt(expected.Length);
        foreach (var device in SamplingCase.All)
        {
            var kernels = device.Fourier(size, real: true);
            using HostRows real = new(numbers), spectrum = new(new float[2 * kernels.SpectrumCount]), scratch = new(new float[kernels.ScratchFloats]);
            kernels.RealForward(real.Address, spectrum.Address, scratch.Address);
            Assert.That(spectrum.Numbers, Is.EqualTo(expected).Within(3e-6 * scale), device.Name);
            using HostRows back = new(new float[count]);
            kernels.RealInverse(spectrum.Address, back.Address, scratch.Address);
            Assert.That(back.Numbers, Is.EqualTo(numbers).Within(2e-6), device.Name);
        }
    }

    /// <summary>The transform of cos(2 pi f i / n + phase) is n/2 exp(i phase) at f and its conjugate at n - f, and 0 elsewhere; of a point at i a turning phase.</summary>
    [Test]
    public void WavesAndPointsHaveTheirKnownSpectra([Values(40, 46, 128)] int n)
    {
        const int Frequency = 7;
        const double Phase = 0.6;
        foreach (var device in SamplingCase.All)
        {
            var wave = Complex(device, [n], [.. Enumerable.Range(0, n).SelectMany(i => new[] { (float)Math.Cos(2 * Math.PI * Frequency * i / n + Phase), 0 })], false);
            var point = Complex(device, [n], [.. Enumerable.Range(0, n).SelectMany(i => new[] { i == 3 ? 1f : 0, 0 })], false);
            for (int k = 0; k < n; k++)
            {
                double height = k == Frequency || k == n - Frequency ? n / 2.0 : 0, sign = k == Frequency ? 1 : -1;
                Assert.That(wave[2 * k], Is.EqualTo(height * Math.Cos(Phase)).Within(2e-5), device.Name);
                Assert.That(wave[2 * k + 1], Is.EqualTo(height * sign * Math.Sin(Phase)).Within(2e-5), device.Name);
                Assert.That(point[2 * k], Is.EqualTo(Math.Cos(2 * Math.PI * 3 * k / n)).Within(1e-6), device.Name);
                Assert.That(point[2 * k + 1], Is.EqualTo(-Math.Sin(2 * Math.PI * 3 * k / n)).Within(1e-6), device.Name);
            }
        }
    }

    /// <summary>Any worker may take any lines: the same bits.</summary>
    [Test]
    public void LinesAreTransformedEachForItself()
    {
        int[] size = [24, 37, 3];
        var numbers = Random(2 * 24 * 37 * 3);
        foreach (var device in SamplingCase.Cpus)
        {
            var kernels = device.Fourier(size);
            using HostRows whole = new(numbers), parts = new(numbers), scratch = new(new float[kernels.ScratchFloats]);
            kernels.Transform(whole.Address, false, scratch.Address);
            for (int axis = 0; axis < 3; axis++)
                for (long line = 0; line < kernels.Lines(axis); line += 11)
                    kernels.Transform(parts.Address, axis, false, line, Math.Min(11, kernels.Lines(axis) - line), scratch.Address);
            Assert.That(parts.Numbers, Is.EqualTo(whole.Numbers), device.Name);
        }
    }

    [Test]
    public void ATransformAllocatesNothing()
    {
        foreach (int n in (int[])[360, 211])
        {
            var kernels = SamplingCase.Cpus[1].Fourier([n, 4]);
            var reals = SamplingCase.Cpus[1].Fourier([n, 4], real: true);
            using HostRows data = new(new float[2 * 4 * n]), real = new(new float[4 * n]), scratch = new(new float[kernels.ScratchFloats]);
            Run();
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 3; i++) Run();
            Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);

            void Run()
            {
                kernels.Transform(data.Address, 0, true, 0, 4, scratch.Address);
                reals.RealForward(real.Address, data.Address, 0, 4, scratch.Address);
                reals.RealInverse(data.Address, real.Address, 0, 4, scratch.Address);
            }
        }
    }

    [Test]
    public void WhatCannotBeTransformedIsRefused()
    {
        foreach (var device in SamplingCase.All)
        {
            Assert.That(() => device.Fourier([]), Throws.ArgumentException);
            Assert.That(() => device.Fourier([4, 4, 4, 4]), Throws.ArgumentException);
            Assert.That(() => device.Fourier([4, 0]), Throws.ArgumentException);
            Assert.That(() => device.Fourier([4], real: true).Transform(0, 0, false, 0, 0, 0), Throws.ArgumentException);
            Assert.That(() => device.Fourier([4]).RealForward(0, 0, 0, 0, 0), Throws.InvalidOperationException);
        }
    }

    static float[] Complex(Device device, int[] size, float[] numbers, bool inverse)
    {
        var kernels = device.Fourier(size);
        using HostRows data = new(numbers), scratch = new(new float[kernels.ScratchFloats]);
        kernels.Transform(data.Address, inverse, scratch.Address);
        return data.Numbers;
    }

    static float[] Random(int count)
    {
        var random = new Random(count);
        return [.. Enumerable.Range(0, count).Select(_ => (float)random.NextDouble() - 0.5f)];
    }

    static double Norm(float[] x) => Math.Sqrt(x.Sum(value => (double)value * value));
}
