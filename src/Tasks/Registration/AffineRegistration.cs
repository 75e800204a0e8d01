using InrFast.Autodiff;
using InrFast.Imaging;
using InrFast.Kernels;
using InrFast.Kernels.Optimizers;
using InrFast.Models;
using InrFast.Tasks.Fitting;

namespace InrFast.Tasks.Registration;

/// <summary>
/// The affine or rigid map that a deformable registration starts from: a displacement by one dense layer, u = W x + b, from zero, on the same losses, on blurred
/// images first; of a rigid one the angles are what is learned. The images' centres of mass are laid on each other before.
/// </summary>
static class AffineRegistration
{
    public static Affine Run(Image fixedImage, Image moving, RegistrationOptions options, Device device, Workers workers, CancellationToken cancel)
    {
        if (moving.Times > 1) moving = Mean(moving);
        if (options.Similarity == Similarity.LocalCorrelation) options = options with { Similarity = Similarity.CrossCorrelation }; // windows do not see far
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
            long begin = store.Step;
            var schedule = new FromStep(begin, new CosineSchedule(Steps, Floor: 0.1));
            var optimizer = Optimizer.Create(device, new Adam(), rate, schedule);
            var (losses, items) = RegistrationLosses.Build(graph, description, network, pair.Blurred(blur), options with { Regularizer = Regularizer.None, FoldingWeight = 0 });
            using var plan = Plan.Train(device, losses);
            using var runner = Runner.Create(plan, store, workers, items, optimizer);
            runner.Seed = options.Seed;
            var rigid = new RigidSteps(axes);
            while (store.Step < begin + Steps)
            {
                cancel.ThrowIfCancellationRequested();
                if (options.Start == StartMap.Affine)
                {
                    runner.Train();
                    continue;
                }
                runner.Batch = store.Step;
                runner.Evaluate();
                Write(rigid.Next(Read(), store.ReadGradient(network.Tensors[0].Parameter), store.ReadGradient(network.Tensors[1].Parameter), rate * schedule.Factor(store.Step)));
                store.Step++;
            }
        }
        return initial.After(fixedFrame.ToWorld).After(Read()).After(fixedFrame.ToWorld.Inverse());

        // Of the frame: x + W x + b.
        Affine Read()
        {
            float[] weight = store.Read(network.Tensors[0].Parameter), bias = store.Read(network.Tensors[1].Parameter);
            Vector3d Column(int k) => k >= axes ? new(0, 0, 1) : new((k == 0 ? 1 : 0) + weight[k], (k == 1 ? 1 : 0) + weight[axes + k], axes == 3 ? (k == 2 ? 1 : 0) + weight[2 * axes + k] : 0);
            return new(Column(0), Column(1), Column(2), new(bias[0], bias[1], axes == 3 ? bias[2] : 0));
        }

        void Write(Affine map)
        {
            Vector3d[] columns = [map.StepX, map.StepY, map.StepZ];
            store.Write(network.Tensors[0].Parameter, [.. from i in Enumerable.Range(0, axes) from j in Enumerable.Range(0, axes) select (float)(Frame.Component(columns[j], i) - (i == j ? 1 : 0))]);
            store.Write(network.Tensors[1].Parameter, [.. Enumerable.Range(0, axes).Select(i => (float)Frame.Component(map.Origin, i))]);
        }
    }

    /// <summary>
    /// Adam on angles and shift. A dense layer's own updates made rotations will not do: gradients of scale and shear, which never vanish, are most of what Adam sees, and both halves of a rotation get the same step.
    /// </summary>
    sealed class RigidSteps(int axes)
    {
        readonly double[] first = new double[6], second = new double[6];
        int step;

        /// <param name="weight">The loss's gradient with respect to the map's matrix, row by row.</param>
        /// <param name="shift">The same of its shift.</param>
        public Affine Next(Affine map, float[] weight, float[] shift, double rate)
        {
            Vector3d[] columns = [map.StepX, map.StepY, map.StepZ], units = [new(1, 0, 0), new(0, 1, 0), new(0, 0, 1)];
            step++;
            double Move(int number, double gradient)
            {
                first[number] = 0.9 * first[number] + 0.1 * gradient;
                second[number] = 0.999 * second[number] + 0.001 * gradient * gradient;
                return -rate * first[number] / (1 - Math.Pow(0.9, step)) / (Math.Sqrt(second[number] / (1 - Math.Pow(0.999, step))) + 1e-8);
            }
            // Turned by a small angle about an axis, a column moves by axis x column; a picture turns about z alone.
            Vector3d turn = default, move = default;
            for (int k = axes == 2 ? 2 : 0; k < 3; k++)
                turn += units[k] * Move(k, (from j in Enumerable.Range(0, axes) from i in Enumerable.Range(0, axes) select weight[i * axes + j] * Frame.Component(Vector3d.Cross(units[k], columns[j]), i)).Sum());
            for (int k = 0; k < axes; k++) move += units[k] * Move(3 + k, shift[k]);
            Vector3d Turned(Vector3d column) => column + Vector3d.Cross(turn, column);
            return Rotation(new(Turned(map.StepX), Turned(map.StepY), Turned(map.StepZ), map.Origin + move));
        }
    }

    /// <summary>The nearest rotation, by Newton's iteration for the polar decomposition (Higham 1986): the mean of a matrix and its inverse transposed.</summary>
    static Affine Rotation(Affine map)
    {
        for (int i = 0; i < 20; i++)
        {
            var inverse = map.Inverse();
            Vector3d Row(int k) => new(Frame.Component(inverse.StepX, k), Frame.Component(inverse.StepY, k), Frame.Component(inverse.StepZ, k));
            map = new((map.StepX + Row(0)) * 0.5, (map.StepY + Row(1)) * 0.5, (map.StepZ + Row(2)) * 0.5, map.Origin);
        }
        return map;
    }

    /// <summary>Over the times of a series.</summary>
    static Image Mean(Image series)
    {
        int voxels = (int)series.Size.Voxels;
        var mean = new float[voxels];
        for (int i = 0; i < series.Samples.Length; i++) mean[i % voxels] += series.Samples.Span[i] / series.Times;
        return new Image(series.Grid, mean);
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
            sum += PointMaps.IndexOf(image.Grid, i) * weight;
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
