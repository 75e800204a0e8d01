using InrFast.Autodiff;
using InrFast.Imaging;
using InrFast.Kernels;
using InrFast.Kernels.Random;
using InrFast.Tasks.Fitting;

namespace InrFast.Tasks.Reconstruction;

/// <summary>What a scanner adds to exact line integrals.</summary>
public sealed record CtSimulation
{
    /// <summary>Counts where nothing is in the way; null: no photon noise.</summary>
    public double? Photons { get; init; }

    /// <summary>Standard deviation of the detector's own noise, counts.</summary>
    public double ElectronicNoise { get; init; }

    /// <summary>White noise of line integrals: so many dB below their own norm, exactly; null: none.</summary>
    public double? NoiseDecibels { get; init; }

    /// <summary>Standard deviation of each view's angle from the one that the geometry says, degrees.</summary>
    public double AngleErrorDegrees { get; init; }

    /// <summary>Standard deviation of each pixel's sensitivity from the flat field's, a share: rings in the image.</summary>
    public double GainError { get; init; }

    /// <summary>Views, from 0, that were not taken.</summary>
    public IReadOnlyCollection<int> MissingViews { get; init; } = [];

    /// <summary>Counts instead of line integrals.</summary>
    public bool AsCounts { get; init; }

    /// <summary>Exposures with nothing in the way that are taken too.</summary>
    public int FlatExposures { get; init; }
    public ulong Seed { get; init; }

    /// <param name="image">Attenuation per mm, or HU where the image says so; its middle lies on the gantry's axis. Of several times: it moves while the gantry turns, each frame lasting an equal part of the scan, and changes
    /// linearly from one frame's middle to the next one's.</param>
    /// <param name="geometry">With the image's voxels as volume (<see cref="VolumeOf"/>).</param>
    /// <param name="waterAttenuation">Of water per mm, for HU.</param>
    /// <returns>Projections [view][row][column], the geometry that a reconstruction is told, and counts of exposures with nothing in the way [exposure][row][column].</returns>
    public (float[] Projections, CtGeometry Geometry, float[] Flats) Run(Image image, CtGeometry geometry, double waterAttenuation, Device device, Workers workers)
    {
        if ((AsCounts || FlatExposures > 0) && Photons is null) throw new FitException(FitError.WrongUse, "counts need a number of photons");
        if (NoiseDecibels is not null && Photons is not null) throw new FitException(FitError.WrongUse, "noise is white or of photons; give one");
        int[] kept = [.. Enumerable.Range(0, geometry.Views).Where(view => !MissingViews.Contains(view))];
        int views = geometry.Views;
        if (kept.Length == 0) throw new FitException(FitError.WrongUse, "all views are missing; keep some");
        geometry = geometry with { AnglesDegrees = [.. kept.Select(view => geometry.AnglesDegrees![view])] };
        var turned = geometry with { AnglesDegrees = [.. geometry.AnglesDegrees!.Select((angle, i) => angle + AngleErrorDegrees * Normal(kept[i], 1))] };
        var attenuation = image.Unit == "HU" ? Hounsfield.ToAttenuation(image.Samples.Span, waterAttenuation) : [.. image.Samples.Span];
        using var projector = new Projector(turned.ToProjection(1), device, workers);
        var projections = image.Times == 1 ? projector.Forward(attenuation) : Move(projector, attenuation, image.Times, [.. kept.Select(view => (double)view / views)]);
        if (image.Times > 1) geometry = geometry with { TimesSeconds = [.. kept.Select(view => (double)view / views * image.Times * (image.TimeSpacing > 0 ? image.TimeSpacing : 1))] };
        int pixels = geometry.Detector.Rows * geometry.Detector.Columns;
        float[] loss = [.. Enumerable.Range(0, pixels).Select(pixel => GainError > 0 ? (float)-Math.Log(Math.Max(1e-3, 1 + GainError * Normal(pixel, 2))) : 0)];
        for (int i = 0; i < projections.Length; i++) projections[i] += loss[i % pixels];
        if (NoiseDecibels is { } decibels) AddWhiteNoise(projections, decibels);
        if (Photons is not { } photons) return (projections, geometry with { Units = CtGeometry.LineIntegral, AirCounts = null }, []);
        // After the views in one sequence, so that the noise of each is its own.
        var counts = PhotonNoise.Counts([.. projections, .. Enumerable.Repeat(loss, FlatExposures).SelectMany(exposure => exposure)], photons, ElectronicNoise, Seed);
        float[] flats = counts[projections.Length..];
        counts = counts[..projections.Length];
        return AsCounts ? ([.. counts.Select(count => MathF.Max(0, count))], geometry with { Units = CtGeometry.Counts, AirCounts = photons }, flats)
            : (PhotonNoise.LineIntegrals(counts, photons), geometry with { Units = CtGeometry.LineIntegral, AirCounts = null }, flats);
    }

    /// <param name="frames">One after another.</param>
    /// <param name="times">Of each view, 0 to 1.</param>
    static float[] Move(Projector projector, float[] frames, int count, double[] times)
    {
        int voxels = frames.Length / count;
        float[] projections = new float[projector.Geometry.Count], now = new float[voxels];
        for (int view = 0; view < times.Length; view++)
        {
            double place = Math.Clamp(times[view] * count - 0.5, 0, count - 1);
            int before = Math.Min((int)place, count - 2);
            float part = (float)(place - before);
            for (int i = 0, first = before * voxels; i < voxels; i++) now[i] = frames[first + i] * (1 - part) + frames[first + voxels + i] * part;
            projector.Forward(now, projections, view, 1);
        }
        return projections;
    }

    /// <summary>The image's voxels about the gantry's axis.</summary>
    public static CtVolume VolumeOf(Image image)
    {
        var (size, spacing) = (image.Size, image.Grid.Spacing);
        return size.Z == 1 ? new() { Size = [size.X, size.Y], SpacingMm = [spacing.X, spacing.Y] } : new() { Size = [size.X, size.Y, size.Z], SpacingMm = [spacing.X, spacing.Y, spacing.Z] };
    }

    /// <summary>Normal numbers, scaled as a whole: |noise| = |signal| 10^(-dB / 20).</summary>
    void AddWhiteNoise(float[] signal, double decibels)
    {
        double[] noise = [.. Enumerable.Range(0, signal.Length).Select(i => Normal(i, 3))];
        double factor = Math.Sqrt(signal.Sum(value => (double)value * value) / noise.Sum(value => value * value)) * Math.Pow(10, -decibels / 20);
        for (int i = 0; i < signal.Length; i++) signal[i] += (float)(factor * noise[i]);
    }

    // A number of its own for each view and each pixel: the upper half of the counter says of what.
    double Normal(int number, ulong of) => new Philox(Seed)[(ulong)number, (ulong)RandomStream.Noise | of << 32] is var bits ? RandomBits.Normal(bits.X, bits.Y).Item1 : 0;
}

/// <summary>HU = 1000 (attenuation / that of water - 1).</summary>
public static class Hounsfield
{
    /// <summary>Of water per mm at 60 keV (NIST XCOM: 0.206 cm2 per gram).</summary>
    public const double Water = 0.0206;

    /// <summary>At least 0: air is nothing.</summary>
    public static float[] ToAttenuation(ReadOnlySpan<float> hounsfield, double water)
    {
        var result = new float[hounsfield.Length];
        for (int i = 0; i < result.Length; i++) result[i] = (float)Math.Max(0, water * (1 + hounsfield[i] / 1000));
        return result;
    }

    public static float[] FromAttenuation(ReadOnlySpan<float> attenuation, double water)
    {
        var result = new float[attenuation.Length];
        for (int i = 0; i < result.Length; i++) result[i] = (float)(1000 * (attenuation[i] / water - 1));
        return result;
    }
}
