using InrFast.Kernels.Gpu;

namespace InrFast.Kernels.TotalVariation;

/// <summary>A thread for each voxel.</summary>
sealed class GpuTotalVariation(GpuDevice device, int x, int y, int z) : TotalVariationKernels(x, y, z)
{
    readonly GpuKernel<Argument> primal = device.Kernel<Argument>(Primal), dual = device.Kernel<Argument>(Dual);

    struct Argument
    {
        public GpuFloats Image, From, Field;
        public long First, Voxels, FieldStride;
        public int X, Y, Z;
        public float Factor;
    }

    Argument Of(nint image, nint from, nint field, float factor, long firstRow, long rows) => new()
    {
        Image = new(image), From = new(from), Field = new(field + (nint)(Lead * sizeof(float))), First = firstRow * sizeX, Voxels = rows * sizeX, FieldStride = FieldStride, X = sizeX, Y = sizeY, Z = sizeZ,
        Factor = factor,
    };

    public override void Primal(nint g, nint field, float weight, nint x, long firstRow, long rows) => primal.Launch(Of(x, g, field, weight, firstRow, rows), rows * sizeX);

    static void Primal(Argument a)
    {
        if (Elements.Index >= a.Voxels) return;
        long at = a.First + Elements.Index, slice = (long)a.X * a.Y;
        GpuFloats alongX = a.Field.At(at), alongY = alongX.At(a.FieldStride);
        float divergence = alongX[0] - alongX[-1] + alongY[0] - alongY[-a.X];
        if (a.Z > 1)
        {
            var alongZ = alongY.At(a.FieldStride);
            divergence += alongZ[0] - alongZ[-slice];
        }
        a.Image[at] = Intrinsics.Max(0f, Intrinsics.Fma(a.Factor, divergence, a.From[at]));
    }

    public override void Dual(nint x, float step, nint field, long firstRow, long rows) => dual.Launch(Of(x, 0, field, step, firstRow, rows), rows * sizeX);

    /// <summary>A neighbour beyond the border is the voxel itself: its difference is 0, and so stays the field there.</summary>
    static void Dual(Argument a)
    {
        if (Elements.Index >= a.Voxels) return;
        long at = a.First + Elements.Index, row = at / a.X, slice = row / a.Y, column = at - row * a.X;
        GpuFloats alongX = a.Field.At(at), alongY = alongX.At(a.FieldStride), alongZ = alongY.At(a.FieldStride);
        float here = a.Image[at], dz = 0;
        float dx = Intrinsics.Fma(a.Factor, a.Image[column < a.X - 1 ? at + 1 : at] - here, alongX[0]);
        float dy = Intrinsics.Fma(a.Factor, a.Image[row - slice * a.Y < a.Y - 1 ? at + a.X : at] - here, alongY[0]);
        if (a.Z > 1) dz = Intrinsics.Fma(a.Factor, a.Image[slice < a.Z - 1 ? at + (long)a.X * a.Y : at] - here, alongZ[0]);
        float shrink = 1f / Intrinsics.Max(1f, Intrinsics.Sqrt(dx * dx + dy * dy + dz * dz));
        alongX[0] = dx * shrink;
        alongY[0] = dy * shrink;
        if (a.Z > 1) alongZ[0] = dz * shrink;
    }
}
