using InrFast.Autodiff;
using InrFast.Kernels.Projection;
using InrFast.Tasks.Registration;

namespace InrFast.Tasks.Reconstruction;

/// <summary>
/// The field u, in voxels, with moving(x + u(x)) = image(x), from blurred images to sharp ones (Thirion: Image matching as a diffusion process, Medical Image Analysis 2, 1998; its demons' force with the gradient of the
/// moved image, the field smoothed after each step).
/// </summary>
static class Demons
{
    const int Steps = 100;
    const double Smoothness = 1.5;

    /// <summary>Standard deviations in voxels.</summary>
    static readonly double[] blurs = [4, 2, 1, 0];

    /// <returns>[axis][voxel].</returns>
    public static float[] Register(ScanVolume volume, float[] image, float[] moving, Workers workers)
    {
        int count = image.Length, axes = MovedVoxels.Axes(volume);
        int[] sizes = [.. Enumerable.Range(0, axes).Select(axis => volume[axis])];
        float[] Blurred(float[] values, double deviation) => Smoothing.Gaussian(values, sizes, [.. sizes.Select(_ => deviation)]);
        float[] field = new float[axes * count], moved = new float[count], gradient = new float[axes * count];
        foreach (double blur in blurs)
        {
            float[] target = Blurred(image, blur), source = Blurred(moving, blur);
            for (int step = 0; step < Steps; step++)
            {
                MovedVoxels.Read(volume, source, field, moved, workers, gradient);
                for (int i = 0; i < count; i++)
                {
                    float difference = target[i] - moved[i], square = difference * difference;
                    for (int axis = 0; axis < axes; axis++) square += gradient[axis * count + i] * gradient[axis * count + i];
                    if (square == 0) continue;
                    for (int axis = 0; axis < axes; axis++) field[axis * count + i] += difference * gradient[axis * count + i] / square;
                }
                for (int axis = 0; axis < axes; axis++) Blurred(field[(axis * count)..((axis + 1) * count)], Smoothness).CopyTo(field, axis * count);
            }
        }
        return field;
    }
}
