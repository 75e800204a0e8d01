using InrFast.Imaging;
using InrFast.Models;

namespace InrFast.Tasks.Registration;

/// <summary>What a registration makes alike.</summary>
public enum Similarity
{
    /// <summary>Minus the correlation coefficient over the batch: images may differ in scale and offset of their values.</summary>
    CrossCorrelation,

    /// <summary>Minus the mean squared correlation coefficient in small windows: images may differ in contrast from place to place.</summary>
    LocalCorrelation,

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

    /// <summary>Changes of length, area and volume: mean of |J|² / 2 + sum over columns of max(0, |column of cofactors of I + J|² - 1)² + (det - 1)⁴ / det² (Burger 2013, as Wolterink 2022 has it).</summary>
    Hyperelastic,
}

/// <summary>How the map is made of the network's values.</summary>
public enum DeformationKind
{
    /// <summary>phi(x) = x + u(x).</summary>
    Displacement,

    /// <summary>phi(x) = the end of dx/dt = v(x) after time 1, by Runge and Kutta's classical steps: has an inverse, and does not fold.</summary>
    Velocity,
}

/// <summary>What a map is looked for among, before the field.</summary>
public enum StartMap
{
    Affine,
    Rigid,
}

/// <summary>How a velocity field is integrated, in equal steps.</summary>
public enum Integrator
{
    /// <summary>Runge and Kutta's classical method: four passes through the network a step.</summary>
    RungeKutta,

    /// <summary>One pass a step.</summary>
    Euler,
}

/// <summary>How to register a pair. The defaults are ours, not the papers' (docs/methods.md says what differs).</summary>
public sealed record RegistrationOptions
{
    public DeformationKind Kind { get; init; } = DeformationKind.Displacement;

    /// <summary>From the fixed image's coordinates to as many values; null: SIREN of three layers of 128 units, omega 32.</summary>
    public NetworkSettings? Network { get; init; }

    /// <summary>Steps of the integration of a velocity field. Null: one, and after a stage twice as many for as long as a voxel folds.</summary>
    public int? IntegrationSteps { get; init; }
    public Integrator Integrator { get; init; }

    public Similarity Similarity { get; init; } = Similarity.LocalCorrelation;
    public Regularizer Regularizer { get; init; } = Regularizer.Jacobian;
    public double RegularizerWeight { get; init; } = 0.2;

    /// <summary>Of the mean of max(0, -det) (Sun 2022): folds alone are paid for.</summary>
    public double FoldingWeight { get; init; } = 10;

    /// <summary>Regularisers as the published code has them: bending energy with one mixed derivative counted once, and divided by the points twice; no floor under the determinant in the hyperelastic energy.</summary>
    public bool AsPublished { get; init; }

    /// <summary>
    /// Points of the similarity for each point where the regulariser is evaluated, whose derivatives cost several times as much; 1: the same points. A local correlation takes a window around each of the latter.
    /// </summary>
    public int PointsPerPenalty { get; init; } = 4;

    /// <summary>Voxels along the side of a local correlation's windows. Null: 5 in volumes, 7 in areas.</summary>
    public int? WindowSide { get; init; }

    /// <summary>Points along that side, evenly over it. Null: 3 in volumes, which are 27 in all; in areas all, 49, since a correlation of fewer follows the noise.</summary>
    public int? WindowPoints { get; init; }

    /// <summary>Updates over all stages.</summary>
    public long Iterations { get; init; } = 1000;

    /// <summary>Seconds after which the search ends, its schedule with it; the result then depends on the machine. Null: none.</summary>
    public double? TimeLimit { get; init; }

    /// <summary>Points of the fixed image in an update.</summary>
    public int Points { get; init; } = 4096;

    /// <summary>At the start; it falls along a cosine to a hundredth.</summary>
    public double LearningRate { get; init; } = 5e-4;

    /// <summary>Standard deviations, in the fixed image's coarsest voxel spacing, of the blur of both images, stage by stage; stages have equal numbers of updates but for the last, which has half of all.</summary>
    public IReadOnlyList<double> Blur { get; init; } = [3, 1.5, 0];

    /// <summary>A map of the world that takes the fixed image's points near the moving one's; null: one is looked for first.</summary>
    public Affine? Initial { get; init; } = Affine.Identity;

    /// <summary>Where no map is given.</summary>
    public StartMap Start { get; init; }

    /// <summary>A registration on the same fixed grid to go on from: its network, its map and its kind of field. Null: a new one.</summary>
    public RegistrationModel? Previous { get; init; }

    /// <summary>Of the fixed image's grid: points are taken where it is not 0. Null: everywhere.</summary>
    public Image? Mask { get; init; }

    /// <summary>Of the moving image's grid: points that come to lie where it is 0 do not count.</summary>
    public Image? MovingMask { get; init; }

    public ulong Seed { get; init; }

    /// <summary>What suits another regulariser where <see cref="RegularizerWeight"/> suits changes of volume.</summary>
    public double WeightOf(Regularizer regularizer) => regularizer switch { Regularizer.Bending => 1e-3, Regularizer.Hyperelastic => 0.05 * RegularizerWeight, _ => RegularizerWeight };

    /// <summary>The flow of a velocity field: fewer points, since each step of its integration takes four passes through the network.</summary>
    public static RegistrationOptions Flow { get; } = new() { Kind = DeformationKind.Velocity, Points = 2048, LearningRate = 3e-4 };
}
