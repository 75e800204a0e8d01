using InrFast.Kernels.Encodings;
using InrFast.Perf.Peer;
using static TorchSharp.torch;

namespace InrFast.Perf;

/// <summary>What is compared with what. Each method checks that the contestants compute the same, then yields their timings, group by group.</summary>
static class Comparisons
{
    public static IEnumerable<Timing> Siren(Settings settings)
    {
        const int Rows = 65_536;
        Tensor x = tensor(Problem.Uniform(Rows * 2, 1, seed: 5), [Rows, 2]), target = tensor(Problem.Uniform(Rows, 1, seed: 6), [Rows, 1]);
        foreach (int width in settings.Widths)
        {
            var layers = Problem.Siren(2, width, 3, 1);
            TorchSiren plain = new(layers, folded: false), folded = new(layers, folded: true);

            Agree("loss of the first step", 1e-4, plain.Train(x, target, Rows), folded.Train(x, target, 1024));

            double flops = Rows * Problem.Flops(layers, training: true);
            foreach (var timing in Measure.Interleaved($"SIREN {width}, training step", settings,
                new("torch, as written", () => plain.Train(x, target, Rows), flops),
                new("torch, omega folded", () => folded.Train(x, target, Rows), flops),
                new("torch, folded, chunks of 4096", () => folded.Train(x, target, 4096), flops),
                new("torch, folded, chunks of 1024", () => folded.Train(x, target, 1024), flops)))
                yield return timing;

            flops = Rows * Problem.Flops(layers, training: false);
            foreach (var timing in Measure.Interleaved($"SIREN {width}, inference", settings,
                new("torch, as written", () => plain.Infer(x, Rows), flops),
                new("torch, chunks of 4096", () => plain.Infer(x, 4096), flops),
                new("torch, folded, in place, chunks of 1024", () => folded.InferInPlace(x, 1024), flops)))
                yield return timing;
        }
    }

    /// <summary>Gradients alone, without the optimiser.</summary>
    public static IEnumerable<Timing> Jets(Settings settings)
    {
        const int Rows = 16_384;
        var x = tensor(Problem.Uniform(Rows * 3, 1, seed: 5), [Rows, 3]);
        var target = tensor(Problem.Uniform(Rows * 3, 1, seed: 6), [Rows, 3]);
        foreach (int width in settings.Widths)
        {
            var layers = Problem.Siren(3, width, 3, 3);
            TorchSiren plain = new(layers, folded: false), folded = new(layers, folded: true), trained = new(layers, folded: false);
            Agree("penalty", 1e-4, TorchJets.DoubleBackward(plain, x, Rows), TorchJets.Tangents(plain, x, Rows), TorchJets.DoubleBackward(folded, x, 1024));
            foreach (var timing in Measure.Interleaved($"Jacobian penalty, SIREN {width}", settings,
                new("torch, double backward, as written", () => TorchJets.DoubleBackward(plain, x, Rows)),
                new("torch, double backward, folded, chunks of 1024", () => TorchJets.DoubleBackward(folded, x, 1024)),
                new("torch, tangents by hand", () => TorchJets.Tangents(plain, x, Rows)),
                new("torch, tangents by hand, folded, chunks of 1024", () => TorchJets.Tangents(folded, x, 1024)),
                new("torch, plain step", () => trained.Train(x, target, Rows))))
                yield return timing;
        }
    }

    /// <summary>The encoding alone; backward: from its mean squared distance from a target, without the optimiser.</summary>
    public static IEnumerable<Timing> HashGrid(Settings settings)
    {
        const int Rows = 65_536, Levels = 16, Features = 2;
        var target = tensor(Problem.Uniform(Rows * Levels * Features, 0.5, seed: 7), [Rows, Levels * Features]);
        float[] random = Problem.Uniform(Rows * 3, 1, seed: 1), plane = [.. Problem.Pixels(256, 256).Chunk(2).SelectMany(xy => new[] { xy[0], xy[1], -0.26f })];
        foreach (int log2 in new[] { 14, 17, 19 })
        {
            var grid = GridSettings.ForCube(dimensions: 3, Levels, Features, coarse: 16, growth: 1.38, log2);
            var torch = new TorchGrid(grid, Problem.Uniform((int)grid.TableFloats, 0.1, seed: 3));
            foreach (var (order, points) in new[] { ("random points", random), ("points in image order", plane) })
            {
                var x = tensor(points, [Rows, 3]);
                foreach (var timing in Measure.Interleaved($"hash grid 2^{log2}, {order}, forward", settings,
                    new Contestant("torch, index operations", () => torch.Forward(x))))
                    yield return timing;
                foreach (var timing in Measure.Interleaved($"hash grid 2^{log2}, {order}, forward and backward", settings,
                    new Contestant("torch, index operations", () => torch.ForwardBackward(x, target))))
                    yield return timing;
            }
        }
    }

    public static IEnumerable<Timing> Multiply(Settings settings)
    {
        foreach (int threads in new[] { 1, Environment.ProcessorCount }.Distinct())
            foreach (var timing in Measure.Interleaved("multiply-add peak", settings with { Threads = threads },
                new Contestant($"{Peak.Width}-bit vectors", () => Peak.Run(threads), Peak.Flops(threads))))
                yield return timing;
    }

    /// <summary>Contestants that do not compute the same are not compared.</summary>
    static void Agree(string what, double tolerance, params double[] values)
    {
        if (values.Max() - values.Min() > tolerance * Math.Abs(values[0]))
            throw new InvalidOperationException($"{what}: the contestants differ ({string.Join(", ", values)}); they must compute the same before their times are compared");
    }
}
