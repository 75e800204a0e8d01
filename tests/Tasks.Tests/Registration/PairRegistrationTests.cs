using InrFast.Autodiff;
using InrFast.Imaging;
using InrFast.Kernels;
using InrFast.Models;
using InrFast.Tasks.Fitting;
using InrFast.Tasks.Registration;

namespace InrFast.Tests.Registration;

sealed class PairRegistrationTests
{
    readonly Workers workers = new(2);

    [OneTimeTearDown]
    public void End() => workers.Dispose();

    [Test]
    public void The_phantom_is_the_published_one()
    {
        Assert.That(Phantom48.MovingImage.Samples.ToArray().Sum(v => (double)v), Is.EqualTo(7610.61).Within(0.01));
        Assert.That(Phantom48.FixedImage.Samples.ToArray().Sum(v => (double)v), Is.EqualTo(7475.28).Within(0.01));
        var (points, truth) = Phantom48.Landmarks;
        Assert.That(points.Zip(truth, (p, t) => (p - t).Length).Average(), Is.EqualTo(1.866).Within(0.001));
    }

    /// <summary>Wolterink's displacement field, a third of its width and a tenth of its points: 0.31 voxel after 750 updates at the paper's rate (measured by others).</summary>
    [TestCase(DeformationKind.Displacement)]
    [TestCase(DeformationKind.Velocity)]
    public void The_phantom_s_landmarks_are_found(DeformationKind kind)
    {
        var options = new RegistrationOptions { Kind = kind, Network = new SirenSettings(3, 3, 64, 2, 32, 32), Points = 1000, Iterations = kind == DeformationKind.Velocity ? 150 : 500, LearningRate = 1e-3, RegularizerWeight = 0.05, Seed = 1 };
        using var model = PairRegistration.Run(Phantom48.FixedImage, Phantom48.MovingImage, options, CpuDevice.Best, workers).Model;
        var (points, truth) = Phantom48.Landmarks;
        double error = model.Transform(points, CpuDevice.Best, workers).Zip(truth, (p, t) => (p - t).Length).Average();
        TestContext.Out.WriteLine($"TRE {error:f3} voxels");
        Assert.That(error, Is.LessThan(kind == DeformationKind.Velocity ? 0.8 : 0.5));
        Assert.That(model.JacobianDeterminant(CpuDevice.Best, workers).Range().Minimum, Is.GreaterThan(0));
    }

    /// <summary>The moving image is the fixed one turned by 8 degrees, stretched and shifted in the world alone: the affine start must find that map.</summary>
    [Test]
    public void An_affine_map_is_found()
    {
        var (sine, cosine) = Math.SinCos(8 * Math.PI / 180);
        var truth = new Affine(new(1.05 * cosine, sine, 0), new(-sine, cosine, 0), new(0, 0.03, 0.96), new(4, -6, 3));
        var moving = new Image(new Grid(Phantom48.FixedImage.Size, truth), Phantom48.FixedImage.Samples.ToArray());
        var options = new RegistrationOptions { Initial = null, Network = new SirenSettings(3, 3, 16, 1), Iterations = 1, Points = 3000, LearningRate = 1e-9 };
        using var model = PairRegistration.Run(Phantom48.FixedImage, moving, options, CpuDevice.Best, workers).Model;
        var points = Phantom48.Landmarks.Points;
        var found = points.Select(model.Description.InitialMap.Apply).ToArray();
        Assert.That(found.Zip(points, (f, p) => (f - truth.Apply(p)).Length).Max(), Is.LessThan(0.3), "voxels");
    }

    /// <summary>u = W x + b: the determinant of I + W, and the same place by the field, by its network and by hand.</summary>
    [Test]
    public void A_field_known_in_closed_form_is_rendered_exactly()
    {
        float[] weight = [0.1f, 0.02f, -0.03f, 0.05f, -0.1f, 0.01f, 0.02f, 0.03f, 0.2f], bias = [0.1f, -0.05f, 0.02f];
        var grid = new Grid(new GridSize(12, 10, 8), new(new(0, 2, 0), new(-1.5, 0, 0), new(0, 0, 3), new(10, -20, 30)));
        using var model = Linear(grid, weight, bias);
        double determinant = 1.1 * (0.9 * 1.2 - 0.01 * 0.03) - 0.02 * (0.05 * 1.2 - 0.01 * 0.02) + -0.03 * (0.05 * 0.03 - 0.9 * 0.02);
        Assert.That(model.JacobianDeterminant(CpuDevice.Best, workers).Samples.ToArray(), Is.All.EqualTo(determinant).Within(1e-5));
        var field = model.Displacement(grid, CpuDevice.Best, workers);
        // The longest side is 24 mm: a unit is 12 mm, x of the frame lies along world y, y along -x.
        for (int voxel = 0; voxel < 960; voxel += 37)
        {
            double x = (voxel % 12 - 5.5) * 2 / 12, y = (voxel / 12 % 10 - 4.5) * 1.5 / 12, z = (voxel / 120 - 3.5) * 3 / 12;
            double Move(int row) => 12 * (weight[3 * row] * x + weight[3 * row + 1] * y + weight[3 * row + 2] * z + bias[row]);
            double[] expected = [-Move(1), Move(0), Move(2)];
            Assert.That(field.Samples.Slice(3 * voxel, 3).ToArray(), Is.EqualTo(expected).Within(1e-4));
        }
    }

    [Test]
    public void The_flow_backwards_undoes_the_flow()
    {
        using var model = Linear(Grid.Plain(9, 9, 9), [0.2f, -0.3f, 0.1f, 0.25f, 0.1f, 0, -0.1f, 0.2f, -0.15f], [0.05f, 0, -0.1f], DeformationKind.Velocity);
        var graph = new Graph();
        var network = model.Settings.Build(graph);
        var x = graph.Input(3);
        var there = RegistrationModel.Map(model.Description, network, x);
        var back = RegistrationModel.Map(model.Description, network, there, -1);
        using var store = new ParameterStore(CpuDevice.Best, graph);
        store.Write(network.Tensors[0].Parameter, model.Store.Read(model.Network.Tensors[0].Parameter));
        store.Write(network.Tensors[1].Parameter, model.Store.Read(model.Network.Tensors[1].Parameter));
        float[] points = [0.3f, -0.2f, 0.5f, -0.7f, 0.1f, 0, 0.9f, 0.8f, -0.6f];
        Assert.That(Evaluated(back), Is.EqualTo(points).Within(1e-5));
        // exp(A) of the first point by its series, and the integral of exp(A s) b.
        double[,] a = { { 0.2, -0.3, 0.1 }, { 0.25, 0.1, 0 }, { -0.1, 0.2, -0.15 } };
        double[] sum = [0.3, -0.2, 0.5], term = [0.3, -0.2, 0.5], drift = [0.05, 0, -0.1];
        for (int k = 1; k < 25; k++)
        {
            term = [.. Enumerable.Range(0, 3).Select(i => (Enumerable.Range(0, 3).Sum(j => a[i, j] * term[j]) + (k == 1 ? drift[i] : 0)) / k)];
            for (int i = 0; i < 3; i++) sum[i] += term[i];
        }
        Assert.That(Evaluated(there)[..3], Is.EqualTo(sum).Within(1e-5));

        float[] Evaluated(Value value)
        {
            using var plan = Plan.Evaluate(CpuDevice.Best, value);
            using var runner = Runner.Create(plan, store, workers, 3);
            runner.Feed(x, points);
            runner.Evaluate();
            var result = new float[9];
            runner.Read(result);
            return result;
        }
    }

    [Test]
    public void Threads_and_the_file_do_not_change_it()
    {
        var options = new RegistrationOptions { Network = new SirenSettings(3, 3, 16, 1), Iterations = 20, Points = 500 };
        using var one = new Workers(1);
        using RegistrationModel alone = PairRegistration.Run(Phantom48.FixedImage, Phantom48.MovingImage, options, CpuDevice.Best, one).Model,
            together = PairRegistration.Run(Phantom48.FixedImage, Phantom48.MovingImage, options, CpuDevice.Best, workers).Model;
        using MemoryStream first = new(), second = new();
        alone.Save(first);
        together.Save(second);
        Assert.That(second.ToArray(), Is.EqualTo(first.ToArray()));
        first.Position = 0;
        using var loaded = RegistrationModel.Load(first, CpuDevice.Best);
        var points = Phantom48.Landmarks.Points;
        Assert.That(loaded.Transform(points, CpuDevice.Best, workers), Is.EqualTo(alone.Transform(points, CpuDevice.Best, workers)));
    }

    /// <summary>Bending is 0 of an affine field: the loss is minus the correlation alone.</summary>
    [TestCase(Regularizer.Bending)]
    [TestCase(Regularizer.Jacobian)]
    public void Regularisers_are_zero_where_nothing_is_moved(Regularizer regularizer)
    {
        var options = new RegistrationOptions { Regularizer = regularizer, RegularizerWeight = 10, Network = new MlpSettings(3, 3, HiddenLayers: 0), Points = 2000, Iterations = 1, LearningRate = 1e-9, Blur = [0] };
        var frame = new Frame(Phantom48.FixedImage.Grid);
        using var model = Linear(Phantom48.FixedImage.Grid, new float[9], new float[3]);
        var losses = PairRegistration.Losses(model.Store.Graph, model.Description, model.Network, new Pair(Phantom48.FixedImage, frame, Phantom48.FixedImage, frame, Affine.Identity), options);
        using var plan = Plan.Train(CpuDevice.Best, losses);
        using var runner = Runner.Create(plan, model.Store, workers, 2000);
        Assert.That(runner.Evaluate(), Is.EqualTo(-1).Within(1e-4), "the image with itself");
    }

    static RegistrationModel Linear(Grid grid, float[] weight, float[] bias, DeformationKind kind = DeformationKind.Displacement)
    {
        var settings = new MlpSettings(3, 3, HiddenLayers: 0);
        var graph = new Graph();
        var network = settings.Build(graph);
        var store = new ParameterStore(CpuDevice.Best, graph);
        store.Write(network.Tensors[0].Parameter, weight);
        store.Write(network.Tensors[1].Parameter, bias);
        double[] identity = SignalDescription.Flatten(Affine.Identity);
        return new(new(kind, 8, [grid.Size.X, grid.Size.Y, grid.Size.Z], SignalDescription.Flatten(grid.IndexToWorld), identity), settings, network, store);
    }
}
