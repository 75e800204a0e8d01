using InrFast.Kernels.Activations;
using InrFast.Kernels.Gpu;

namespace InrFast.Kernels.Dense;

/// <summary>The activation of a jet in place, a thread for all blocks of one number. What is saved: slope, curvature, (second order: third derivative,) tangents of z.</summary>
static class GpuJetActivation<TActivation> where TActivation : struct, IActivation
{
    struct Argument
    {
        public GpuMatrix Y, Saved;
        public TActivation Activation;
    }

    public static void Forward(GpuDevice device, in Matrix y, in Matrix saved, TActivation activation) =>
        device.Kernel<Argument>(Forward).Launch(new() { Y = new(y), Saved = new(saved), Activation = activation }, y, 1);

    /// <summary>z and t, times the activation's input scale, to y = f(z), y_i = f' t_i, y_ij = f'' t_i t_j + f' t_ij.</summary>
    static void Forward(Argument a)
    {
        int row = Elements.Row, column = Elements.Column, directions = a.Y.Directions;
        if (row >= a.Y.Rows || column >= a.Y.Columns) return;
        float unscale = 1 / a.Activation.InputScale;
        a.Activation.Evaluate<GpuFloat>(a.Y[0, row, column], out var value, out var slope, out var curvature, out var third);
        bool second = a.Y.IsSecondOrder;
        if (!a.Saved.IsEmpty)
        {
            int first = second ? 2 : 1; // the tangent of block b is saved in block b + first
            a.Saved[0, row, column] = slope.Value;
            a.Saved[1, row, column] = curvature.Value;
            if (second) a.Saved[2, row, column] = third.Value;
            for (int b = 1; b < a.Y.Blocks; b++) a.Saved[b + first, row, column] = a.Y[b, row, column] * unscale;
        }
        a.Y[0, row, column] = value.Value;
        if (second)
            for (int i = 0, b = 1 + directions; i < directions; i++)
                for (int j = i; j < directions; j++, b++)
                    a.Y[b, row, column] = curvature.Value * (a.Y[1 + i, row, column] * unscale) * (a.Y[1 + j, row, column] * unscale) + slope.Value * (a.Y[b, row, column] * unscale);
        for (int b = 1; b <= directions; b++) a.Y[b, row, column] = slope.Value * (a.Y[b, row, column] * unscale);
    }

    public static void Backward(GpuDevice device, in Matrix dy, in Matrix saved) => device.Kernel<Argument>(Backward).Launch(new() { Y = new(dy), Saved = new(saved) }, dy, 1);

    /// <summary>
    /// Gradients g of y to those of z and its tangents: of z f' g + f'' g_i t_i + g_ij (f''' t_i t_j + f'' t_ij), of t_i f' g_i + f'' g_ij t_j (and i, j changed over), of t_ij f' g_ij.
    /// </summary>
    static void Backward(Argument a)
    {
        int row = Elements.Row, column = Elements.Column, directions = a.Y.Directions;
        if (row >= a.Y.Rows || column >= a.Y.Columns) return;
        bool second = a.Y.IsSecondOrder;
        int first = second ? 2 : 1;
        float slope = a.Saved[0, row, column], curvature = a.Saved[1, row, column], ofValue = slope * a.Y[0, row, column];
        for (int b = 1; b < a.Y.Blocks; b++) ofValue += curvature * a.Y[b, row, column] * a.Saved[b + first, row, column];
        for (int i = 0; i < directions; i++)
        {
            float own = slope * a.Y[1 + i, row, column];
            if (second)
                for (int j = 0; j < directions; j++)
                {
                    int low = i < j ? i : j, high = i < j ? j : i;
                    float g = a.Y[1 + directions + low * directions - low * (low - 1) / 2 + high - low, row, column], tangent = a.Saved[1 + j + first, row, column];
                    own += (i == j ? 2f : 1f) * curvature * g * tangent;
                    if (j >= i) ofValue += a.Saved[2, row, column] * g * a.Saved[1 + i + first, row, column] * tangent;
                }
            a.Y[1 + i, row, column] = own;
        }
        for (int b = 1 + directions; b < a.Y.Blocks; b++) a.Y[b, row, column] = slope * a.Y[b, row, column];
        a.Y[0, row, column] = ofValue;
    }
}
