using System.Text.RegularExpressions;
using ILGPU;
using InrFast.Kernels.Gpu;
using Group = ILGPU.Group;

namespace InrFast.Tests;

/// <summary>What we rely on ILGPU for, and what we avoid.</summary>
public sealed unsafe class CompilerTests
{
    const int Threads = 64;

    internal readonly struct Sums(GpuFloats x, GpuFloats y)
    {
        public readonly GpuFloats X = x, Y = y;
    }

    /// <summary>Loads of shared memory between two barriers, whose sum the loop carries.</summary>
    internal static void Neighbours(Sums a)
    {
        var shared = SharedMemory.Allocate<float>(Threads);
        int t = Group.IdxX;
        float sum = 0;
        for (int k = 0; k < 4; k++)
        {
            shared[t] = a.X[t] + k;
            Group.Barrier();
            sum += shared[(t + 1) & (Threads - 1)] * shared[(t + 2) & (Threads - 1)];
            Group.Barrier();
        }
        var y = a.Y;
        y[t] = sum;
    }

    internal readonly struct Switch(GpuFloats x, bool doubles)
    {
        public readonly GpuFloats X = x;
        public readonly bool Doubles = doubles;
    }

    internal static void Double(Switch a)
    {
        var x = a.X;
        if (a.Doubles) x[0] = 2 * x[0];
    }

    static float[] RunNeighbours(bool optimize, OptimizationLevel level)
    {
        float[] x = [.. Enumerable.Range(0, Threads).Select(i => 0.25f * i)];
        using Run<float> from = new(x), to = new(new float[Threads], known: false);
        var ptx = KernelCompiler.Compile(((Action<Sums>)Neighbours).Method, Threads, optimize, level);
        Launch(ptx, [from.OnCard, to.OnCard], Threads);
        return to.Actual;
    }

    static void Launch(InrFast.Kernels.Gpu.Ptx ptx, long[] arguments, int threads)
    {
        var driver = Gpu.Device.Driver;
        nint module = driver.LoadModule(ptx.Text), function = driver.Function(module, ptx.Entry);
        fixed (long* argument = arguments) driver.Launch(function, (1, 1, 1), ((uint)threads, 1), Gpu.Device.Stream, argument);
        driver.UnloadModule(module);
    }

    static float[] Expected => [.. Enumerable.Range(0, Threads).Select(t => Enumerable.Range(0, 4).Sum(k => (0.25f * ((t + 1) % Threads) + k) * (0.25f * ((t + 2) % Threads) + k)))];

    [Test]
    public void HookedEqualsUnhooked([Values] bool optimize) => Assert.That(RunNeighbours(optimize, OptimizationLevel.O1), Is.EqualTo(Expected));

    /// <summary>Why O1: with O2 the loads lie behind the second barrier. When this fails, ILGPU has been mended.</summary>
    [Test]
    public void O2MovesLoadsAcrossBarriers() =>
        Assert.That(() => RunNeighbours(false, OptimizationLevel.O2), Throws.TypeOf<InrFast.Kernels.DeviceException>().With.Message.Contains("races"));

    [Test]
    public void ABoolIsReadAsOneByte([Values] bool doubles)
    {
        using Run<float> x = new([3f]);
        var ptx = KernelCompiler.Compile(((Action<Switch>)Double).Method, 1);
        Launch(ptx, [x.OnCard, (doubles ? 1 : 0) | 0x1234500], 1); // what lies beside the bool is not zero
        Assert.That(x.Actual[0], Is.EqualTo(doubles ? 6 : 3));
    }

    /// <summary>A kernel that cannot be compiled does not spoil those after it.</summary>
    [Test]
    public void AFailureIsNotCatching()
    {
        Assert.That(() => KernelCompiler.Compile(((Action<string>)Console.WriteLine).Method, 1), Throws.Exception);
        Assert.That(RunNeighbours(true, OptimizationLevel.O1), Is.EqualTo(Expected));
    }

    /// <summary>Whatever has been compiled so far, and one of each family: no local memory, no generic access, no call, no barrier twice, no approximate sine of an unreduced angle.</summary>
    [Test]
    public void KernelsAreCleanPtx()
    {
        Gpu.CompileEveryKernel();
        string[] modules = [.. FakeCuda.Modules];
        Assert.That(modules, Has.Length.GreaterThan(25));
        Assert.Multiple(() =>
        {
            foreach (string text in modules)
            {
                string name = Regex.Match(text, @"\.entry (\w+)").Groups[1].Value;
                Assert.That(text, Does.Not.Contain(".local"), name);
                Assert.That(text, Does.Not.Match(@"\b(ld|st)\.(v\d\.)?[bfsu]\d"), $"{name}: generic access");
                Assert.That(text, Does.Not.Match(@"\bcall\b"), name);
                Assert.That(text, Does.Not.Contain(".func"), name);
                Assert.That(text, Does.Not.Match(@"bar\.sync\s+0;\s+bar\.sync"), $"{name}: two barriers");
                Assert.That(text, Does.Not.Match(@"\b(sin|cos|tanh|ex2|lg2)\.approx"), name);
                Assert.That(text, Does.Not.Match(@"0f0000000[1-9A-F]"), $"{name}: a whole number's bits as a float's");
                Assert.That(text, Does.Match(@"\.maxntid \d+"), name);
                Assert.That(text, Does.Contain(".version 8.0").And.Contain(".target sm_80"), name);
            }
        });
    }

    [Test]
    public void ProductsStayInRegistersAndLoadVectors()
    {
        Gpu.CompileEveryKernel();
        foreach (string text in FakeCuda.Modules.Where(text => Regex.IsMatch(text, @"\.entry Kernel_(Forward|BackwardInput|BackwardWeight)\b") && text.Contains("ld.shared.v4", StringComparison.Ordinal)))
            Assert.That(Regex.Count(text, @"fma\.rn\.f32"), Is.GreaterThanOrEqualTo(16 * 16), "4 x 4 results, 16 steps");
    }
}
