using InrFast.Autodiff;
using InrFast.Kernels.Projection;

namespace InrFast.Tasks.Reconstruction;

/// <summary>Projections of a template that moves: view j sees template(x + u_j(x)).</summary>
/// <param name="move">Writes a view's u, [axis][voxel], in voxels; called for each view at each projection.</param>
sealed class MovingProjector(Projector projector, Action<int, float[]> move, Workers workers) : IProjection
{
    readonly int pixels = projector.Geometry.Rows * projector.Geometry.Columns;
    readonly float[] field = Fields(projector), moved = new float[projector.Volume.Count], gradient = Fields(projector), values = new float[projector.Geometry.Count];

    public ScanVolume Volume => projector.Volume;
    public int Count => (int)projector.Geometry.Count;
    int Views => projector.Geometry.Views.Length;

    static float[] Fields(Projector projector) => new float[MovedVoxels.Axes(projector.Volume) * projector.Volume.Count];

    public void Forward(float[] image, float[] projections)
    {
        for (int view = 0; view < Views; view++)
        {
            move(view, field);
            MovedVoxels.Read(Volume, image, field, moved, workers);
            projector.Forward(moved, projections, view, 1);
        }
    }

    public void Adjoint(float[] projections, float[] image)
    {
        Array.Clear(image);
        for (int view = 0; view < Views; view++)
        {
            move(view, field);
            projector.Adjoint(projections, moved, view, 1);
            MovedVoxels.AddAdjoint(Volume, moved, field, image);
        }
    }

    /// <summary>What the error of each view means for the motion: the image's gradient at the moved voxels, [axis][voxel], and the view's error projected back onto these.</summary>
    /// <returns>|A x - b|^2.</returns>
    public double Errors(float[] image, float[] projections, Action<int, float[], float[]> seen)
    {
        double square = 0;
        for (int view = 0; view < Views; view++)
        {
            move(view, field);
            MovedVoxels.Read(Volume, image, field, moved, workers, gradient);
            projector.Forward(moved, values, view, 1);
            for (int i = view * pixels; i < (view + 1) * pixels; i++)
            {
                values[i] -= projections[i];
                square += (double)values[i] * values[i];
            }
            projector.Adjoint(values, moved, view, 1);
            seen(view, gradient, moved);
        }
        return square;
    }

    /// <summary>How a view of the template changes with the weight of each component of the motion, [component][row][column], beside the view itself.</summary>
    public (float[] View, float[][] Slopes) Slopes(float[] image, int view, float[][] components)
    {
        move(view, field);
        MovedVoxels.Read(Volume, image, field, moved, workers, gradient);
        float[] seen = Of(moved);
        return (seen, [.. components.Select(component =>
        {
            for (int i = 0; i < moved.Length; i++)
            {
                float sum = 0;
                for (int at = i; at < gradient.Length; at += moved.Length) sum += gradient[at] * component[at];
                moved[i] = sum;
            }
            return Of(moved);
        })]);

        float[] Of(float[] image)
        {
            projector.Forward(image, values, view, 1);
            return values[(view * pixels)..((view + 1) * pixels)];
        }
    }
}
