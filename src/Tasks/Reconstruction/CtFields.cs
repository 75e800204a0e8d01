using InrFast.Imaging;
using InrFast.Tasks.Fitting;

namespace InrFast.Tasks.Reconstruction;

/// <summary>What a detector shows with nothing in the way, and without a beam; several exposures of each are averaged.</summary>
/// <param name="Flat">x: columns; y: rows, z: exposures; or, of one row, y: exposures.</param>
/// <param name="Dark">Likewise; null: 0.</param>
public sealed record CtFields(Image Flat, Image? Dark)
{
    /// <summary>Counts may fall behind the dark field by noise; no ray has a line integral above ln 1e5.</summary>
    const double LeastTransmission = 1e-5;

    /// <summary>Of all pixels; more of them dead are no detector.</summary>
    const double MostDead = 0.1;

    /// <summary>
    /// ln((flat - dark) / (count - dark)) of each pixel. Dead pixels, whose flat field is not above their dark one, take what their neighbours in the row have.
    /// </summary>
    /// <param name="name">Of the projections' file, for messages.</param>
    /// <param name="counts">[view][row][column].</param>
    /// <exception cref="FitException">Input: fields of another detector, or that make no sense.</exception>
    internal float[] LineIntegrals(string name, float[] counts, CtDetector detector, ICollection<string> warnings)
    {
        double[] flat = Mean(Flat, "flat"), dark = Dark is null ? new double[flat.Length] : Mean(Dark, "dark");
        int pixels = flat.Length;
        bool[] isDead = [.. flat.Zip(dark, (bright, none) => bright <= none)];
        int dead = isDead.Count(pixel => pixel);
        if (dead > MostDead * pixels) throw Wrong($"the flat field is not above the dark one in {dead} of {pixels} pixels; are the two exchanged?");
        var result = new float[counts.Length];
        int behind = 0;
        for (int i = 0; i < counts.Length; i++)
        {
            int pixel = i % pixels;
            if (isDead[pixel]) continue;
            double transmission = (counts[i] - dark[pixel]) / (flat[pixel] - dark[pixel]);
            if (transmission < LeastTransmission) behind++;
            result[i] = (float)-Math.Log(Math.Max(LeastTransmission, transmission));
        }
        if (behind > 0) warnings.Add($"{name}: {behind} of {counts.Length} counts are not above the dark field and are taken as {LeastTransmission:g} of the flat one: too few photons came through");
        if (dead > 0)
        {
            warnings.Add($"{name}: {dead} of {pixels} pixels are dead (the flat field is not above the dark one) and take their neighbours' values");
            for (int line = 0; line < counts.Length; line += detector.Columns) Bridge(result.AsSpan(line, detector.Columns), isDead.AsSpan(line % pixels, detector.Columns));
        }
        return result;

        double[] Mean(Image field, string which)
        {
            var size = field.Size;
            int rows = detector.Rows == 1 ? 1 : size.Y;
            if (size.X != detector.Columns || rows != detector.Rows || field.Channels != 1 || field.Times != 1)
                throw Wrong($"the {which} field is an array {size} and the detector has {detector.Columns} columns and {detector.Rows} rows; give [exposure][row][column]");
            if (field.NonFiniteCount() is var broken and > 0) throw Wrong($"{broken} values of the {which} field are NaN or infinite; leave out the exposures that hold them");
            var sum = new double[size.X * rows];
            var samples = field.Samples.Span;
            for (int i = 0; i < samples.Length; i++) sum[i % sum.Length] += samples[i];
            for (int i = 0; i < sum.Length; i++) sum[i] /= samples.Length / sum.Length;
            return sum;
        }

        FitException Wrong(string what) => new(FitError.Input, $"{name}: {what}");
    }

    // Linearly between the nearest columns that are not dead; a row of none stays 0.
    static void Bridge(Span<float> row, ReadOnlySpan<bool> isDead)
    {
        for (int column = 0; column < row.Length; column++)
        {
            if (!isDead[column]) continue;
            int before = column - 1, after = column + 1; // what lies before is mended already
            while (after < row.Length && isDead[after]) after++;
            if (after == row.Length) row[column] = before < 0 ? 0 : row[before];
            else row[column] = before < 0 ? row[after] : row[before] + (row[after] - row[before]) / (after - before);
        }
    }
}
