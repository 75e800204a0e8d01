using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using InrFast.Imaging.Dicom;

namespace InrFast.Imaging;

/// <summary>
/// An image, a volume or a time series of them, with its place in the world. Immutable.
/// Samples are float32 in the image's unit (value scale already applied), channels interleaved: sample (c, x, y, z, t) stands at
/// c + Channels (x + SizeX (y + SizeY (z + SizeZ t))). So one voxel's channels lie together, as one row of a network's output does.
/// </summary>
public sealed class Image
{
    /// <param name="grid">Size and place of one time point.</param>
    /// <param name="samples">All samples; the image takes the array over and nobody may change it afterwards.</param>
    /// <exception cref="ArgumentException">The array's length does not fit the size, or the grid cannot be inverted.</exception>
    public Image(Grid grid, float[] samples, int channels = 1, int times = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(times, 1);
        if (checked(grid.Size.Voxels * channels * times) != samples.Length)
        {
            throw new ArgumentException($"{samples.Length} samples for {grid.Size} voxels, {channels} channels and {times} times", nameof(samples));
        }
        if (!grid.IndexToWorld.IsInvertible)
        {
            throw new ArgumentException("the three axes of the grid do not span space", nameof(grid));
        }
        (Grid, Samples, Channels, Times) = (grid, samples, channels, times);
    }

    private Image(Image other) =>
        (Grid, Samples, Channels, Times, TimeSpacing, Unit, Stored, Warnings) = (other.Grid, other.Samples, other.Channels, other.Times, other.TimeSpacing, other.Unit, other.Stored, other.Warnings);

    public Grid Grid { get; private init; }

    public ReadOnlyMemory<float> Samples { get; private init; }

    /// <summary>Numbers per voxel: 1 grey, 2 grey and alpha, 3 RGB or a vector in world axes, 4 RGBA.</summary>
    public int Channels { get; }

    /// <summary>Time points.</summary>
    public int Times { get; }

    /// <summary>Seconds between time points; 0 where unknown.</summary>
    public double TimeSpacing { get; init; }

    /// <summary>Unit of the values: "HU", or "" where the file names none.</summary>
    public string Unit { get; init; } = "";

    /// <summary>Type and scale the file kept the values in, and in which they are written back unless told otherwise.</summary>
    public StoredScale Stored { get; init; } = new(SampleType.Float32);

    /// <summary>What the DICOM files behind the image say beside its pixels, for a series derived from it; null where the source was not DICOM.</summary>
    public DicomAcquisition? Acquisition { get; init; }

    /// <summary>What the reader had to assume or leave out, one line each, for the user to see.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    public GridSize Size => Grid.Size;

    public int Dimensions => Grid.Dimensions;

    /// <summary>Other values in this image's terms: unit, stored type and scale, and acquisition data are kept; warnings are not.</summary>
    public Image Derive(Grid grid, float[] samples, int times = 1) => new(grid, samples, Channels, times)
    {
        TimeSpacing = TimeSpacing, Unit = Unit, Stored = Stored, Acquisition = Acquisition,
    };

    /// <summary>The same image with acquisition data of another, which its values were made from.</summary>
    public Image WithAcquisition(DicomAcquisition acquisition) => new(this) { Acquisition = acquisition };

    /// <summary>Least and greatest finite sample; (NaN, NaN) where none is finite.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public (float Minimum, float Maximum) Range()
    {
        var (low, high) = (float.PositiveInfinity, float.NegativeInfinity);
        var (lows, highs) = (new Vector<float>(low), new Vector<float>(high));
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(Samples.Span);
        foreach (var values in vectors)
        {
            var isFinite = IsFinite(values);
            lows = Vector.Min(lows, Vector.ConditionalSelect(isFinite, values, lows));
            highs = Vector.Max(highs, Vector.ConditionalSelect(isFinite, values, highs));
        }
        for (var lane = 0; lane < Vector<float>.Count; lane++)
        {
            (low, high) = (Math.Min(low, lows[lane]), Math.Max(high, highs[lane]));
        }
        foreach (var value in Samples.Span[(vectors.Length * Vector<float>.Count)..])
        {
            if (float.IsFinite(value))
            {
                (low, high) = (Math.Min(low, value), Math.Max(high, value));
            }
        }
        return low <= high ? (low, high) : (float.NaN, float.NaN);
    }

    /// <summary>How many samples are NaN or infinite.</summary>
    public long NonFiniteCount()
    {
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(Samples.Span);
        var rest = Samples.Span[(vectors.Length * Vector<float>.Count)..];
        var finite = 0L;
        foreach (var values in vectors)
        {
            // Lanes that are finite count -1 each.
            finite -= Vector.Sum(IsFinite(values));
        }
        foreach (var value in rest)
        {
            finite += float.IsFinite(value) ? 1 : 0;
        }
        return Samples.Length - finite;
    }

    // The difference of a number and itself is zero, of infinity and NaN it is NaN.
    private static Vector<int> IsFinite(Vector<float> values) => Vector.Equals(values - values, Vector<float>.Zero);
}
