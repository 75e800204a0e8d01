using System.Globalization;
using System.Runtime.InteropServices;
using InrFast.Kernels.Gpu;

namespace InrFast.Tests.Ptx;

/// <summary>The interpreter against figures from the PTX manual's definitions, and what it must find in kernels that are wrong.</summary>
public sealed unsafe class InterpreterTests
{
    const string Registers = ".reg .pred %p<4>; .reg .b16 %h<4>; .reg .b32 %r<16>; .reg .b64 %rd<16>; .reg .f32 %f<16>; .reg .f64 %fd<8>;";

    /// <summary>Runs a body whose parameters are two addresses, 'from' in %rd0 and 'to' in %rd1; %r0 is the thread's number.</summary>
    static T[] Run<T>(string body, T[] input, int results, int threads = 1, int blocks = 1, bool known = true) where T : unmanaged
    {
        string text = $$"""
            .version 8.0
            .target sm_80
            .address_size 64
            .visible .entry k(.param .b64 from, .param .b64 to) .maxntid 128
            {
                {{Registers}}
                .shared .align 16 .b8 tile[1024];
                ld.param.b64 %rd0, [from];
                ld.param.b64 %rd1, [to];
                mov.u32 %r0, %tid.x;
                {{body}}
                ret;
            }
            """;
        PtxGlobal global = new();
        T* from = Allocate(Math.Max(input.Length, 1), known), to = Allocate(results, false);
        try
        {
            input.CopyTo(new Span<T>(from, input.Length));
            long[] arguments = [(long)from, (long)to];
            new PtxMachine(PtxParser.Parse(text), global).Launch((blocks, 1, 1), (threads, 1, 1), MemoryMarshal.AsBytes<long>(arguments));
            return new Span<T>(to, results).ToArray();
        }
        finally
        {
            NativeMemory.AlignedFree(from);
            NativeMemory.AlignedFree(to);
        }

        T* Allocate(int count, bool isWritten)
        {
            T* address = (T*)NativeMemory.AlignedAlloc((nuint)(count * sizeof(T)), 256);
            new Span<T>(address, count).Clear();
            PtxMemory memory = new((byte*)address, (long)count * sizeof(T), (ulong)address);
            memory.Mark(memory.Start, memory.Bytes, isWritten);
            global.Add(memory);
            return address;
        }
    }

    // ---- arithmetic: one instruction on two operands ----

    [TestCase("add.s32", 5u, 0xFFFFFFFFu, 4u)]
    [TestCase("sub.u32", 3u, 5u, 0xFFFFFFFEu)]
    [TestCase("mul.lo.s32", 0x10001u, 0x10001u, 0x20001u)]
    [TestCase("mul.hi.u32", 0xFFFFFFFFu, 0xFFFFFFFFu, 0xFFFFFFFEu)]
    [TestCase("mul.hi.s32", 0xFFFFFFFFu, 0xFFFFFFFFu, 0u)]
    [TestCase("div.s32", 0xFFFFFFF9u, 2u, 0xFFFFFFFDu)] // -7 / 2 = -3
    [TestCase("div.u32", 0xFFFFFFF9u, 2u, 0x7FFFFFFCu)]
    [TestCase("rem.s32", 0xFFFFFFF9u, 2u, 0xFFFFFFFFu)] // -1
    [TestCase("min.s32", 0xFFFFFFFFu, 1u, 0xFFFFFFFFu)]
    [TestCase("min.u32", 0xFFFFFFFFu, 1u, 1u)]
    [TestCase("max.s32", 0xFFFFFFFFu, 1u, 1u)]
    [TestCase("and.b32", 0xF0F0u, 0xFF00u, 0xF000u)]
    [TestCase("or.b32", 0xF0F0u, 0xFF00u, 0xFFF0u)]
    [TestCase("xor.b32", 0xF0F0u, 0xFF00u, 0x0FF0u)]
    [TestCase("shl.b32", 1u, 31u, 0x80000000u)]
    [TestCase("shl.b32", 1u, 32u, 0u)]
    [TestCase("shr.u32", 0x80000000u, 31u, 1u)]
    [TestCase("shr.s32", 0x80000000u, 40u, 0xFFFFFFFFu)]
    [TestCase("add.f32", 0x3F800000u, 0x33800000u, 0x3F800000u)] // 1 + 2^-24: to even
    [TestCase("mul.f32", 0x40000000u, 0x40400000u, 0x40C00000u)]
    [TestCase("div.rn.f32", 0x3F800000u, 0x40400000u, 0x3EAAAAABu)] // 1 / 3
    [TestCase("max.f32", 0x7FC00000u, 0x3F800000u, 0x3F800000u)] // the number
    [TestCase("max.NaN.f32", 0x7FC00000u, 0x3F800000u, 0x7FC00000u)]
    [TestCase("min.NaN.f32", 0x3F800000u, 0xBF800000u, 0xBF800000u)]
    public void Binary(string opcode, uint a, uint b, uint expected)
    {
        string body = $"ld.global.b32 %r1, [%rd0]; ld.global.b32 %r2, [%rd0+4]; {opcode} %r3, %r1, %r2; st.global.b32 [%rd1], %r3;";
        Assert.That(Run(body, [a, b], 1)[0], Is.EqualTo(expected));
    }

    [TestCase("cvt.rni.s32.f32", 0x40200000u, 2u)] // 2.5
    [TestCase("cvt.rzi.s32.f32", 0xC0200000u, 0xFFFFFFFEu)]
    [TestCase("cvt.rmi.f32.f32", 0xC0200000u, 0xC0400000u)]
    [TestCase("cvt.rzi.s32.f32", 0x7FC00000u, 0u)]
    [TestCase("cvt.rzi.s32.f32", 0x60000000u, 0x7FFFFFFFu)] // saturates
    [TestCase("cvt.rzi.u32.f32", 0xC0200000u, 0u)]
    [TestCase("cvt.rn.f32.s32", 0xFFFFFFFFu, 0xBF800000u)]
    [TestCase("cvt.rn.f32.u32", 0xFFFFFFFFu, 0x4F800000u)]
    [TestCase("sqrt.rn.f32", 0x40000000u, 0x3FB504F3u)]
    [TestCase("neg.f32", 0x3F800000u, 0xBF800000u)]
    [TestCase("abs.s32", 0xFFFFFFFFu, 1u)]
    [TestCase("not.b32", 0xFFu, 0xFFFFFF00u)]
    [TestCase("popc.b32", 0xFFu, 8u)]
    [TestCase("clz.b32", 0xFFu, 24u)]
    [TestCase("ex2.approx.f32", 0x40400000u, 0x41000000u)]
    public void Unary(string opcode, uint a, uint expected) =>
        Assert.That(Run($"ld.global.b32 %r1, [%rd0]; {opcode} %r3, %r1; st.global.b32 [%rd1], %r3;", [a], 1)[0], Is.EqualTo(expected));

    [TestCase("mul.hi.u64 %rd3, %rd4, %rd5;", 0xFFFFFFFFFFFFFFFFul, 3ul, 2ul)]
    [TestCase("cvt.u32.u64 %r1, %rd4; mul.wide.u32 %rd3, %r1, %r1;", 0xFFFFFFFFul, 0ul, 0xFFFFFFFE00000001ul)]
    [TestCase("cvt.u32.u64 %r1, %rd4; mul.wide.s32 %rd3, %r1, %r1;", 0xFFFFFFFFul, 0ul, 1ul)]
    [TestCase("cvt.u32.u64 %r1, %rd4; cvt.s64.s32 %rd3, %r1;", 0xFFFFFFFFul, 0ul, 0xFFFFFFFFFFFFFFFFul)]
    [TestCase("cvt.u32.u64 %r1, %rd4; cvt.u64.u32 %rd3, %r1;", 0xFFFFFFFFul, 0ul, 0xFFFFFFFFul)]
    [TestCase("mad.lo.s64 %rd3, %rd4, %rd5, %rd5;", 7ul, 5ul, 40ul)]
    [TestCase("shr.s64 %rd3, %rd4, 4;", 0x8000000000000000ul, 0ul, 0xF800000000000000ul)]
    public void Wide(string instruction, ulong a, ulong b, ulong expected) =>
        Assert.That(Run($"ld.global.b64 %rd4, [%rd0]; ld.global.b64 %rd5, [%rd0+8]; {instruction} st.global.b64 [%rd1], %rd3;", [a, b], 1)[0], Is.EqualTo(expected));

    [TestCase("lt.s32", 0xFFFFFFFFu, 0u, true)]
    [TestCase("lt.u32", 0xFFFFFFFFu, 0u, false)]
    [TestCase("ge.s32", 3u, 3u, true)]
    [TestCase("ne.b32", 3u, 3u, false)]
    [TestCase("gt.f32", 0x40000000u, 0x3F800000u, true)]
    [TestCase("gt.f32", 0x7FC00000u, 0x3F800000u, false)]
    [TestCase("ne.f32", 0x7FC00000u, 0x3F800000u, false)]
    [TestCase("neu.f32", 0x7FC00000u, 0x3F800000u, true)]
    [TestCase("ltu.f32", 0x7FC00000u, 0x3F800000u, true)]
    public void Comparisons(string relation, uint a, uint b, bool expected) =>
        Assert.That(Run($"ld.global.b32 %r1, [%rd0]; ld.global.b32 %r2, [%rd0+4]; setp.{relation} %p1, %r1, %r2; selp.b32 %r3, 1, 0, %p1; st.global.b32 [%rd1], %r3;", [a, b], 1)[0],
            Is.EqualTo(expected ? 1u : 0u));

    [Test]
    public void MultiplyAddRoundsOnce()
    {
        float a = 1 + MathF.Pow(2, -12);
        var result = Run("ld.global.f32 %f1, [%rd0]; mul.f32 %f2, %f1, %f1; sub.f32 %f2, %f2, 0f3F800000; st.global.f32 [%rd1], %f2; fma.rn.f32 %f3, %f1, %f1, 0fBF800000; st.global.f32 [%rd1+4], %f3;", [a], 2);
        Assert.That(result, Is.EqualTo(new[] { MathF.Pow(2, -11), MathF.Pow(2, -11) + MathF.Pow(2, -24) }));
    }

    [Test]
    public void DoublesAndVectors()
    {
        Assert.That(Run("ld.global.f64 %fd1, [%rd0]; sqrt.rn.f64 %fd2, %fd1; add.f64 %fd2, %fd2, 0d3FF0000000000000; st.global.f64 [%rd1], %fd2;", [2.0], 1)[0], Is.EqualTo(Math.Sqrt(2) + 1));
        Assert.That(Run("ld.global.v4.f32 {%f0, %f1, %f2, %f3}, [%rd0]; st.global.v2.f32 [%rd1], {%f3, %f0};", [1f, 2, 3, 4], 2), Is.EqualTo(new[] { 4f, 1 }));
    }

    // ---- control ----

    [Test]
    public void LoopsGuardsAndScopes()
    {
        const string Body = """
            mov.u32 %r1, 0; mov.u32 %r2, 0;
            again: setp.ge.u32 %p1, %r1, 10; @%p1 bra done;
            { .reg .b32 t; add.u32 t, %r1, 1; @!%p1 add.u32 %r2, %r2, t; }
            add.u32 %r1, %r1, 1; bra again;
            done: st.global.b32 [%rd1], %r2;
            """;
        Assert.That(Run<uint>(Body, [], 1)[0], Is.EqualTo(55));
    }

    const string Place = "mul.wide.u32 %rd2, %r0, 4; mov.u64 %rd3, tile; add.u64 %rd3, %rd3, %rd2;";

    /// <summary>Each thread writes its number to shared memory and reads its neighbour's.</summary>
    static string Neighbours(string between) => $"""
        {Place} st.shared.b32 [%rd3], %r0; {between}
        xor.b32 %r1, %r0, 1; mul.wide.u32 %rd4, %r1, 4; mov.u64 %rd5, tile; add.u64 %rd5, %rd5, %rd4; ld.shared.b32 %r2, [%rd5];
        add.u64 %rd6, %rd1, %rd2; st.global.b32 [%rd6], %r2;
        """;

    [Test]
    public void BarriersOrderThreads() =>
        Assert.That(Run<uint>(Neighbours("bar.sync 0;"), [], 64, threads: 64), Is.EqualTo(Enumerable.Range(0, 64).Select(i => (uint)(i ^ 1))));

    [Test]
    public void ShufflesExchangeLanes()
    {
        const string Body = "mul.wide.u32 %rd2, %r0, 4; add.u64 %rd3, %rd1, %rd2; shfl.sync.{0} %r1, %r0, {1}, -1; st.global.b32 [%rd3], %r1;";
        uint[] Shuffled(string mode, string operands) => Run<uint>(string.Format(CultureInfo.InvariantCulture, Body, mode, operands), [], 32, threads: 32);
        Assert.That(Shuffled("bfly.b32", "16, 31"), Is.EqualTo(Enumerable.Range(0, 32).Select(i => (uint)(i ^ 16))));
        Assert.That(Shuffled("down.b32", "1, 31"), Is.EqualTo(Enumerable.Range(0, 32).Select(i => (uint)Math.Min(i + 1, 31))));
        Assert.That(Shuffled("up.b32", "1, 0"), Is.EqualTo(Enumerable.Range(0, 32).Select(i => (uint)Math.Max(i - 1, 0))));
        Assert.That(Shuffled("idx.b32", "5, 31"), Is.All.EqualTo(5));
    }

    [Test]
    public void AtomicsAddInAnyOrder() =>
        Assert.That(Run("mov.u64 %rd2, 0; setp.ne.u32 %p1, %r0, 0; cvt.u64.u32 %rd3, %r0; red.global.add.u64 [%rd0], %rd3; bar.sync 0; @%p1 bra end; ld.global.b64 %rd4, [%rd0]; st.global.b64 [%rd1], %rd4; end:",
            [1000ul], 1, threads: 64)[0], Is.EqualTo(1000 + 63 * 32));

    // ---- matrix units ----

    /// <summary>
    /// Whole numbers of a 16 x 16 and a 16 x 8 matrix, through shared memory by cp.async and ldmatrix as a kernel would load them, against the product.
    /// </summary>
    [Test]
    public void MatricesMultiply()
    {
        // Halves: a row by row (16 x 16), b row by row (16 x 8).
        Half[] a = [.. Enumerable.Range(0, 256).Select(i => (Half)(i * 7 % 11 - 5))], b = [.. Enumerable.Range(0, 128).Select(i => (Half)(i * 5 % 13 - 6))];
        var words = MemoryMarshal.Cast<Half, uint>(a.Concat(b).ToArray()).ToArray();
        const string Body = """
            mul.wide.u32 %rd2, %r0, 16; mov.u64 %rd3, tile; add.u64 %rd3, %rd3, %rd2; add.u64 %rd4, %rd0, %rd2;
            cp.async.cg.shared.global [%rd3], [%rd4], 16; setp.lt.u32 %p1, %r0, 16; @%p1 cp.async.cg.shared.global [%rd3+512], [%rd4+512], 16;
            cp.async.commit_group; cp.async.wait_group 0; bar.sync 0;
            and.b32 %r1, %r0, 15; shr.u32 %r2, %r0, 4; mul.lo.u32 %r3, %r1, 32; mad.lo.u32 %r3, %r2, 16, %r3; cvt.u64.u32 %rd5, %r3; mov.u64 %rd6, tile; add.u64 %rd7, %rd6, %rd5;
            ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%r4, %r5, %r6, %r7}, [%rd7];
            mul.lo.u32 %r3, %r1, 16; cvt.u64.u32 %rd5, %r3; add.u64 %rd7, %rd6, %rd5;
            ldmatrix.sync.aligned.m8n8.x2.trans.shared.b16 {%r8, %r9}, [%rd7+512];
            mov.f32 %f4, 0f3F800000;
            mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%f0, %f1, %f2, %f3}, {%r4, %r5, %r6, %r7}, {%r8, %r9}, {%f4, %f4, %f4, %f4};
            shr.u32 %r10, %r0, 2; and.b32 %r11, %r0, 3; mul.lo.u32 %r12, %r10, 32; mad.lo.u32 %r12, %r11, 8, %r12; cvt.u64.u32 %rd8, %r12; add.u64 %rd9, %rd1, %rd8;
            st.global.v2.f32 [%rd9], {%f0, %f1}; st.global.v2.f32 [%rd9+256], {%f2, %f3};
            """;
        var product = MemoryMarshal.Cast<uint, float>(Run(Body, words, 128, threads: 32)).ToArray();
        Assert.That(product, Is.EqualTo(from row in Enumerable.Range(0, 16) from column in Enumerable.Range(0, 8) select 1 + Enumerable.Range(0, 16).Sum(k => (float)a[16 * row + k] * (float)b[8 * k + column])));
    }

    // ---- what must be found ----

    static void Finds(string what, string body, int threads = 1, int blocks = 1, int input = 4, bool known = true) =>
        Assert.That(() => Run(body, new uint[input], 64, threads, blocks, known), Throws.TypeOf<PtxFault>().With.Message.Contains(what));

    [Test]
    public void RacesInSharedMemory()
    {
        Finds("races", Place + "st.shared.b32 [%rd3], 0; bar.sync 0;" + Neighbours(""), threads: 64);
        Finds("writes where", "st.shared.b32 [tile], %r0;", threads: 2);
        // Read before, written after, no barrier between.
        Finds("races", $"{Place} st.shared.b32 [%rd3], 0; bar.sync 0; ld.shared.b32 %r2, [tile]; st.shared.b32 [%rd3], %r0;", threads: 2);
    }

    [Test]
    public void RacesInGlobalMemory()
    {
        Finds("writes where", "st.global.b32 [%rd1], %r0;", threads: 2);
        Finds("writes where", "st.global.b32 [%rd1], %r0; bar.sync 0;", blocks: 2); // no barrier orders blocks
        Finds("reads what", "mov.u32 %r1, %ctaid.x; setp.eq.u32 %p1, %r1, 0; @%p1 st.global.b32 [%rd0], %r0; bar.sync 0; ld.global.b32 %r2, [%rd0];", blocks: 2);
        Finds("races", "red.global.add.u32 [%rd0], 1; ld.global.b32 %r1, [%rd0];", threads: 2);
    }

    [Test]
    public void AccessesOutOfBounds()
    {
        Finds("outside all allocations", "ld.global.b32 %r1, [%rd0+16];");
        Finds("outside all allocations", "st.global.b32 [%rd1+256], %r0;");
        Finds("shared byte", "st.shared.b32 [tile+1024], %r0;");
        Finds("parameter byte", "ld.param.b64 %rd4, [to+8];");
        Finds("misaligned", "ld.global.b64 %rd4, [%rd0+4];");
        Finds("misaligned", "ld.global.v4.b32 {%r1, %r2, %r3, %r4}, [%rd0+8];", input: 8);
    }

    [Test]
    public void ReadsOfWhatNobodyWrote()
    {
        Finds("nobody has written", "ld.global.b32 %r1, [%rd0];", known: false);
        Finds("nobody has written", "ld.shared.b32 %r1, [tile];");
        Finds("nobody has written", "cp.async.cg.shared.global [tile], [%rd0], 16; cp.async.commit_group; ld.shared.b32 %r1, [tile];"); // not waited for
    }

    [Test]
    public void DivergedWarpsAndLostThreads()
    {
        Finds("part of its warp", "setp.eq.u32 %p1, %r0, 0; @%p1 bra end; shfl.sync.bfly.b32 %r1, %r0, 1, 31, -1; end:", threads: 32);
        Finds("ended without", "setp.eq.u32 %p1, %r0, 0; @%p1 ret; bar.sync 0;", threads: 2);
    }

    [Test]
    public void WhatItDoesNotKnow()
    {
        Finds("does not know", "bfind.u32 %r1, %r0;");
        Finds("generic addresses", "ld.b32 %r1, [%rd0];");
        Finds("compiled for 128", "", threads: 129);
        Assert.That(() => PtxParser.Parse(".version 8.0", "k"), Throws.TypeOf<FormatException>());
    }
}
