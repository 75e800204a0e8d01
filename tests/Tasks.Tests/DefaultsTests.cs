using InrFast.Autodiff;
using InrFast.Imaging;
using InrFast.Kernels;
using InrFast.Tasks.Fitting;

namespace InrFast.Tests;

/// <summary>What a fit chooses by itself must be good for images of any size.</summary>
public sealed class DefaultsTests
{
    /// <summary>A smooth function on few voxels: any sensible model has it almost exactly.</summary>
    static Image Smooth(int x, int y, int z)
    {
        var samples = new float[x * y * z];
        for (int i = 0; i < samples.Length; i++) samples[i] = 400 * MathF.Sin(i % x / 5f) * MathF.Cos(i / x % y / 4f) + 20 * (i / x / y);
        return new(new Grid(new GridSize(x, y, z), Affine.Identity), samples);
    }

    [TestCase(24, 20, 16, FitPreset.Fast)]
    [TestCase(24, 20, 16, FitPreset.Smooth)]
    [TestCase(48, 40, 1, FitPreset.Fast)]
    [TestCase(48, 40, 1, FitPreset.Smooth)]
    public void A_small_smooth_image_is_fitted_well(int x, int y, int z, FitPreset preset)
    {
        using var workers = new Workers(2);
        using var fit = new ImageFit(Smooth(x, y, z), new() { Preset = preset }, CpuDevice.Best, workers);
        using var model = fit.Model;
        Assert.That(fit.Run().Psnr, Is.GreaterThan(35));
    }

    /// <summary>Cycles stop at the target, and do not go far beyond it.</summary>
    [TestCase(FitPreset.Fast)]
    [TestCase(FitPreset.Smooth)]
    public void A_target_is_reached_in_fewer_iterations_than_without_one(FitPreset preset)
    {
        using var workers = new Workers(2);
        using var fit = new ImageFit(Smooth(64, 64, 1), new() { Preset = preset, TargetPsnr = 30 }, CpuDevice.Best, workers);
        using var model = fit.Model;
        using var open = new ImageFit(Smooth(64, 64, 1), new() { Preset = preset }, CpuDevice.Best, workers);
        using var other = open.Model;
        var result = fit.Run();
        Assert.That(result.Psnr, Is.GreaterThanOrEqualTo(30));
        Assert.That(result.Iterations, Is.LessThan(open.Iterations));
    }
}
