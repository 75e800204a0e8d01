using InrFast.Autodiff;
using InrFast.Autodiff.Operations;
using InrFast.Kernels.Activations;
using InrFast.Kernels.Encodings;
using InrFast.Kernels.Losses;
using InrFast.Kernels.Sampling;

namespace InrFast.Tests;

/// <summary>What does not fit is refused where it is written, in words that name the operation.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class PlanErrorTests
{
    readonly Sketch b = new();

    static void Refused(Action make, string message) => Assert.That(() => make(), Throws.ArgumentException.With.Message.Contains(message));

    [Test]
    public void LossesOfTwoGraphs()
    {
        Sketch other = new();
        Loss[] losses = [b.Error(b.Siren(b.Input(2))), other.Error(other.Siren(other.Input(2)))];
        Refused(() => Plan.Train(Trial.Reference, losses), "the losses of a plan belong to different graphs");
    }

    [Test]
    public void ValuesOfTwoGraphs() => Refused(() => _ = new Sum(b.Input(2), new Sketch().Input(2)), "Sum joins values or parameters of different graphs");

    [Test]
    public void ParametersOfAnotherGraph()
    {
        var weight = Dense.Weight(new Graph(), "w", 2, 20);
        Refused(() => _ = new Dense<Sine>(b.Input(2), weight, null, new Sine(1)), "Dense joins values or parameters of different graphs");
    }

    [Test]
    public void ParametersOfAnotherStore()
    {
        var plan = Plan.Train(Trial.Reference, [b.Error(b.Siren(b.Input(2)))]);
        using ParameterStore store = new(Trial.Reference, new Graph());
        using Workers workers = new(1);
        Refused(() => _ = new HostRunner(plan, store, workers, 10), "the parameters belong to another graph than the plan");
    }

    [Test]
    public void ALossThatIsNoSharedScalar()
    {
        var y = b.Siren(b.Input(2));
        Refused(() => Plan.Train(Trial.Reference, [new(y)]), "a loss is a shared value of one column; Dense gives");
        Refused(() => Plan.Train(Trial.Reference, [new(new Moments(y).Output)]), "a loss is a shared value of one column; Moments gives");
        Refused(() => Plan.Train(Trial.Reference, [new(b.Input(1))]), "a loss is a shared value of one column; an input gives");
        Refused(() => Plan.Train(Trial.Reference, []), "at least one loss");
    }

    [Test]
    public void WhatCannotBeEvaluated()
    {
        Refused(() => Plan.Evaluate(Trial.Reference, b.Error(b.Siren(b.Input(2))).Value), "an evaluation plan gives rows");
        Refused(() => Plan.Evaluate(Trial.Reference, b.Input(2)), "nothing to evaluate");
    }

    [Test]
    public void SharedValuesAmongRows()
    {
        var loss = b.Error(b.Siren(b.Input(2))).Value;
        Refused(() => _ = new Scale(loss, 2), "Scale takes rows, not a value that all rows share");
        Refused(() => _ = new Moments(loss), "Moments takes rows");
        Refused(() => _ = new GroupSum(loss, 1), "GroupSum takes rows");
        Refused(() => b.Linear(loss, 1), "Dense takes rows");
        Refused(() => _ = new SharedFunction<SoftDice>(b.Input(6), default), "SoftDice takes 6 shared numbers");
        Refused(() => _ = new Standardize(b.Input(1), b.Input(2)), "standardising takes a mean and an inverse deviation");
    }

    [Test]
    public void ShapesThatDoNotMatch()
    {
        Value two = b.Input(2), three = b.Input(3), rays = b.Input(2, 5), jet = new JetSeed(two).Output, second = new JetSeed(two, 2).Output;
        var grid = Grid.TablesFor(b.Graph, "tables", GridSettings.ForCube(3, 2, 2, 4, 2, 8));
        Refused(() => _ = new Sum(two, three), "a sum of");
        Refused(() => _ = new Product(two, rays), "a product of");
        Refused(() => _ = new Product(jet, second), "a product of");
        Refused(() => _ = new Concatenate(two, rays), "concatenated values");
        Refused(() => _ = new Slice(two, 1, 2), "columns 1 .. 3 of 2");
        Refused(() => _ = new JetSeed(jet), "a jet carries");
        Refused(() => _ = new JetBlock(jet, 3), "block 3 of a jet of 3");
        Refused(() => _ = new RowLoss<SquaredError>(two, three, default), "a loss compares 2 columns with 3");
        Refused(() => _ = new RowLoss<SquaredError>(two, two, default, three), "one weight a row");
        Refused(() => _ = new Moments(two), "values of one column");
        Refused(() => _ = new Moments(b.Input(1), b.Input(1, 5)), "moments of groups of 1 and 5");
        Refused(() => _ = new Grid(two, grid, GridSettings.ForCube(3, 2, 2, 4, 2, 8)), "the grid tables has 3 dimensions, its coordinates 2 columns");
        Refused(() => _ = new Interpolate<Linear>(three, new([4, 4]), new float[16], 1, default), "an image of 2 axes");
        Refused(() => _ = new Interpolate<Linear>(jet, new([4, 4]), new float[16], 1, default), "gives no jets");
        Refused(() => _ = new SampleVoxels<RandomVoxels>(b.Graph, new([4, 4]), _ => new RandomVoxels(16), new float[15]), "have not 15 numbers");
        Assert.That(() => b.Graph.Input(2, 0), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void ParametersThatDoNotFitALayer()
    {
        Value two = b.Input(2);
        Parameter weight = Dense.Weight(b.Graph, "w", 2, 20), plain = b.Graph.Parameter("plain", 20, 2), bias = Dense.Bias(b.Graph, "bias", 19);
        Refused(() => _ = new Dense<Sine>(b.Input(3), weight, null, new Sine(1)), "w takes 2 inputs, not 3");
        Refused(() => _ = new Dense<Sine>(two, weight, bias, new Sine(1)), "bias is a bias of 1 x 19 numbers for 20 columns");
        Refused(() => _ = new Dense<Sine>(two, plain, null, new Sine(1)), "make it by Dense.Weight");
        Refused(() => b.Graph.Parameter("w", 1, 1), "two parameters are called w");
    }

    [Test]
    public void TablesOfTwoGrids()
    {
        var cells = GridSettings.ForCube(2, 2, 2, 4, 2, 8);
        var tables = Grid.TablesFor(b.Graph, "tables", cells);
        var sum = new Sum(new Grid(b.Input(2), tables, cells).Output, new Grid(b.Input(2), tables, cells).Output).Output;
        Refused(() => Plan.Train(Trial.Reference, [b.Error(sum)]), "Grid and Grid share tables");
    }

    [Test]
    public void ATargetThatIsTrained()
    {
        var loss = new RowLoss<SquaredError>(b.Siren(b.Input(2)), b.Siren(b.Input(2)), default).Output;
        Refused(() => Plan.Train(Trial.Reference, [new(loss)]), "Dense depends on trained parameters, but is used as a constant");
    }
}
