namespace InrFast.Kernels.Losses;

/// <summary>
/// 1 - (2 sum p t + 1e-5) / (sum p + sum t + 1e-5) of probabilities p and labels t, from their moments (<see cref="MomentKernels"/>):
/// the Dice loss with MONAI's smoothing.
/// </summary>
public readonly struct SoftDice : ISharedFunction
{
    const double Smoothing = 1e-5;
    public int Inputs => MomentKernels.Count;
    public int Outputs => 1;

    public void Evaluate(Doubles x, Doubles y) => y[0] = 1 - (2 * x[5] + Smoothing) / (x[1] + x[2] + Smoothing);

    public void Backward(Doubles x, Doubles dy, Doubles dx)
    {
        double size = x[1] + x[2] + Smoothing;
        for (int i = 0; i < Inputs; i++) dx[i] = 0;
        dx[1] = dx[2] = dy[0] * (2 * x[5] + Smoothing) / (size * size);
        dx[5] = -2 * dy[0] / size;
    }
}
