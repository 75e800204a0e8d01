using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Dense;

/// <summary>
/// In integers: a phase counts 2^-16 of a turn, so that sums of phases wrap as the sine does. A layer is a product of its numbers [unit][1 and inputs] and the values [input][point]; the bias is where a sum starts.
/// The first layer is a sum of phases along each axis of the grid, from tables: no products.
/// Where hidden layers' weights are small multiples of a step, they are bytes and so are the values between layers: one instruction multiplies 64 of them and adds pairs, which takes half the time of words of 16 bits (sines count 2^-15),
/// of which a product and a sum of 32 are two. Errors of words are 2e-4 a sine (70 dB below it), of bytes 3e-3: both lie below what rounding a network's numbers for a file does.
/// </summary>
sealed unsafe class CpuPhaseChain<S> : SineChainKernels where S : struct, IShortVector<S>
{
    const MethodImplOptions Optimized = MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining;
    const int BlockUnits = 4; // of a block of products, by two vectors of points: 8 sums, for 16 registers and more
    const int MostShift = 15;
    const int LargestByte = 127, LargestPair = 128; // of two weights' magnitudes: 128 x 255 is below 2^15
    const int Stride = Points + 32; // of the first layer's phases: room for a vector beyond a run of points
    const double PhaseOfRadian = 65536 / (2 * Math.PI);
    readonly int[] units;
    readonly bool isInBytes; // what hidden layers take
    readonly HiddenLayer[] hidden;
    readonly float[] output; // of the linear layer [output][input], times 2^-15; pinned
    readonly int widest;
    GridPhases? grid;

    /// <param name="Numbers">[unit][1 + inputs or pairs of inputs], units padded with zeros to whole blocks; each number, or pair of bytes, twice in 32 bits; pinned.</param>
    /// <param name="Depth">1 + inputs or pairs.</param>
    /// <param name="Factor">Phases for one of a sum.</param>
    /// <param name="Amplitude">Of the sines that it takes, in bytes.</param>
    sealed record HiddenLayer(int[] Numbers, int Depth, short Factor, double Amplitude);

    public CpuPhaseChain(IReadOnlyList<ChainLayer> layers) : base(layers)
    {
        if (layers.Count < 2 || layers[^1].Omega is not null || layers.SkipLast(1).Any(layer => layer.Omega is null)) throw new ArgumentException("The layers are of sines, the last is linear.", nameof(layers));
        units = [.. layers.Select(layer => layer.Biases.Length)];
        widest = units[..^1].Max(Padded);
        var own = layers.Skip(1).SkipLast(1);
        isInBytes = own.All(CanBeBytes);
        hidden = [.. own.Select(layer => isInBytes ? Bytes(layer) : Words(layer))];
        output = GC.AllocateArray<float>(layers[^1].Weights.Length, pinned: true);
        for (int i = 0; i < output.Length; i++) output[i] = layers[^1].Weights[i] / (1 << 15);
    }

    static HiddenLayer Words(ChainLayer layer)
    {
        int inputs = Inputs(layer), depth = 1 + inputs, shift = 0;
        double scale = layer.Omega!.Value * PhaseOfRadian, largest = scale * layer.Weights.Max(MathF.Abs);
        for (; largest > short.MaxValue && shift < MostShift; shift++) (largest, scale) = (largest / 2, scale / 2);
        int[] numbers = GC.AllocateArray<int>(Padded(layer.Biases.Length) * depth, pinned: true);
        for (int u = 0; u < layer.Biases.Length; u++)
        {
            numbers[u * depth] = Twice(Wrapped(layer.Biases[u] * scale));
            for (int i = 0; i < inputs; i++) numbers[u * depth + 1 + i] = Twice((short)Math.Clamp(Math.Round(layer.Weights[u * inputs + i] * scale), -short.MaxValue, short.MaxValue));
        }
        return new(numbers, depth, unchecked((short)(1 << shift)), 0);
    }

    /// <summary>Phases that a step counts with inputs of <see cref="LargestByte"/>.</summary>
    static double Unit(ChainLayer layer) => (double)layer.Step!.Value * layer.Omega!.Value * PhaseOfRadian / LargestByte;

    /// <summary>A unit's weights in steps, and a zero where their number is odd.</summary>
    static int[] Multiples(ChainLayer layer, int unit)
    {
        int inputs = Inputs(layer);
        const double Most = 1 << 20;
        return [.. layer.Weights.Skip(unit * inputs).Take(inputs).Select(weight => (int)Math.Clamp(Math.Round(weight / (double)layer.Step!.Value), -Most, Most)), .. inputs % 2 == 0 ? [] : new[] { 0 }];
    }

    static bool CanBeBytes(ChainLayer layer) =>
        layer.Step is not null && Unit(layer) is >= 0.5 and <= short.MaxValue && Enumerable.Range(0, layer.Biases.Length).All(u => Multiples(layer, u).Chunk(2).All(pair => pair.Max(Math.Abs) <= LargestByte && pair.Sum(Math.Abs) <= LargestPair));

    /// <summary>The least whole factor with which the inputs' amplitude, which makes up for the rest, is at most <see cref="LargestByte"/>. Values are kept with 128 added, which the sums' start takes off.</summary>
    static HiddenLayer Bytes(ChainLayer layer)
    {
        int depth = 1 + (Inputs(layer) + 1) / 2;
        double unit = Unit(layer), factor = Math.Ceiling(unit);
        int[] numbers = GC.AllocateArray<int>(Padded(layer.Biases.Length) * depth, pinned: true);
        for (int u = 0; u < layer.Biases.Length; u++)
        {
            int[] own = Multiples(layer, u);
            numbers[u * depth] = Twice(unchecked((short)(Math.Round(Wrapped(layer.Biases[u] * (layer.Omega!.Value * PhaseOfRadian)) / factor) - 128 * own.Sum())));
            for (int i = 0; i < own.Length; i += 2) numbers[u * depth + 1 + i / 2] = Twice(unchecked((short)(own[i + 1] << 8 | (byte)own[i])));
        }
        return new(numbers, depth, (short)factor, LargestByte * unit / factor);
    }

    static int Padded(int units) => (units + BlockUnits - 1) / BlockUnits * BlockUnits;

    static short Wrapped(double phase) => unchecked((short)(long)Math.Round(phase));

    static int Twice(short number) => number << 16 | (ushort)number;

    public override long ScratchFloats => (widest * (Stride + 2L * Points) + units[0] + S.Count + 1) / 2;

    /// <summary>Phases of the first layer's units: along the first axis [unit][position], with the bias; along others [axis][position][unit]; all with room for a vector at the end, and pinned.</summary>
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
            var phases = GC.AllocateUninitializedArray<short>(own * sizes[axis] + S.Count, pinned: true);
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
        Activate(0, z, Stride, x);
        for (int l = 1; l <= hidden.Length; l++)
        {
            int* w = (int*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(hidden[l - 1].Numbers));
            if (isInBytes) Products<PairsOfBytes>(w, hidden[l - 1].Depth, units[l], x, y);
            else Products<Fractions>(w, hidden[l - 1].Depth, units[l], x, y);
            Activate(l, y, Points, y);
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
                short* phases = (short*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(grid.Others[k - 1])) + line % grid.Sizes[k] * units[0];
                for (int u = 0; u < units[0]; u += S.Count) S.Store(S.Load(row + u) + S.Load(phases + u), row + u);
            }
            short* from = along + at, to = z + i;
            for (int u = 0; u < units[0]; u++, from += grid.Row, to += Stride)
            {
                var constant = S.Create(row[u]);
                for (int p = 0; p < run; p += S.Count) S.Store(S.Load(from + p) + constant, to + p);
            }
        }
    }

    /// <summary>A value times a weight, or two of each.</summary>
    interface IProduct
    {
        static abstract S Multiply(S weights, S values);
    }

    readonly struct Fractions : IProduct
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static S Multiply(S weights, S values) => S.MultiplyFractions(weights, values);
    }

    readonly struct PairsOfBytes : IProduct
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static S Multiply(S weights, S values) => S.MultiplyBytes(values, weights);
    }

    [MethodImpl(Optimized)]
    static void Products<P>(int* w, int depth, int units, short* x, short* z) where P : struct, IProduct
    {
        for (int u = 0; u < units; u += BlockUnits, w += BlockUnits * depth, z += BlockUnits * Points)
            for (int p = 0; p < Points; p += 2 * S.Count) Product<P>(w, depth, x + p, z + p);
    }

    /// <summary>Four units' sums at two vectors of points. All products before the sums: by turns, Zen 4 gives the sums to the multipliers' ports too, and a fifth of the speed is lost.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Product<P>(int* w, nint depth, short* x, short* z) where P : struct, IProduct
    {
        int* w1 = w + depth, w2 = w + 2 * depth, w3 = w + 3 * depth;
        S a0 = S.CreatePairs(*w), a1 = a0, b0 = S.CreatePairs(*w1), b1 = b0, c0 = S.CreatePairs(*w2), c1 = c0, d0 = S.CreatePairs(*w3), d1 = d0;
        for (nint i = 1; i < depth; i++, x += Points)
        {
            S x0 = S.Load(x), x1 = S.Load(x + S.Count), own = S.CreatePairs(w[i]), p0 = P.Multiply(own, x0), p1 = P.Multiply(own, x1);
            own = S.CreatePairs(w1[i]);
            S q0 = P.Multiply(own, x0), q1 = P.Multiply(own, x1);
            own = S.CreatePairs(w2[i]);
            S r0 = P.Multiply(own, x0), r1 = P.Multiply(own, x1);
            own = S.CreatePairs(w3[i]);
            S s0 = P.Multiply(own, x0), s1 = P.Multiply(own, x1);
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

    /// <summary>The sines of a layer's phases, as the next layer takes them.</summary>
    void Activate(int layer, short* phases, int stride, short* sines)
    {
        short factor = layer == 0 ? (short)1 : hidden[layer - 1].Factor;
        if (isInBytes && layer < hidden.Length) SinesInBytes(phases, stride, units[layer], factor, hidden[layer].Amplitude, sines);
        else Sines(phases, stride, units[layer], factor, sines);
    }

    [MethodImpl(Optimized)]
    static void Sines(short* phases, int stride, int units, short factor, short* sines)
    {
        var by = S.Create(factor);
        for (int u = 0; u < units; u++, phases += stride, sines += Points)
            for (int p = 0; p < Points; p += 2 * S.Count) Store(Sine(by * S.Load(phases + p)), Sine(by * S.Load(phases + p + S.Count)), sines + p);
    }

    /// <summary>Two units' beside each other, rounded, with 128 added. A parabola's square less than <see cref="Sine"/>: error 7e-4.</summary>
    [MethodImpl(Optimized)]
    static void SinesInBytes(short* phases, int stride, int units, short factor, double amplitude, short* sines)
    {
        S by = S.Create(factor), linear = S.Create((short)Math.Round(25471 * amplitude / 128)), square = S.Create((short)Math.Round(7273 * amplitude / 128)), up = S.Create(unchecked((short)0x8080));
        for (int u = 0; u < units; u += 2, phases += 2 * stride, sines += Points)
            for (int p = 0; p < Points; p += S.Count)
            {
                S a = Parabola(by * S.Load(phases + p)), b = Parabola(by * S.Load(phases + stride + p));
                a = S.MultiplyFractions(a, S.MultiplyFractions(S.Abs(a), square) + linear) + up;
                b = S.MultiplyFractions(b, S.MultiplyFractions(S.Abs(b), square) + linear) + up;
                S.Store(S.UpperBytes(a, b), sines + p);
            }
    }

    /// <summary>y = 4 t (1 - |t|) of t = phase / 2^15, in 2^-15: it has the zeros, signs and symmetry of sin(pi t). Held below 2^15.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static S Parabola(S phase) => S.ShiftLeft(S.MultiplyFractions(phase, S.Create(short.MaxValue - 1) - S.Abs(phase)), 2);

    /// <summary>
    /// sin(pi t), in 2^-15, from the parabola, of which it is a smooth function, cos(pi / 2 sqrt(1 - |y|)): y (c0 + c1 |y| + c2 y^2), Chebyshev's interpolation, error 3e-5; with the products' rounding 3e-4 at most, 1.4e-4 in the mean.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static S Sine(S phase)
    {
        S y = Parabola(phase), size = S.Abs(y), p = S.MultiplyFractions(size, S.Create(612)) + S.Create(6419);
        return S.MultiplyFractions(y, S.MultiplyFractions(size, p) + S.Create(25737));
    }
}
