namespace InrFast.Imaging;

/// <summary>World geometry of NIfTI (nifti1.h, "3D IMAGE (VOLUME) ORIENTATION AND LOCATION IN SPACE"), between its RAS and our LPS.</summary>
internal static class NiftiGeometry
{
    /// <summary>The sform where its code is set, else the qform where its code is set, else spacing alone, with a warning.</summary>
    public static Affine Read(NiftiHeader header, string name, ICollection<string> warnings)
    {
        var millimetres = (header.Units & 7) switch { 1 => 1000, 3 => 1e-3, _ => 1.0 };
        if (header.SformCode > 0 && Accept(FromSform(header.Sform), millimetres) is { } sform)
        {
            return sform;
        }
        if (header.QformCode > 0 && Accept(FromQform(header), millimetres) is { } qform)
        {
            return qform;
        }
        warnings.Add(header.SformCode > 0 || header.QformCode > 0
            ? $"{name}: its orientation (sform, qform) is degenerate and was not used; left and right are not certain"
            : $"{name}: the file names no orientation (sform and qform codes are 0); left and right are not certain");
        var plain = Affine.FromSpacing(Spacing(header, 1, name, warnings), Spacing(header, 2, name, warnings), Spacing(header, 3, name, warnings));
        return (Accept(plain, millimetres) ?? Accept(Affine.Identity, 1))!.Value;
    }

    /// <summary>Rows x, y, z of the RAS matrix, as the sform keeps them.</summary>
    public static double[] ToSform(Affine lps)
    {
        var ras = lps.BetweenLpsAndRas();
        return
        [
            ras.StepX.X, ras.StepY.X, ras.StepZ.X, ras.Origin.X,
            ras.StepX.Y, ras.StepY.Y, ras.StepZ.Y, ras.Origin.Y,
            ras.StepX.Z, ras.StepY.Z, ras.StepZ.Z, ras.Origin.Z,
        ];
    }

    /// <summary>
    /// Quaternion (b, c, d) and the sign of the third axis; null where the axes are not at right angles, which a quaternion cannot say.
    /// </summary>
    public static (double B, double C, double D, double Sign)? ToQform(Affine lps)
    {
        // A float32 header keeps about seven digits.
        if (lps.Shear > 1e-5)
        {
            return null;
        }
        var ras = lps.BetweenLpsAndRas();
        var (x, y, z) = (ras.StepX / ras.StepX.Length, ras.StepY / ras.StepY.Length, ras.StepZ / ras.StepZ.Length);
        var sign = ras.Determinant < 0 ? -1.0 : 1.0;
        z *= sign;
        // The largest of the four components first, so that no difference of nearly equal numbers is divided by.
        var trace = x.X + y.Y + z.Z;
        double a, b, c, d;
        if (trace > 0)
        {
            a = 0.5 * Math.Sqrt(1 + trace);
            (b, c, d) = (0.25 * (y.Z - z.Y) / a, 0.25 * (z.X - x.Z) / a, 0.25 * (x.Y - y.X) / a);
        }
        else if (x.X >= y.Y && x.X >= z.Z)
        {
            b = 0.5 * Math.Sqrt(1 + x.X - y.Y - z.Z);
            (a, c, d) = (0.25 * (y.Z - z.Y) / b, 0.25 * (y.X + x.Y) / b, 0.25 * (z.X + x.Z) / b);
        }
        else if (y.Y >= z.Z)
        {
            c = 0.5 * Math.Sqrt(1 + y.Y - x.X - z.Z);
            (a, b, d) = (0.25 * (z.X - x.Z) / c, 0.25 * (y.X + x.Y) / c, 0.25 * (z.Y + y.Z) / c);
        }
        else
        {
            d = 0.5 * Math.Sqrt(1 + z.Z - x.X - y.Y);
            (a, b, c) = (0.25 * (x.Y - y.X) / d, 0.25 * (z.X + x.Z) / d, 0.25 * (z.Y + y.Z) / d);
        }
        // The header keeps b, c, d alone and takes a as not negative.
        return a < 0 ? (-b, -c, -d, sign) : (b, c, d, sign);
    }

    private static Affine? Accept(Affine ras, double millimetres)
    {
        var lps = ras.BetweenLpsAndRas().Times(millimetres);
        return lps.IsInvertible ? lps : null;
    }

    private static Affine FromSform(double[] m) =>
        new(new(m[0], m[4], m[8]), new(m[1], m[5], m[9]), new(m[2], m[6], m[10]), new(m[3], m[7], m[11]));

    private static Affine FromQform(NiftiHeader header)
    {
        var (b, c, d) = (header.Qform[0], header.Qform[1], header.Qform[2]);
        var rest = 1 - (b * b + c * c + d * d);
        var a = Math.Sqrt(Math.Max(rest, 0));
        if (rest < 1e-7)
        {
            var scale = 1 / Math.Sqrt(b * b + c * c + d * d);
            (a, b, c, d) = (0, b * scale, c * scale, d * scale);
        }
        var sign = header.PixDim[0] < 0 ? -1 : 1;
        return new Affine(
            new Vector3d(a * a + b * b - c * c - d * d, 2 * (b * c + a * d), 2 * (b * d - a * c)) * header.PixDim[1],
            new Vector3d(2 * (b * c - a * d), a * a + c * c - b * b - d * d, 2 * (c * d + a * b)) * header.PixDim[2],
            new Vector3d(2 * (b * d + a * c), 2 * (c * d - a * b), a * a + d * d - b * b - c * c) * header.PixDim[3] * sign,
            new(header.Qform[3], header.Qform[4], header.Qform[5]));
    }

    private static double Spacing(NiftiHeader header, int axis, string name, ICollection<string> warnings)
    {
        var spacing = Math.Abs(header.PixDim[axis]);
        if (double.IsFinite(spacing) && spacing > 0)
        {
            return spacing;
        }
        if (header.Dim[0] >= axis)
        {
            warnings.Add($"{name}: spacing {axis} (pixdim) is {header.PixDim[axis]} and was taken as 1");
        }
        return 1;
    }
}
