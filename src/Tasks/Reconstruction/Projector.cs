using InrFast.Autodiff;
using InrFast.Kernels;
using InrFast.Kernels.Projection;

namespace InrFast.Tasks.Reconstruction;

/// <summary>
/// The projections of an image and the adjoint, by all workers or by a card: the same bits for any number of workers. Images and projections pass through memory of the device. With a finer image a pixel's value is the mean over
/// several rays, as a detector measures it.
/// </summary>
public sealed class Projector : IProjection, IDisposable
{
    readonly Device device;
    readonly Workers workers;
    readonly int fineness;
    readonly ProjectionGeometry rays;
    readonly ProjectionKernels kernels;
    readonly DeviceMemory imageMemory, projectionMemory;
    readonly float[] values; // of the rays

    /// <param name="geometry">Of the projections.</param>
    /// <param name="fineness">Voxels of the image along each axis, and rays across each pixel, for one of the geometry.</param>
    public Projector(ProjectionGeometry geometry, Device device, Workers workers, int fineness = 1)
    {
        (Geometry, this.device, this.workers, this.fineness) = (geometry, device, workers, fineness);
        rays = fineness == 1 ? geometry : geometry.Finer(fineness);
        kernels = device.Projection(rays);
        (imageMemory, projectionMemory) = (device.Allocate(rays.Volume.Count * sizeof(float)), device.Allocate(rays.Count * sizeof(float)));
        values = fineness == 1 ? [] : new float[rays.Count];
    }

    public ProjectionGeometry Geometry { get; }

    /// <summary>Of the image.</summary>
    public ScanVolume Volume => rays.Volume;

    /// <summary>Projections [view][row][column] of an image [z][y][x]; of some views the others stay as they are.</summary>
    public void Forward(float[] image, float[] projections, int firstView = 0, int views = int.MaxValue)
    {
        views = Math.Min(views, Geometry.Views.Length - firstView);
        imageMemory.Write<float>(image);
        Parts.Run(device, workers, (long)views * rays.Rows, 8,
            (first, lines, _) => kernels.Forward(imageMemory.Address, projectionMemory.Address, (long)firstView * rays.Rows + first, lines));
        var (start, count) = Span(rays, firstView, views);
        if (fineness == 1)
        {
            projectionMemory.Read(projections.AsSpan(start, count), (long)start * sizeof(float));
            return;
        }
        projectionMemory.Read(values.AsSpan(start, count), (long)start * sizeof(float));
        var (firstPixel, pixels) = Span(Geometry, firstView, views);
        int down = rays.Rows / Geometry.Rows;
        float share = 1f / (fineness * down);
        for (int pixel = firstPixel; pixel < firstPixel + pixels; pixel++)
        {
            float sum = 0;
            for (int v = 0, at = FirstRay(pixel); v < down; v++, at += rays.Columns)
                for (int u = 0; u < fineness; u++) sum += values[at + u];
            projections[pixel] = share * sum;
        }
    }

    /// <summary>The image that is the transpose of the projection applied to the projections of some views.</summary>
    public void Adjoint(float[] projections, float[] image, int firstView = 0, int views = int.MaxValue)
    {
        views = Math.Min(views, Geometry.Views.Length - firstView);
        var (start, count) = Span(rays, firstView, views);
        if (fineness > 1)
        {
            var (firstPixel, pixels) = Span(Geometry, firstView, views);
            int down = rays.Rows / Geometry.Rows;
            float share = 1f / (fineness * down);
            for (int pixel = firstPixel; pixel < firstPixel + pixels; pixel++)
                for (int v = 0, at = FirstRay(pixel); v < down; v++, at += rays.Columns) values.AsSpan(at, fineness).Fill(share * projections[pixel]);
        }
        projectionMemory.Write<float>((fineness == 1 ? projections : values).AsSpan(start, count), (long)start * sizeof(float));
        imageMemory.Clear();
        for (int axis = 0; axis < (Volume.IsFlat ? 2 : 3); axis++)
        {
            int across = axis, planes = Volume[axis];
            Parts.Run(device, workers, planes, (planes + workers.Count - 1) / workers.Count, (first, some, _) =>
                kernels.Adjoint(projectionMemory.Address, imageMemory.Address, (long)firstView * rays.Rows, (long)views * rays.Rows, across, (int)first, (int)some));
        }
        imageMemory.Read<float>(image);
    }

    int IProjection.Count => (int)Geometry.Count;
    void IProjection.Forward(float[] image, float[] projections) => Forward(image, projections);
    void IProjection.Adjoint(float[] projections, float[] image) => Adjoint(projections, image);

    int FirstRay(int pixel) => pixel / Geometry.Columns * (rays.Rows / Geometry.Rows) * rays.Columns + pixel % Geometry.Columns * fineness;

    static (int Start, int Count) Span(ProjectionGeometry of, int firstView, int views) => (firstView * of.Rows * of.Columns, views * of.Rows * of.Columns);

    public float[] Forward(float[] image)
    {
        var projections = new float[Geometry.Count];
        Forward(image, projections);
        return projections;
    }

    public float[] Adjoint(float[] projections)
    {
        var image = new float[Volume.Count];
        Adjoint(projections, image);
        return image;
    }

    /// <summary>An image on the geometry's own volume: means of the finer voxels.</summary>
    public float[] Coarse(float[] image)
    {
        if (fineness == 1) return image;
        var own = Geometry.Volume;
        var coarse = new float[own.Count];
        int deep = Volume.Z / own.Z;
        float share = 1f / (fineness * fineness * deep);
        for (int i = 0; i < image.Length; i++) coarse[i % Volume.X / fineness + own.X * (i / Volume.X % Volume.Y / fineness + own.Y * (i / (Volume.X * Volume.Y) / deep))] += share * image[i];
        return coarse;
    }

    /// <summary>An image of the geometry's own volume on the finer voxels, each as the one that it lies in.</summary>
    public float[] Fine(float[] image)
    {
        if (fineness == 1) return image;
        var own = Geometry.Volume;
        int deep = Volume.Z / own.Z;
        return [.. Enumerable.Range(0, (int)Volume.Count).Select(i => image[i % Volume.X / fineness + own.X * (i / Volume.X % Volume.Y / fineness + own.Y * (i / (Volume.X * Volume.Y) / deep))])];
    }

    public void Dispose()
    {
        imageMemory.Dispose();
        projectionMemory.Dispose();
    }

    /// <summary>|ours - measured| / |measured|.</summary>
    public static double RelativeDifference(float[] ours, float[] measured)
    {
        double difference = 0, all = 0;
        for (int i = 0; i < ours.Length; i++)
        {
            difference += ((double)ours[i] - measured[i]) * ((double)ours[i] - measured[i]);
            all += (double)measured[i] * measured[i];
        }
        return all > 0 ? Math.Sqrt(difference / all) : 0;
    }
}
