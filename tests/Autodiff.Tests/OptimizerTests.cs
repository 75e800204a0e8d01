using InrFast.Autodiff;
using InrFast.Kernels.Activations;
using InrFast.Kernels.Optimizers;

namespace InrFast.Tests;

/// <summary>Steps through a runner against the same steps by hand, from the gradients that the runner gives.</summary>
public sealed class OptimizerTests
{
    /// <param name="group">Of the last layer's weight.</param>
    static Trial Start(int members = 1, int group = 0) =>
        new(new("network", b => [b.Error(b.Dense(b.Dense(b.Input(2), 20, new Sine(8)), 1, new Identity(), group: group))]) { Items = 100, Members = members });

    /// <summary>All parameters of all networks, or their gradients.</summary>
    static double[] Numbers(Trial trial, bool gradient = false) =>
        [.. from member in Enumerable.Range(0, trial.Store.Members) from p in trial.Graph.Parameters
            from x in gradient ? trial.Store.ReadGradient(p, member) : trial.Store.Read(p, member) select (double)x];

    /// <summary>Takes steps and hands each gradient to a rule written out in double; returns what both arrive at.</summary>
    static (double[] Found, double[] Expected) Steps(Trial trial, Optimizer optimizer, Action<int, double[], double[]> rule, int steps = 4, int workers = 2)
    {
        using var plan = trial.Plan(Trial.Processors[0]);
        using var runner = trial.Runner(plan, workers, optimizer: optimizer);
        var x = Numbers(trial);
        for (int step = 1; step <= steps; step++)
        {
            runner.Evaluate();
            rule(step, x, Numbers(trial, gradient: true));
            runner.Train();
        }
        Assert.That(trial.Store.Step, Is.EqualTo(steps));
        return (Numbers(trial), x);
    }

    /// <summary>Steps that differ only in a rule's error differ by rounding.</summary>
    static void Close(double[] found, double[] expected) => Assert.That(found, Is.EqualTo(expected).AsCollection.Within(2e-6));

    [Test]
    public void GradientDescent([Values(1, 5, 20)] int members)
    {
        using var trial = Start(members);
        var (found, expected) = Steps(trial, Optimizer.Create(Trial.Processors[0], new GradientDescent(), 0.1), (_, x, g) =>
        {
            for (int i = 0; i < x.Length; i++) x[i] -= 0.1 * g[i];
        });
        Close(found, expected);
    }

    /// <summary>torch.optim.Adam's formula.</summary>
    [Test]
    public void Adam([Values(1, 5, 20)] int members)
    {
        using var trial = Start(members);
        double[] m = new double[Numbers(trial).Length], v = new double[m.Length];
        var (found, expected) = Steps(trial, Optimizer.Create(Trial.Processors[0], new Adam(), 0.01), (step, x, g) =>
        {
            for (int i = 0; i < x.Length; i++)
            {
                m[i] = 0.9 * m[i] + 0.1 * g[i];
                v[i] = 0.999 * v[i] + 0.001 * g[i] * g[i];
                x[i] -= 0.01 * (m[i] / (1 - Math.Pow(0.9, step))) / (Math.Sqrt(v[i] / (1 - Math.Pow(0.999, step))) + 1e-8);
            }
        });
        Assert.That(found, Is.EqualTo(expected).AsCollection.Within(2e-5)); // a tiny gradient's rounding is a part of the rate
    }

    /// <summary>torch.nn.utils.clip_grad_norm_, of each network by itself.</summary>
    [Test]
    public void ClippingScalesTheWholeGradient([Values(1, 3, 20)] int members)
    {
        using var trial = Start(members);
        var (found, expected) = Steps(trial, Optimizer.Create(Trial.Processors[0], new GradientDescent(), 0.1, clipNorm: 0.05), (_, x, g) =>
        {
            int each = x.Length / members;
            for (int member = 0; member < members; member++)
            {
                double norm = Math.Sqrt(g.Skip(member * each).Take(each).Sum(y => y * y)), factor = Math.Min(1, 0.05 / (norm + 1e-6));
                Assert.That(factor, Is.LessThan(0.9), "the bound is in force");
                for (int i = member * each; i < (member + 1) * each; i++) x[i] -= 0.1 * factor * g[i];
            }
        });
        Close(found, expected);
    }

    [Test]
    public void GroupsHaveTheirRatesAndDecays()
    {
        using var trial = Start(group: 1);
        ParameterGroup[] groups = [new(), new(RateFactor: 3, WeightDecay: 0.2)];
        var group = trial.Graph.Parameters.SelectMany(p => Enumerable.Repeat(p.Group, p.Rows * p.Columns)).ToArray();
        var (found, expected) = Steps(trial, Optimizer.Create(Trial.Processors[0], new GradientDescent(), 0.1, groups: groups), (_, x, g) =>
        {
            for (int i = 0; i < x.Length; i++) x[i] -= group[i] == 0 ? 0.1 * g[i] : 0.3 * (g[i] + 0.2 * x[i]);
        });
        Close(found, expected);
    }

    [Test]
    public void RatesFollowTheSchedule()
    {
        using var trial = Start();
        var (found, expected) = Steps(trial, Optimizer.Create(Trial.Processors[0], new GradientDescent(), 0.2, new StepSchedule(2, 0.1)), (step, x, g) =>
        {
            for (int i = 0; i < x.Length; i++) x[i] -= (step <= 2 ? 0.2 : 0.02) * g[i];
        });
        Close(found, expected);
    }

    [Test]
    public void AverageFollowsTheValues([Values(1, 20)] int members)
    {
        using var trial = Start(members);
        var average = Numbers(trial);
        var optimizer = Optimizer.Create(Trial.Processors[0], new GradientDescent(), 0.1, averageDecay: 0.75);
        Steps(trial, optimizer, (_, x, g) =>
        {
            for (int i = 0; i < x.Length; i++)
            {
                x[i] -= 0.1 * g[i];
                average[i] = 0.75 * average[i] + 0.25 * x[i];
            }
        });
        var all = new float[trial.Store.Length * members];
        trial.Store.Average!.Read<float>(all);
        var found = from member in Enumerable.Range(0, members) from p in trial.Graph.Parameters
                    from r in Enumerable.Range(0, p.Rows) from c in Enumerable.Range(0, p.Columns) select (double)all[member * trial.Store.Length + p.Index(r, c)];
        Close([.. found], average);
    }

    [Test]
    public void FrozenParametersDoNotMove()
    {
        using var trial = Start();
        var frozen = trial.Graph.Parameters[0];
        frozen.IsTrained = false;
        var before = trial.Graph.Parameters.Select(p => trial.Store.Read(p)).ToArray();
        using (var plan = trial.Plan(Trial.Processors[0]))
        {
            // With decay: what is frozen is not decayed either.
            using var runner = trial.Runner(plan, optimizer: Optimizer.Create(Trial.Processors[0], new Adam(), 0.01, groups: [new(1, 0.1)]));
            for (int i = 0; i < 3; i++) runner.Train();
        }
        for (int i = 0; i < before.Length; i++)
            Assert.That(trial.Store.Read(trial.Graph.Parameters[i]), trial.Graph.Parameters[i] == frozen ? Is.EqualTo(before[i]) : Is.Not.EqualTo(before[i]), trial.Graph.Parameters[i].Name);

        // A plan made later trains what is thawed by then.
        frozen.IsTrained = true;
        using var second = trial.Plan(Trial.Processors[0]);
        using var thawed = trial.Runner(second, optimizer: Optimizer.Create(Trial.Processors[0], new Adam(), 0.01));
        thawed.Train();
        Assert.That(trial.Store.Read(frozen), Is.Not.EqualTo(before[0]));
    }

    [Test]
    public void AGroupWithoutSettingsIsRefused()
    {
        using var trial = Start(group: 1);
        using var plan = trial.Plan(Trial.Processors[0]);
        Assert.That(() => trial.Runner(plan, optimizer: Optimizer.Create(Trial.Processors[0], new Adam(), 0.01)),
            Throws.ArgumentException.With.Message.EqualTo("layer1.weight is in group 1; the optimiser has 1"));
    }
}
