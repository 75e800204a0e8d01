using TorchSharp;
using static TorchSharp.torch;

namespace InrFast.Perf.Peer;

/// <summary>
/// A displacement field u(x) in 3-D with a penalty on folding, as registration networks have it (IDIR, Wolterink et al. 2022):
/// mean (det(I + J) - 1)^2 + 0.1 mean |u|^2, J the Jacobian of u, with gradients of the parameters.
/// </summary>
static class TorchJets
{
    /// <summary>As usually written: three calls of autograd for the Jacobian's rows, kept differentiable, then backward through them.</summary>
    public static double DoubleBackward(TorchSiren network, Tensor x, int chunk) => Step(network, x, chunk, points => Autograd(network, points));

    /// <summary>The rewrite: tangents beside the values.</summary>
    public static double Tangents(TorchSiren network, Tensor x, int chunk) => Step(network, x, chunk, points => TorchSiren.Tangents(network, points));

    /// <summary>u and the rows of its Jacobian at <paramref name="x"/>, by autograd.</summary>
    public static (Tensor Value, Tensor[] Rows) Autograd(TorchSiren network, Tensor x)
    {
        x = x.clone().requires_grad_(true);
        var u = network.Forward(x);
        return (u, [.. Enumerable.Range(0, 3).Select(i => autograd.grad([u.select(1, i).sum()], [x], null, retain_graph: true, create_graph: true)[0])]);
    }

    static double Step(TorchSiren network, Tensor x, int chunk, Func<Tensor, (Tensor Value, Tensor[] Rows)> jet)
    {
        foreach (var p in network.Parameters) p.grad = null;
        return TorchSiren.Backward(x.shape[0], chunk, (first, rows) =>
        {
            var (u, jacobian) = jet(x.narrow(0, first, rows));
            return (Determinant(jacobian) - 1).square().mean() + 0.1 * u.square().sum(1).mean();
        });
    }

    /// <summary>det(I + J) of each row; <paramref name="rows"/>[i] is [rows, 3], row i of J.</summary>
    public static Tensor Determinant(Tensor[] rows)
    {
        Tensor M(int i, int j) => i == j ? rows[i].select(1, j) + 1 : rows[i].select(1, j);
        return M(0, 0) * (M(1, 1) * M(2, 2) - M(1, 2) * M(2, 1)) - M(0, 1) * (M(1, 0) * M(2, 2) - M(1, 2) * M(2, 0)) + M(0, 2) * (M(1, 0) * M(2, 1) - M(1, 1) * M(2, 0));
    }
}
