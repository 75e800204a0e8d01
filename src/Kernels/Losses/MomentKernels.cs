namespace InrFast.Kernels.Losses;

/// <summary>
/// Sums over all rows of two values p and t of one column: what losses of the whole batch (correlation, overlap) and its statistics are
/// functions of. An empty t counts as zeros. Of jets only block 0 counts. Weights: one column, or an empty matrix for weights of 1.
/// </summary>
public abstract class MomentKernels
{
    /// <summary>Doubles: [rows, sum p, sum t, sum p², sum t², sum p t], each term times its row's weight.</summary>
    public const int Count = 6;

    /// <summary>Adds to the six doubles at <paramref name="accumulators"/>.</summary>
    public abstract void Forward(in Matrix p, in Matrix t, in Matrix weights, nint accumulators);

    /// <summary>Writes dp = w (g1 + 2 p g3 + t g5) and dt = w (g2 + 2 t g4 + p g5), g the six doubles at <paramref name="gradients"/>; either may be empty.</summary>
    public abstract void Backward(in Matrix p, in Matrix t, in Matrix weights, nint gradients, in Matrix dp, in Matrix dt);
}
