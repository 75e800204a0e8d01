using System.CommandLine;
using System.CommandLine.Parsing;
using InrFast.Imaging;
using InrFast.Kernels;
using InrFast.Tasks.Registration;

namespace InrFast.Cli.Commands;

/// <summary>How a registration is asked for: what the command's options say of the task's.</summary>
internal static class RegisterOptions
{
    private static readonly string[] StartNames = ["auto", "affine", "rigid", "none"];

    public static Option<string> Method { get; } = OptionTypes.Choice("--method", "idir: a displacement field; mirnf: the flow of a velocity field, which has an inverse and does not fold", "idir", "idir", "mirnf");

    private static readonly Option<string> Deformation = OptionTypes.Choice("--deformation", "The field: displacement or velocity; auto: the method's", "auto", "auto", "displacement", "velocity");

    private static readonly Option<string> Integrator = OptionTypes.Choice("--integrator", "Of a velocity field: rk4 (four passes a step) or euler", "rk4", "rk4", "euler");

    private static readonly Option<int?> Steps = OptionTypes.Number("--integration-steps", "N", "Of a velocity field; unless told one, and more where voxels fold", 1, 1000);

    private static readonly Option<string> Initial = new("--initial")
    {
        Description = "auto, affine, rigid: look for such a map first (auto: affine); none: the images lie near each other in the world; a file: an affine map (ITK's transform text, elastix's parameters), or a registration (.safetensors) to go on from",
        HelpName = "auto|affine|rigid|none|FILE",
        DefaultValueFactory = _ => "auto",
    };

    private static readonly Option<string> SimilarityChoice = OptionTypes.Choice("--similarity",
        "lncc: correlation in small windows, for contrast that differs from place to place; ncc: of the whole images; mse: squared difference, for images of one scale of values", "lncc", "lncc", "ncc", "mse");

    private static readonly Option<int?> Window = OptionTypes.Number("--window", "VOXELS", "Side of the windows of lncc, unless told 5, and 7 of pictures", 3, 255);

    private static readonly Option<int?> WindowPoints = OptionTypes.Number("--window-points", "N", "Along a window's side, evenly over it; unless told 3, and of pictures all", 2, 255);

    private static readonly Option<string> RegularizerChoice = OptionTypes.Choice("--regularizer", "What the field is paid for: changes of volume; curvature; changes of length, area and volume; nothing", "jacobian", "jacobian", "bending", "hyperelastic", "none");

    private static readonly Option<double?> Weight = OptionTypes.Number("--regularizer-weight", "W", "Of the regulariser, the similarity having 1", 0, 1e9);

    private static readonly Option<double?> FoldingWeight = OptionTypes.Number("--folding-weight", "W", "Of the mean of max(0, -determinant): folds alone", 0, 1e9);

    private static readonly Option<bool> AsPublished = OptionTypes.Flag("--as-published", "Regularisers as IDIR's code has them, defects included: bending energy divided by the points twice and one mixed derivative counted once; no floor in the hyperelastic energy");

    private static readonly Option<long?> Iterations = OptionTypes.Number("--iterations", "N", "Updates in all", 1, long.MaxValue);

    private static readonly Option<int?> Points = OptionTypes.Number("--points", "N", "Points of the fixed image in an update; lncc takes a window for every four", 2, 1 << 24);

    private static readonly Option<double?> LearningRate = OptionTypes.Number("--learning-rate", "RATE", "Of the first update", 1e-12, 1e3);

    private static readonly Option<string?> Mask = OptionTypes.File("--mask", "Of the fixed image: points are taken where it is not 0");

    private static readonly Option<string?> MovingMask = OptionTypes.File("--moving-mask", "Of the moving image: points that come to lie where it is 0 do not count");

    private static readonly Option<Intensities?> Clip = OptionTypes.Parsed("--clip", "LOW,HIGH", "Cut both images' values to these before they are compared: numbers, or percentiles of each (1%,99%)", Intensities.Parse, "pair LOW,HIGH of numbers or percentiles, the first below");

    /// <summary>In the order of the help; --apply knows none of them.</summary>
    public static IReadOnlyList<Option> All { get; } =
    [
        Method, Deformation, Integrator, Steps, Initial, SimilarityChoice, Window, WindowPoints, RegularizerChoice, Weight, FoldingWeight, AsPublished, Mask, MovingMask, Clip, Iterations, Points, LearningRate, Options.TimeLimit, Options.Checkpoint, Options.Resume,
    ];

    /// <summary>The images as they are to be compared, and the options. What they hold that needs disposing of is the caller's.</summary>
    public static (Image Fixed, Image Moving, RegistrationOptions Options) Read(Session session, Image fixedImage, Image moving, Device device)
    {
        var standard = session.Get(Method) == "mirnf" ? RegistrationOptions.Flow : new RegistrationOptions();
        var regularizer = session.Get(RegularizerChoice) switch { "jacobian" => Regularizer.Jacobian, "bending" => Regularizer.Bending, "hyperelastic" => Regularizer.Hyperelastic, _ => Regularizer.None };
        var start = session.Get(Initial)!;
        bool isName = StartNames.Contains(start), isModel = start.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase);
        var options = standard with
        {
            Kind = session.Get(Deformation) switch { "displacement" => DeformationKind.Displacement, "velocity" => DeformationKind.Velocity, _ => standard.Kind },
            Integrator = session.Get(Integrator) == "euler" ? Tasks.Registration.Integrator.Euler : Tasks.Registration.Integrator.RungeKutta,
            IntegrationSteps = session.Get(Steps),
            Initial = start == "none" ? Affine.Identity : isName || isModel ? null : TransformFile.Read(start),
            Start = start == "rigid" ? StartMap.Rigid : StartMap.Affine,
            Previous = isModel ? session.ReadModel(start, stream => RegistrationModel.Load(stream, device)) : null,
            Similarity = session.Get(SimilarityChoice) switch { "mse" => Similarity.SquaredDifference, "ncc" => Similarity.CrossCorrelation, _ => Similarity.LocalCorrelation },
            WindowSide = session.Get(Window),
            WindowPoints = session.Get(WindowPoints),
            Regularizer = regularizer,
            RegularizerWeight = session.Get(Weight) ?? standard.WeightOf(regularizer),
            FoldingWeight = session.Get(FoldingWeight) ?? standard.FoldingWeight,
            AsPublished = session.Get(AsPublished),
            Mask = session.Get(Mask) is { } mask ? session.ReadFiniteImage(mask) : null,
            MovingMask = session.Get(MovingMask) is { } movingMask ? session.ReadFiniteImage(movingMask) : null,
            Iterations = session.Get(Iterations) ?? standard.Iterations,
            TimeLimit = session.Get(Options.TimeLimit),
            Points = session.Get(Points) ?? standard.Points,
            LearningRate = session.Get(LearningRate) ?? standard.LearningRate,
            Seed = session.Seed(),
        };
        return session.Get(Clip) is { } clip ? (clip.Cut(fixedImage), clip.Cut(moving), options) : (fixedImage, moving, options);
    }

    /// <summary>The first option of these that was given.</summary>
    public static Option? Given(CommandResult result, IEnumerable<Option> options) => options.FirstOrDefault(option => result.GetResult(option) is { Implicit: false });
}
