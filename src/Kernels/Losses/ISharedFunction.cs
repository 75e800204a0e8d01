namespace InrFast.Kernels.Losses;

/// <summary>A pure function of a few numbers that all rows share (sums over the batch), with its gradient: the one definition that every device runs.</summary>
public interface ISharedFunction
{
    int Inputs { get; }
    int Outputs { get; }

    void Evaluate(Doubles x, Doubles y);

    /// <summary>Writes dx from the gradient dy of the outputs.</summary>
    void Backward(Doubles x, Doubles dy, Doubles dx);
}
