using System.Text.Json.Serialization;

namespace InrFast.Kernels.Optimizers;

/// <summary>The learning rate's factor as a function of the step: of steps done, 0 in the first. Values are those of PyTorch's lr_scheduler.</summary>
[JsonDerivedType(typeof(ConstantSchedule), "constant")]
[JsonDerivedType(typeof(StepSchedule), "step")]
[JsonDerivedType(typeof(MultiStepSchedule), "multi-step")]
[JsonDerivedType(typeof(ExponentialSchedule), "exponential")]
[JsonDerivedType(typeof(CosineSchedule), "cosine")]
[JsonDerivedType(typeof(LinearSchedule), "linear")]
public interface ISchedule
{
    double Factor(long step);
}

/// <summary>1 in every step.</summary>
public sealed record ConstantSchedule : ISchedule
{
    public double Factor(long step) => 1;
}

/// <summary>Times gamma after every <paramref name="Period"/> steps: StepLR.</summary>
public sealed record StepSchedule(long Period, double Gamma = 0.1) : ISchedule
{
    public double Factor(long step) => Math.Pow(Gamma, step / Period);
}

/// <summary>Times gamma at each milestone: MultiStepLR.</summary>
/// <param name="Milestones">Steps done, in any order.</param>
public sealed record MultiStepSchedule(IReadOnlyList<long> Milestones, double Gamma = 0.1) : ISchedule
{
    public double Factor(long step)
    {
        int passed = 0;
        for (int i = 0; i < Milestones.Count; i++)
            if (Milestones[i] <= step) passed++;
        return Math.Pow(Gamma, passed);
    }
}

/// <summary>gamma^step: ExponentialLR.</summary>
public sealed record ExponentialSchedule(double Gamma) : ISchedule
{
    public double Factor(long step) => Math.Pow(Gamma, step);
}

/// <summary>
/// A straight line from 1 / (WarmUp + 1) to 1 over the first <paramref name="WarmUp"/> steps (LinearLR), then half a cosine wave from 1 to
/// <paramref name="Floor"/> at <paramref name="Steps"/> (CosineAnnealingLR); the floor from there on.
/// </summary>
public sealed record CosineSchedule(long Steps, long WarmUp = 0, double Floor = 0) : ISchedule
{
    public double Factor(long step) =>
        step < WarmUp ? (step + 1.0) / (WarmUp + 1)
        : step >= Steps ? Floor
        : Floor + (1 - Floor) * (1 + Math.Cos(Math.PI * (step - WarmUp) / (Steps - WarmUp))) / 2;
}

/// <summary>A straight line from <paramref name="Start"/> to <paramref name="End"/> at <paramref name="Steps"/>, then constant: LinearLR.</summary>
public sealed record LinearSchedule(long Steps, double Start = 1, double End = 0) : ISchedule
{
    public double Factor(long step) => Start + (End - Start) * Math.Min(step, Steps) / Steps;
}
