namespace InrFast.Kernels.TotalVariation;

/// <summary>The oracle: voxel by voxel and axis by axis, in double.</summary>
sealed unsafe class ReferenceTotalVariation(int x, int y, int z) : TotalVariationKernels(x, y, z)
{
    public override void Primal(nint g, nint field, float weight, nint x, long firstRow, long rows)
    {
        for (long voxel = firstRow * sizeX; voxel < (firstRow + rows) * sizeX; voxel++)
        {
            double divergence = 0;
            for (int axis = 0; axis < Axes; axis++)
            {
                float* p = (float*)field + Lead + axis * FieldStride;
                divergence += p[voxel] - (Place(voxel, axis) > 0 ? p[voxel - Stride(axis)] : 0);
            }
            ((float*)x)[voxel] = (float)Math.Max(0, ((float*)g)[voxel] + weight * divergence);
        }
    }

    public override void Dual(nint x, float step, nint field, long firstRow, long rows)
    {
        var image = (float*)x;
        double[] p = new double[Axes];
        for (long voxel = firstRow * sizeX; voxel < (firstRow + rows) * sizeX; voxel++)
        {
            for (int axis = 0; axis < Axes; axis++)
                p[axis] = ((float*)field)[Lead + axis * FieldStride + voxel] + (Place(voxel, axis) < Size(axis) - 1 ? step * ((double)image[voxel + Stride(axis)] - image[voxel]) : 0);
            double length = Math.Max(1, Math.Sqrt(p.Sum(component => component * component)));
            for (int axis = 0; axis < Axes; axis++) ((float*)field)[Lead + axis * FieldStride + voxel] = (float)(p[axis] / length);
        }
    }

    int Size(int axis) => axis switch { 0 => sizeX, 1 => sizeY, _ => sizeZ };
    long Stride(int axis) => axis switch { 0 => 1, 1 => sizeX, _ => (long)sizeX * sizeY };
    long Place(long voxel, int axis) => voxel / Stride(axis) % Size(axis);
}
