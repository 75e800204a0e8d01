using InrFast.Autodiff;
using InrFast.Kernels;
using InrFast.Kernels.Projection;

namespace InrFast.Tasks.Reconstruction;

/// <summary>The projections of an image and the adjoint, by all workers or by a card: the same bits for any number of workers. Images and projections pass through memory of the device.</summary>
public sealed class Projector(ProjectionGeometry geometry, Device device, Workers workers) : IDisposable
{
    readonly ProjectionKernels kernels = device.Projection(geometry);
    readonly DeviceMemory imageMemory = device.Allocate(geometry.Volume.Count * sizeof(float)), projectionMemory = device.Allocate(geometry.Count * sizeof(float));

    public ProjectionGeometry Geometry => geometry;

    /// <summary>Projections [view][row][column] of an image [z][y][x]; of some views the others stay as they are.</summary>
    public void Forward(float[] image, float[] projections, int firstView = 0, int views = int.MaxValue)
    {
        views = Math.Min(views, geometry.Views.Length - firstView);
        imageMemory.Write<float>(image);
        Parts.Run(device, workers, (long)views * geometry.Rows, 8,
            (first, lines, _) => kernels.Forward(imageMemory.Address, projectionMemory.Address, (long)firstView * geometry.Rows + first, lines));
        var (start, count) = Span(firstView, views);
        projectionMemory.Read(projections.AsSpan(start, count), (long)start * sizeof(float));
    }

    /// <summary>The image that is the transpose of the projection applied to the projections of some views.</summary>
    public void Adjoint(float[] projections, float[] image, int firstView = 0, int views = int.MaxValue)
    {
        views = Math.Min(views, geometry.Views.Length - firstView);
        var (start, count) = Span(firstView, views);
        projectionMemory.Write<float>(projections.AsSpan(start, count), (long)start * sizeof(float));
        imageMemory.Clear();
        for (int axis = 0; axis < (geometry.Volume.IsFlat ? 2 : 3); axis++)
        {
            int across = axis, planes = geometry.Volume[axis];
            Parts.Run(device, workers, planes, (planes + workers.Count - 1) / workers.Count, (first, some, _) =>
                kernels.Adjoint(projectionMemory.Address, imageMemory.Address, (long)firstView * geometry.Rows, (long)views * geometry.Rows, across, (int)first, (int)some));
        }
        imageMemory.Read<float>(image);
    }

    (int Start, int Count) Span(int firstView, int views) => (firstView * geometry.Rows * geometry.Columns, views * geometry.Rows * geometry.Columns);

    public float[] Forward(float[] image)
    {
        var projections = new float[geometry.Count];
        Forward(image, projections);
        return projections;
    }

    public float[] Adjoint(float[] projections)
    {
        var image = new float[geometry.Volume.Count];
        Adjoint(projections, image);
        return image;
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
