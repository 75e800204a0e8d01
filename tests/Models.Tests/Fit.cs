using InrFast.Autodiff;
using InrFast.Autodiff.Operations;
using InrFast.Kernels;
using InrFast.Kernels.Losses;
using InrFast.Kernels.Optimizers;
using InrFast.Models;

namespace InrFast.Tests;

/// <summary>A network on a device, with a smooth function at the points of a small grid to fit.</summary>
sealed class Fit : IDisposable
{
    public const int Points = 256;
    readonly Workers workers = new(1);
    readonly Value coordinates, target, result, loss;
    readonly Device device;

    public Fit(NetworkSettings settings, Device device, ulong seed = 7)
    {
        this.device = device;
        var graph = new Graph();
        (coordinates, target) = (graph.Input(settings.Inputs), graph.Input(settings.Outputs));
        Network = settings.Build(graph);
        result = Network.Apply(coordinates);
        loss = new RowLoss<SquaredError>(result, target, new SquaredError()).Output;
        Store = new ParameterStore(device, graph, settings.Members);
        for (int member = 0; member < settings.Members; member++) Network.Initialize(Store, seed, member);
        Rows = new float[Points * settings.Inputs];
        Targets = new float[Points * settings.Outputs];
        for (int i = 0; i < Points; i++)
        {
            // Off the nodes of grids, where derivatives jump.
            double x = 0.97 * (-1 + (2 * (i % 16) + 1) / 16.0), y = 0.97 * (-1 + (2 * (i / 16) + 1) / 16.0);
            for (int k = 0; k < settings.Inputs; k++) Rows[i * settings.Inputs + k] = (float)(k == 0 ? x : k == 1 ? y : 0.7 * x - 0.2 * y + 0.1 * k);
            for (int k = 0; k < settings.Outputs; k++) Targets[i * settings.Outputs + k] = (float)(0.5 + 0.4 * Math.Sin(3 * x + k) * Math.Cos(2 * y));
        }
    }

    public Network Network { get; }
    public ParameterStore Store { get; }
    public float[] Rows { get; }
    public float[] Targets { get; }

    /// <summary>The network's result at other points.</summary>
    public float[] At(float[] rows, int member = 0)
    {
        using var plan = Plan.Evaluate(device, result);
        using var runner = new HostRunner(plan, Store, workers, rows.Length / coordinates.Shape.Columns);
        runner.Feed(coordinates, rows, member);
        runner.Evaluate();
        var values = new float[rows.Length / coordinates.Shape.Columns * result.Shape.Columns];
        runner.Read(values, member);
        return values;
    }

    /// <summary>First derivatives by the coordinates at the points of the grid: [axis][point, column].</summary>
    public float[][] Derivatives()
    {
        var jet = Network.Apply(new JetSeed(coordinates).Output);
        using var plan = Plan.Evaluate(device, jet);
        using var runner = new HostRunner(plan, Store, workers, Points);
        runner.Feed(coordinates, Rows);
        runner.Evaluate();
        var values = new float[Points * jet.Shape.Blocks * jet.Shape.Columns];
        runner.Read(values);
        return [.. values.Chunk(Points * jet.Shape.Columns).Skip(1)];
    }

    /// <summary>Losses before the first and after the last step.</summary>
    public (double First, double Last) Train(int steps, double rate)
    {
        using var plan = Plan.Train(device, [new(loss)]);
        using var runner = new HostRunner(plan, Store, workers, Points, Optimizer.Create(device, new Adam(), rate, new CosineSchedule(steps)));
        Feed(runner);
        double first = runner.Train();
        for (int i = 1; i < steps; i++) runner.Train();
        return (first, runner.Evaluate());
    }

    /// <summary>The gradient of the loss by every trained parameter.</summary>
    public Dictionary<string, float[]> Gradients()
    {
        using var plan = Plan.Train(device, [new(loss)]);
        using var runner = new HostRunner(plan, Store, workers, Points);
        Feed(runner);
        runner.Evaluate();
        return Store.Graph.Parameters.Where(parameter => parameter.IsTrained).ToDictionary(parameter => parameter.Name, parameter => Store.ReadGradient(parameter));
    }

    void Feed(HostRunner runner)
    {
        for (int member = 0; member < Store.Members; member++)
        {
            runner.Feed(coordinates, Rows, member);
            runner.Feed(target, Targets, member);
        }
    }

    /// <summary>All numbers of one network.</summary>
    public float[] Numbers(int member = 0) => [.. Store.Graph.Parameters.SelectMany(parameter => Store.Read(parameter, member))];

    public void Dispose()
    {
        Store.Dispose();
        workers.Dispose();
    }
}
