using System.Globalization;
using InrFast.Autodiff;
using InrFast.Kernels;
using InrFast.Kernels.Activations;
using InrFast.Kernels.Gpu;
using InrFast.Models;
using InrFast.Tasks.Benchmarks;

namespace InrFast.Tests;

/// <summary>Kernels as OpenCL C, on the first device of OpenCL that serves: on Debian PoCL (pocl-opencl-icd), which makes one of the processor. Skipped where there is none.</summary>
[NonParallelizable]
public sealed unsafe class OpenClTests
{
    GpuDevice device = null!;

    [OneTimeSetUp]
    public void Begin()
    {
        try
        {
            var driver = OpenClDriver.Open();
            int index = Enumerable.Range(0, driver.Devices.Count).FirstOrDefault(index => OpenClDescription.Of(driver, index).Reason is null, -1);
            if (index < 0) Assert.Ignore("no device of OpenCL serves");
            device = new(new OpenClCard(driver, index), new KernelCache(null));
        }
        catch (DeviceException e)
        {
            Assert.Ignore(e.Message);
        }
    }

    [OneTimeTearDown]
    public void End() => device?.Dispose();

    /// <summary>Of two operands each: %r1, %r2 (%f1, %f2 their bits; %r3 is odd, %r4 not the least), %rd1, %rd2 and %fd1, %fd2 likewise.</summary>
    static readonly string[] Instructions =
    [
        "add.s32 %r, %r1, %r2", "sub.s32 %r, %r1, %r2", "mul.lo.s32 %r, %r1, %r2", "div.s32 %r, %r4, %r3", "rem.s32 %r, %r4, %r3", "and.b32 %r, %r1, %r2", "or.b32 %r, %r1, %r2", "xor.b32 %r, %r1, %r2",
        "not.b32 %r, %r1", "neg.s32 %r, %r1", "shl.b32 %r, %r1, 5", "shl.b32 %r, %r1, %r2", "shr.s32 %r, %r1, %r2", "shr.u32 %r, %r1, %r2", "mul.wide.u32 %rd, %r1, %r2", "mul.wide.s32 %rd, %r1, %r2",
        "add.s64 %rd, %rd1, %rd2", "sub.s64 %rd, %rd1, %rd2", "mul.lo.s64 %rd, %rd1, %rd2", "mul.hi.u64 %rd, %rd1, %rd2", "div.s64 %rd, %rd4, %rd3", "div.u64 %rd, %rd1, %rd3", "rem.s64 %rd, %rd4, %rd3",
        "min.s64 %rd, %rd1, %rd2", "shl.b64 %rd, %rd1, 40", "shr.s64 %rd, %rd1, 3", "shr.u64 %rd, %rd1, 61",
        "add.f32 %f, %f1, %f2", "sub.f32 %f, %f1, %f2", "mul.f32 %f, %f1, %f2", "div.rn.f32 %f, %f1, %f2", "rcp.rn.f32 %f, %f1", "sqrt.rn.f32 %f, %f1", "fma.rn.f32 %f, %f1, %f2, 0f40490FDB", "neg.f32 %f, %f1",
        "min.NaN.f32 %f, %f1, %f2", "max.NaN.f32 %f, %f1, %f2", "cvt.rmi.f32.f32 %f, %f1", "mov.f32 %f, %r2", "mov.b32 %r, %f1",
        "add.f64 %fd, %fd1, %fd2", "sub.f64 %fd, %fd1, %fd2", "mul.f64 %fd, %fd1, %fd2", "div.rn.f64 %fd, %fd1, %fd2", "rcp.rn.f64 %fd, %fd1", "sqrt.rn.f64 %fd, %fd1", "neg.f64 %fd, %fd1", "abs.f64 %fd, %fd1",
        "max.f64 %fd, %fd1, %fd2", "cvt.rmi.f64.f64 %fd, %fd1", "cvt.rpi.f64.f64 %fd, %fd1",
        "cvt.s64.s32 %rd, %r1", "cvt.u64.u32 %rd, %r1", "cvt.s32.s64 %r, %rd1", "cvt.u32.u64 %r, %rd1", "cvt.rn.f32.s32 %f, %r1", "cvt.rn.f64.s32 %fd, %r1", "cvt.rn.f64.u32 %fd, %r1", "cvt.rn.f64.s64 %fd, %rd1",
        "cvt.rzi.s32.f32 %r, %f1", "cvt.rzi.u32.f32 %r, %f1", "cvt.rni.s64.f64 %rd, %fd1", "cvt.f64.f32 %fd, %f1", "cvt.rn.f32.f64 %f, %fd1",
        "setp.eq.s32 %p, %r1, %r2", "setp.ne.s32 %p, %r1, 0", "setp.lt.s32 %p, %r1, %r2", "setp.le.s32 %p, %r1, %r2", "setp.gt.s32 %p, %r1, %r2", "setp.ge.s64 %p, %rd1, %rd2", "setp.hs.u64 %p, %rd1, %rd2",
        "setp.lt.f32 %p, %f1, %f2", "setp.gt.f32 %p, %f1, %f2", "setp.geu.f32 %p, %f1, %f2", "setp.gt.f64 %p, %fd1, %fd2",
    ];

    static readonly ulong[] Operands =
    [
        0, 1, 2, 31, 33, 64, 0xFFFFFFFF, 0x80000000, 0x7FFFFFFF, ulong.MaxValue, 1ul << 63, long.MaxValue, 0x3FC0000040200000, 0xC008000000000000, // small whole numbers, the ends; 1.5 and 2.5, -3
        0x3F8000003F800000, 0xBF800000, 0x41200000, 0xC1280000, 0x7FC00000, 0x7F800000, 0xFF800000, 0x7FF8000000000000, 0x7FF0000000000000, 0x1234, 0x4050000000000000, 0x40C3880000000000, // +-1, 10, -10.5, no number, infinities
        0x4F800000, 0xCF800001, 0x5F800000, 0x47EFFFFFE0000000, 0x43F0000000000000, // 2^32, -2^32, 2^64: beyond integers
    ];

    static string Destination(string instruction) => instruction[instruction.IndexOf('%', StringComparison.Ordinal)..instruction.IndexOf(',', StringComparison.Ordinal)];

    /// <summary>A thread for each pair of operands, a word of 64 bits for each instruction.</summary>
    static string Text()
    {
        var lines = Instructions.Select((instruction, i) =>
        {
            string to = Destination(instruction);
            string store = to switch { "%p" => "selp.b32 %r, 1, 0, %p; st.global.b32", "%r" => "st.global.b32", "%f" => "st.global.f32", "%fd" => "st.global.f64", _ => "st.global.b64" };
            return $"{instruction}; {store} [%rd9+{8 * i}], {(to == "%p" ? "%r" : to)};";
        });
        return $$"""
            .version 8.0
            .target sm_80
            .address_size 64
            .visible .entry k(.param .align 8 .b8 a[24]) .maxntid 1, 1, 1
            {
                .reg .pred %p, %p0; .reg .b32 %r, %r<9>; .reg .b64 %rd, %rd<16>; .reg .f32 %f, %f<4>; .reg .f64 %fd, %fd<4>;
                ld.param.b64 %rd7, [a];
                ld.param.b64 %rd8, [a+8];
                ld.param.b32 %r7, [a+16];
                mov.u32 %r0, %ctaid.x;
                setp.ge.s32 %p0, %r0, %r7;
                @%p0 bra END;
                mul.wide.u32 %rd10, %r0, 16;
                add.s64 %rd10, %rd7, %rd10;
                ld.global.b64 %rd1, [%rd10];
                ld.global.b64 %rd2, [%rd10+8];
                mul.wide.u32 %rd11, %r0, {{8 * Instructions.Length}};
                add.s64 %rd9, %rd8, %rd11;
                cvt.u32.u64 %r1, %rd1;
                cvt.u32.u64 %r2, %rd2;
                or.b32 %r3, %r2, 1;
                shr.s32 %r4, %r1, 1;
                or.b64 %rd3, %rd2, 1;
                shr.s64 %rd4, %rd1, 1;
                mov.f32 %f1, %r1;
                mov.f32 %f2, %r2;
                mov.f64 %fd1, %rd1;
                mov.f64 %fd2, %rd2;
                {{string.Join("\n    ", lines)}}
                END:
                ret;
            }
            """;
    }

    static ulong[] Results(GpuDevice on, ulong[] pairs)
    {
        int threads = pairs.Length / 2;
        using DeviceMemory from = on.Allocate(8L * pairs.Length), to = on.Allocate(8L * threads * Instructions.Length);
        from.Write<ulong>(pairs);
        nint kernel = on.Card.Load(new(Text(), "k"), 0);
        long[] argument = [from.Address, to.Address, threads];
        fixed (long* address = argument) on.Card.Launch(kernel, ((uint)threads + 3, 1, 1), (1, 1), 0, address);
        var results = new ulong[threads * Instructions.Length];
        to.Read<ulong>(results);
        return results;
    }

    /// <summary>The interpreter has the manual's figures as its tests; here the same bits, but that one NaN is as good as another, and of two zeros OpenCL's fmin and fmax may give either.</summary>
    [Test]
    public void InstructionsDoWhatTheInterpreterSays()
    {
        ulong[] pairs = [.. from a in Operands from b in Operands from operand in new[] { a, b } select operand];
        ulong[] expected = Results(Gpu.Device, pairs), actual = Results(device, pairs);
        var wrong = from i in Enumerable.Range(0, expected.Length)
                    let instruction = Instructions[i % Instructions.Length]
                    where expected[i] != actual[i]
                    where !(double.IsNaN(Number(instruction, expected[i])) && double.IsNaN(Number(instruction, actual[i])))
                    where !(instruction[..3] is "min" or "max" && Number(instruction, expected[i]) == 0 && Number(instruction, actual[i]) == 0)
                    let pair = i / Instructions.Length
                    select string.Create(CultureInfo.InvariantCulture, $"{instruction} of {pairs[2 * pair]:x} and {pairs[2 * pair + 1]:x}: {actual[i]:x} instead of {expected[i]:x}");
        Assert.That(wrong.Take(20), Is.Empty);

        static double Number(string instruction, ulong bits) => Destination(instruction) switch
        {
            "%f" => BitConverter.UInt32BitsToSingle((uint)bits),
            "%fd" => BitConverter.UInt64BitsToDouble(bits),
            _ => 1,
        };
    }

    [Test]
    public void BarriersOrderSharedMemory()
    {
        const int Threads = 64;
        float[] x = [.. Enumerable.Range(0, Threads).Select(i => 0.25f * i)], y = new float[Threads];
        using DeviceMemory from = device.Allocate(sizeof(float) * Threads), to = device.Allocate(sizeof(float) * Threads);
        from.Write<float>(x);
        var kernel = device.Kernel<CompilerTests.Sums>(CompilerTests.Neighbours, Threads);
        kernel.Launch(new(new(from.Address), new(to.Address)), (1, 1, 1), (Threads, 1));
        to.Read<float>(y);
        Assert.That(y, Is.EqualTo(CompilerTests.Expected));
    }

    [Test]
    public void MemoryIsClearedWrittenInOrderAndFreed()
    {
        using var memory = device.Allocate(1 << 20);
        var numbers = new int[1 << 18];
        memory.Read<int>(numbers);
        Assert.That(numbers, Is.All.Zero);
        int[] piece = new int[600];
        for (int i = 0; i < 300; i++) // more small copies than are kept at once, each from the same array
        {
            Array.Fill(piece, i + 1);
            memory.Write<int>(piece, 4 * 600 * i);
        }
        memory.Clear(4 * 600, 4 * 600);
        memory.Read<int>(numbers);
        Assert.That(numbers, Is.EqualTo(Enumerable.Range(0, 1 << 18).Select(i => i / 600 is var n && n < 300 && n != 1 ? n + 1 : 0)));
        memory.Write<int>(numbers);
        Assert.That(() => memory.Write<int>([1], 1 << 20), Throws.TypeOf<ArgumentOutOfRangeException>());
        var refusal = Assert.Throws<DeviceException>(() => device.Allocate(1L << 50))!;
        Assert.That(refusal.Kind, Is.EqualTo(DeviceError.OutOfMemory));
        Assert.That(refusal.Message, Does.Contain("1073741824 MiB more are needed"));
    }

    [Test]
    public void ARecordingReplaysAndAdmitsNothingElse()
    {
        using var memory = device.Allocate(8);
        memory.Write<float>([1, 2]);
        var numbers = new float[2];
        Matrix m = new(memory.Address, 2, 8, 1);
        device.Pointwise.Scale(m, 2, m);
        using (var recording = device.Record(() => device.Pointwise.Scale(m, 2, m)))
        {
            memory.Read<float>(numbers);
            Assert.That(numbers, Is.EqualTo(new[] { 2f, 4 }), "nothing has run");
            for (int i = 0; i < 3; i++) recording.Replay();
        }
        memory.Read<float>(numbers);
        Assert.That(numbers, Is.EqualTo(new[] { 16f, 32 }));
        using var wrong = device.Record(() => device.Allocate(4).Dispose());
        Assert.That(wrong.Replay, Throws.InvalidOperationException);
    }

    [Test]
    public void HalfPrecisionIsNotOffered()
    {
        Assert.That(new GpuDevice(device.Card, Precision.Half).Precision, Is.EqualTo(Precision.Float32));
        Assert.That(() => OpenClSource.Of(PtxParser.Parse(".visible .entry k() { .reg .b32 %r<3>; shfl.sync.bfly.b32 %r0, %r1, 1, 31, -1; ret; }")), Throws.TypeOf<NotSupportedException>().With.Message.StartsWith("k has no form in OpenCL C: shfl"));
    }

    [Test]
    public void AFitIsThatOnTheProcessor() => ImageFitTests.MustFitAsTheProcessor(device, new SirenSettings(2, 1, 16, 1, 8, 8), 8);

    /// <summary>Networks of every activation and encoding; all of it is inrfast selftest --device opencl.</summary>
    [Test]
    public void TheFirstPartsOfTheSelfTestAgree()
    {
        const int Parts = 24;
        using Workers workers = new(1);
        var results = new SelfTest(device, workers, rows: 40).Run().Take(Parts).ToArray();
        Assert.That(results, Has.Length.EqualTo(Parts));
        Assert.That(results.Where(result => !result.Passed).Select(result => $"{result.Name}: {result.Difference:e1}, repeats {result.Repeats}"), Is.Empty);
    }
}
