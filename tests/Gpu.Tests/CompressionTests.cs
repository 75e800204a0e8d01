using InrFast.Autodiff;
using InrFast.Imaging;
using InrFast.Kernels;
using InrFast.Tasks.Compression;

namespace InrFast.Tests;

/// <summary>Networks fitted and rounded on the card, files made on the processor.</summary>
public sealed class CompressionTests
{
    static CompressionResult Compress(Device device, CompressionMethod method)
    {
        var samples = new float[16 * 12];
        for (int i = 0; i < samples.Length; i++) samples[i] = MathF.Round(100 * MathF.Sin(0.3f * (i % 16)) * MathF.Cos(0.2f * (i / 16)));
        Image image = new(Grid.Plain(16, 12), samples), region = new(image.Grid, [.. samples.Select(value => value > 40 ? 1f : 0)]);
        using Workers workers = new(1);
        return Compressor.Run(image, new() { Method = method, Bytes = 350, Iterations = 2, Seed = 3, Region = region, RegionWeight = 0.5, Levels = method == CompressionMethod.Tinc ? 2 : null }, device, workers);
    }

    [TestCase(CompressionMethod.Sci)]
    [TestCase(CompressionMethod.Tinc)]
    public void FitsOnTheCardAreThoseOnTheProcessor(CompressionMethod method)
    {
        CompressionResult expected = Compress(CpuDevice.Best, method), actual = Compress(Gpu.Device, method);
        using Workers workers = new(1);
        Assert.That(actual.Psnr, Is.EqualTo(expected.Psnr).Within(0.05), "dB");
        Assert.That(actual.File, Has.Length.LessThanOrEqualTo(350));
        Assert.That(Decompressor.Run(CompressedFile.Read(actual.File), CpuDevice.Best, workers).Image.Samples.ToArray(), Is.EqualTo(actual.Decoded.Samples.ToArray()));
    }
}
