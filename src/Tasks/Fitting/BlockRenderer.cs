using System.Runtime.InteropServices;
using InrFast.Autodiff;
using InrFast.Kernels;

namespace InrFast.Tasks.Fitting;

/// <summary>
/// The networks of an image's blocks at any points: each point goes to its block's network, at every scale. A few networks at a time: their parameters are
/// copied to a small bank, so that only those that have points are evaluated.
/// </summary>
sealed class BlockRenderer : IDisposable
{
    const int MostSlots = 64, RowsOfSlot = 256;

    readonly IReadOnlyList<BlockScale> scales;
    readonly Value input;
    readonly Plan plan;
    readonly ParameterStore bank;
    readonly Runner runner;
    readonly float[] parameters, coordinates, rows;
    readonly List<(int Point, int Column)>[] places; // of each network
    readonly List<(int Network, int First)> parts = []; // up to RowsOfSlot of its points
    readonly int inputs, outputs, channels;
    float[] within = [];

    public BlockRenderer(FittedImage image, IReadOnlyList<BlockScale> scales, Device device, Workers workers)
    {
        (this.scales, inputs, outputs, channels) = (scales, image.Settings.Inputs, image.Settings.Outputs, image.Channels);
        input = image.Store.Graph.Input(inputs);
        plan = Plan.Evaluate(device, image.Network.Apply(input));
        parameters = new float[image.Store.Length * image.Store.Members];
        image.Store.Values.Read<float>(parameters);
        bank = new ParameterStore(device, image.Store.Graph, Math.Min(MostSlots, image.Store.Members));
        runner = Runner.Create(plan, bank, workers, RowsOfSlot);
        places = [.. Enumerable.Range(0, image.Store.Members).Select(_ => new List<(int, int)>())];
        (coordinates, rows) = (new float[RowsOfSlot * inputs], new float[RowsOfSlot * outputs]);
    }

    /// <summary>Values [point][channel] at points [point][input] of the whole image.</summary>
    public void Render(ReadOnlySpan<float> points, Span<float> values)
    {
        values.Clear();
        if (within.Length < points.Length) within = new float[points.Length];
        foreach (var scale in scales)
        {
            Sort(scale, points);
            for (int first = 0; first < parts.Count; first += bank.Members) Evaluate(CollectionsMarshal.AsSpan(parts)[first..Math.Min(first + bank.Members, parts.Count)], values);
        }
    }

    void Sort(BlockScale scale, ReadOnlySpan<float> points)
    {
        foreach (var list in places) list.Clear();
        parts.Clear();
        for (int i = 0; i < points.Length / inputs; i++)
        {
            var (network, column) = scale.Of(scale.Layout.Locate(points.Slice(i * inputs, inputs), within.AsSpan(i * inputs, inputs)));
            if (network >= 0) places[network].Add((i, column));
        }
        for (int network = 0; network < places.Length; network++)
            for (int first = 0; first < places[network].Count; first += RowsOfSlot) parts.Add((network, first));
    }

    void Evaluate(ReadOnlySpan<(int Network, int First)> some, Span<float> values)
    {
        for (int slot = 0; slot < some.Length; slot++)
        {
            var part = Places(some[slot]);
            bank.Values.Write<float>(parameters.AsSpan(checked((int)(some[slot].Network * bank.Length)), (int)bank.Length), slot * bank.Length * sizeof(float));
            for (int r = 0; r < part.Length; r++) within.AsSpan(part[r].Point * inputs, inputs).CopyTo(coordinates.AsSpan(r * inputs));
            runner.Feed(input, coordinates, slot);
        }
        runner.Evaluate();
        for (int slot = 0; slot < some.Length; slot++)
        {
            runner.Read(rows, slot);
            var part = Places(some[slot]);
            for (int r = 0; r < part.Length; r++)
                for (int c = 0; c < channels; c++) values[part[r].Point * channels + c] += rows[r * outputs + part[r].Column + c];
        }
    }

    ReadOnlySpan<(int Point, int Column)> Places((int Network, int First) part)
    {
        var all = CollectionsMarshal.AsSpan(places[part.Network]);
        return all.Slice(part.First, Math.Min(RowsOfSlot, all.Length - part.First));
    }

    public void Dispose()
    {
        runner.Dispose();
        bank.Dispose();
        plan.Dispose();
    }
}
