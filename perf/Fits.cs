using InrFast.Autodiff;
using InrFast.Imaging;
using InrFast.Kernels;
using InrFast.Kernels.Encodings;
using InrFast.Models;
using InrFast.Perf.Peer;
using InrFast.Tasks.Fitting;

namespace InrFast.Perf;

/// <summary>
/// Whole fits of real images: the same model, batch and rate in both, one cycle whose length was found to end a little above the target. Initial values are drawn
/// by the same rule, not the same numbers; ours also clips a SIREN's gradient and switches the levels of a picture's grid on one after another. The peer gets
/// more steps, its schedule stretched, until it reaches the target too.
/// </summary>
static class Fits
{
    const string Slice = "samples/ct.dcm", Brain = "samples/brain-t1.nii.gz", Chest = "../shared/data/ct/lidc_chest.nii.gz"; // where it is there

    static readonly (string Name, string Path, double Target, Schedule Schedule, (int Levels, int Features, double Fine, int Log2)? Grid)[] cases =
    [
        ("CT slice, SIREN 64 x 3", Slice, 40, new(4096, 4096, 2e-3), null),
        ("CT slice, grid, 1/2 per pixel", Slice, 40, new(314, 4096, 2e-2), (12, 2, 1.0, 13)),
        ("CT slice, grid, 1/16 per pixel", Slice, 40, new(2500, 4096, 2e-2), (6, 4, 0.4, 9)),
        ("brain MR, grid, 0.64 per voxel", Brain, 40, new(2400, 16384, 2e-2), (6, 4, 0.8, 17)),
        ("chest CT, grid, 0.12 per voxel", Chest, 38, new(2640, 16384, 2e-2), (6, 4, 0.8, 16)),
    ];

    static readonly double[] stretches = [1, 1.5, 2, 3, 4];

    public static IEnumerable<Timing> Compare(Settings settings)
    {
        foreach (var (name, path, target, schedule, shape) in cases.Where(c => File.Exists(c.Path)))
        {
            var image = ImageFile.Read(path);
            var (low, high) = image.Range();
            int[] axes = image.Dimensions == 2 ? [image.Size.X, image.Size.Y] : [image.Size.X, image.Size.Y, image.Size.Z];
            var voxels = new Voxels(axes, [.. image.Samples.ToArray().Select(value => (value - low) / (high - low))]);
            var (network, peer) = shape is { } grid ? Grid(voxels, grid) : (new SirenSettings(2, 1, 64), s => TorchFit.Siren(Problem.Siren(2, 64, 3, 1), voxels, s));
            foreach (var timing in Both(settings, $"{name}, to {target} dB", image, target, network, schedule, peer)) yield return timing;
        }
    }

    static (NetworkSettings, Func<Schedule, TorchFit>) Grid(Voxels image, (int Levels, int Features, double Fine, int Log2) shape)
    {
        var (levels, features, fine, log2) = shape;
        var grid = GridSettings.ForImage(image.Axes, levels, features, 16, fine, log2);
        Layer Dense(int inputs, int outputs, int seed) => new(inputs, outputs, Problem.Uniform(inputs * outputs, Math.Sqrt(3.0 / inputs), seed), new float[outputs]);
        return (new MlpSettings(image.Axes.Length, 1, new GridEncoding([.. image.Axes], levels, features, 16, fine, log2), 32, 1),
            schedule => TorchFit.Grid(grid, Problem.Uniform((int)grid.TableFloats, 1e-4, seed: 3), [Dense(grid.Outputs, 32, 4), Dense(32, 1, 5)], image, schedule));
    }

    static IEnumerable<Timing> Both(Settings settings, string name, Image image, double target, NetworkSettings network, Schedule schedule, Func<Schedule, TorchFit> peer)
    {
        using var workers = new Workers(settings.Threads);
        using var fit = new ImageFit(image, new FitOptions { Network = network, Iterations = schedule.Steps, BatchRows = schedule.Batch, LearningRate = schedule.Rate }, CpuDevice.Best, workers);
        using var model = fit.Model;
        FitResult? result = null;
        var time = Measure.Time(() => result = fit.Run());
        yield return Line($"ours, {result!.Psnr:F1} dB", time.Cpu, time.Wall);
        foreach (double stretch in stretches)
        {
            var last = peer(schedule with { Steps = (int)(stretch * schedule.Steps) }).Run();
            if (last.Psnr < target && stretch < stretches[^1]) continue;
            yield return Line($"torch, {stretch:0.#} x the steps, {last.Psnr:F1} dB", last.CpuSeconds, last.WallSeconds);
            break;
        }

        Timing Line(FormattableString contestant, double cpu, double wall) =>
            new(name, settings.Peer, settings.Threads, FormattableString.Invariant(contestant), cpu * 1e3, wall * 1e3, cpu / time.Cpu, wall / time.Wall, 0, 0, 0);
    }
}
