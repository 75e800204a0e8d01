using InrFast.Autodiff;
using InrFast.Kernels;
using InrFast.Models;

namespace InrFast.Tests;

/// <summary>What holds for every network.</summary>
[TestFixtureSource(typeof(NetworkCases), nameof(NetworkCases.All))]
public sealed class NetworkTests
{
    readonly NetworkSettings settings;
    readonly NetworkCases.Case row;

    public NetworkTests(NetworkCases.Case row) => (this.row, settings) = (row, row.Settings);

    [Test]
    public void It_learns_a_smooth_function()
    {
        using var fit = new Fit(settings, CpuDevice.Best);
        var (first, last) = fit.Train(300, row.Rate);
        TestContext.Out.WriteLine($"{first:e2} to {last:e2}");
        Assert.That(last, Is.LessThan(first / 10).And.LessThan(0.01 * settings.Members), "0.4² / 4 is the variance of the targets");
    }

    [Test]
    public void Its_gradient_is_the_reference_s()
    {
        using Fit processor = new(settings, CpuDevice.Best), reference = new(settings, new ReferenceDevice());
        var (actual, expected) = (processor.Gradients(), reference.Gradients());
        foreach (var (name, gradient) in expected)
        {
            double scale = gradient.Max(Math.Abs);
            Assert.That(scale, Is.GreaterThan(0), name);
            Assert.That(actual[name], Is.EqualTo(gradient).Within(1e-3 * scale), name);
        }
    }

    /// <summary>Of a network that has learnt something: a grid begins as good as flat. Differences over 0.002 reach across a kink here and there.</summary>
    [Test]
    public void Its_jets_are_its_derivatives()
    {
        const float step = 1e-3f;
        using var fit = new Fit(settings, CpuDevice.Best);
        if (settings is NerfSettings) fit.Store.Write(fit.Store.Graph.Parameters.Single(parameter => parameter.Name == "alpha_linear.bias"), [3]);
        fit.Train(30, row.Rate);
        var actual = fit.Derivatives();
        for (int axis = 0; axis < settings.Inputs; axis++)
        {
            float[] above = Moved(axis, step), below = Moved(axis, -step);
            double[] expected = [.. above.Zip(below, (a, b) => ((double)a - b) / (2 * step))];
            double scale = expected.Max(Math.Abs);
            Assert.That(scale, Is.GreaterThan(0));
            int off = expected.Zip(actual[axis]).Count(pair => !(Math.Abs(pair.First - pair.Second) < 0.02 * scale));
            Assert.That(off, Is.LessThan(expected.Length / 16), $"axis {axis}");
        }

        float[] Moved(int axis, float by) => fit.At([.. fit.Rows.Select((value, i) => i % settings.Inputs == axis ? value + by : value)]);
    }

    [Test]
    public void It_counts_its_trained_numbers()
    {
        Assert.That(settings.Build(new Graph()).ParameterCount, Is.EqualTo(row.Parameters));
    }

    [Test]
    public void The_same_seed_gives_the_same_bits_and_another_does_not()
    {
        using Fit once = new(settings, CpuDevice.Best, 1), again = new(settings, CpuDevice.Best, 1), other = new(settings, CpuDevice.Best, 2);
        Assert.That(again.Numbers(), Is.EqualTo(once.Numbers()));
        Assert.That(other.Numbers(), Is.Not.EqualTo(once.Numbers()));
    }

    [Test]
    public void Members_of_a_bank_differ_and_the_first_is_the_single_network()
    {
        var graph = new Graph();
        var network = settings.Build(graph);
        using var bank = new ParameterStore(CpuDevice.Best, graph, 3);
        using var single = new ParameterStore(CpuDevice.Best, graph);
        network.Initialize(single, 5);
        for (int member = 0; member < 3; member++) network.Initialize(bank, 5, member);
        foreach (var parameter in graph.Parameters)
        {
            Assert.That(bank.Read(parameter), Is.EqualTo(single.Read(parameter)));
            if (!parameter.IsTrained || Array.TrueForAll(bank.Read(parameter), number => number == 0)) continue; // biases that begin at zero
            for (int member = 0; member < 3; member++) Assert.That(bank.Read(parameter, member), Is.Not.EqualTo(bank.Read(parameter, (member + 1) % 3)), $"{parameter.Name} of {member}");
        }
    }

    [Test]
    public void Its_description_survives_json()
    {
        string json = settings.ToJson();
        TestContext.Out.WriteLine(json);
        var back = NetworkSettings.FromJson(json);
        Assert.That(back.GetType(), Is.EqualTo(settings.GetType()));
        Assert.That(back.ToJson(), Is.EqualTo(json));
        Assert.That(back.Build(new Graph()).Tensors.Select(Description), Is.EqualTo(settings.Build(new Graph()).Tensors.Select(Description)));

        static string Description(Tensor tensor) => $"{tensor.Name} {string.Join('x', tensor.Shape)} {tensor.Parameter.IsTrained}";
    }

    [Test]
    public void A_file_keeps_every_bit()
    {
        using Fit fit = new(settings, CpuDevice.Best, 3), other = new(settings, CpuDevice.Best, 4);
        using var stream = new MemoryStream();
        ModelFile.Write(stream, settings, fit.Network, fit.Store);
        stream.Position = 0;
        ModelFile.Read(stream).Load(other.Network, other.Store);
        for (int member = 0; member < settings.Members; member++) Assert.That(other.Numbers(member), Is.EqualTo(fit.Numbers(member)));
    }

    [Test]
    public void Applied_twice_it_shares_its_parameters()
    {
        var graph = new Graph();
        var network = settings.Build(graph);
        int count = graph.Parameters.Count;
        Value x = graph.Input(settings.Inputs), first = network.Apply(x), second = network.Apply(x);
        Assert.That(graph.Parameters, Has.Count.EqualTo(count));
        Assert.That(first.Shape.Columns, Is.EqualTo(settings.Outputs));
        Assert.That(second, Is.Not.SameAs(first));
    }
}
