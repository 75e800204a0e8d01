using InrFast.Kernels.Gpu;

namespace InrFast.Kernels.Losses;

/// <summary>One thread: a few numbers, between two stages.</summary>
sealed class GpuShared<TFunction>(GpuDevice device, TFunction function) : SharedKernels where TFunction : struct, ISharedFunction
{
    readonly GpuKernel<Argument> forward = device.Kernel<Argument>(Forward, 1), backward = device.Kernel<Argument>(Backward, 1);

    struct Argument
    {
        public Doubles X, Y, DX;
        public TFunction Function;
    }

    public override void Forward(nint x, nint y) => forward.Launch(new() { X = new(x), Y = new(y), Function = function }, (1, 1, 1), (1, 1));
    public override void Backward(nint x, nint dy, nint dx) => backward.Launch(new() { X = new(x), Y = new(dy), DX = new(dx), Function = function }, (1, 1, 1), (1, 1));

    static void Forward(Argument a) => a.Function.Evaluate(a.X, a.Y);
    static void Backward(Argument a) => a.Function.Backward(a.X, a.Y, a.DX);
}
