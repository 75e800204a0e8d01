using System.Globalization;
using System.Text;

namespace InrFast.Perf;

/// <summary>One figure of the table of speed: what was measured, what it must not fall below on a busy machine, what it should reach on a quiet one.</summary>
sealed record Figure(string What, string Case, double Value, double Gate, double Goal, bool IsShare = false, bool IsLimit = false)
{
    public string Verdict => Reaches(Goal) ? "goal" : Reaches(Gate) ? "gate" : "missed";

    public string Text(double value) => value.ToString(IsShare ? "P0" : "F2", CultureInfo.InvariantCulture);

    bool Reaches(double bar) => IsLimit ? Value <= bar : Value >= bar;
}

/// <summary>The table of speed, made of all comparisons.</summary>
static class Speed
{
    /// <summary>What is run: the comparison, with which libtorch, on how many threads.</summary>
    public static IEnumerable<(string Command, string Peer, int Threads)> Runs()
    {
        yield return ("threads", "none", 1);
        yield return ("engine", "none", 1);
        foreach (string peer in new[] { "stock", "tuned" })
            foreach (int threads in new[] { 1, Environment.ProcessorCount }.Distinct()) yield return ("siren", peer, threads);
        yield return ("jets", "tuned", 1);
        foreach (string peer in new[] { "stock", "tuned" }) yield return ("registration", peer, 1);
        yield return ("hashgrid", "tuned", 1);
    }

    public static IReadOnlyList<Figure> Figures(IReadOnlyList<Timing> timings)
    {
        var figures = new List<Figure>();
        IEnumerable<Timing> Of(string name, string peer, int threads) => timings.Where(t => t.Case == name && t.Peer == peer && t.Threads == threads);
        // CPU time stands on a busy machine; with several threads it counts their waiting too.
        double Ratio(Timing t) => t.Threads == 1 ? t.CpuRatio : t.WallRatio;
        void Add(string what, string name, IEnumerable<Timing> measured, Func<IEnumerable<Timing>, double> value, double gate, double goal, bool isShare = false, bool isLimit = false)
        {
            if (measured.Any()) figures.Add(new(what, name, value(measured), gate, goal, isShare, isLimit));
        }

        var widths = new (int Width, double[] Share, double[] Stock, double[] Tuned, double[] Inference)[]
        {
            (64, [0.68, 0.85], [6, 9], [1.5, 2], [1.5, 2]),
            (128, [0.80, 0.90], [5, 8], [1.3, 1.65], [1.3, 1.6]),
            (256, [0.78, 0.92], [3.5, 5], [1.2, 1.45], [1.15, 1.35]),
        };
        foreach (var (width, share, _, _, _) in widths)
            Add("training step, share of FMA peak, 1 thread", $"width {width}", Of($"SIREN {width}, 4 steps, threads", "none", 1).Take(1), t => t.Single().CpuShareOfPeak, share[0], share[1], isShare: true);
        foreach (var (width, _, _, _, _) in widths)
            Add("training step, its kernels called by hand / the engine, 1 thread", $"width {width}", Of($"SIREN {width}, engine", "none", 1).Skip(1), t => t.Single().CpuRatio, width == 64 ? 0.95 : 0.97, width == 64 ? 0.95 : 0.97, isShare: true);
        foreach (int threads in new[] { 1, Environment.ProcessorCount }.Distinct())
            foreach (var (width, _, stock, tuned, inference) in widths)
            {
                string name = $"width {width}, {threads} thread{(threads == 1 ? "" : "s, wall")}";
                Add("training step, stock libtorch as written / ours", name, Of($"SIREN {width}, training step", "stock", threads).Where(t => t.Name == "torch, as written"), t => Ratio(t.Single()), stock[0], stock[1]);
                Add("training step, tuned libtorch's best / ours", name, Of($"SIREN {width}, training step", "tuned", threads).Skip(1), t => t.Min(Ratio), tuned[0], tuned[1]);
                Add("inference, tuned libtorch's best / ours", name, Of($"SIREN {width}, inference", "tuned", threads).Skip(1), t => t.Min(Ratio), inference[0], inference[1]);
            }
        foreach (var (width, _, _, _, _) in widths)
            Add($"{Environment.ProcessorCount} threads against one, wall", $"width {width}", Of($"SIREN {width}, 4 steps, threads", "none", 1).Skip(1), t => 1 / t.Single().WallRatio, 1.8, 1.95);
        foreach (var (width, _, _, _, _) in widths)
            Add("step with first-order jets in 3-D / plain step", $"width {width}", Of($"Jacobian penalty, SIREN {width}", "tuned", 1).Where(t => t.Name == "ours, plain step"), t => 1 / t.Single().CpuRatio, 4.3, 4, isLimit: true);
        string registration = "registration, SIREN 256";
        Add("step of a registration, stock libtorch's double backward as written / ours", "width 256", Of(registration, "stock", 1).Where(t => t.Name == "torch, double backward, as written"), t => Ratio(t.Single()), 2.2, 3);
        Add("step of a registration, tuned libtorch's best double backward / ours", "width 256", Of(registration, "tuned", 1).Where(t => t.Name.StartsWith("torch, double backward", StringComparison.Ordinal)), t => t.Min(Ratio), 1.3, 1.5);
        foreach (int log2 in new[] { 14, 17, 19 })
            foreach (string order in new[] { "random points", "points in image order" })
                Add("hash grid forward and backward, libtorch / ours", $"2^{log2}, {order}", Of($"hash grid 2^{log2}, {order}, forward and backward", "tuned", 1).Skip(1), t => t.Single().CpuRatio, 5, 10);
        return figures;
    }

    public static string Table(IReadOnlyList<Figure> figures)
    {
        var text = new StringBuilder("| | | measured | gate (busy machine) | goal (quiet machine) | reached |\n| --- | --- | --- | --- | --- | --- |\n");
        foreach (var f in figures)
            text.AppendLine(CultureInfo.InvariantCulture, $"| {f.What} | {f.Case} | **{f.Text(f.Value)}** | {f.Text(f.Gate)} | {f.Text(f.Goal)} | {f.Verdict} |");
        return text.ToString();
    }
}
