namespace InrFast.Imaging;

/// <summary>
/// What an MR scanner measured. Complex samples (real and imaginary part interleaved) stand at
/// 2 (x + SizeX (y + SizeY (z + SizeZ (coil + Coils (slice + Slices t))))): along a readout, from readout to readout (or phase encoding), partitions,
/// coils, slices, times. Cartesian k-space is centred: its zero frequency stands at (SizeX / 2, SizeY / 2, SizeZ / 2). Immutable.
/// </summary>
public sealed record KSpace
{
    public required GridSize Size { get; init; }

    public int Coils { get; init; } = 1;

    public int Slices { get; init; } = 1;

    /// <summary>Repetitions, contrasts and phases of motion, one after the other.</summary>
    public int Times { get; init; } = 1;

    public required ReadOnlyMemory<float> Samples { get; init; }

    /// <summary>
    /// Where each sample of a readout was taken, (kx, ky, kz) in cycles per field of view, for x, y and z as the samples are; null for a Cartesian grid.
    /// </summary>
    public ReadOnlyMemory<float>? Trajectory { get; init; }

    public KSpaceHeader Header { get; init; } = new();

    /// <summary>What the reader had to assume or leave out, one line each.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Numbers of one coil of one slice at one time: two for each complex sample.</summary>
    public int FloatsPerCoil => checked(2 * (int)Size.Voxels);

    /// <summary>The samples of one coil.</summary>
    public ReadOnlyMemory<float> Of(int coil, int slice = 0, int time = 0) =>
        Samples.Slice(checked((coil + Coils * (slice + Slices * time)) * FloatsPerCoil), FloatsPerCoil);

    /// <summary>Share of the Cartesian grid that is not zero in any coil: 1 for a full measurement, 1 / acceleration for an undersampled one.</summary>
    public double SampledShare()
    {
        var (count, points) = (0L, (int)Size.Voxels);
        for (var time = 0; time < Times; time++)
        {
            for (var slice = 0; slice < Slices; slice++)
            {
                var sampled = new bool[points];
                for (var coil = 0; coil < Coils; coil++)
                {
                    var values = Of(coil, slice, time).Span;
                    for (var i = 0; i < points; i++)
                    {
                        sampled[i] |= values[2 * i] != 0 || values[2 * i + 1] != 0;
                    }
                }
                count += sampled.Count(value => value);
            }
        }
        return (double)count / ((long)points * Slices * Times);
    }
}

/// <summary>What a file says of a measurement; null where it does not say.</summary>
public sealed record KSpaceHeader
{
    /// <summary>Voxels of the encoded field of view.</summary>
    public GridSize? EncodedMatrix { get; init; }

    /// <summary>mm.</summary>
    public Vector3d? EncodedFieldOfView { get; init; }

    /// <summary>Voxels of the image to be made, after readout oversampling is cut off.</summary>
    public GridSize? ReconMatrix { get; init; }

    /// <summary>mm.</summary>
    public Vector3d? ReconFieldOfView { get; init; }

    /// <summary>"cartesian", "radial", "spiral", ...</summary>
    public string? Trajectory { get; init; }

    /// <summary>Tesla.</summary>
    public double? FieldStrength { get; init; }

    /// <summary>Seconds.</summary>
    public double? RepetitionTime { get; init; }

    /// <summary>Seconds, of the first echo.</summary>
    public double? EchoTime { get; init; }

    /// <summary>Kind of sequence or contrast, as the file names it.</summary>
    public string? Protocol { get; init; }

    /// <summary>Largest magnitude of the reference image (fastMRI), for metrics.</summary>
    public double? Maximum { get; init; }
}
