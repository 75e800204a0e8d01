using InrFast.Kernels;
using InrFast.Kernels.Optimizers;

namespace InrFast.Autodiff;

/// <summary>Settings of the parameters of one group (<see cref="Parameter.Group"/>).</summary>
/// <param name="RateFactor">Times the learning rate.</param>
/// <param name="WeightDecay">As in PyTorch: added to the gradient, or decoupled from it, as the rule says.</param>
public sealed record ParameterGroup(double RateFactor = 1, double WeightDecay = 0);

/// <summary>How gradients change parameters: a rule, a learning rate over the steps, groups, clipping, an average.</summary>
public sealed class Optimizer
{
    readonly ISchedule schedule;
    readonly ParameterGroup[] groups;

    Optimizer(OptimizerKernels kernels, double learningRate, ISchedule? schedule, ParameterGroup[]? groups, double clipNorm, double averageDecay)
    {
        (Kernels, LearningRate, this.schedule, ClipNorm, AverageDecay) = (kernels, learningRate, schedule ?? new ConstantSchedule(), clipNorm, averageDecay);
        this.groups = groups is { Length: > 0 } ? groups : [new()];
    }

    /// <param name="rule">Adam, ...</param>
    /// <param name="learningRate">At the schedule's factor 1.</param>
    /// <param name="schedule">Null: constant.</param>
    /// <param name="groups">By <see cref="Parameter.Group"/>; null: one.</param>
    /// <param name="clipNorm">The whole gradient (of a network) is scaled down to this norm; infinite: never.</param>
    /// <param name="averageDecay">Above 0: an exponential moving average of the values is kept, see <see cref="ParameterStore.Average"/>.</param>
    public static Optimizer Create<TRule>(Device device, TRule rule, double learningRate, ISchedule? schedule = null, ParameterGroup[]? groups = null,
        double clipNorm = double.PositiveInfinity, double averageDecay = 0) where TRule : struct, IOptimizer =>
        new(device.Optimizer(rule), learningRate, schedule, groups, clipNorm, averageDecay);

    public double LearningRate { get; }
    public double ClipNorm { get; }
    public double AverageDecay { get; }
    internal OptimizerKernels Kernels { get; }

    /// <summary>The update needs the sum of all lanes before it may begin.</summary>
    internal bool NeedsWholeGradient => double.IsFinite(ClipNorm);

    internal void Check(Plan plan)
    {
        if (plan.Graph.Parameters.FirstOrDefault(p => plan.Trained[p.Number] && p.Group >= groups.Length) is { } parameter)
            throw new ArgumentException($"{parameter.Name} is in group {parameter.Group}; the optimiser has {groups.Length}");
    }

    /// <summary>Bytes of the numbers of a step, of all groups.</summary>
    internal unsafe long NumbersBytes => (long)groups.Length * sizeof(StepNumbers);

    /// <summary>Before a step: writes its numbers, by group; states exist.</summary>
    internal unsafe void Begin(ParameterStore store, DeviceMemory numbers)
    {
        for (int i = 0; i < groups.Length; i++)
        {
            var step = Kernels.Numbers(new(LearningRate * groups[i].RateFactor * schedule.Factor(store.Step), store.Step + 1, groups[i].WeightDecay));
            numbers.Write<StepNumbers>(new(ref step), (long)i * sizeof(StepNumbers));
        }
        for (int i = 0; i < Kernels.States; i++) store.State(i);
        if (AverageDecay > 0 && store.Average is null) store.BeginAverage();
    }

    /// <summary>
    /// Floats from .. to of one network, whose gradient is there; a factor for it at <paramref name="clipFactor"/>, 0: none.
    /// </summary>
    internal unsafe void Update(ParameterStore store, Segment[] segments, int member, long from, long to, DeviceMemory numbers, nint clipFactor = 0)
    {
        nint shift = (nint)(member * store.Length * sizeof(float));
        nint values = store.Values.Address + shift, gradient = store.Gradients.Address + shift;
        nint first = Kernels.States > 0 ? store.State(0).Address + shift : 0, second = Kernels.States > 1 ? store.State(1).Address + shift : 0;
        foreach (var segment in segments)
        {
            long start = Math.Max(from, segment.First), end = Math.Min(to, segment.End);
            if (start >= end) continue;
            nint step = numbers.Address + segment.Group * sizeof(StepNumbers);
            Kernels.Update(values, gradient, first, second, start, end, step, clipFactor, clearGradient: !segment.HasLanes);
        }
        if (store.Average is { } average) Kernels.Ema(average.Address + shift, values, (float)AverageDecay, from, to);
    }
}
