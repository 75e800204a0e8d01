using InrFast.Kernels.Gpu;

namespace InrFast.Kernels.Losses;

/// <summary>What a penalty measures of I + J at a row, from the jet of u; as <see cref="IJacobianMeasure{V}"/>.</summary>
interface IGpuJacobianMeasure
{
    int Count(int axes);
    float Value(in GpuMatrix u, int row, int which);

    /// <summary>The derivative of the value by element (k, l).</summary>
    float Slope(in GpuMatrix u, int row, int which, int k, int l);
}

readonly struct GpuVolumeMeasure : IGpuJacobianMeasure
{
    public int Count(int axes) => 1;

    public float Value(in GpuMatrix u, int row, int which)
    {
        float sum = 0;
        for (int j = 0; j < u.Columns; j++) sum += GpuJacobian.At(u, row, 0, j) * GpuJacobian.Cofactor(u, row, 0, j);
        return sum;
    }

    public float Slope(in GpuMatrix u, int row, int which, int k, int l) => GpuJacobian.Cofactor(u, row, k, l);
}

readonly struct GpuSurfaceMeasure : IGpuJacobianMeasure
{
    public int Count(int axes) => axes;

    public float Value(in GpuMatrix u, int row, int which)
    {
        float sum = 0;
        for (int i = 0; i < u.Columns; i++)
        {
            float cofactor = GpuJacobian.Cofactor(u, row, i, which);
            sum += cofactor * cofactor;
        }
        return sum;
    }

    public float Slope(in GpuMatrix u, int row, int which, int k, int l)
    {
        float sum = 0;
        for (int i = 0; i < u.Columns; i++)
            if (i != k && which != l) sum += 2f * GpuJacobian.Cofactor(u, row, i, which) * GpuJacobian.CofactorSlope(u, row, i, which, k, l);
        return sum;
    }
}

/// <summary>The derivative I + J of x + u(x) at a row; two or three axes.</summary>
static class GpuJacobian
{
    /// <summary>Element (i, j) of I + J.</summary>
    public static float At(in GpuMatrix u, int row, int i, int j) => u[1 + j, row, i] + (i == j ? 1f : 0f);

    /// <summary>With indices modulo 3 they need no signs.</summary>
    public static float Cofactor(in GpuMatrix u, int row, int i, int j)
    {
        if (u.Columns == 2) return i == j ? At(u, row, 1 - i, 1 - j) : -At(u, row, 1 - i, 1 - j);
        int down = (i + 1) % 3, further = (i + 2) % 3, right = (j + 1) % 3, beyond = (j + 2) % 3;
        return At(u, row, down, right) * At(u, row, further, beyond) - At(u, row, down, beyond) * At(u, row, further, right);
    }

    /// <summary>Of cofactor (i, j) by element (k, l), of another row and column.</summary>
    public static float CofactorSlope(in GpuMatrix u, int row, int i, int j, int k, int l)
    {
        if (u.Columns == 2) return i == j ? 1f : -1f;
        float other = At(u, row, 3 - i - k, 3 - j - l);
        return (k - i + 3) % 3 == (l - j + 3) % 3 ? other : -other;
    }
}
