using InrFast.Imaging;
using InrFast.Models;

namespace InrFast.Tasks.Registration;

/// <summary>What a registration makes alike.</summary>
public enum Similarity
{
    /// <summary>Minus the correlation coefficient over the batch: images may differ in scale and offset of their values.</summary>
    CrossCorrelation,

    /// <summary>Mean squared difference of the values, both scaled by the fixed image's range.</summary>
    SquaredDifference,
}

/// <summary>What a displacement field u is paid for, from its exact derivatives; J its Jacobian, x and u in the same unit.</summary>
public enum Regularizer
{
    None,

    /// <summary>mean |det(I + J) - 1| (Wolterink 2022, after Rohlfing 2003): changes of volume.</summary>
    Jacobian,

    /// <summary>Mean over points and components of the squared second derivatives, mixed ones twice (Rueckert 1999): curvature.</summary>
    Bending,
}

/// <summary>How the map is made of the network's values.</summary>
public enum DeformationKind
{
    /// <summary>phi(x) = x + u(x).</summary>
    Displacement,

    /// <summary>phi(x) = the end of dx/dt = v(x) after time 1, by Runge and Kutta's classical steps: has an inverse, and does not fold.</summary>
    Velocity,
}

/// <summary>How to register a pair. The defaults are ours, not the papers' (docs/methods.md says what differs).</summary>
public sealed record RegistrationOptions
{
    public DeformationKind Kind { get; init; } = DeformationKind.Displacement;

    /// <summary>From the fixed image's coordinates to as many values; null: SIREN of three layers of 128 units, omega 32.</summary>
    public NetworkSettings? Network { get; init; }

    /// <summary>Steps of the integration of a velocity field.</summary>
    public int IntegrationSteps { get; init; } = 4;

    public Similarity Similarity { get; init; } = Similarity.CrossCorrelation;
    public Regularizer Regularizer { get; init; } = Regularizer.Jacobian;
    public double RegularizerWeight { get; init; } = 0.5;

    /// <summary>Updates over all stages.</summary>
    public long Iterations { get; init; } = 1000;

    /// <summary>Points of the fixed image in an update.</summary>
    public int Points { get; init; } = 4096;

    /// <summary>At the start; it falls along a cosine to a hundredth.</summary>
    public double LearningRate { get; init; } = 5e-4;

    /// <summary>Standard deviations, in the fixed image's coarsest voxel spacing, of the blur of both images, stage by stage; stages have equal numbers of updates but for the last, which has half of all.</summary>
    public IReadOnlyList<double> Blur { get; init; } = [3, 1.5, 0];

    /// <summary>A map of the world that takes the fixed image's points near the moving one's; null: an affine one is looked for first.</summary>
    public Affine? Initial { get; init; } = Affine.Identity;

    /// <summary>Of the fixed image's grid: points are taken where it is not 0. Null: everywhere.</summary>
    public Image? Mask { get; init; }

    public ulong Seed { get; init; }

    /// <summary>The flow of a velocity field: two steps, since each takes four passes through the network, and fewer points and updates for the same reason.</summary>
    public static RegistrationOptions Flow { get; } = new() { Kind = DeformationKind.Velocity, IntegrationSteps = 2, Points = 2048, Iterations = 600, LearningRate = 2e-4 };
}
