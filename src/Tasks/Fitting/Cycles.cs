using System.Globalization;
using InrFast.Kernels.Optimizers;

namespace InrFast.Tasks.Fitting;

/// <summary>
/// A learning rate that falls along a cosine and starts again (Loshchilov and Hutter 2017, SGDR): a model is at its best at the end of a cycle, so
/// a fit with a target runs short cycles and makes each as long as the target seems to need. Lengths follow from measured PSNR, not from time:
/// the same image gives the same bytes.
/// </summary>
/// <param name="first">Steps of the first cycle.</param>
/// <param name="floor">Factor at a cycle's end.</param>
/// <param name="restart">Factor at the beginning of all cycles but the first; less, in proportion, of one that is shorter than one before it, which would only lose at the full rate.</param>
sealed class Cycles(long first, double floor, double restart) : ISchedule
{
    readonly List<long> ends = [first];

    public long End => ends[^1];

    /// <summary>Another cycle of so many steps after the last.</summary>
    public void Add(long steps) => ends.Add(checked(End + steps));

    /// <summary>The cycle that runs ends there instead.</summary>
    public void MoveEnd(long end) => ends[^1] = end;

    /// <summary>Of all rates from now on.</summary>
    public double RateFactor { get; set; } = 1;

    public double Factor(long step)
    {
        int last = ends.Count - 1;
        long length = LengthOf(last);
        double top = last == 0 ? 1 : restart * Math.Min(1, (double)length / LongestBefore(last));
        return RateFactor * (step >= End ? floor : floor + (top - floor) * 0.5 * (1 + Math.Cos(Math.PI * (1 - (double)(End - step) / length))));
    }

    /// <summary>
    /// The next cycle's length when the last ended so many dB below the target. As measured with grids on CT, MR and photographs, a cycle as long as the longest before it gains 1 to 2 dB, and each doubling of its length 2 to 3 more.
    /// </summary>
    public long NextLength(double missing) => (long)(LongestBefore(ends.Count) * Math.Clamp(Math.Pow(2, (missing - 1.2) / 2.3), 0.5, 6));

    long LongestBefore(int cycle)
    {
        long longest = 0;
        for (int i = 0; i < cycle; i++) longest = Math.Max(longest, LengthOf(i));
        return longest;
    }

    long LengthOf(int cycle) => ends[cycle] - (cycle > 0 ? ends[cycle - 1] : 0);

    public override string ToString() => string.Join(' ', ends.Select(end => end.ToString(CultureInfo.InvariantCulture)));

    /// <summary>From <see cref="ToString"/>. False where the text is none of ours.</summary>
    public bool Restore(string text)
    {
        var parsed = new List<long>();
        foreach (string part in text.Split(' '))
            if (long.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out long end) && end > (parsed.Count > 0 ? parsed[^1] : 0)) parsed.Add(end);
            else return false;
        ends.Clear();
        ends.AddRange(parsed);
        return true;
    }
}
