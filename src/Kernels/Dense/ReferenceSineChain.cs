namespace InrFast.Kernels.Dense;

/// <summary>The oracle: the defining sums, in double.</summary>
sealed unsafe class ReferenceSineChain(IReadOnlyList<ChainLayer> layers) : SineChainKernels(layers)
{
    float[][] grid = [];

    public override long ScratchFloats => 0;

    public override void SetGrid(float[][] coordinates) => grid = coordinates;

    public override void Evaluate(long first, nint values, nint scratch)
    {
        for (int p = 0; p < Points; p++)
        {
            long rest = first + p;
            double[] x = [.. grid.Select(axis =>
            {
                (rest, long at) = Math.DivRem(rest, axis.Length);
                return (double)axis[at];
            })];
            foreach (var layer in layers)
            {
                var sums = layer.Biases.Select((bias, o) => bias + x.Select((value, i) => value * layer.Weights[o * x.Length + i]).Sum());
                x = [.. sums.Select(sum => layer.Omega is { } omega ? Math.Sin(omega * sum) : sum)];
            }
            for (int o = 0; o < x.Length; o++) ((float*)values)[o * Points + p] = (float)x[o];
        }
    }
}
