using System.Runtime.CompilerServices;
using InrFast.Kernels.Activations;
using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Dense;

/// <summary>
/// The activation of one vector of a jet: the value and its tangents lie <c>step</c> floats apart, what is saved <c>savedStep</c> floats:
/// slope, curvature, (second order: third derivative,) tangents of z.
/// </summary>
static unsafe class JetActivation<V, TActivation> where V : struct, IVector<V> where TActivation : struct, IActivation
{
    /// <summary>z and t to y = f(z), y_i = f' t_i, y_ij = f'' t_i t_j + f' t_ij, in place; s null: nothing is saved.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Forward(float* p, nint step, int blocks, int directions, float* s, nint savedStep, TActivation f, V mask)
    {
        var unscale = V.Create(1 / f.InputScale);
        bool second = blocks > 1 + directions;
        float* t = p + step;
        f.Evaluate(V.Load(p), out var value, out var slope, out var curvature, out var third);
        V.Store(value & mask, p);
        if (s != null)
        {
            V.Store(slope, s);
            V.Store(curvature, s += savedStep);
            if (second) V.Store(third, s += savedStep);
            for (int b = 1; b < blocks; b++) V.Store(V.Load(p + b * step) * unscale, s += savedStep);
        }
        if (second)
            for (int i = 0, b = directions; i < directions; i++)
                for (int j = i; j < directions; j++, b++)
                {
                    var product = V.Load(t + i * step) * V.Load(t + j * step) * unscale * unscale;
                    V.Store(V.MultiplyAdd(product, curvature, V.Load(t + b * step) * unscale * slope), t + b * step);
                }
        for (int i = 0; i < directions; i++) V.Store(V.Load(t + i * step) * unscale * slope, t + i * step);
    }

    /// <summary>
    /// Gradients of y and its tangents to those of z and t, in place: dt_ij = g_ij f'; dt_i = g_i f' + f'' sum over j of g_ij t_j (twice for
    /// j = i); dz = g f' + f'' (sum of g_i t_i + sum of g_ij t_ij) + f''' sum of g_ij t_i t_j, which is returned.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Backward(float* d, nint step, int blocks, int directions, float* s, nint savedStep)
    {
        bool second = blocks > 1 + directions;
        float* g = d + step, t = s + (second ? 3 : 2) * savedStep;
        V slope = V.Load(s), curvature = V.Load(s + savedStep), bend = V.Zero, twist = V.Zero;
        for (int i = 0; i < directions; i++)
        {
            var gradient = V.Load(g + i * step);
            bend = V.MultiplyAdd(gradient, V.Load(t + i * savedStep), bend);
            V.Store(gradient * slope, g + i * step);
        }
        if (second)
            for (int i = 0, b = directions; i < directions; i++)
                for (int j = i; j < directions; j++, b++)
                {
                    V gradient = V.Load(g + b * step), ti = V.Load(t + i * savedStep), tj = V.Load(t + j * savedStep), bent = gradient * curvature;
                    bend = V.MultiplyAdd(gradient, V.Load(t + b * savedStep), bend);
                    twist = V.MultiplyAdd(gradient * ti, tj, twist);
                    V.Store(V.MultiplyAdd(bent, tj, V.Load(g + i * step)), g + i * step);
                    V.Store(V.MultiplyAdd(bent, ti, V.Load(g + j * step)), g + j * step);
                    V.Store(gradient * slope, g + b * step);
                }
        var z = V.MultiplyAdd(V.Load(d), slope, bend * curvature);
        if (second) z = V.MultiplyAdd(twist, V.Load(s + 2 * savedStep), z);
        V.Store(z, d);
        return z;
    }
}
