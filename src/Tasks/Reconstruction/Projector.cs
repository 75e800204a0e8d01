using InrFast.Autodiff;
using InrFast.Kernels;
using InrFast.Kernels.Projection;

namespace InrFast.Tasks.Reconstruction;

/// <summary>The projections of an image and the adjoint by all workers: the same bits for any number of them.</summary>
public sealed unsafe class Projector(ProjectionGeometry geometry, Device device, Workers workers)
{
    readonly ProjectionKernels kernels = device.Projection(geometry);

    public ProjectionGeometry Geometry => geometry;

    /// <summary>Projections [view][row][column] of an image [z][y][x]; of some views the others stay as they are.</summary>
    public void Forward(float[] image, float[] projections, int firstView = 0, int views = int.MaxValue)
    {
        views = Math.Min(views, geometry.Views.Length - firstView);
        fixed (float* from = image, to = projections)
        {
            nint x = (nint)from, y = (nint)to;
            Parts.Run(workers, (long)views * geometry.Rows, 8, (first, lines, _) => kernels.Forward(x, y, (long)firstView * geometry.Rows + first, lines));
        }
    }

    /// <summary>The image that is the transpose of the projection applied to the projections of some views.</summary>
    public void Adjoint(float[] projections, float[] image, int firstView = 0, int views = int.MaxValue)
    {
        views = Math.Min(views, geometry.Views.Length - firstView);
        Array.Clear(image);
        fixed (float* from = projections, to = image)
        {
            nint y = (nint)from, x = (nint)to;
            for (int axis = 0; axis < (geometry.Volume.IsFlat ? 2 : 3); axis++)
            {
                int across = axis, planes = geometry.Volume[axis];
                Parts.Run(workers, planes, (planes + workers.Count - 1) / workers.Count,
                    (first, some, _) => kernels.Adjoint(y, x, (long)firstView * geometry.Rows, (long)views * geometry.Rows, across, (int)first, (int)some));
            }
        }
    }

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
