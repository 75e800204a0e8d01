using InrFast.Autodiff;
using InrFast.Imaging;
using InrFast.Kernels;
using InrFast.Kernels.Optimizers;
using InrFast.Models;
using InrFast.Tasks.Fitting;

namespace InrFast.Tasks.Registration;

/// <summary>
/// The affine map that a deformable registration starts from: a displacement by one dense layer, u = W x + b, from zero, on the same losses, on blurred
/// images first. Where the images' values have a centre of mass, those are laid on each other before.
/// </summary>
static class AffineRegistration
{
    public static Affine Run(Image fixedImage, Image moving, RegistrationOptions options, Device device, Workers workers, CancellationToken cancel)
    {
        Frame fixedFrame = new(fixedImage.Grid), movingFrame = new(moving.Grid);
        int axes = fixedFrame.Axes.Length;
        var initial = Affine.Identity with { Origin = CentreOfMass(moving) - CentreOfMass(fixedImage) };
        if (axes == 2) initial = initial with { Origin = initial.Origin - Along(fixedImage.Grid.IndexToWorld.StepZ, initial.Origin) };
        var settings = new MlpSettings(axes, axes, HiddenLayers: 0);
        var description = new DeformationDescription(DeformationKind.Displacement, 1, [fixedImage.Size.X, fixedImage.Size.Y, fixedImage.Size.Z],
            SignalDescription.Flatten(fixedImage.Grid.IndexToWorld), SignalDescription.Flatten(initial));
        var graph = new Graph();
        var network = settings.Build(graph);
        using var store = new ParameterStore(device, graph); // cleared: the identity
        const int Steps = 150;
        var pair = new Pair(fixedImage, fixedFrame, moving, movingFrame, initial);
        foreach (var (blur, rate) in new[] { (4.0, 1e-2), (2.0, 4e-3), (1.0, 1e-3) })
        {
            if (cancel.IsCancellationRequested) break;
            long begin = store.Step;
            var optimizer = Optimizer.Create(device, new Adam(), rate, new FromStep(begin, new CosineSchedule(Steps, Floor: 0.1)));
            using var plan = Plan.Train(device, PairRegistration.Losses(graph, description, network, pair.Blurred(blur), options with { Regularizer = Regularizer.None }));
            using var runner = Runner.Create(plan, store, workers, options.Points, optimizer);
            runner.Seed = options.Seed;
            while (store.Step < begin + Steps && !cancel.IsCancellationRequested) runner.Train();
        }
        float[] weight = store.Read(network.Tensors[0].Parameter), bias = store.Read(network.Tensors[1].Parameter);
        // Of the frame: x + W x + b; then of the world.
        Vector3d Column(int k) => k >= axes ? new(0, 0, 1) : new((k == 0 ? 1 : 0) + weight[k], (k == 1 ? 1 : 0) + weight[axes + k], axes == 3 ? (k == 2 ? 1 : 0) + weight[2 * axes + k] : 0);
        var own = new Affine(Column(0), Column(1), Column(2), new(bias[0], bias[1], axes == 3 ? bias[2] : 0));
        return initial.After(fixedFrame.ToWorld).After(own).After(fixedFrame.ToWorld.Inverse());
    }

    /// <summary>World millimetres; values count from the image's least.</summary>
    static Vector3d CentreOfMass(Image image)
    {
        var (low, _) = image.Range();
        double mass = 0;
        Vector3d sum = default;
        var samples = image.Samples.Span;
        for (int i = 0; i < samples.Length; i++)
        {
            double weight = samples[i] - (double)low;
            mass += weight;
            sum += RegistrationModel.IndexOf(image.Grid, i) * weight;
        }
        return image.Grid.ToWorld(sum * (1 / mass));
    }

    static Vector3d Along(Vector3d direction, Vector3d v) => direction * (Vector3d.Dot(direction, v) / Vector3d.Dot(direction, direction));

    /// <summary>A schedule that begins later.</summary>
    sealed record FromStep(long First, ISchedule Schedule) : ISchedule
    {
        public double Factor(long step) => Schedule.Factor(step - First);
    }
}
