using System.Runtime.InteropServices;
using InrFast.Autodiff;
using InrFast.Kernels;

namespace InrFast.Tasks.Fitting;

/// <summary>The networks of an image's blocks at any points: each point goes to its block's network.</summary>
sealed class BlockRenderer : IDisposable
{
    /// <summary>Points of each network that are evaluated together.</summary>
    const int RowsOfBlock = 1024;

    readonly BlockLayout layout;
    readonly Value input;
    readonly Plan plan;
    readonly HostRunner runner;
    readonly List<int>[] places;
    readonly float[] coordinates, rows;
    readonly int inputs, outputs;

    public BlockRenderer(FittedImage image, BlockLayout layout, Device device, Workers workers)
    {
        (this.layout, inputs, outputs) = (layout, image.Settings.Inputs, image.Settings.Outputs);
        input = image.Store.Graph.Input(inputs);
        plan = Plan.Evaluate(device, image.Network.Apply(input));
        runner = new HostRunner(plan, image.Store, workers, RowsOfBlock);
        places = [.. Enumerable.Range(0, image.Store.Members).Select(_ => new List<int>())];
        (coordinates, rows) = (new float[RowsOfBlock * inputs], new float[RowsOfBlock * outputs]);
    }

    /// <summary>Values [point][output] at points [point][input] of the whole image, which become those within the blocks.</summary>
    public void Render(Span<float> points, Span<float> values)
    {
        foreach (var list in places) list.Clear();
        for (int i = 0; i < points.Length / inputs; i++) places[layout.Locate(points.Slice(i * inputs, inputs))].Add(i);
        int most = places.Max(list => list.Count);
        for (int first = 0; first < most; first += RowsOfBlock)
        {
            for (int member = 0; member < places.Length; member++)
            {
                var part = Part(member, first);
                for (int r = 0; r < part.Length; r++) points.Slice(part[r] * inputs, inputs).CopyTo(coordinates.AsSpan(r * inputs));
                runner.Feed(input, coordinates, member);
            }
            runner.Evaluate();
            for (int member = 0; member < places.Length; member++)
            {
                var part = Part(member, first);
                if (part.IsEmpty) continue;
                runner.Read(rows, member);
                for (int r = 0; r < part.Length; r++) rows.AsSpan(r * outputs, outputs).CopyTo(values[(part[r] * outputs)..]);
            }
        }
    }

    ReadOnlySpan<int> Part(int member, int first)
    {
        var list = CollectionsMarshal.AsSpan(places[member]);
        return first >= list.Length ? [] : list.Slice(first, Math.Min(RowsOfBlock, list.Length - first));
    }

    public void Dispose()
    {
        runner.Dispose();
        plan.Dispose();
    }
}
