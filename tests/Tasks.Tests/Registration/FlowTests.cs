using InrFast.Autodiff;
using InrFast.Imaging;
using InrFast.Kernels;
using InrFast.Models;
using InrFast.Tasks.Fitting;
using InrFast.Tasks.Registration;

namespace InrFast.Tests.Registration;

/// <summary>The flow of v(x) = A x + b, whose end is known: exp(A) x and the integral of exp(A s) b.</summary>
sealed class FlowTests
{
    static readonly float[] matrix = [0.2f, -0.3f, 0.1f, 0.25f, 0.1f, 0, -0.1f, 0.2f, -0.15f], drift = [0.05f, 0, -0.1f];
    static readonly float[] points = [0.3f, -0.2f, 0.5f, -0.7f, 0.1f, 0, 0.9f, 0.8f, -0.6f];

    readonly Workers workers = new(2);

    [OneTimeTearDown]
    public void End() => workers.Dispose();

    [Test]
    public void The_end_is_the_exponential_s_and_the_way_back_leads_home()
    {
        Assert.That(Error(Integrator.RungeKutta, 8), Is.LessThan(1e-6));
        Assert.That(Flow(Integrator.RungeKutta, 8, andBack: true), Is.EqualTo(points).Within(1e-6));
    }

    /// <summary>Steps half as long: an error of a sixteenth, and of a half.</summary>
    [TestCase(Integrator.RungeKutta, 1, 16)]
    [TestCase(Integrator.Euler, 16, 2)]
    public void The_order_of_an_integrator(Integrator integrator, int steps, double ratio) =>
        Assert.That(Error(integrator, steps) / Error(integrator, 2 * steps), Is.EqualTo(ratio).Within(0.3 * ratio));

    /// <summary>A model's points, and back by its inverse, through a map of the world.</summary>
    [TestCase(DeformationKind.Displacement)]
    [TestCase(DeformationKind.Velocity)]
    public void A_model_is_undone(DeformationKind kind)
    {
        var initial = new Affine(new(1, 0.2, 0), new(-0.1, 1.1, 0), new(0, 0, 0.9), new(3, -4, 5));
        var settings = new MlpSettings(3, 3, HiddenLayers: 0);
        var graph = new Graph();
        var network = settings.Build(graph);
        var store = new ParameterStore(CpuDevice.Best, graph);
        Write(store, network);
        using var model = new RegistrationModel(new(kind, 8, [9, 10, 11], SignalDescription.Flatten(Affine.FromSpacing(1, 2, 1)), SignalDescription.Flatten(initial)), settings, network, store);
        Vector3d[] places = [new(1, 2, 3), new(8, 15, 0), new(-4, 30, 12)];
        var there = model.Transform(places, CpuDevice.Best, workers);
        Assert.That(there.Zip(places, (a, b) => (a - b).Length).Min(), Is.GreaterThan(1));
        Assert.That(model.InverseAt(0, CpuDevice.Best, workers)(there).Zip(places, (a, b) => (a - b).Length).Max(), Is.LessThan(2e-3));
    }

    double Error(Integrator integrator, int steps) => Flow(integrator, steps, andBack: false).Zip(Exact(), (a, b) => Math.Abs(a - b)).Max();

    float[] Flow(Integrator integrator, int steps, bool andBack)
    {
        var description = new DeformationDescription(DeformationKind.Velocity, steps, [9, 9, 9], SignalDescription.Flatten(Affine.Identity), SignalDescription.Flatten(Affine.Identity), integrator);
        var graph = new Graph();
        var network = new MlpSettings(3, 3, HiddenLayers: 0).Build(graph);
        var x = graph.Input(3);
        var end = Deformation.Map(description, network, x);
        if (andBack) end = Deformation.Map(description, network, end, -1);
        using var store = new ParameterStore(CpuDevice.Best, graph);
        Write(store, network);
        using var plan = Plan.Evaluate(CpuDevice.Best, end);
        using var runner = Runner.Create(plan, store, workers, points.Length / 3);
        runner.Feed(x, points);
        runner.Evaluate();
        var result = new float[points.Length];
        runner.Read(result);
        return result;
    }

    static void Write(ParameterStore store, Network network)
    {
        store.Write(network.Tensors[0].Parameter, matrix);
        store.Write(network.Tensors[1].Parameter, drift);
    }

    /// <summary>By the series, in double.</summary>
    static IEnumerable<double> Exact()
    {
        for (int point = 0; point < points.Length; point += 3)
        {
            double[] sum = [points[point], points[point + 1], points[point + 2]], term = [.. sum];
            for (int k = 1; k < 25; k++)
            {
                double[] last = term;
                term = [.. Enumerable.Range(0, 3).Select(i => (Enumerable.Range(0, 3).Sum(j => matrix[3 * i + j] * last[j]) + (k == 1 ? drift[i] : 0)) / k)];
                for (int i = 0; i < 3; i++) sum[i] += term[i];
            }
            foreach (double x in sum) yield return x;
        }
    }
}
