using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Dense;

/// <summary>
/// In integers of 16 bits: a phase counts 2^-16 of a turn, so that sums of phases wrap as the sine does, and a sine counts 2^-15. A layer is a product of its numbers [unit][1 and inputs], as phases,
/// and the values [input][point]; the bias is where a sum starts. The first layer is a sum of phases along each axis of the grid, from tables: no products.
/// Errors of about 2e-4 a sine (70 dB below it) lie far below what rounding a network's numbers for a file does.
/// On Zen 4, whose units are half as wide as AVX-512, a product and a sum of 32 numbers take 1.15 cycles, where 32 floats take two.
/// </summary>
sealed unsafe class CpuPhaseChain<S> : SineChainKernels where S : struct, IShortVector<S>
{
    const MethodImplOptions Optimized = MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining;
    const int BlockUnits = 4; // of a block of products, by two vectors of points: 8 sums, for 16 registers and more
    const int MostShift = 15;
    const int Stride = Points + 32; // of the first layer's phases: room for a vector beyond a run of points
    const double PhaseOfRadian = 65536 / (2 * Math.PI);
    readonly int[] units;
    readonly int[] shifts; // of each layer: its numbers count 2^(shift - 16) of a turn
    readonly int[] numbers; // of each sine layer but the first [unit][1 + inputs], units padded with zeros to whole blocks; each number twice in 32 bits; pinned
    readonly float[] output; // of the linear layer [output][input], times 2^-15; pinned
    readonly int widest;
    GridPhases? grid;

    public CpuPhaseChain(IReadOnlyList<ChainLayer> layers) : base(layers)
    {
        if (layers.Count < 2 || layers[^1].Omega is not null || layers.SkipLast(1).Any(layer => layer.Omega is null)) throw new ArgumentException("The layers are of sines, the last is linear.", nameof(layers));
        units = [.. layers.Select(layer => layer.Biases.Length)];
        widest = units[..^1].Max(Padded);
        shifts = new int[units.Length];
        numbers = GC.AllocateArray<int>(Enumerable.Range(1, units.Length - 2).Sum(l => Padded(units[l]) * (1 + units[l - 1])), pinned: true);
        int at = 0;
        for (int l = 1; l < units.Length - 1; at += Padded(units[l]) * (1 + units[l++ - 1]))
        {
            double scale = layers[l].Omega!.Value * PhaseOfRadian, largest = scale * layers[l].Weights.Max(MathF.Abs);
            while (largest > short.MaxValue && shifts[l] < MostShift) (largest, scale, shifts[l]) = (largest / 2, scale / 2, shifts[l] + 1);
            int inputs = units[l - 1];
            for (int u = 0; u < units[l]; u++)
            {
                numbers[at + u * (1 + inputs)] = Twice(Wrapped(layers[l].Biases[u] * scale));
                for (int i = 0; i < inputs; i++) numbers[at + u * (1 + inputs) + 1 + i] = Twice((short)Math.Clamp(Math.Round(layers[l].Weights[u * inputs + i] * scale), -short.MaxValue, short.MaxValue));
            }
        }
        output = GC.AllocateArray<float>(layers[^1].Weights.Length, pinned: true);
        for (int i = 0; i < output.Length; i++) output[i] = layers[^1].Weights[i] / (1 << 15);
    }

    static int Padded(int units) => (units + BlockUnits - 1) / BlockUnits * BlockUnits;

    static short Wrapped(double phase) => unchecked((short)(long)Math.Round(phase));

    static int Twice(short number) => number << 16 | (ushort)number;

    public override long ScratchFloats => (widest * (Stride + 2L * Points) + units[0] + 1) / 2;

    /// <summary>Phases of the first layer's units: along the first axis [unit][position], with the bias, and room for a vector at the end; along others [axis][position][unit].</summary>
    sealed record GridPhases(int Row, short[] First, int[] Sizes, short[][] Others);

    public override void SetGrid(float[][] coordinates)
    {
        int[] sizes = [.. coordinates.Select(axis => axis.Length)];
        int row = sizes[0], own = units[0], inputs = coordinates.Length;
        double scale = layers[0].Omega!.Value * PhaseOfRadian;
        var first = GC.AllocateUninitializedArray<short>(own * row + S.Count, pinned: true);
        for (int u = 0; u < own; u++)
            for (int p = 0; p < row; p++) first[u * row + p] = Phase(u, 0, p, layers[0].Biases[u]);
        short[][] others = [.. Enumerable.Range(1, inputs - 1).Select(axis =>
        {
            var phases = new short[sizes[axis] * own];
            for (int p = 0; p < sizes[axis]; p++)
                for (int u = 0; u < own; u++) phases[p * own + u] = Phase(u, axis, p, 0);
            return phases;
        })];
        grid = new(row, first, sizes, others);

        short Phase(int unit, int axis, int position, float bias) => Wrapped(((double)layers[0].Weights[unit * inputs + axis] * coordinates[axis][position] + bias) * scale);
    }

    [MethodImpl(Optimized)]
    public override void Evaluate(long first, nint values, nint scratch)
    {
        short* z = (short*)scratch, x = z + widest * Stride, y = x + widest * Points, row = y + widest * Points;
        FirstPhases(first, z, row);
        for (int u = 0; u < units[0]; u++) Sines(z + u * Stride, x + u * Points, Points);
        int* w = (int*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(numbers));
        for (int l = 1; l < units.Length - 1; l++)
        {
            int depth = 1 + units[l - 1];
            for (int u = 0; u < units[l]; u += BlockUnits, w += BlockUnits * depth)
                for (int p = 0; p < Points; p += 2 * S.Count) Product(w, depth, x + p, y + u * Points + p);
            if (shifts[l] > 0) Shift(y, units[l] * Points, shifts[l]);
            Sines(y, y, units[l] * Points);
            short* used = x;
            x = y;
            y = used;
        }
        float* weights = (float*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(output));
        for (int o = 0; o < units[^1]; o++, weights += units[^2])
            for (int p = 0; p < Points; p += S.Count) S.WeightedSum(weights, x + p, Points, units[^2], layers[^1].Biases[o], (float*)values + o * Points + p);
    }

    /// <summary>A run of points along the first axis has one sum of the other axes' phases for each unit.</summary>
    [MethodImpl(Optimized)]
    void FirstPhases(long first, short* z, short* row)
    {
        var grid = this.grid!;
        short* along = (short*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(grid.First));
        for (int i = 0, run; i < Points; i += run)
        {
            (long line, long at) = Math.DivRem(first + i, grid.Row);
            run = (int)Math.Min(Points - i, grid.Row - at);
            new Span<short>(row, units[0]).Clear();
            for (int k = 1; k < grid.Sizes.Length; line /= grid.Sizes[k++])
            {
                var phases = grid.Others[k - 1].AsSpan((int)(line % grid.Sizes[k]) * units[0], units[0]);
                for (int u = 0; u < phases.Length; u++) row[u] += phases[u];
            }
            short* from = along + at, to = z + i;
            for (int u = 0; u < units[0]; u++, from += grid.Row, to += Stride)
            {
                var constant = S.Create(row[u]);
                for (int p = 0; p < run; p += S.Count) S.Store(S.Load(from + p) + constant, to + p);
            }
        }
    }

    /// <summary>Four units' sums at two vectors of points. All products before the sums: by turns, Zen 4 gives the sums to the multipliers' ports too, and a fifth of the speed is lost.</summary>
    [MethodImpl(Optimized)]
    static void Product(int* w, nint depth, short* x, short* z)
    {
        int* w1 = w + depth, w2 = w + 2 * depth, w3 = w + 3 * depth;
        S a0 = S.CreatePairs(*w), a1 = a0, b0 = S.CreatePairs(*w1), b1 = b0, c0 = S.CreatePairs(*w2), c1 = c0, d0 = S.CreatePairs(*w3), d1 = d0;
        for (nint i = 1; i < depth; i++, x += Points)
        {
            S x0 = S.Load(x), x1 = S.Load(x + S.Count), own = S.CreatePairs(w[i]), p0 = S.MultiplyFractions(own, x0), p1 = S.MultiplyFractions(own, x1);
            own = S.CreatePairs(w1[i]);
            S q0 = S.MultiplyFractions(own, x0), q1 = S.MultiplyFractions(own, x1);
            own = S.CreatePairs(w2[i]);
            S r0 = S.MultiplyFractions(own, x0), r1 = S.MultiplyFractions(own, x1);
            own = S.CreatePairs(w3[i]);
            S s0 = S.MultiplyFractions(own, x0), s1 = S.MultiplyFractions(own, x1);
            (a0, a1, b0, b1, c0, c1, d0, d1) = (a0 + p0, a1 + p1, b0 + q0, b1 + q1, c0 + r0, c1 + r1, d0 + s0, d1 + s1);
        }
        Store(a0, a1, z);
        Store(b0, b1, z + Points);
        Store(c0, c1, z + 2 * Points);
        Store(d0, d1, z + 3 * Points);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Store(S a, S b, short* z)
    {
        S.Store(a, z);
        S.Store(b, z + S.Count);
    }

    [MethodImpl(Optimized)]
    static void Shift(short* phases, int count, int shift)
    {
        for (short* end = phases + count; phases < end; phases += S.Count) S.Store(S.ShiftLeft(S.Load(phases), shift), phases);
    }

    [MethodImpl(Optimized)]
    static void Sines(short* phases, short* sines, int count)
    {
        for (short* end = phases + count; phases < end; phases += 2 * S.Count, sines += 2 * S.Count)
            Store(Sine(S.Load(phases)), Sine(S.Load(phases + S.Count)), sines);
    }

    /// <summary>
    /// sin(pi t) of t = phase / 2^15, in 2^-15: from the parabola y = 4 t (1 - |t|), which has the sine's zeros, signs and symmetry, and of which sin = cos(pi / 2 sqrt(1 - |y|)) is a smooth function:
    /// y (c0 + c1 |y| + c2 y^2), Chebyshev's interpolation, error 3e-5; with the products' rounding 3e-4 at most, 1.4e-4 in the mean. The parabola is held below 2^15.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static S Sine(S phase)
    {
        var y = S.ShiftLeft(S.MultiplyFractions(phase, S.Create(short.MaxValue - 1) - S.Abs(phase)), 2);
        var size = S.Abs(y);
        var p = S.MultiplyFractions(size, S.Create(612)) + S.Create(6419);
        return S.MultiplyFractions(y, S.MultiplyFractions(size, p) + S.Create(25737));
    }
}
