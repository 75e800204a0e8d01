namespace InrFast.Tasks.Reconstruction;

/// <summary>What each view, and each ray of it, counts in filtered backprojection: angles between views, and lines that are measured twice.</summary>
sealed class ViewWeights
{
    readonly double period, start, coverage, fan;
    readonly double[] angles;

    /// <param name="angles">Radians, in any order.</param>
    /// <param name="isParallel">Views half a turn apart then see the same lines.</param>
    /// <param name="fan">Half the angle of the fan, radians.</param>
    public ViewWeights(IReadOnlyList<double> angles, bool isParallel, double fan)
    {
        period = isParallel ? Math.PI : 2 * Math.PI;
        this.fan = fan;
        this.angles = [.. angles.Select(angle => angle - period * Math.Floor(angle / period))];
        int count = angles.Count;
        int[] order = [.. Enumerable.Range(0, count).OrderBy(i => this.angles[i])];
        double Gap(int i) => i < count - 1 ? this.angles[order[i + 1]] - this.angles[order[i]] : this.angles[order[0]] + period - this.angles[order[i]];
        var gaps = Enumerable.Range(0, count).Select(Gap).ToArray();
        double usual = gaps.Order().ElementAt(count / 2), largest = gaps.Max();
        // A view stands for half the way to its neighbours; where views are missing, only for as far as elsewhere.
        double[] reach = [.. gaps.Select(gap => gap > 3 * usual ? usual : gap)];
        Steps = new double[count];
        for (int i = 0; i < count; i++) Steps[order[i]] = (reach[(i + count - 1) % count] + reach[i]) / 2;
        IsFullTurn = isParallel || largest <= 3 * usual;
        First = this.angles[order[(Array.IndexOf(gaps, largest) + 1) % count]];
        start = First - usual / 2;
        coverage = period - largest + usual;
    }

    /// <summary>Radians that each view stands for.</summary>
    public double[] Steps { get; }

    /// <summary>Every line that crosses the object is measured equally often.</summary>
    public bool IsFullTurn { get; }

    /// <summary>Radians of the first view, behind the largest gap.</summary>
    public double First { get; }

    /// <summary>Radians from the first to the last view.</summary>
    public double Coverage => coverage;

    /// <summary>
    /// The share of a ray in the lines that it measures. Over a full turn each is measured twice. Over at least half a turn and the fan by Parker (Optimal short scan convolution
    /// reconstruction for fanbeam CT, Medical Physics 9, 1982, with the fan's angle widened to what the views cover: Silver, Medical Physics 27, 2000); over less after Noo, Defrise, Clackdoyle and
    /// Kudo (Image reconstruction from fan-beam projections on less than a short scan, Physics in Medicine and Biology 47, 2002, equation 31), where lines measured once count whole.
    /// </summary>
    /// <param name="gamma">Angle of the ray from the central one, positive where columns are.</param>
    public double Share(int view, double gamma)
    {
        if (period < 4) return 1;
        if (IsFullTurn) return 0.5;
        double beta = angles[view] - start;
        beta -= period * Math.Floor(beta / period);
        double half = (coverage - Math.PI) / 2;
        return half >= fan ? Parker(beta, -gamma, half) : Noo(beta) / (Noo(beta) + Opposite(beta + Math.PI - 2 * gamma) + Opposite(beta - Math.PI - 2 * gamma));

        double Opposite(double angle) => angle > 0 && angle < coverage ? Noo(angle) : 0;
    }

    static double Parker(double beta, double gamma, double half)
    {
        double Rise(double part) => Math.Pow(Math.Sin(Math.PI / 4 * part), 2);
        return beta < 2 * (half - gamma) ? Rise(beta / (half - gamma)) : beta <= Math.PI - 2 * gamma ? 1 : Rise((Math.PI + 2 * half - beta) / (half + gamma));
    }

    double Noo(double beta)
    {
        double ramp = Math.Min(Math.PI / 18, coverage / 4), edge = Math.Min(beta, coverage - beta);
        return edge >= ramp ? 1 : Math.Max(1e-6, Math.Pow(Math.Sin(Math.PI / 2 * Math.Max(0, edge) / ramp), 2));
    }
}
