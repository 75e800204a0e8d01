using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace InrFast.Perf.Peer;

/// <summary>
/// A SIREN in libtorch, as usually written: h = sin(omega (W h + b)). Folded, the weights carry omega (the same function, one pass fewer).
/// In chunks the batch goes through in pieces that fit the cache and the gradients add up (the same mathematics).
/// </summary>
sealed class TorchSiren
{
    readonly Parameter[] weights, biases;
    readonly float omega;
    readonly Adam adam;

    public TorchSiren(Layer[] layers, bool folded, double rate = 1e-4)
    {
        omega = folded ? 1 : Problem.Omega;
        float scale = folded ? Problem.Omega : 1;
        Parameter Make(Tensor values, int layer) => new(layer < layers.Length - 1 ? values * scale : values);
        weights = [.. layers.Select((l, i) => Make(tensor(l.Weight, [l.Outputs, l.Inputs]), i))];
        biases = [.. layers.Select((l, i) => Make(tensor(l.Bias), i))];
        adam = optim.Adam(weights.Concat(biases), rate);
    }

    public IEnumerable<Parameter> Parameters => weights.Concat(biases);

    public double Rate { set { foreach (var group in adam.ParamGroups) group.LearningRate = value; } }

    public Tensor Forward(Tensor x)
    {
        for (int i = 0; i < weights.Length - 1; i++)
        {
            var z = nn.functional.linear(x, weights[i], biases[i]);
            x = sin(omega == 1 ? z : omega * z);
        }
        return nn.functional.linear(x, weights[^1], biases[^1]);
    }

    /// <summary>Forward, mean squared error against <paramref name="target"/>, backward, Adam. Returns the loss before the step.</summary>
    public double Train(Tensor x, Tensor target, int chunk) =>
        Update(() => Backward(x.shape[0], chunk, (first, rows) => nn.functional.mse_loss(Forward(x.narrow(0, first, rows)), target.narrow(0, first, rows))));

    /// <summary>Adam's step with the gradients that <paramref name="backward"/> adds up; returns its loss.</summary>
    public double Update(Func<double> backward)
    {
        // Everything dies here, the gradients' handles too: what a finalizer frees late splits the allocator's large blocks.
        using var scope = NewDisposeScope();
        adam.zero_grad();
        double loss = backward();
        adam.step();
        return loss;
    }

    /// <summary>Adds the gradients of a loss that is a mean over rows, chunk by chunk; returns the loss.</summary>
    public static double Backward(long rows, int chunk, Func<long, long, Tensor> mean)
    {
        double total = 0;
        for (long first = 0; first < rows; first += chunk)
        {
            using var scope = NewDisposeScope();
            long count = Math.Min(chunk, rows - first);
            var loss = mean(first, count);
            if (count < rows) loss *= count / (double)rows;
            loss.backward();
            total += loss.ToDouble();
        }
        return total;
    }

    public void Infer(Tensor x, int chunk)
    {
        using var none = no_grad();
        for (long first = 0; first < x.shape[0]; first += chunk)
        {
            using var scope = NewDisposeScope();
            Forward(x.narrow(0, first, Math.Min(chunk, x.shape[0] - first)));
        }
    }

    /// <summary>Inference that writes each sine over its argument.</summary>
    public void InferInPlace(Tensor x, int chunk)
    {
        using var none = no_grad();
        for (long first = 0; first < x.shape[0]; first += chunk)
        {
            using var scope = NewDisposeScope();
            var h = x.narrow(0, first, Math.Min(chunk, x.shape[0] - first));
            for (int i = 0; i < weights.Length - 1; i++)
            {
                h = nn.functional.linear(h, weights[i], biases[i]);
                if (omega != 1) h.mul_(omega);
                h.sin_();
            }
            nn.functional.linear(h, weights[^1], biases[^1]);
        }
    }

    /// <summary>u and its derivatives with respect to x by hand: tangents [3 rows, width] go through the layers beside the values.</summary>
    public static (Tensor Value, Tensor[] Rows) Tangents(TorchSiren network, Tensor x)
    {
        var (weights, biases, omega) = (network.weights, network.biases, network.omega);
        long rows = x.shape[0];
        var h = x;
        Tensor? tangents = null; // [3 x rows, width]
        for (int i = 0; i < weights.Length - 1; i++)
        {
            var z = omega * nn.functional.linear(h, weights[i], biases[i]);
            var slope = omega * cos(z).unsqueeze(0);
            var dz = tangents is null ? weights[i].t().unsqueeze(1) : nn.functional.linear(tangents, weights[i]).reshape(3, rows, -1);
            h = sin(z);
            tangents = (slope * dz).reshape(3 * rows, -1);
        }
        var jacobian = nn.functional.linear(tangents!, weights[^1]).reshape(3, rows, 3); // [direction, row, component]
        return (nn.functional.linear(h, weights[^1], biases[^1]), [.. Enumerable.Range(0, 3).Select(c => jacobian.select(2, c).t())]);
    }
}
