using InrFast.Autodiff;
using InrFast.Imaging;
using InrFast.Kernels;
using InrFast.Kernels.Encodings;
using InrFast.Models;
using InrFast.Perf.Peer;
using InrFast.Tasks.Fitting;

namespace InrFast.Perf;

/// <summary>
/// Whole fits of the CT slice under samples: the same model, batch and schedule in both, one cycle whose length was found to end near 40 dB.
/// Initial values are drawn by the same rule, not the same numbers; ours also clips a SIREN's gradient and switches a grid's levels on one after another.
/// </summary>
static class Fits
{
    public static IEnumerable<Timing> Compare(Settings settings)
    {
        var image = ImageFile.Read("samples/ct.dcm");
        int width = image.Size.X, height = image.Size.Y;
        var (low, high) = image.Range();
        float[] samples = [.. image.Samples.ToArray().Select(value => (value - low) / (high - low))];

        var siren = new Schedule(4096, 4096, 1e-3);
        foreach (var timing in Both("SIREN 64 x 3", new SirenSettings(2, 1, 64), siren, TorchFit.Siren(Problem.Siren(2, 64, 3, 1), samples, width, height, siren))) yield return timing;
        foreach (var (name, levels, features, fine, log2, steps) in new[] { ("grid, 1/2 per pixel", 12, 2, 1.0, 13, 262), ("grid, 1/16 per pixel", 6, 4, 0.4, 9, 2500) })
        {
            var schedule = new Schedule(steps, 4096, 2e-2);
            var grid = GridSettings.ForImage([width, height], levels, features, 16, fine, log2);
            var random = new Random(1);
            Layer Dense(int inputs, int outputs) => new(inputs, outputs, Problem.Uniform(inputs * outputs, 1 / Math.Sqrt(inputs), random.Next()), Problem.Uniform(outputs, 1 / Math.Sqrt(inputs), random.Next()));
            foreach (var timing in Both(name, new MlpSettings(2, 1, new GridEncoding([width, height], levels, features, 16, fine, log2), 32, 1), schedule,
                TorchFit.Grid(grid, Problem.Uniform((int)grid.TableFloats, 1e-4, seed: 3), [Dense(grid.Outputs, 32), Dense(32, 1)], samples, width, height, schedule)))
                yield return timing;
        }

        // Interleaved: whenever ours tells of its progress, the peer catches up.
        Timing[] Both(string name, NetworkSettings network, Schedule schedule, TorchFit torch)
        {
            using var workers = new Workers(settings.Threads);
            using var fit = new ImageFit(image, new FitOptions { Network = network, Iterations = schedule.Steps, BatchRows = schedule.Batch, LearningRate = schedule.Rate }, CpuDevice.Best, workers);
            using var model = fit.Model;
            using var steps = torch.Run(every: Math.Max(1, schedule.Steps / 20)).GetEnumerator();
            var last = new Progress(0, 0, 0, double.NaN);
            double cpu = Measure.CpuSeconds(), cpuAside = 0, wallAside = 0;
            var result = fit.Run(now =>
            {
                var aside = Measure.Time(() => CatchUp(now.Iteration), pause: false);
                (cpuAside, wallAside) = (cpuAside + aside.Cpu, wallAside + aside.Wall);
            });
            cpu = Measure.CpuSeconds() - cpu - cpuAside;
            double wall = result.FitSeconds - wallAside;
            CatchUp(schedule.Steps);
            return
            [
                new(name, settings.Peer, settings.Threads, $"ours, {result.Psnr:F1} dB", cpu * 1e3, wall * 1e3, 1, 1, 0, 0, 0),
                new(name, settings.Peer, settings.Threads, $"torch, {last.Psnr:F1} dB", last.CpuSeconds * 1e3, last.WallSeconds * 1e3, last.CpuSeconds / cpu, last.WallSeconds / wall, 0, 0, 0),
            ];

            void CatchUp(long step)
            {
                while (last.Step < step && steps.MoveNext()) last = steps.Current;
            }
        }
    }
}
