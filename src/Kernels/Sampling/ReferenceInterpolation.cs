namespace InrFast.Kernels.Sampling;

/// <summary>The oracle: the sum over the interpolant's kernel as it is defined, in double.</summary>
sealed unsafe class ReferenceInterpolation<TInterpolant>(VoxelGrid voxels, TInterpolant interpolant) : InterpolationKernels(voxels)
    where TInterpolant : struct, IInterpolant
{
    public override void Forward(nint image, in Matrix coordinates, in Matrix values)
    {
        for (int r = 0; r < values.Rows; r++)
        {
            for (int c = 0; c < values.Columns; c++)
            {
                double sum = 0;
                foreach (var (voxel, weight, _) in Neighbours(coordinates, r)) sum += weight * ((float*)image)[voxel * values.Columns + c];
                values.Row(r)[c] = (float)sum;
            }
            for (int c = values.Columns; c < values.Stride && c < Matrix.PadColumns(values.Columns); c++) values.Row(r)[c] = 0;
        }
    }

    public override void Backward(in Matrix dValues, nint image, in Matrix coordinates, in Matrix dCoordinates)
    {
        for (int r = 0; r < dValues.Rows; r++)
            for (int axis = 0; axis < grid.Axes; axis++)
            {
                double sum = 0;
                foreach (var (voxel, _, gradient) in Neighbours(coordinates, r))
                    for (int c = 0; c < dValues.Columns; c++) sum += dValues.Row(r)[c] * gradient[axis] * ((float*)image)[voxel * dValues.Columns + c];
                dCoordinates.Row(r)[axis] = (float)sum;
            }
    }

    public override void BackwardImage(in Matrix dValues, in Matrix coordinates, nint imageGradient)
    {
        for (int r = 0; r < dValues.Rows; r++)
            foreach (var (voxel, weight, _) in Neighbours(coordinates, r))
                for (int c = 0; c < dValues.Columns; c++) ((float*)imageGradient)[voxel * dValues.Columns + c] += (float)(weight * dValues.Row(r)[c]);
    }

    /// <summary>Voxels around a row's point, with the weight of each and its derivative along every axis.</summary>
    List<(long Voxel, double Weight, double[] Gradient)> Neighbours(in Matrix coordinates, int row)
    {
        List<(long Voxel, double Weight, double[] Gradient)> all = [(0, 1, new double[grid.Axes])];
        long stride = 1;
        for (int axis = 0; axis < grid.Axes; axis++)
        {
            int size = grid[axis].Size;
            double scale = 0.5 / grid[axis].HalfStep, at = Math.Clamp(coordinates.Row(row)[axis] * scale + 0.5 * (size - 1), -4.0, size + 4.0);
            int first = (int)Math.Floor(at) + 1 - interpolant.Taps / 2;
            List<(long Voxel, double Weight, double[] Gradient)> finer = [];
            foreach (var (voxel, weight, gradient) in all)
                for (int i = first; i < first + interpolant.Taps; i++)
                {
                    double kernel = interpolant.Kernel(at - i);
                    var product = Array.ConvertAll(gradient, g => g * kernel);
                    product[axis] = weight * interpolant.Slope(at - i) * scale;
                    finer.Add((voxel + Math.Clamp(i, 0, size - 1) * stride, weight * kernel, product));
                }
            all = finer;
            stride *= size;
        }
        return all;
    }
}
