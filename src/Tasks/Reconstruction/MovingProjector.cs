using InrFast.Autodiff;
using InrFast.Kernels.Projection;

namespace InrFast.Tasks.Reconstruction;

/// <summary>Projections of a template that moves: view j sees template(x + u_j(x)).</summary>
/// <param name="weights">Of the motion's components, [view][component]; read at each call.</param>
sealed class MovingProjector(Projector projector, MotionModel motion, double[] weights, Workers workers) : IProjection
{
    readonly int components = motion.Components.Length, pixels = projector.Geometry.Rows * projector.Geometry.Columns;
    readonly float[] field = new float[motion.Mean.Length], moved = new float[projector.Volume.Count], gradient = new float[motion.Mean.Length], values = new float[projector.Geometry.Count];

    public ScanVolume Volume => projector.Volume;
    public int Count => (int)projector.Geometry.Count;
    int Views => projector.Geometry.Views.Length;

    public void Forward(float[] image, float[] projections)
    {
        for (int view = 0; view < Views; view++)
        {
            Move(view);
            MovedVoxels.Read(Volume, image, field, moved, workers);
            projector.Forward(moved, projections, view, 1);
        }
    }

    public void Adjoint(float[] projections, float[] image)
    {
        Array.Clear(image);
        for (int view = 0; view < Views; view++)
        {
            Move(view);
            projector.Adjoint(projections, moved, view, 1);
            MovedVoxels.AddAdjoint(Volume, moved, field, image);
        }
    }

    /// <summary>How a view of the template changes with each weight, [component][row][column], beside the view itself.</summary>
    public (float[] View, float[][] Slopes) Slopes(float[] image, int view)
    {
        Move(view);
        MovedVoxels.Read(Volume, image, field, moved, workers, gradient);
        float[] seen = Of(moved);
        return (seen, [.. motion.Components.Select(component =>
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

    void Move(int view) => motion.Field(weights.AsSpan(view * components, components), field);
}
