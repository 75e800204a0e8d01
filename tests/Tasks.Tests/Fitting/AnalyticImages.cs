using InrFast.Imaging;

namespace InrFast.Tests.Fitting;

/// <summary>Images of smooth functions of the world: what a model renders anywhere can be compared with the function there.</summary>
static class AnalyticImages
{
    /// <summary>Two waves in HU; lengths of 15 to 40 mm.</summary>
    public static double Waves(Vector3d p) => 100 + 300 * Math.Sin(0.25 * p.X + 0.1 * p.Y) + 150 * Math.Cos(0.3 * p.Y - 0.12 * p.X + 0.2 * p.Z);

    /// <summary>1.5 mm steps, turned by 30 degrees, somewhere.</summary>
    public static Grid Turned(int x, int y, int z = 1)
    {
        var (sine, cosine) = Math.SinCos(Math.PI / 6);
        return new(new(x, y, z), new(new(1.5 * cosine, 1.5 * sine, 0), new(-1.2 * sine, 1.2 * cosine, 0), new(0, 0, 2), new(-12, 7, 30)));
    }

    public static Image Of(Grid grid, Func<Vector3d, double> function)
    {
        var samples = new float[grid.Size.Voxels];
        for (int i = 0; i < samples.Length; i++) samples[i] = (float)function(grid.ToWorld(IndexOf(grid.Size, i)));
        return new(grid, samples) { Unit = "HU", Stored = new(SampleType.Int16, 2, -1024) };
    }

    public static Vector3d IndexOf(GridSize size, int voxel) => new(voxel % size.X, voxel / size.X % size.Y, voxel / size.X / size.Y);

    public static Image Picture { get; } = Of(Turned(32, 24), Waves);
    public static Image Volume { get; } = Of(Turned(16, 12, 10), Waves);

    /// <summary>The waves and a ramp.</summary>
    public static Image TwoChannels { get; } = new(Picture.Grid, [.. Picture.Samples.ToArray().SelectMany((value, i) => new[] { value, i % 32 * 20f })], channels: 2);

    /// <summary>A volume whose waves fade in and out.</summary>
    public static Image FourAxes { get; } = new(Turned(10, 9, 8), [.. Enumerable.Range(0, 5).SelectMany(t => Of(Turned(10, 9, 8), Waves).Samples.ToArray().Select(v => v * (float)Math.Sin(0.6 * t + 0.4)))], times: 5)
    {
        TimeSpacing = 0.25,
    };

    /// <summary>dB, the peak being the first image's range.</summary>
    public static double Psnr(Image image, Image other)
    {
        var (low, high) = image.Range();
        double sum = 0;
        for (int i = 0; i < image.Samples.Length; i++) sum += Math.Pow(image.Samples.Span[i] - (double)other.Samples.Span[i], 2);
        return 10 * Math.Log10(Math.Pow((double)high - low, 2) * image.Samples.Length / sum);
    }
}
