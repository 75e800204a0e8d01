using InrFast.Kernels.Encodings;
using InrFast.Kernels.Sampling;
using InrFast.Perf.Peer;
using static TorchSharp.torch;
using InrFast.Tasks.Benchmarks;

namespace InrFast.Perf;

/// <summary>What is compared with what. Each method checks that the contestants compute the same, then yields their timings, group by group.</summary>
static class Comparisons
{
    public static IEnumerable<Timing> Siren(Settings settings)
    {
        const int Rows = 65_536;
        float[] points = Problem.Uniform(Rows * 2, 1, seed: 5), values = Problem.Uniform(Rows, 1, seed: 6);
        Tensor x = tensor(points, [Rows, 2]), target = tensor(values, [Rows, 1]);
        foreach (int width in settings.Widths)
        {
            var layers = Problem.Siren(2, width, 3, 1);
            TorchSiren plain = new(layers, folded: false), folded = new(layers, folded: true);
            using Ours ours = Ours.SirenTraining(layers, points, values, settings.Threads), inference = Ours.SirenInference(layers, points, settings.Threads);

            Agree("loss of the first step", 1e-4, plain.Train(x, target, Rows), folded.Train(x, target, 1024), ours.Train());
            // Adam takes folded weights another way: from here on only the plain network is the same as ours.
            for (int step = 2; step <= 4; step++) Agree($"loss of step {step}", 1e-4, plain.Train(x, target, Rows), ours.Train());

            double flops = Rows * Problem.Flops(layers, training: true);
            foreach (var timing in Measure.Interleaved($"SIREN {width}, training step", settings,
                new("ours", () => ours.Train(), flops),
                new("torch, as written", () => plain.Train(x, target, Rows), flops),
                new("torch, folded, chunks of 4096", () => folded.Train(x, target, 4096), flops),
                new("torch, folded, chunks of 1024", () => folded.Train(x, target, 1024), flops)))
                yield return timing;

            flops = Rows * Problem.Flops(layers, training: false);
            foreach (var timing in Measure.Interleaved($"SIREN {width}, inference", settings,
                new("ours", () => inference.Evaluate(), flops),
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
        float[] points = Problem.Uniform(Rows * 3, 1, seed: 5), values = Problem.Uniform(Rows * 3, 1, seed: 6);
        Tensor x = tensor(points, [Rows, 3]), target = tensor(values, [Rows, 3]);
        foreach (int width in settings.Widths)
        {
            var layers = Problem.Siren(3, width, 3, 3);
            TorchSiren plain = new(layers, folded: false), folded = new(layers, folded: true), trained = new(layers, folded: false);
            using Ours folding = Ours.Folding(layers, points, settings.Threads), step = Ours.SirenTraining(layers, points, values, settings.Threads);
            Agree("penalty", 1e-4, folding.Evaluate(), TorchJets.DoubleBackward(plain, x, Rows), TorchJets.Tangents(plain, x, Rows), TorchJets.DoubleBackward(folded, x, 1024));
            foreach (var timing in Measure.Interleaved($"Jacobian penalty, SIREN {width}", settings,
                new("ours", () => folding.Evaluate()),
                new("ours, plain step", () => step.Evaluate()),
                new("torch, double backward, as written", () => TorchJets.DoubleBackward(plain, x, Rows)),
                new("torch, double backward, folded, chunks of 1024", () => TorchJets.DoubleBackward(folded, x, 1024)),
                new("torch, tangents by hand", () => TorchJets.Tangents(plain, x, Rows)),
                new("torch, tangents by hand, folded, chunks of 1024", () => TorchJets.Tangents(folded, x, 1024)),
                new("torch, plain step", () => trained.Train(x, target, Rows))))
                yield return timing;
        }
    }

    /// <summary>IDIR's training step as published: 10,000 voxels of a pair, correlation, Jacobian penalty, Adam.</summary>
    public static IEnumerable<Timing> Registration(Settings settings)
    {
        const int Rows = 10_000, Hidden = 2; // three layers of sines
        const double Weight = 0.05;
        var (fixedImage, moving) = Problem.Pair([256, 256, 100]);
        var pair = new TorchPair(fixedImage, moving, Weight);
        var order = new ShuffledSweep(fixedImage.Samples.Length);
        order.Start(0, 0);
        Tensor same = tensor(Enumerable.Range(0, Rows).Select(_ => order.Next(out float _)).ToArray());
        foreach (int width in settings.Widths)
        {
            var layers = Problem.Siren(3, width, Hidden, 3);
            TorchSiren Plain() => new(layers, folded: false);
            TorchSiren Folded() => new(layers, folded: true);
            using var ours = Ours.Registration(layers, fixedImage, moving, Weight, Rows, settings.Threads);
            Agree("loss of the first step", 1e-4, ours.Evaluate(), pair.Train(Plain(), TorchJets.Autograd, same, Rows), pair.Train(Folded(), TorchJets.Autograd, same, 1024),
                pair.Train(Plain(), TorchSiren.Tangents, same, Rows), pair.Train(Folded(), TorchSiren.Tangents, same, 1024));
            Contestant Torch(string name, TorchSiren network, Func<TorchSiren, Tensor, (Tensor, Tensor[])> jet, int chunk, bool shuffle = false) =>
                new($"torch, {name}", () => pair.Train(network, jet, pair.Draw(Rows, shuffle), chunk));
            foreach (var timing in Measure.Interleaved($"registration, SIREN {width}", settings,
                new("ours", () => ours.Train()),
                Torch("double backward, as written", Plain(), TorchJets.Autograd, Rows),
                Torch("double backward, as written, all voxels shuffled", Plain(), TorchJets.Autograd, Rows, shuffle: true),
                Torch("double backward, folded, chunks of 1024", Folded(), TorchJets.Autograd, 1024),
                Torch("tangents by hand", Plain(), TorchSiren.Tangents, Rows),
                Torch("tangents by hand, folded, chunks of 1024", Folded(), TorchSiren.Tangents, 1024)))
                yield return timing;
        }
    }

    /// <summary>The encoding alone; backward: from its mean squared distance from a target, without the optimiser.</summary>
    public static IEnumerable<Timing> HashGrid(Settings settings)
    {
        const int Rows = 65_536, Levels = 16, Features = 2;
        float[] values = Problem.Uniform(Rows * Levels * Features, 0.5, seed: 7);
        var target = tensor(values, [Rows, Levels * Features]);
        float[] random = Problem.Uniform(Rows * 3, 1, seed: 1), plane = [.. Problem.Centres([256, 256]).Chunk(2).SelectMany(xy => new[] { xy[0], xy[1], -0.26f })];
        foreach (int log2 in new[] { 14, 17, 19 })
        {
            var grid = GridSettings.ForCube(dimensions: 3, Levels, Features, coarse: 16, growth: 1.38, log2);
            float[] tables = Problem.Uniform((int)grid.TableFloats, 0.1, seed: 3);
            var torch = new TorchGrid(grid, tables);
            foreach (var (order, points) in new[] { ("random points", random), ("points in image order", plane) })
            {
                var x = tensor(points, [Rows, 3]);
                using Ours ours = Ours.GridTraining(grid, tables, points, values, settings.Threads), forward = Ours.GridForward(grid, tables, points, settings.Threads);
                Agree("loss", 1e-4, ours.Evaluate(), torch.ForwardBackward(x, target));
                foreach (var timing in Measure.Interleaved($"hash grid 2^{log2}, {order}, forward", settings,
                    new Contestant("ours", () => forward.Evaluate()), new Contestant("torch, index operations", () => torch.Forward(x))))
                    yield return timing;
                foreach (var timing in Measure.Interleaved($"hash grid 2^{log2}, {order}, forward and backward", settings,
                    new Contestant("ours", () => ours.Evaluate()), new Contestant("torch, index operations", () => torch.ForwardBackward(x, target))))
                    yield return timing;
            }
        }
    }

    /// <summary>Our training step on one thread and on all, without libtorch in the process.</summary>
    public static IEnumerable<Timing> Threads(Settings settings)
    {
        const int Rows = 65_536, Steps = 4; // as in a fit: only the first wakes sleeping workers
        float[] points = Problem.Uniform(Rows * 2, 1, seed: 5), values = Problem.Uniform(Rows, 1, seed: 6);
        foreach (int width in settings.Widths)
        {
            var layers = Problem.Siren(2, width, 3, 1);
            int all = Environment.ProcessorCount;
            using Ours one = Ours.SirenTraining(layers, points, values, 1), many = Ours.SirenTraining(layers, points, values, all);
            double flops = Steps * Rows * Problem.Flops(layers, training: true);
            foreach (var timing in Measure.Interleaved($"SIREN {width}, {Steps} steps, threads", settings with { Threads = 1 },
                new("one thread", () => Train(one), flops), new($"{all} threads", () => Train(many), flops)))
                yield return timing;
        }

        static void Train(Ours ours)
        {
            for (int step = 0; step < Steps; step++) ours.Train();
        }
    }

    /// <summary>What the general engine costs: the step through a graph, its plan and the runner beside the same kernels called by hand.</summary>
    public static IEnumerable<Timing> Engine(Settings settings)
    {
        const int Rows = 65_536;
        float[] points = Problem.Uniform(Rows * 2, 1, seed: 5), values = Problem.Uniform(Rows, 1, seed: 6);
        foreach (int width in settings.Widths)
        {
            var layers = Problem.Siren(2, width, 3, 1);
            using var engine = Ours.SirenTraining(layers, points, values, 1);
            using var direct = new Direct(layers, points, values);
            for (int step = 1; step <= 4; step++) Agree($"loss of step {step}", 1e-5, engine.Train(), direct.Train());
            double flops = Rows * Problem.Flops(layers, training: true);
            foreach (var timing in Measure.Interleaved($"SIREN {width}, engine", settings with { Threads = 1 }, new("ours", () => engine.Train(), flops), new("kernels called by hand", () => direct.Train(), flops)))
                yield return timing;
        }
    }

    /// <summary>How our training step's cost grows: with the width, with the depth, with the rows, one at a time.</summary>
    public static IEnumerable<Timing> Growth(Settings settings)
    {
        const int Width = 64, Hidden = 3, Rows = 65_536;
        foreach (int width in new[] { 16, 32, 64, 128, 256, 512 })
            foreach (var timing in One($"width {width}, {Hidden} hidden layers, {Rows} rows", width, Hidden, Rows)) yield return timing;
        foreach (int hidden in new[] { 1, 2, 4, 8, 16 })
            foreach (var timing in One($"width {Width}, {hidden} hidden layers, {Rows} rows", Width, hidden, Rows)) yield return timing;
        foreach (int rows in new[] { 1 << 10, 1 << 12, 1 << 14, 1 << 18 })
            foreach (var timing in One($"width {Width}, {Hidden} hidden layers, {rows} rows", Width, Hidden, rows)) yield return timing;

        IReadOnlyList<Timing> One(string name, int width, int hidden, int rows)
        {
            var layers = Problem.Siren(2, width, hidden, 1);
            using var ours = Ours.SirenTraining(layers, Problem.Uniform(rows * 2, 1, seed: 5), Problem.Uniform(rows, 1, seed: 6), settings.Threads);
            return Measure.Interleaved(name, settings, new Contestant("ours", () => ours.Train(), rows * Problem.Flops(layers, training: true)));
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
