using InrFast.Autodiff;

namespace InrFast.Tests;

/// <summary>One row of the table: how a graph is built. Everything that is tested of it follows.</summary>
sealed record Row(string Name, Func<Sketch, Loss[]> Build)
{
    /// <summary>Of a batch; no tile divides it.</summary>
    public int Items { get; init; } = 203;

    /// <summary>Networks of a bank.</summary>
    public int Members { get; init; } = 1;
    public Between Between { get; init; }
    public int Stages { get; init; } = 1;

    /// <summary>Of values, losses and gradients, relative (L2), to the reference device.</summary>
    public double Reference { get; init; } = 1e-5;

    /// <summary>Of gradients, to finite differences; infinite where the loss has kinks or steps, which differences see and derivatives do not.</summary>
    public double Slope { get; init; } = 1e-3;

    /// <summary>Of these differences.</summary>
    public double Step { get; init; } = 4e-3;

    /// <summary>Of jets, to finite differences.</summary>
    public double Jet { get; init; } = 2e-3;

    /// <summary>Fraction of a jet's numbers that may be further off, since a difference reaches over a kink.</summary>
    public double Outliers { get; init; }

    public override string ToString() => Name;
}
