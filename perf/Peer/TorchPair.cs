using TorchSharp;
using static TorchSharp.torch;

namespace InrFast.Perf.Peer;

/// <summary>
/// Registration of a pair by a displacement field u, after IDIR (Wolterink et al. 2022, as its authors' code has it): minus the correlation of F(x) and
/// M(x + u(x)) over a batch of voxels, plus a weight times mean |det(I + J) - 1|. Coordinates are ours (<see cref="Problem.Centres"/>).
/// </summary>
sealed class TorchPair
{
    readonly Tensor coordinates, fixedValues, moving, scale;
    readonly double weight;

    public TorchPair(Voxels fixedImage, Voxels moving, double weight)
    {
        this.weight = weight;
        int[] axes = moving.Axes;
        coordinates = tensor(Problem.Centres(axes), [fixedImage.Samples.Length, 3]);
        fixedValues = tensor(fixedImage.Samples);
        this.moving = tensor(moving.Samples, [1, 1, axes[2], axes[1], axes[0]]);
        scale = tensor(axes.Select(n => axes.Max() / (float)n).ToArray()); // grid_sample has -1 and 1 at the borders of every axis
    }

    /// <summary>Voxels of a batch: any, or as published the first of all in a new order, whose cost is that of the whole image.</summary>
    public Tensor Draw(int rows, bool shuffle) => shuffle ? randperm(fixedValues.shape[0]).narrow(0, 0, rows) : randint(fixedValues.shape[0], [rows], ScalarType.Int64);

    /// <summary>Forward, backward, Adam. Returns the loss before the step.</summary>
    /// <param name="jet">u and the rows of its Jacobian.</param>
    public double Train(TorchSiren network, Func<TorchSiren, Tensor, (Tensor Value, Tensor[] Rows)> jet, Tensor voxels, int chunk) => network.Update(() =>
    {
        long all = voxels.shape[0];
        Tensor x = coordinates.index_select(0, voxels), target = fixedValues.index_select(0, voxels);
        if (all <= chunk)
        {
            var (u, jacobian) = jet(network, x);
            var loss = Correlation(Sample(x + u), target) + weight * Folding(jacobian);
            loss.backward();
            return loss.ToDouble();
        }
        // Correlation needs the values of all chunks before the gradient of any: once through the network without derivatives.
        var values = Warp(network, x, chunk).requires_grad_(true);
        var correlation = Correlation(values, target);
        var slope = autograd.grad([correlation], [values])[0];
        return correlation.ToDouble() + TorchSiren.Backward(all, chunk, (first, rows) =>
        {
            var points = x.narrow(0, first, rows);
            var (u, jacobian) = jet(network, points);
            var change = Sample(points + u) - values.detach().narrow(0, first, rows); // 0, with a gradient
            return weight * Folding(jacobian) + all * (slope.narrow(0, first, rows) * change).mean();
        });
    });

    Tensor Warp(TorchSiren network, Tensor x, int chunk)
    {
        using var none = no_grad();
        return cat([.. x.split(chunk).Select(points => Sample(points + network.Forward(points)))]);
    }

    /// <summary>The moving image, trilinear, at points [rows, 3].</summary>
    Tensor Sample(Tensor points) => nn.functional.grid_sample(moving, (points * scale).reshape(1, 1, 1, -1, 3), padding_mode: GridSamplePaddingMode.Border, align_corners: false).reshape(-1);

    static Tensor Folding(Tensor[] jacobian) => (TorchJets.Determinant(jacobian) - 1).abs().mean();

    static Tensor Correlation(Tensor a, Tensor b)
    {
        Tensor p = a - a.mean(), t = b - b.mean();
        return -(p * t).mean() / (p.square().mean() * t.square().mean()).sqrt();
    }
}
