using InrFast.Kernels.Gpu;

namespace InrFast.Kernels.Losses;

/// <summary>The derivative I + J of x + u(x) at a row, from the jet of u; two or three axes.</summary>
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

    /// <summary>Of cofactor (i, j) with respect to element (k, l).</summary>
    public static float CofactorSlope(in GpuMatrix u, int row, int i, int j, int k, int l)
    {
        if (i == k || j == l) return 0;
        if (u.Columns == 2) return i == j ? 1 : -1;
        float other = At(u, row, 3 - i - k, 3 - j - l);
        return (k - i + 3) % 3 == (l - j + 3) % 3 ? other : -other;
    }

    public static float Determinant(in GpuMatrix u, int row)
    {
        float sum = 0;
        for (int j = 0; j < u.Columns; j++) sum += At(u, row, 0, j) * Cofactor(u, row, 0, j);
        return sum;
    }
}
