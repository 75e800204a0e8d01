using ILGPU;
using InrFast.Kernels.Gpu;

namespace InrFast.Kernels.Optimizers;

/// <summary>A thread for each parameter.</summary>
sealed class GpuOptimizer<TOptimizer>(GpuDevice device, TOptimizer optimizer) : OptimizerKernels where TOptimizer : struct, IOptimizer
{
    readonly GpuKernel<StepArgument> step = device.Kernel<StepArgument>(Step);
    readonly GpuKernel<SumArgument> sum = device.Kernel<SumArgument>(Sum);
    readonly GpuKernel<NormArgument> norm = device.Kernel<NormArgument>(Norm);
    readonly GpuKernel<GpuReduction.Parts> addParts = device.Kernel<GpuReduction.Parts>(GpuReduction.AddParts);
    readonly GpuKernel<ClipArgument> clip = device.Kernel<ClipArgument>(Clip, 1);
    readonly GpuKernel<AverageArgument> average = device.Kernel<AverageArgument>(Average);
    readonly nint parts = device.Workspace(GpuReduction.WorkspaceBytes);

    struct StepArgument
    {
        public GpuFloats Values, Gradient, First, Second;
        public Doubles Numbers, ClipFactor;
        public long From, To;
        public int States, ClearGradient;
        public TOptimizer Rule;
    }

    struct SumArgument
    {
        public GpuFloats Part, Gradient;
        public long From, To;
    }

    struct NormArgument
    {
        public GpuFloats Gradient;
        public Doubles Parts;
        public long From, To;
    }

    struct ClipArgument
    {
        public Doubles SquaredNorms, Factor;
        public int Count;
        public double MaxNorm;
    }

    struct AverageArgument
    {
        public GpuFloats Average, Values;
        public long From, To;
        public float Decay;
    }

    public override int States => optimizer.States;
    public override StepNumbers Numbers(in OptimizerStep step) => StepNumbers.Of(optimizer, step);

    public override void Update(nint values, nint gradient, nint first, nint second, long from, long to, nint numbers, nint clipFactor = 0, bool clearGradient = false) =>
        step.Launch(new()
        {
            Values = new(values), Gradient = new(gradient), First = new(first), Second = new(second), Numbers = new(numbers), ClipFactor = new(clipFactor),
            From = from, To = to, States = States, ClearGradient = clearGradient ? 1 : 0, Rule = optimizer,
        }, to - from);

    static void Step(StepArgument a)
    {
        long i = a.From + Elements.Index;
        if (i >= a.To) return;
        float keep = (float)a.Numbers[0], rate = (float)a.Numbers[1], decay = (float)a.Numbers[2]; // StepNumbers
        GpuFloat correction = (float)a.Numbers[3], factor = a.ClipFactor.IsEmpty ? 1 : (float)a.ClipFactor[0], value = a.Values[i], first = 0, second = 0;
        var gradient = GpuFloat.MultiplyAdd(decay, value, factor * a.Gradient[i]);
        if (a.States > 0) first = a.First[i];
        if (a.States > 1) second = a.Second[i];
        var direction = a.Rule.Direction(gradient, ref first, ref second, correction);
        if (a.States > 0) a.First[i] = first.Value;
        if (a.States > 1) a.Second[i] = second.Value;
        a.Values[i] = keep * value.Value - rate * direction.Value;
        if (a.ClearGradient != 0) a.Gradient[i] = 0;
    }

    public override void Add(nint part, nint gradient, long from, long to) =>
        sum.Launch(new() { Part = new(part), Gradient = new(gradient), From = from, To = to }, to - from);

    static void Sum(SumArgument a)
    {
        long i = a.From + Elements.Index;
        if (i < a.To) a.Gradient[i] += a.Part[i];
    }

    public override void SquaredNorm(nint gradient, long from, long to, nint result)
    {
        int blocks = GpuReduction.BlocksFor(to - from);
        norm.Launch(new() { Gradient = new(gradient), Parts = new(parts), From = from, To = to }, (blocks, 1, 1), (GpuReduction.Threads, 1));
        addParts.Launch(new() { From = new(parts), To = new(result), Count = blocks, Factor = 1 }, (1, 1, 1), (GpuReduction.Threads, 1));
    }

    static void Norm(NormArgument a)
    {
        double total = 0;
        for (long i = a.From + Elements.Index; i < a.To; i += Grid.DimX * Group.DimX)
        {
            double g = a.Gradient[i];
            total += g * g;
        }
        double sum = GpuReduction.SumOfBlock(total);
        if (Group.IdxX == 0) a.Parts[Grid.IdxX] = sum;
    }

    public override void ClipFactor(nint squaredNorms, int count, double maxNorm, nint factor) =>
        clip.Launch(new() { SquaredNorms = new(squaredNorms), Factor = new(factor), Count = count, MaxNorm = maxNorm }, (1, 1, 1), (1, 1));

    static void Clip(ClipArgument a)
    {
        double sum = 0;
        for (int i = 0; i < a.Count; i++) sum += a.SquaredNorms[i];
        double factor = a.MaxNorm / (Intrinsics.Sqrt64(sum) + 1e-6);
        a.Factor[0] = factor > 1 ? 1 : factor; // not a number stays so
    }

    public override void Ema(nint average, nint values, float decay, long from, long to) =>
        this.average.Launch(new() { Average = new(average), Values = new(values), From = from, To = to, Decay = decay }, to - from);

    static void Average(AverageArgument a)
    {
        long i = a.From + Elements.Index;
        if (i < a.To) a.Average[i] = Intrinsics.Fma(a.Decay, a.Average[i], (1 - a.Decay) * a.Values[i]);
    }
}
