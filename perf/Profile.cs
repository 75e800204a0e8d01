using System.Diagnostics;
using System.Globalization;
using InrFast.Tasks.Benchmarks;

namespace InrFast.Perf;

/// <summary>Where a training step's time goes: each step of the plan, beside the time its products would take at the machine's peak.</summary>
static class Profile
{
    public static void Siren(Settings settings)
    {
        const int Rows = 65_536;
        double peak = Peak.Flops(1) / Measure.Median(Enumerable.Range(0, settings.Rounds).Select(_ => Measure.Time(() => Peak.Run(1)).Cpu));
        float[] x = Problem.Uniform(Rows * 2, 1, seed: 5), target = Problem.Uniform(Rows, 1, seed: 6);
        foreach (int width in settings.Widths)
        {
            var layers = Problem.Siren(2, width, 3, 1);
            using var ours = Ours.SirenTraining(layers, x, target, 1);
            for (int i = 0; i < 3; i++) ours.Train();
            double whole = Measure.Median(Enumerable.Range(0, settings.Rounds).Select(_ => Measure.Time(() => ours.Train()).Cpu)) * 1e3;
            double ideal = Rows * Problem.Flops(layers, training: true) / peak * 1e3;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"width {width}: {whole:F2} ms, at peak ({peak * 1e-9:F0} GF/s) {ideal:F2} ms = {ideal / whole:P1}; load {Machine.LoadNow()}"));
            var steps = ours.Stages[0].Steps;
            var rounds = new List<double[]>();
            for (int round = 0; round < settings.Rounds; round++)
            {
                var ticks = new long[steps.Length];
                ours.Runner.Profile = [ticks];
                ours.Train();
                rounds.Add([.. ticks.Select(t => t * 1e3 / Stopwatch.Frequency)]);
            }
            ours.Runner.Profile = null;
            double square = 2.0 * Rows * width * width / peak * 1e3;
            for (int i = 0; i < steps.Length; i++)
            {
                double ms = rounds.Min(round => round[i]);
                bool wide = i is 1 or 2 or 3 || i >= steps.Length - 4 && i < steps.Length - 1;
                string share = wide ? string.Create(CultureInfo.InvariantCulture, $"{square * (steps[i].IsForward ? 1 : 2) / ms:P1} of peak") : "";
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {(steps[i].IsForward ? "forward " : "backward")} {steps[i].Work.GetType().DeclaringType!.Name,-12} {ms,8:F3} ms {share}"));
            }
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  sum {rounds.Min(r => r.Sum()):F3} ms"));
        }
    }
}
