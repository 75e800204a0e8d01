namespace InrFast.Kernels.Losses;

/// <summary>A pure function of a few numbers that all rows share (sums over the batch), with its gradient.</summary>
public interface ISharedFunction
{
    int Inputs { get; }
    int Outputs { get; }

    void Evaluate(ReadOnlySpan<double> x, Span<double> y);

    /// <summary>Writes dx from the gradient dy of the outputs.</summary>
    void Backward(ReadOnlySpan<double> x, ReadOnlySpan<double> dy, Span<double> dx);
}
