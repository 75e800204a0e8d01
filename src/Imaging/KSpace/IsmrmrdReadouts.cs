namespace InrFast.Imaging;

/// <summary>One acquisition of ISMRMRD: a readout of all coils.</summary>
/// <param name="Data">[coil][sample], real and imaginary part.</param>
/// <param name="Trajectory">[sample][dimension].</param>
internal sealed record IsmrmrdReadout(ulong Flags, int Samples, int Coils, int CentreSample, int DiscardBefore, int DiscardAfter, int TrajectoryDimensions,
    int StepY, int StepZ, int Slice, int Contrast, int Phase, int Repetition, int Set, float[] Data, float[] Trajectory)
{
    // Flag n is bit n - 1.
    private const int Noise = 19, Calibration = 20, CalibrationAndImaging = 21, Reverse = 22, Navigation = 23, PhaseCorrection = 24, Feedback = 26, Dummy = 27, RealTimeFeedback = 28, SurfaceCoil = 29;

    /// <summary>Whether it belongs to the image, rather than to a measurement of noise, phase, or coils.</summary>
    public bool IsImaging => !Has(Noise) && !Has(Navigation) && !Has(PhaseCorrection) && !Has(Feedback) && !Has(Dummy) && !Has(RealTimeFeedback) && !Has(SurfaceCoil)
        && (!Has(Calibration) || Has(CalibrationAndImaging));

    public bool IsReversed => Has(Reverse);

    private bool Has(int flag) => (Flags >> (flag - 1) & 1) != 0;
}

/// <summary>Puts the readouts of an ISMRMRD file in order.</summary>
internal static class IsmrmrdReadouts
{
    // Of a grid whose size readouts tell by their numbers alone.
    private const int MaxUndersampling = 1000;

    public static KSpace Assemble(string name, IReadOnlyList<IsmrmrdReadout> all, string xml, ReadLimits limits)
    {
        var (header, centreY, centreZ) = IsmrmrdHeader.Parse(name, xml);
        var readouts = all.Where(readout => readout.IsImaging).ToList();
        if (readouts.Count == 0)
        {
            throw Malformed(name, $"none of its {all.Count} readouts belongs to an image");
        }
        var first = readouts[0];
        foreach (var readout in readouts)
        {
            if (readout.Samples != first.Samples || readout.Coils != first.Coils || readout.Samples < 1 || readout.Coils < 1)
            {
                throw new ImagingException(ImagingError.Unsupported, $"{name}: its readouts have different numbers of samples or coils ({first.Samples} x {first.Coils}, {readout.Samples} x {readout.Coils}); split the file");
            }
            if (readout.Data.LongLength < 2L * readout.Samples * readout.Coils || readout.Trajectory.LongLength < (long)readout.Samples * readout.TrajectoryDimensions)
            {
                throw Malformed(name, "a readout is shorter than it says");
            }
        }
        var warnings = new List<string>();
        if (readouts.Count < all.Count)
        {
            warnings.Add($"{name}: {all.Count - readouts.Count} readouts for noise, navigation or calibration were left out");
        }
        var times = readouts.Select(TimeOf).Distinct().Order().ToList();
        var slices = readouts.Max(readout => readout.Slice) + 1;
        var isCartesian = header.Trajectory is null or "cartesian" or "epi" || first.TrajectoryDimensions == 0;
        return (isCartesian ? Cartesian(name, readouts, header, times, slices, centreY, centreZ, limits) : NonCartesian(name, readouts, header, times, slices, limits)) with { Warnings = warnings };
    }

    private static (int, int, int, int) TimeOf(IsmrmrdReadout readout) => (readout.Repetition, readout.Phase, readout.Contrast, readout.Set);

    private static KSpace Cartesian(string name, List<IsmrmrdReadout> readouts, KSpaceHeader header, List<(int, int, int, int)> times, int slices, int? centreY, int? centreZ, ReadLimits limits)
    {
        var (first, matrix) = (readouts[0], header.EncodedMatrix);
        // An asymmetric echo begins later, so that its centre stands in the middle; steps count from where their own centre lies.
        var width = Math.Max(first.Samples, matrix?.X ?? 0);
        int Offset(int size, int centre, int used) => Math.Clamp(size / 2 - centre, 0, size - used);
        var height = Math.Max(readouts.Max(readout => readout.StepY) + 1, matrix?.Y ?? 0);
        var depth = Math.Max(readouts.Max(readout => readout.StepZ) + 1, matrix?.Z ?? 0);
        var shiftX = Offset(width, first.CentreSample, first.Samples);
        var shiftY = centreY is { } y ? Offset(height, y, readouts.Max(readout => readout.StepY) + 1) : 0;
        var shiftZ = centreZ is { } z ? Offset(depth, z, readouts.Max(readout => readout.StepZ) + 1) : 0;
        var count = limits.CountSamples(name, 2, width, height, depth, first.Coils, slices, times.Count);
        if (count / MaxUndersampling > readouts.Sum(readout => readout.Data.LongLength))
        {
            throw Malformed(name, $"its {readouts.Count} readouts say that they belong to {height} x {depth} lines of {slices} slices");
        }
        var samples = new float[count];
        var lines = new int[checked(height * depth * slices * times.Count)];
        foreach (var readout in readouts)
        {
            var time = times.IndexOf(TimeOf(readout));
            var (row, plane) = (readout.StepY + shiftY, readout.StepZ + shiftZ);
            lines[row + height * (plane + depth * (readout.Slice + slices * time))]++;
            for (var coil = 0; coil < readout.Coils; coil++)
            {
                var at = 2 * (shiftX + width * (row + height * (plane + depth * (coil + readout.Coils * (readout.Slice + slices * time)))));
                for (var i = readout.DiscardBefore; i < readout.Samples - readout.DiscardAfter; i++)
                {
                    var from = 2 * (coil * readout.Samples + (readout.IsReversed ? readout.Samples - 1 - i : i));
                    samples[at + 2 * i] += readout.Data[from];
                    samples[at + 2 * i + 1] += readout.Data[from + 1];
                }
            }
        }
        // Lines measured several times (averages) are averaged.
        for (var line = 0; line < lines.Length; line++)
        {
            for (var coil = 0; coil < first.Coils && lines[line] > 1; coil++)
            {
                var (inPlane, group) = (line % (height * depth), line / (height * depth));
                foreach (ref var value in samples.AsSpan(2 * width * (inPlane + height * depth * (coil + first.Coils * group)), 2 * width))
                {
                    value /= lines[line];
                }
            }
        }
        return new KSpace { Size = new GridSize(width, height, depth), Coils = first.Coils, Slices = slices, Times = times.Count, Samples = samples, Header = header };
    }

    private static KSpace NonCartesian(string name, List<IsmrmrdReadout> readouts, KSpaceHeader header, List<(int, int, int, int)> times, int slices, ReadLimits limits)
    {
        var first = readouts[0];
        var groups = readouts.GroupBy(readout => readout.Slice + slices * times.IndexOf(TimeOf(readout))).OrderBy(group => group.Key).Select(group => group.ToList()).ToList();
        var perGroup = groups[0].Count;
        if (groups.Count != slices * times.Count || groups.Exists(group => group.Count != perGroup))
        {
            throw new ImagingException(ImagingError.Unsupported, $"{name}: its slices or times have different numbers of readouts; split the file");
        }
        var samples = new float[limits.CountSamples(name, 2, first.Samples, perGroup, first.Coils, slices, times.Count)];
        var points = new float[limits.CountSamples(name, 3, first.Samples, perGroup)];
        // -0.5 to 0.5 across the encoded matrix, in most files; cycles per field of view in the others.
        var isNormalised = header.EncodedMatrix is not null && readouts.TrueForAll(readout => Array.TrueForAll(readout.Trajectory, k => Math.Abs(k) <= 0.51f));
        double[] factors = isNormalised && header.EncodedMatrix is { } matrix ? [matrix.X, matrix.Y, matrix.Z] : [1, 1, 1];
        for (var group = 0; group < groups.Count; group++)
        {
            for (var index = 0; index < perGroup; index++)
            {
                var readout = groups[group][index];
                for (var coil = 0; coil < first.Coils; coil++)
                {
                    readout.Data.AsSpan(2 * coil * first.Samples, 2 * first.Samples).CopyTo(samples.AsSpan(2 * first.Samples * (index + perGroup * (coil + first.Coils * group))));
                }
                for (var i = 0; i < first.Samples * Math.Min(first.TrajectoryDimensions, 3); i++)
                {
                    var (sample, axis) = (i / Math.Min(first.TrajectoryDimensions, 3), i % Math.Min(first.TrajectoryDimensions, 3));
                    var k = (float)(readout.Trajectory[sample * readout.TrajectoryDimensions + axis] * factors[axis]);
                    ref var point = ref points[3 * (sample + first.Samples * index) + axis];
                    if (group > 0 && point != k)
                    {
                        throw new ImagingException(ImagingError.Unsupported, $"{name}: its slices or times have different trajectories; split the file");
                    }
                    point = k;
                }
            }
        }
        return new KSpace { Size = new GridSize(first.Samples, perGroup), Coils = first.Coils, Slices = slices, Times = times.Count, Samples = samples, Trajectory = points, Header = header };
    }

    private static ImagingException Malformed(string name, string what) => new(ImagingError.Malformed, $"{name}: {what}; get a sound copy");
}
