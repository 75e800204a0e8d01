using System.Text.Json;
using InrFast.Kernels;
using InrFast.Kernels.Optimizers;
using static InrFast.Tests.PinnedRows;

namespace InrFast.Tests.Optimizers;

public sealed class OptimizerTests
{
    // PyTorch 1.13, float64: values after steps 1, 2 and 10 of
    //     p = torch.nn.Parameter(torch.tensor([0.5, -1.25, 2.0, -0.01, 0.0])); o = torch.optim.<name>([p], ...)
    //     for k in range(1, 11): p.grad = torch.tensor([math.sin(1.3 * k + i) * (1 + i) * 0.1 for i in range(5)]); o.step()
    static readonly double[] start = [0.5, -1.25, 2.0, -0.01, 0.0];
    static float Gradient(int step, int i) => (float)(Math.Sin(1.3 * step + i) * (1 + i) * 0.1);

    public sealed record Case(string Name, Func<Device, OptimizerKernels> Kernels, double Rate, double Decay, double[][] Values)
    {
        public override string ToString() => Name;
    }

    static Case Of<TOptimizer>(string name, TOptimizer optimizer, double rate, double decay, double[][] values) where TOptimizer : struct, IOptimizer =>
        new(name, device => device.Optimizer(optimizer), rate, decay, values);

    static readonly Case[] all =
    [
        Of("SGD(lr=0.1)", new GradientDescent(), 0.1, 0,
            [[0.490364418, -1.2649141, 2.00473237, 0.0266466375, 0.0416133721], [0.485209404, -1.2560637, 2.0345431, 0.051897303, 0.0260363039], [0.497290426, -1.2568, 1.99710655, -0.000568893433, 0.0175615367]]),
        Of("SGD(lr=0.1, momentum=0.9, dampening=0.3, weight_decay=0.01)", new GradientDescent(0.9, 0.3), 0.1, 0.01,
            [[0.489864418, -1.2636641, 2.00273237, 0.0266566375, 0.0416133721], [0.47679098, -1.26888195, 2.0246571, 0.0773044174, 0.0681323299], [0.439666281, -1.23345722, 2.03804821, 0.177369187, 0.0868586921]]),
        Of("SGD(lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.01)", new GradientDescent(0.9, Nesterov: true), 0.1, 0.01,
            [[0.480742394, -1.2759618, 2.0051915, 0.0596476112, 0.079065407], [0.461824637, -1.26778962, 2.06023525, 0.137202422, 0.0830255846], [0.44076459, -1.18951365, 2.0178806, 0.146380927, 0.0252563507]]),
        Of("Adam(lr=0.01)", new Adam(), 0.01, 0,
            [[0.490000001, -1.26, 2.01, -2.72876324e-10, 0.00999999976], [0.480580785, -1.26196262, 2.01839946, 0.00974027464, 0.0136650691], [0.475441953, -1.25558323, 2.03187317, 0.0164108677, 0.00891244499]]),
        Of("Adam(lr=0.01, betas=(0.8, 0.99), eps=1e-6, weight_decay=0.1)", new Adam(0.8, 0.99, 1e-6), 0.01, 0.1,
            [[0.490000068, -1.25999959, 1.99000007, -2.72133002e-08, 0.00999997597], [0.480361896, -1.25291246, 1.98900484, 0.00963844603, 0.0131178565], [0.439644072, -1.19756292, 1.93451689, 0.01129258, 0.00681427081]]),
        Of("AdamW(lr=0.01, weight_decay=0.1)", Adam.WithDecoupledWeightDecay, 0.01, 0.1,
            [[0.489500001, -1.25875, 2.008, 9.99972712e-06, 0.00999999976], [0.479591285, -1.25945387, 2.01439146, 0.00975026464, 0.0136550691], [0.4706559, -1.24307237, 2.01172864, 0.0163073518, 0.0088228529]]),
        Of("Adamax(lr=0.01, weight_decay=0.1)", new Adamax(), 0.01, 0.1,
            [[0.490000001, -1.26, 1.99, -2.72133736e-10, 0.00999999976], [0.481638876, -1.25526994, 1.98867833, 0.00836181296, 0.0127568012], [0.452873165, -1.22135375, 1.95701814, 0.013308271, 0.00918723883]]),
        Of("RMSprop(lr=0.01, weight_decay=0.1)", new RMSProp(), 0.01, 0.1,
            [[0.400000068, -1.34999959, 1.90000007, 0.0899999728, 0.099999976], [0.346776199, -1.25057217, 1.95798151, 0.145431684, 0.0628316256], [0.290770676, -1.05387674, 1.65023698, 0.0500712371, 0.0320484928]]),
        Of("RMSprop(lr=0.01, alpha=0.9, momentum=0.8)", new RMSProp(0.9, Momentum: 0.8), 0.01, 0,
            [[0.468377234, -1.28162277, 2.03162276, 0.0216227739, 0.0316227742], [0.427545544, -1.29015082, 2.08819111, 0.0655043708, 0.0453142421], [0.3951922, -1.2662246, 2.23113315, 0.107109008, 0.0268093327]]),
    ];

    /// <summary>Floats 16 .. 32 of arrays of 48: nothing outside a range may change.</summary>
    const int From = 16, To = 32, Length = 48;

    [Test]
    public void TrajectoriesArePyTorchs([ValueSource(nameof(all))] Case rule)
    {
        foreach (var device in Cpus.Append(Reference))
        {
            var kernels = rule.Kernels(device);
            float[] values = Pin(new float[Length]), gradient = Pin(new float[Length]);
            nint[] states = [.. Enumerable.Range(0, 2).Select(i => i < kernels.States ? Address(Pin(new float[Length])) : 0)];
            for (int i = 0; i < start.Length; i++) values[From + i] = (float)start[i];
            for (int step = 1; step <= 10; step++)
            {
                nint settings = Address(Pin([kernels.Numbers(new(rule.Rate, step, rule.Decay))]));
                for (int i = 0; i < start.Length; i++) gradient[From + i] = Gradient(step, i);
                kernels.Update(Address(values), Address(gradient), states[0], states[1], From, To, settings, clearGradient: step == 10);
                int row = step switch { 1 => 0, 2 => 1, 10 => 2, _ => -1 };
                if (row < 0) continue;
                Assert.That(values[From..(From + 5)], Is.EqualTo(rule.Values[row]).Within(1e-6), $"{device.Name}, step {step}");
            }
            Assert.That(values.Select((v, i) => i is >= From and < From + 5 ? 0 : v), Is.All.Zero, device.Name);
            Assert.That(gradient, Is.All.Zero, "cleared after use");
        }
    }

    [Test]
    public void ClippingIsPyTorchs()
    {
        // torch.nn.utils.clip_grad_norm_([p], 0.2) of the first gradient.
        double[] clipped = [0.03299000502905015, 0.05106244557353319, -0.016202543827211334, -0.12546961592245806, -0.142474567286216];
        foreach (var device in Cpus.Append(Reference))
        {
            var kernels = device.Optimizer(new GradientDescent());
            float[] values = Pin(new float[Length]), gradient = Pin(new float[Length]);
            double[] squares = Pin(new double[2]), factor = Pin(new double[1]);
            for (int i = 0; i < 5; i++) gradient[(i < 2 ? 0 : 16) + i] = Gradient(1, i);
            for (int part = 0; part < 2; part++) kernels.SquaredNorm(Address(gradient), 16 * part, 16 * part + 16, Address(squares) + 8 * part);
            Assert.That(Math.Sqrt(squares.Sum()), Is.EqualTo(0.584150584438201).Within(1e-7), device.Name);
            kernels.ClipFactor(Address(squares), 2, 10, Address(factor));
            Assert.That(factor[0], Is.EqualTo(1));
            kernels.ClipFactor(Address(squares), 2, 0.2, Address(factor));
            kernels.Update(Address(values), Address(gradient), 0, 0, 0, 32, Address(Pin([kernels.Numbers(new(1, 1))])), Address(factor));
            for (int i = 0; i < 5; i++) Assert.That(values[(i < 2 ? 0 : 16) + i], Is.EqualTo(-clipped[i]).Within(1e-7), device.Name);
        }
    }

    [Test]
    public void PartsAreAdded()
    {
        var random = new Random(3);
        float[] part = Pin(new float[Length]), start = new float[Length];
        for (int i = 0; i < Length; i++) (part[i], start[i]) = (random.NextSingle() - 0.5f, random.NextSingle() - 0.5f);
        foreach (var device in Cpus.Append(Reference))
        {
            float[] sum = Pin((float[])start.Clone());
            device.Optimizer(new Adam()).Add(Address(part), Address(sum), From, To);
            Assert.That(sum, Is.EqualTo(start.Select((value, i) => i is >= From and < To ? value + part[i] : value)), device.Name); // to the bit
        }
    }

    [Test]
    public void AverageFollowsExponentially()
    {
        foreach (var device in Cpus.Append(Reference))
        {
            float[] average = Pin(new float[Length]), values = Pin(Enumerable.Repeat(1f, Length).ToArray());
            for (int step = 0; step < 20; step++) device.Optimizer(new Adam()).Ema(Address(average), Address(values), 0.9f, From, To);
            Assert.That(average[From..To], Is.All.EqualTo(1 - Math.Pow(0.9, 20)).Within(1e-6), device.Name);
            Assert.That(average[..From].Concat(average[To..]), Is.All.Zero);
        }
    }

    [Test]
    public void SettingsRoundTripAndKeepTheirDefaults()
    {
        Assert.That(JsonSerializer.Deserialize<Adam>("""{"Beta2":0.99}"""), Is.EqualTo(new Adam { Beta2 = 0.99 }));
        Assert.That(new Adam().Beta1, Is.EqualTo(0.9));
        var rule = new RMSProp(0.9, Momentum: 0.8);
        Assert.That(JsonSerializer.Deserialize<RMSProp>(JsonSerializer.Serialize(rule)), Is.EqualTo(rule));
    }
}
