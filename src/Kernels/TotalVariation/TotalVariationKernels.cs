namespace InrFast.Kernels.TotalVariation;

/// <summary>
/// The two halves of a step of the dual of isotropic total-variation denoising, min over x at least 0 of |x - g|^2 / 2 + weight TV(x), of an image of two or three axes
/// (Beck and Teboulle: Fast gradient-based algorithms for constrained total variation image denoising, IEEE Trans. Image Processing 18, 2009, equations 4.2 and 4.9).
/// TV sums the lengths of forward differences, zero across the border. The dual field has a component for each axis, one after another,
/// <see cref="FieldStride"/> floats apart, each with <see cref="Lead"/> zeros before it.
/// </summary>
public abstract class TotalVariationKernels
{
    protected readonly int sizeX, sizeY, sizeZ;

    protected TotalVariationKernels(int x, int y, int z)
    {
        if (x < 1 || y < 1 || z < 1) throw new ArgumentException($"an image of {x} x {y} x {z} voxels");
        (sizeX, sizeY, sizeZ) = (x, y, z);
    }

    public int Axes => sizeZ == 1 ? 2 : 3;

    /// <summary>Floats before each component, so that the neighbours before the first row and slice are zeros.</summary>
    public long Lead => ((long)sizeX * sizeY + 31) / 16 * 16;

    public long FieldStride => Lead + ((long)sizeX * sizeY * sizeZ + 31) / 16 * 16;
    public long FieldFloats => Axes * FieldStride + Lead;

    /// <summary>x = max(0, g + weight div p) of rows along x, row = y + size y * z.</summary>
    public abstract void Primal(nint g, nint field, float weight, nint x, long firstRow, long rows);

    /// <summary>p = p' / max(1, |p'|), p' = p + step grad x.</summary>
    public abstract void Dual(nint x, float step, nint field, long firstRow, long rows);
}
