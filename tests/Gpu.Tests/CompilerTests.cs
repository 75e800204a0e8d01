using System.Text.RegularExpressions;
using ILGPU;
using InrFast.Kernels.Activations;
using InrFast.Kernels.Gpu;
using InrFast.Tests.Ptx;
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
        var ptx = KernelCompiler.Compile(((Action<Sums>)Neighbours).Method, Threads, null, optimize, level);
        Launch(ptx, [from.OnCard, to.OnCard], Threads);
        return to.Actual;
    }

    static void Launch(InrFast.Kernels.Gpu.Ptx ptx, long[] arguments, int threads)
    {
        FakeCuda.AdmitsAnyPtx = true; // also what our hook has not been over
        nint kernel = Gpu.Device.Card.Load(ptx, 0);
        fixed (long* argument = arguments) Gpu.Device.Card.Launch(kernel, (1, 1, 1), ((uint)threads, 1), 0, argument);
        FakeCuda.AdmitsAnyPtx = false;
    }

    internal static float[] Expected => [.. Enumerable.Range(0, Threads).Select(t => Enumerable.Range(0, 4).Sum(k => (0.25f * ((t + 1) % Threads) + k) * (0.25f * ((t + 2) % Threads) + k)))];

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

    [TestCase(".local .align 4 .b8 x[8];", "local memory")]
    [TestCase("ld.f32 %f1, [%rd1];", "a generic access")]
    [TestCase("ld.global.f32 %f1, [%rd1];", null)]
    [TestCase("lg2.f32 %f1, %f2;", "no form in OpenCL C")]
    [TestCase("bar.sync 0;\n\n\tbar.sync 0;", "two barriers")]
    [TestCase("selp.b32 %f1, 0f00000001, 0f00000000, %p1;", "the bits of a whole number")]
    [TestCase("sin.approx.f32 %f1, %f2;", "an approximate function")]
    public void PtxThatIsNotCleanIsRefused(string line, string? complaint)
    {
        string found = CleanPtx.Complaint($".version 8.0\n.target sm_80\n.visible .entry k() .maxntid 32 {{\n\t.reg .f32 %f<3>; .reg .b64 %rd<3>;\n\t{line}\n}}") ?? "nothing";
        Assert.That(found, complaint is null ? Is.EqualTo("nothing") : Does.StartWith($"k has {complaint}"));
    }

    [Test]
    public void ProductsStayInRegistersAndLoadVectors()
    {
        Gpu.Device.Dense(4, 4, new Identity());
        string[] products = [.. FakeCuda.Modules.Where(text => text.Contains("ld.shared.v4.f32", StringComparison.Ordinal))];
        Assert.That(products, Has.Length.GreaterThanOrEqualTo(3), "forward, gradients of the input and of the weights");
        foreach (string text in products) Assert.That(Regex.Count(text, @"fma\.rn\.f32"), Is.GreaterThanOrEqualTo(16 * 16), "4 x 4 results, 16 steps");
    }
}
