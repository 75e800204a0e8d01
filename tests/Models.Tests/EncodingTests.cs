using InrFast.Autodiff;
using InrFast.Kernels;
using InrFast.Models;

namespace InrFast.Tests;

/// <summary>Encodings by their published formulas. A linear decoder with a single 1 shows one column.</summary>
public sealed class EncodingTests
{
    static readonly float[] Rows = [-1, -1, -0.35f, 0.8f, 0, 0, 0.1f, -0.9f, 0.6f, 0.25f, 1, 1];

    static double[][] Columns(EncodingSettings encoding)
    {
        int columns = encoding.Columns(2);
        using var fit = new Fit(new MlpSettings(2, columns, encoding, HiddenLayers: 0), CpuDevice.Best);
        var unit = new float[columns * columns];
        for (int i = 0; i < columns; i++) unit[i * columns + i] = 1;
        fit.Store.Write(Parameter("layers.0.weight"), unit);
        fit.Store.Write(Parameter("layers.0.bias"), new float[columns]);
        var values = fit.At(Rows);
        return [.. Enumerable.Range(0, Rows.Length / 2).Select(row => Enumerable.Range(0, columns).Select(c => (double)values[row * columns + c]).ToArray())];

        Parameter Parameter(string name) => fit.Store.Graph.Parameters.Single(parameter => parameter.Name == name);
    }

    static void Check(EncodingSettings encoding, Func<double, double, IEnumerable<double>> formula, double within = 3e-6)
    {
        var actual = Columns(encoding);
        for (int row = 0; row < actual.Length; row++)
            Assert.That(actual[row], Is.EqualTo(formula(Rows[2 * row], Rows[2 * row + 1]).ToArray()).Within(within), $"row {row}");
    }

    [Test]
    public void Basic_features_are_one_cycle_over_the_field() => Check(new FourierEncoding(FourierVariant.Basic), (x, y) =>
        new[] { (x + 1) / 2, (y + 1) / 2 }.Select(v => Math.Cos(2 * Math.PI * v)).Concat(new[] { (x + 1) / 2, (y + 1) / 2 }.Select(v => Math.Sin(2 * Math.PI * v))));

    [Test]
    public void Positional_features_are_geometric_along_the_axes() => Check(new FourierEncoding(FourierVariant.Positional, 9, 16), (x, y) =>
    {
        double[] phases = [.. from j in Enumerable.Range(0, 4) from v in new[] { (x + 1) / 2, (y + 1) / 2 } select 2 * Math.PI * Math.Pow(16, j / 4.0) * v];
        return phases.Select(Math.Cos).Concat(phases.Select(Math.Sin));
    }, 1e-5);

    [Test]
    public void Gaussian_features_have_the_published_phase()
    {
        var actual = Columns(new FourierEncoding(FourierVariant.Gaussian, 6, 2));
        for (int c = 0; c < 6; c++)
        {
            // (-1, -1) is v = 0, the origin of all phases.
            Assert.That(actual[0][c], Is.EqualTo(1).Within(3e-6));
            Assert.That(actual[0][6 + c], Is.EqualTo(0).Within(3e-6));
            foreach (var row in actual) Assert.That(row[c] * row[c] + row[6 + c] * row[6 + c], Is.EqualTo(1).Within(3e-6));
        }
    }

    [Test]
    public void Nerf_s_code_takes_sines_then_cosines_of_all_axes_after_the_input() => Check(new FrequencyEncoding(3), (x, y) =>
        [x, y, .. from j in new[] { 1, 2, 4 } from f in new Func<double, double>[] { Math.Sin, Math.Cos } from p in new[] { x, y } select f(j * p)]);

    [Test]
    public void Nerf_s_paper_multiplies_by_pi_and_leaves_the_input_out() => Check(new FrequencyEncoding(2, IncludesInput: false, TimesPi: true), (x, y) =>
        [.. from j in new[] { 1, 2 } from f in new Func<double, double>[] { Math.Sin, Math.Cos } from p in new[] { x, y } select f(j * Math.PI * p)]);

    [Test]
    public void Harmonics_go_in_equal_steps() => Check(new HarmonicEncoding(3), (x, y) =>
        [.. from l in new[] { 1, 2, 3 } from f in new Func<double, double>[] { Math.Sin, Math.Cos } from p in new[] { x, y } select f(l * Math.PI / 2 * p)]);

    [Test]
    public void One_blob_is_a_gaussian_around_the_coordinate() => Check(new OneBlobEncoding(5), (x, y) =>
        from v in new[] { (x + 1) / 2, (y + 1) / 2 } from bin in Enumerable.Range(0, 5) select Math.Exp(-Math.Pow(v - (bin + 0.5) / 5, 2) / (2.0 / 25)));

    [Test]
    public void A_composite_sets_its_parts_side_by_side() => Check(new CompositeEncoding([new IdentityEncoding(), new FrequencyEncoding(1, IncludesInput: false)]), (x, y) =>
        [x, y, Math.Sin(x), Math.Sin(y), Math.Cos(x), Math.Cos(y)]);

    [Test]
    public void Levels_of_a_grid_join_while_training_where_that_is_asked_for()
    {
        var settings = new MlpSettings(2, 1, new GridEncoding([16, 16], 6, 2, 4, 1, 8), 8, 1);
        using Fit all = new(settings, CpuDevice.Best);
        var graph = new Graph();
        var network = settings.Build(graph);
        network.CoarseToFineSteps = 100;
        Value x = graph.Input(2), y = network.Apply(x);
        using var store = new ParameterStore(CpuDevice.Best, graph);
        network.Initialize(store, 7);
        foreach (var parameter in graph.Parameters) store.Write(parameter, all.Store.Read(all.Store.Graph.Parameters.Single(p => p.Name == parameter.Name)));
        var expected = all.At(Rows);
        Assert.That(Evaluate(), Is.Not.EqualTo(expected), "two levels of six");
        store.Step = 100;
        Assert.That(Evaluate(), Is.EqualTo(expected));

        float[] Evaluate()
        {
            using var workers = new Workers(1);
            using var plan = Plan.Evaluate(CpuDevice.Best, y);
            using var runner = new HostRunner(plan, store, workers, Rows.Length / 2);
            runner.Feed(x, Rows);
            runner.Evaluate();
            var values = new float[Rows.Length / 2];
            runner.Read(values);
            return values;
        }
    }
}
