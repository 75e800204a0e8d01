using System.Runtime.CompilerServices;
using InrFast.Imaging;
using InrFast.Kernels.Sampling;

namespace InrFast.Tasks.Registration;

/// <summary>How an image is read between its voxels.</summary>
public enum WarpInterpolation
{
    /// <summary>Of labels: the value of the nearest voxel.</summary>
    Nearest,
    Linear,

    /// <summary>Catmull-Rom: through the samples, may go a little beyond them.</summary>
    Cubic,
}

/// <summary>Images and fields at points of the world.</summary>
public static class Warping
{
    /// <summary>
    /// An image drawn on a field's grid: at each voxel x the image at x + u(x). Points outside its field of view get its least value, and are counted.
    /// </summary>
    /// <param name="field">Displacements in mm of the world, one channel for each dimension (<see cref="RegistrationModel.Displacement"/>).</param>
    /// <exception cref="ArgumentException">The field is none of the image's dimensions.</exception>
    public static (Image Warped, double Outside) Warp(Image image, Image field, WarpInterpolation interpolation)
    {
        if (field.Channels != image.Dimensions || field.Dimensions != image.Dimensions)
            throw new ArgumentException($"a field of {field.Channels} components on {field.Dimensions} dimensions moves no image of {image.Dimensions}");
        var toIndex = image.Grid.IndexToWorld.Inverse();
        var (grid, samples, displacements) = (field.Grid, image.Samples, field.Samples);
        var (channels, axes) = (image.Channels, field.Channels);
        float background = image.Range().Minimum;
        var values = new float[grid.Size.Voxels * channels];
        long outside = 0;
        Parallel.For(0, grid.Size.Z * grid.Size.Y, line =>
        {
            int missed = 0;
            for (int x = 0; x < grid.Size.X; x++)
            {
                long voxel = (long)line * grid.Size.X + x;
                var u = displacements.Span.Slice((int)(voxel * axes), axes);
                var index = toIndex.Apply(grid.ToWorld(new(x, line % grid.Size.Y, line / grid.Size.Y)) + new Vector3d(u[0], u[1], axes == 3 ? u[2] : 0));
                if (axes == 2) index = index with { Z = 0 };
                bool inside = image.Size.Contains(index);
                if (!inside) missed++;
                for (int c = 0; c < channels; c++) values[voxel * channels + c] = inside ? Read(samples.Span, image.Size, channels, c, index, interpolation) : background;
            }
            Interlocked.Add(ref outside, missed);
        });
        return (image.Derive(grid, values), (double)outside / grid.Size.Voxels);
    }

    static float Read(ReadOnlySpan<float> samples, GridSize size, int channels, int channel, Vector3d index, WarpInterpolation interpolation) => interpolation switch
    {
        WarpInterpolation.Nearest => samples[At(size, channels, channel, (int)Math.Round(index.X), (int)Math.Round(index.Y), (int)Math.Round(index.Z))],
        WarpInterpolation.Linear => Read(samples, size, channels, channel, index, default(Linear)),
        _ => Read(samples, size, channels, channel, index, default(Cubic)),
    };

    [SkipLocalsInit]
    static unsafe float Read<TInterpolant>(ReadOnlySpan<float> samples, GridSize size, int channels, int channel, Vector3d index, TInterpolant interpolant) where TInterpolant : struct, IInterpolant
    {
        const int Most = 4;
        float* x = stackalloc float[Most], y = stackalloc float[Most], z = stackalloc float[Most];
        int Weigh(double at, float* weights)
        {
            double floor = Math.Floor(at);
            interpolant.Weigh((float)(at - floor), out *(TapNumbers*)weights, out _);
            return (int)floor + 1 - interpolant.Taps / 2;
        }
        int firstX = Weigh(index.X, x), firstY = Weigh(index.Y, y), firstZ = Weigh(index.Z, z);
        double sum = 0;
        for (int k = 0; k < interpolant.Taps; k++)
            for (int j = 0; j < interpolant.Taps; j++)
                for (int i = 0; i < interpolant.Taps; i++)
                    sum += (double)z[k] * y[j] * x[i] * samples[At(size, channels, channel, firstX + i, firstY + j, firstZ + k)];
        return (float)sum;
    }

    /// <summary>The nearest voxel there is.</summary>
    static int At(GridSize size, int channels, int channel, int x, int y, int z) =>
        channel + channels * (Math.Clamp(x, 0, size.X - 1) + size.X * (Math.Clamp(y, 0, size.Y - 1) + size.Y * Math.Clamp(z, 0, size.Z - 1)));
}
