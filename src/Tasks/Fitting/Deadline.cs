namespace InrFast.Tasks.Fitting;

/// <summary>Puts a fit's end where its time will be up, by the pace so far: a model is at its best where its schedule ends.</summary>
/// <param name="limit">Seconds.</param>
/// <param name="begun">The step that the fit begins at.</param>
sealed class Deadline(double limit, long begun)
{
    /// <summary>Parts of the time after which the end is moved, by the pace since the last one. Beyond by a factor at first, when the pace still grows.</summary>
    static readonly (double Part, double Slack)[] known = [(0.1, 2), (0.3, 1.2), (0.6, 1)];

    /// <summary>The first updates, which compile code and touch memory for the first time, say nothing about the pace.</summary>
    const int Unpaced = 3;

    (long Step, double Seconds) paced = (begun, 0);
    int paces;

    /// <summary>After an update: the step to end at from now on; null: as before.</summary>
    public long? MovedEnd(long step, double seconds)
    {
        if (step == begun + Unpaced) paced = (step, seconds);
        if (paces == known.Length || seconds <= known[paces].Part * limit || step <= begun + 2 * Unpaced) return null;
        double left = 0.97 * limit - seconds, pace = (step - paced.Step) / (seconds - paced.Seconds);
        paced = (step, seconds);
        return Math.Max(step + 1, step + (long)(known[paces++].Slack * pace * left));
    }
}
