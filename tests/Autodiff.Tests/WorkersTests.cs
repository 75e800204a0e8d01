using InrFast.Autodiff;

namespace InrFast.Tests;

public sealed class WorkersTests
{
    [Test]
    public void EveryWorkerRunsEveryJobOnce([Values(1, 2, 3)] int count)
    {
        using Workers workers = new(count);
        var runs = new int[count];
        for (int i = 0; i < 200; i++)
        {
            if (i % 50 == 49) Thread.Sleep(5); // they fall asleep
            workers.Run(id => runs[id]++);
        }
        Assert.That(runs, Is.All.EqualTo(200));
    }

    [Test]
    public void AFailingJobEndsTheRunWithItsException([Values(1, 3)] int count, [Values(0, 2)] int failing)
    {
        using Workers workers = new(count);
        int ended = 0;
        void Job(int id)
        {
            if (id == failing % count) throw new InvalidDataException("bad row");
            Interlocked.Increment(ref ended);
        }
        for (int i = 0; i < 3; i++) Assert.That(() => workers.Run(Job), Throws.InstanceOf<InvalidDataException>().With.Message.EqualTo("bad row"));
        Assert.That(ended, Is.EqualTo(3 * (count - 1)), "the others finish");
        workers.Run(_ => Interlocked.Increment(ref ended));
        Assert.That(ended, Is.EqualTo(3 * (count - 1) + count), "and go on afterwards");
    }

    [Test]
    public void AFailureOfAllIsOneException()
    {
        using Workers workers = new(3);
        Assert.That(() => workers.Run(id => throw new InvalidDataException($"{id}")), Throws.InstanceOf<InvalidDataException>());
        Assert.That(() => workers.Run(_ => { }), Throws.Nothing, "nothing is left of it");
    }

    /// <summary>A work that fails in one worker ends the runner's step with its exception.</summary>
    [Test]
    public void AFailingWorkEndsTheStep()
    {
        Sketch b = new();
        var loss = b.Error(new Failing(b.Siren(b.Input(2))).Output);
        using var plan = Plan.Train(Trial.Processors[0], [loss]);
        using ParameterStore store = new(Trial.Processors[0], b.Graph);
        using Workers workers = new(2);
        using HostRunner runner = new(plan, store, workers, 500, tileRows: 24);
        Assert.That(() => runner.Evaluate(), Throws.InstanceOf<InvalidDataException>().With.Message.EqualTo("rows from 240"));
    }

    sealed class Failing : Operation
    {
        readonly Value input;

        public Failing(Value input)
        {
            this.input = input;
            Output = input.Graph.Add(input.Shape, this);
        }

        public Value Output { get; }
        public override IReadOnlyList<Value> Inputs => [input];
        public override IReadOnlyList<Value> Outputs => [Output];

        public override Work Bind(Binder binder)
        {
            binder.Of(Output);
            binder.Gradient(Output);
            binder.Gradient(input);
            return new Bound();
        }

        sealed class Bound : Work
        {
            public override void Forward(Tile tile)
            {
                if (tile.First == 240) throw new InvalidDataException($"rows from {tile.First}");
            }
        }
    }
}
