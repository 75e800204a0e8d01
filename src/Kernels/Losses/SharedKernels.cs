namespace InrFast.Kernels.Losses;

/// <summary>A shared function on the doubles at an address. Backward writes dx.</summary>
public abstract class SharedKernels
{
    public abstract void Forward(nint x, nint y);
    public abstract void Backward(nint x, nint dy, nint dx);
}

/// <summary>On any device whose memory the host sees; it is its own oracle, being in double already.</summary>
sealed class HostShared<TFunction>(TFunction function) : SharedKernels where TFunction : struct, ISharedFunction
{
    public override void Forward(nint x, nint y) => function.Evaluate(new(x), new(y));

    public override void Backward(nint x, nint dy, nint dx) =>
        function.Backward(new(x), new(dy), new(dx));
}
