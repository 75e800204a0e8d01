// Writes the code that exists once per vector width or once per register block. Run from the repository's root:
//
//     dotnet run tools/generate.cs
//
// src/Kernels/Vectors/F32x16.cs, F32x8.cs, F32x4.cs    the three vector types of floats, one text
// src/Kernels/Vectors/I16x32.cs, I16x16.cs, I16x8.cs   those of 16-bit integers
// src/Kernels/Dense/MicroKernels.cs                    register-blocked products, generic over the vector type

using System.Text;

// Steps of k in one turn of a product's loop. On Zen 5 at K = 64, in L2: alone on its core 1 step reaches 96 % of peak and 4 steps half a percent more; in
// spells when something else weighs on the core, 88 to 90 % against 93 %. Two steps lie between. Not better than 8 x 2 vectors, measured likewise:
// 12 x 2, 4 x 4, blocks of rows outside and panels inside up to width 128 (at 256: 2 % of a forward), prefetching results, slopes or the next rows.
const int Unroll = 4;

foreach (var (bits, lanes) in new[] { (512, 16), (256, 8), (128, 4) })
{
    File.WriteAllText($"src/Kernels/Vectors/F32x{lanes}.cs", VectorType($"F32x{lanes}", $"Vector{bits}", lanes));
    File.WriteAllText($"src/Kernels/Vectors/I16x{2 * lanes}.cs", ShortVectorType($"I16x{2 * lanes}", $"Vector{bits}", 2 * lanes));
}

var kernels = new StringBuilder("""
    // Written by tools/generate.cs.
    using System.Runtime.CompilerServices;
    using System.Runtime.Intrinsics.X86;
    using InrFast.Kernels.Vectors;

    namespace InrFast.Kernels.Dense;

    /// <summary>
    /// Register-blocked float32 products, one method per block of M rows by N vectors.
    /// Row{M}x{N}:   C[M][N vectors]  = start[N vectors] + A[M][K] . B[K][N vectors]; start is a bias or zeros. Unless scale is null, times scale[M][N vectors], which may be C.
    /// Outer{M}x{N}: C[M][N vectors] += sum over k of A[k][M]^T . B[k][N vectors]; sums over rows: weight gradients.
    /// Accumulators are separate locals, so that the JIT keeps each in a register. 8 rows for 32 vector registers (AVX-512, NEON):
    /// per k one broadcast and two multiply-adds a row. 6 rows, at the end 4, for 16 registers (AVX2). Four steps of k a turn: fewer
    /// instructions, which counts where the core is shared.
    /// </summary>
    static unsafe class MicroKernels
    {
        const MethodImplOptions Optimized = MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static void Prefetch(float* p)
        {
            if (Sse.IsSupported) Sse.Prefetch0(p);
        }


    """);
var methods = new List<string>();
foreach (int rows in new[] { 8, 6, 4 })
    foreach (int vectors in new[] { 2, 1 })
    {
        methods.Add(Product(rows, vectors, outer: false));
        methods.Add(Product(rows, vectors, outer: true));
    }
kernels.AppendJoin("\n\n", methods).Append("\n}\n");
File.WriteAllText("src/Kernels/Dense/MicroKernels.cs", kernels.ToString());

static string Product(int rows, int vectors, bool outer)
{
    var text = new StringBuilder();
    void Line(int depth, string line) => text.Append(' ', 4 * depth).Append(line).Append('\n');
    string At(int vector) => vector == 0 ? "" : " + V.Count";
    string Row(string name, int row) => row == 0 ? name : $"{name} + {row} * ld{name}";
    var all = from r in Enumerable.Range(0, rows) from v in Enumerable.Range(0, vectors) select (r, v);

    string name = $"{(outer ? "Outer" : "Row")}{rows}x{vectors}<V>";
    string arguments = outer ? "float* a, nint lda, float* b, nint ldb, nint k, float* c, nint ldc" : "float* a, nint lda, float* b, nint ldb, nint k, float* c, nint ldc, float* start, float* scale = null, nint lds = 0";
    Line(1, "[MethodImpl(Optimized)]");
    Line(1, $"public static void {name}({arguments}) where V : struct, IVector<V>");
    Line(1, "{");
    foreach (var (r, v) in all)
        Line(2, $"var c{r}_{v} = {(outer ? $"V.Load({Row("c", r)}{At(v)})" : r == 0 ? $"V.Load(start{At(v)})" : $"c0_{v}")};");
    // The block of the next call: the gradients of a wide network are in L3, for which this one's sums would not begin but wait (width 256: 2 % of a step on Intel).
    if (outer && rows == 8)
        foreach (var (r, v) in all) Line(2, $"Prefetch({Row("c", rows + r)}{At(v)});");
    int groups = (rows + 2) / 3; // rows are addressed as base, base + 1 stride, base + 2 strides: few registers for pointers
    if (!outer)
    {
        for (int g = 0; g < groups; g++) Line(2, $"float* a{g} = a{(g == 0 ? "" : $" + {3 * g} * lda")};");
        Line(2, "nint one = lda * 4, two = lda * 8;");
    }
    foreach (int unrolled in new[] { Unroll, 1 })
    {
        Line(2, unrolled == 1 ? "for (; k > 0; k--)" : $"for (; k >= {unrolled}; k -= {unrolled})");
        Line(2, "{");
        for (int u = 0; u < unrolled; u++)
        {
            string suffix = unrolled == 1 ? "" : $"_{u}", ahead = u == 0 ? "" : $" + {u} * ldb", down = u == 0 ? "" : u == 1 ? "lda + " : $"{u} * lda + ", right = u == 0 ? "" : $" + {u}";
            for (int v = 0; v < vectors; v++) Line(3, $"var b{v}{suffix} = V.Load(b{ahead}{At(v)});");
            for (int r = 0; r < rows; r++)
            {
                string address = outer ? $"a[{down}{r}]" : (r % 3) switch { 0 => $"a{r / 3}[{u}]", 1 => $"*((float*)((byte*)a{r / 3} + one){right})", _ => $"*((float*)((byte*)a{r / 3} + two){right})" };
                Line(3, $"var x{r}{suffix} = V.Create({address});");
                for (int v = 0; v < vectors; v++) Line(3, $"c{r}_{v} = V.MultiplyAdd(x{r}{suffix}, b{v}{suffix}, c{r}_{v});");
            }
        }
        string times = unrolled == 1 ? "" : $"{unrolled} * ";
        Line(3, $"b += {times}ldb;");
        if (outer) Line(3, $"a += {times}lda;");
        else for (int g = 0; g < groups; g++) Line(3, $"a{g} += {unrolled};");
        Line(2, "}");
    }
    if (!outer)
    {
        Line(2, "if (scale != null)");
        Line(2, "{");
        foreach (var (r, v) in all) Line(3, $"c{r}_{v} *= V.Load({Row("scale", r).Replace("ldscale", "lds")}{At(v)});");
        Line(2, "}");
    }
    foreach (var (r, v) in all) Line(2, $"V.Store(c{r}_{v}, {Row("c", r)}{At(v)});");
    text.Append("    }");
    return text.ToString();
}

static string VectorType(string name, string v, int lanes) => $$"""
    // Written by tools/generate.cs.
    using System.Runtime.CompilerServices;
    using System.Runtime.Intrinsics;{{(lanes > 4 ? "\nusing System.Runtime.Intrinsics.X86;" : "")}}

    namespace InrFast.Kernels.Vectors;

    /// <summary>{{lanes}} floats in one register: <see cref="{{v}}"/> behind the contract that kernels are written against.</summary>
    public readonly unsafe struct {{name}} : IVector<{{name}}>
    {
        const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
        readonly {{v}}<float> v;

        [MethodImpl(Inline)] internal {{name}}({{v}}<float> v) => this.v = v;

        public static int Count { [MethodImpl(Inline)] get => {{lanes}}; }
        public static bool IsSupported => {{v}}.IsHardwareAccelerated;
        public static {{name}} Zero { [MethodImpl(Inline)] get => new({{v}}<float>.Zero); }
        public static {{name}} AllBitsSet { [MethodImpl(Inline)] get => new({{v}}<float>.AllBitsSet); }
        public static {{name}} Indices { [MethodImpl(Inline)] get => new({{v}}<float>.Indices); }
        [MethodImpl(Inline)] public static {{name}} Create(float x) => new({{v}}.Create(x));
        [MethodImpl(Inline)] public static {{name}} CreateInteger(int x) => new({{v}}.Create(x).AsSingle());
        [MethodImpl(Inline)] public static {{name}} Load(float* p) => new({{v}}.Load(p));
        [MethodImpl(Inline)] public static void Store({{name}} a, float* p) => {{v}}.Store(a.v, p);

        [MethodImpl(Inline)] public static {{name}} operator +({{name}} a, {{name}} b) => new(a.v + b.v);
        [MethodImpl(Inline)] public static {{name}} operator -({{name}} a, {{name}} b) => new(a.v - b.v);
        [MethodImpl(Inline)] public static {{name}} operator -({{name}} a) => new(-a.v);
        [MethodImpl(Inline)] public static {{name}} operator *({{name}} a, {{name}} b) => new(a.v * b.v);
        [MethodImpl(Inline)] public static {{name}} operator /({{name}} a, {{name}} b) => new(a.v / b.v);
        [MethodImpl(Inline)] public static {{name}} operator &({{name}} a, {{name}} b) => new(a.v & b.v);
        [MethodImpl(Inline)] public static {{name}} operator |({{name}} a, {{name}} b) => new(a.v | b.v);
        [MethodImpl(Inline)] public static {{name}} operator ^({{name}} a, {{name}} b) => new(a.v ^ b.v);
        [MethodImpl(Inline)] public static {{name}} MultiplyAdd({{name}} a, {{name}} b, {{name}} c) => new({{v}}.FusedMultiplyAdd(a.v, b.v, c.v));
        [MethodImpl(Inline)] public static {{name}} Min({{name}} a, {{name}} b) => new({{v}}.MinNative(a.v, b.v));
        [MethodImpl(Inline)] public static {{name}} Max({{name}} a, {{name}} b) => new({{v}}.MaxNative(a.v, b.v));
        [MethodImpl(Inline)] public static {{name}} Abs({{name}} a) => new({{v}}.Abs(a.v));
        [MethodImpl(Inline)] public static {{name}} Sqrt({{name}} a) => new({{v}}.Sqrt(a.v));
        [MethodImpl(Inline)] public static {{name}} Floor({{name}} a) => new({{v}}.Floor(a.v));
        [MethodImpl(Inline)] public static {{name}} LessThan({{name}} a, {{name}} b) => new({{v}}.LessThan(a.v, b.v));
        [MethodImpl(Inline)] public static {{name}} GreaterThan({{name}} a, {{name}} b) => new({{v}}.GreaterThan(a.v, b.v));
        [MethodImpl(Inline)] public static {{name}} Select({{name}} mask, {{name}} a, {{name}} b) => new({{v}}.ConditionalSelect(mask.v, a.v, b.v));
        [MethodImpl(Inline)] public static {{name}} Pick({{name}} low, {{name}} high, {{name}} places) => {{lanes switch
        {
            16 => "new(Avx512F.PermuteVar16x32x2(low.v, places.v.AsInt32(), high.v))",
            8 => "new(Vector256.ConditionalSelect(Vector256.GreaterThan(places.v.AsInt32(), Vector256.Create(7)).AsSingle(), Avx2.PermuteVar8x32(high.v, places.v.AsInt32()), Avx2.PermuteVar8x32(low.v, places.v.AsInt32())))",
            _ => "new(Vector128.Shuffle(low.v, places.v.AsInt32()) + Vector128.Shuffle(high.v, places.v.AsInt32() - Vector128.Create(4)))", // places outside of a vector give 0
        }}};
        [MethodImpl(Inline)] public static {{name}} Fraction({{name}} a, {{name}} nearest) => {{(lanes == 16 ? "Avx512DQ.IsSupported ? new(Avx512DQ.Reduce(a.v, 0)) : a - nearest" : "a - nearest")}};
        [MethodImpl(Inline)] public static float Sum({{name}} a) => {{(lanes == 4 ? "Vector128.Sum(a.v)" : $"F32x{lanes / 2}.Sum(new(a.v.GetLower() + a.v.GetUpper()))")}};

        [MethodImpl(Inline)] public static {{name}} ToInteger({{name}} a) => new({{v}}.ConvertToInt32Native(a.v).AsSingle());
        [MethodImpl(Inline)] public static {{name}} FromInteger({{name}} a) => new({{v}}.ConvertToSingle(a.v.AsInt32()));
        [MethodImpl(Inline)] public static {{name}} AddInteger({{name}} a, {{name}} b) => new((a.v.AsInt32() + b.v.AsInt32()).AsSingle());
        [MethodImpl(Inline)] public static {{name}} MultiplyInteger({{name}} a, {{name}} b) => new((a.v.AsInt32() * b.v.AsInt32()).AsSingle());
        [MethodImpl(Inline)] public static {{name}} ShiftLeft({{name}} a, int count) => new({{v}}.ShiftLeft(a.v.AsInt32(), count).AsSingle());
        [MethodImpl(Inline)] public static {{name}} ShiftRight({{name}} a, int count) => new({{v}}.ShiftRightLogical(a.v.AsInt32(), count).AsSingle());
    }

    """;

static string ShortVectorType(string name, string v, int lanes) => $$"""
    // Written by tools/generate.cs.
    using System.Runtime.CompilerServices;
    using System.Runtime.Intrinsics;

    namespace InrFast.Kernels.Vectors;

    /// <summary>{{lanes}} integers of 16 bits in one register.</summary>
    public readonly unsafe struct {{name}} : IShortVector<{{name}}>
    {
        const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
        readonly {{v}}<short> v;

        [MethodImpl(Inline)] {{name}}({{v}}<short> v) => this.v = v;

        public static int Count { [MethodImpl(Inline)] get => {{lanes}}; }
        [MethodImpl(Inline)] public static {{name}} Create(short x) => new({{v}}.Create(x));
        [MethodImpl(Inline)] public static {{name}} CreatePairs(int x) => new({{v}}.Create(x).AsInt16());
        [MethodImpl(Inline)] public static {{name}} Load(short* p) => new({{v}}.Load(p));
        [MethodImpl(Inline)] public static void Store({{name}} a, short* p) => {{v}}.Store(a.v, p);
        [MethodImpl(Inline)] public static {{name}} operator +({{name}} a, {{name}} b) => new(a.v + b.v);
        [MethodImpl(Inline)] public static {{name}} operator -({{name}} a, {{name}} b) => new(a.v - b.v);
        [MethodImpl(Inline)] public static {{name}} operator *({{name}} a, {{name}} b) => new(a.v * b.v);
        [MethodImpl(Inline)] public static {{name}} Abs({{name}} a) => new({{v}}.Abs(a.v));
        [MethodImpl(Inline)] public static {{name}} ShiftLeft({{name}} a, int count) => new({{v}}.ShiftLeft(a.v, count));
        [MethodImpl(Inline)] public static {{name}} MultiplyFractions({{name}} a, {{name}} b) => new(ShortProducts.Fractions(a.v, b.v));
        [MethodImpl(Inline)] public static {{name}} MultiplyBytes({{name}} a, {{name}} b) => new(ShortProducts.Bytes(a.v, b.v));
        [MethodImpl(Inline)] public static {{name}} UpperBytes({{name}} a, {{name}} b) => new(a.v >>> 8 | b.v & {{v}}.Create<short>(-256));

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void WeightedSum(float* weights, short* x, nint stride, int count, float start, float* sum)
        {
            var low = {{v}}.Create(start);
            var high = low;
            for (int i = 0; i < count; i++, x += stride)
            {
                var own = {{v}}.Load(x);
                var weight = {{v}}.Create(weights[i]);
                low = {{v}}.FusedMultiplyAdd({{v}}.ConvertToSingle({{v}}.WidenLower(own)), weight, low);
                high = {{v}}.FusedMultiplyAdd({{v}}.ConvertToSingle({{v}}.WidenUpper(own)), weight, high);
            }
            {{v}}.Store(low, sum);
            {{v}}.Store(high, sum + Count / 2);
        }
    }

    """;
