using System.Globalization;
using InrFast.Autodiff;
using InrFast.Kernels;

namespace InrFast.Tasks.Fitting;

/// <summary>
/// Takes a fit that collapses back to where it was well, at half the learning rate: a SIREN at a high rate can lose within some steps what it learned in thousands,
/// and does not find back. Decided from steps and losses alone, and part of a checkpoint.
/// </summary>
/// <param name="store">What is trained, at its start.</param>
/// <param name="variance">Of the values that are fitted: the loss of the best constant.</param>
sealed class DivergenceGuard(Device device, ParameterStore store, double variance) : IDisposable
{
    /// <summary>Share of a step's loss in the smoothed one: a single bad batch is no collapse.</summary>
    const double Share = 0.05;

    /// <summary>A collapse: so many times the least smoothed loss, and worse than half the variance.</summary>
    const double Excess = 20;

    /// <summary>Restored more often, a fit is given up.</summary>
    public const int MostRestores = 10;

    readonly float[] buffer = new float[store.Length * store.Members];
    double first = double.NaN, smoothed = double.NaN, least = double.PositiveInfinity, kept = double.NaN;

    /// <summary>Copying takes well below a hundredth of the updates' time.</summary>
    readonly long period = Math.Max(100, store.Length * store.Members / 1024);

    public ParameterStore Snapshot { get; } = Started(device, store);
    public int Restores { get; private set; }

    static ParameterStore Started(Device device, ParameterStore store)
    {
        var snapshot = new ParameterStore(device, store.Graph, store.Members);
        var values = new float[store.Length * store.Members];
        store.Values.Read<float>(values);
        snapshot.Values.Write<float>(values);
        return snapshot;
    }

    /// <summary>After each update, with its loss. True: the parameters are those of an earlier step again, and the learning rate is to be halved.</summary>
    public bool Watch(double loss)
    {
        smoothed = double.IsNaN(smoothed) ? loss : smoothed + Share * (loss - smoothed);
        if (double.IsNaN(first)) first = loss;
        if (!(smoothed <= Math.Min(5 * first, Math.Max(Excess * least, variance / 2))) || !double.IsFinite(smoothed))
        {
            Copy(Snapshot, store);
            smoothed = kept;
            Restores++;
            return true;
        }
        least = Math.Min(least, smoothed);
        if (store.Step % period == 0 && smoothed <= 2 * least)
        {
            Copy(store, Snapshot);
            kept = smoothed;
        }
        return false;
    }

    void Copy(ParameterStore from, ParameterStore to)
    {
        Copy(from.Values, to.Values);
        for (int i = 0; i < 2; i++) Copy(from.State(i), to.State(i));
    }

    void Copy(DeviceMemory from, DeviceMemory to)
    {
        from.Read<float>(buffer);
        to.Write<float>(buffer);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Restores} {first:R} {smoothed:R} {least:R} {kept:R}");

    /// <summary>From <see cref="ToString"/>. False where the text is none of ours.</summary>
    public bool Restore(string text)
    {
        var numbers = new List<double>();
        foreach (string part in text.Split(' '))
            if (double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out double number)) numbers.Add(number);
            else return false;
        if (numbers.Count != 5 || !(numbers[0] is >= 0 and <= MostRestores)) return false;
        (Restores, first, smoothed, least, kept) = ((int)numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]);
        return true;
    }

    public void Dispose() => Snapshot.Dispose();
}
