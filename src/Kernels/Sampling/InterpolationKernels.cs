namespace InrFast.Kernels.Sampling;

/// <summary>
/// An image of one to three axes as a function of position. Images are float [voxel][channel], a channel for each column of values;
/// coordinates have a column per axis (<see cref="VoxelGrid"/>), of which a fourth is time (<see cref="SeriesInterpolation"/>). Outside, the image goes on with the voxels of its border, so the function is
/// defined everywhere, and far outside it is constant.
/// </summary>
public abstract class InterpolationKernels
{
    /// <summary>Of one image.</summary>
    public const int MaxAxes = 3;

    protected readonly VoxelGrid grid;

    protected InterpolationKernels(VoxelGrid grid)
    {
        this.grid = grid;
    }

    /// <summary>The interpolated image at every row.</summary>
    public abstract void Forward(nint image, in Matrix coordinates, in Matrix values);

    /// <summary>dCoordinates = dValues times the interpolant's exact derivative, per unit of the coordinates.</summary>
    public abstract void Backward(in Matrix dValues, nint image, in Matrix coordinates, in Matrix dCoordinates);

    /// <summary>
    /// imageGradient += the adjoint of <see cref="Forward"/>. Rows meet in the same voxels: one worker at a time, and rows always in one
    /// order where results must repeat.
    /// </summary>
    public abstract void BackwardImage(in Matrix dValues, in Matrix coordinates, nint imageGradient);
}
