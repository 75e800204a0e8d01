using InrFast.Kernels.Gpu;

namespace InrFast.Kernels.Fourier;

/// <summary>
/// Lines side by side in two buffers, number i of all lines at i * lines, so that neighbouring threads take neighbouring lines; each stage is a launch from one buffer to the other, a thread for each
/// number that it makes. Of n complex numbers in a line a stage of radix r moves 8 n (r + 1) bytes, r of them mostly from cache. An inverse is a forward transform with real and imaginary parts swapped
/// on the way in and out.
/// </summary>
sealed class GpuFourier : FourierKernels
{
    readonly GpuKernel<Ends> load, store;
    readonly GpuKernel<StageArgument> run;
    readonly GpuKernel<Factors> scale;
    readonly Axis[] axes;

    sealed record Axis(LinePlan Plan, Table[] Stages, nint Chirp, nint Spectrum);
    readonly record struct Table(LinePlan.Stage Stage, nint Twiddles, nint Roots);

    public GpuFourier(GpuDevice device, ReadOnlySpan<int> size, bool real) : base(size, real)
    {
        (load, store, run, scale) = (device.Kernel<Ends>(Load), device.Kernel<Ends>(Store), device.Kernel<StageArgument>(Run), device.Kernel<Factors>(Scale));
        axes = [.. this.size.Select(length => new LinePlan(length)).Select(plan => new Axis(plan,
            [.. (plan.Convolution ?? plan).Stages.Select(stage => new Table(stage, device.Keep<float>(stage.Twiddles), device.Keep<float>(stage.Roots)))],
            plan.Convolution is null ? 0 : device.Keep<float>(plan.Chirp), plan.Convolution is null ? 0 : device.Keep<float>(plan.Spectrum)))];
    }

    /// <summary>Two buffers of all lines along the axis that needs most.</summary>
    public override long ScratchFloats => axes.Select((axis, i) => 4 * Lines(i) * axis.Plan.BufferLength).Max();

    /// <summary>A line's way between the caller's array and a buffer.</summary>
    struct Ends
    {
        public GpuFloats Array, Buffer, Chirp;

        /// <summary>Line number l of the array begins at l / Step * Step * Pitch + l % Step, and its numbers lie Step apart.</summary>
        public long FirstLine, Lines, Step, Pitch;

        /// <summary>Numbers of a line: of all, in the buffer, and in the array.</summary>
        public int Length, Padded, Columns;

        /// <summary>The array's numbers are real; parts are swapped.</summary>
        public int IsReal, IsInverse;
        public float Factor;

        public readonly long Number(long line, int i) => (FirstLine + line) / Step * Step * Pitch + (FirstLine + line) % Step + i * Step;
    }

    struct StageArgument
    {
        public GpuFloats From, To, Twiddles, Roots;
        public long Lines;
        public int Radix, Count, Step;
    }

    struct Factors
    {
        public GpuFloats Numbers, Table;
        public long Lines;
        public int Length;
    }

    public override void Transform(nint data, int axis, bool inverse, long firstLine, long lines, nint scratch)
    {
        RequireComplexAxis(axis);
        var ends = EndsOf(axis, data, firstLine, lines, size[axis], inverse);
        Transform(axis, ends, ends, scratch);
    }

    public override void RealForward(nint real, nint spectrum, long firstLine, long lines, nint scratch)
    {
        RequireReal();
        Transform(0, EndsOf(0, real, firstLine, lines, size[0], false) with { IsReal = 1, Pitch = size[0] }, EndsOf(0, spectrum, firstLine, lines, SpectrumColumns, false), scratch);
    }

    public override void RealInverse(nint spectrum, nint real, long firstLine, long lines, nint scratch)
    {
        RequireReal();
        Transform(0, EndsOf(0, spectrum, firstLine, lines, SpectrumColumns, true), EndsOf(0, real, firstLine, lines, size[0], true) with { IsReal = 1, Pitch = size[0] }, scratch);
    }

    Ends EndsOf(int axis, nint array, long firstLine, long lines, int columns, bool inverse) => new()
    {
        Array = new(array), Chirp = new(axes[axis].Chirp), FirstLine = firstLine, Lines = lines, Step = Line(axis, 0).Step, Pitch = axis == 0 ? SpectrumColumns : size[axis], Length = size[axis],
        Padded = axes[axis].Plan.BufferLength, Columns = columns, IsInverse = inverse ? 1 : 0, Factor = inverse ? 1f / size[axis] : 1f,
    };

    void Transform(int axis, Ends input, Ends output, nint scratch)
    {
        var (plan, stages, chirp, spectrum) = axes[axis];
        int length = plan.BufferLength;
        GpuFloats x = new(scratch), y = x.At(2 * input.Lines * length);
        load.Launch(input with { Buffer = x }, input.Lines * length);
        Stages();
        if (plan.Convolution is not null)
        {
            scale.Launch(new() { Numbers = x, Table = new(spectrum), Lines = input.Lines, Length = length }, input.Lines * length);
            Stages();
        }
        store.Launch(output with { Buffer = x }, output.Lines * output.Columns);

        void Stages()
        {
            foreach (var (stage, twiddles, roots) in stages)
            {
                run.Launch(new() { From = x, To = y, Twiddles = new(twiddles), Roots = new(roots), Lines = input.Lines, Radix = stage.Radix, Count = stage.Count, Step = stage.Step }, input.Lines * length);
                (x, y) = (y, x);
            }
        }
    }

    /// <summary>Number i of a line into the buffer; what a real row's spectrum leaves out from its conjugate; times the chirp, and zeros behind the line, for a convolution.</summary>
    static void Load(Ends a)
    {
        long index = Elements.Index;
        if (index >= a.Lines * a.Padded) return;
        long line = index % a.Lines;
        int i = (int)(index / a.Lines), at = i < a.Columns ? i : a.Length - i;
        float re = 0, im = 0;
        if (i < a.Length)
        {
            long number = a.Number(line, at);
            if (a.IsReal != 0) re = a.Array[number];
            else
            {
                re = a.Array[2 * number];
                im = i < a.Columns ? a.Array[2 * number + 1] : -a.Array[2 * number + 1];
                if (a.Columns < a.Length && (at == 0 || 2 * at == a.Length)) im = 0;
            }
            if (a.IsInverse != 0) (re, im) = (im, re);
            if (!a.Chirp.IsEmpty) (re, im) = Times(re, im, a.Chirp, i);
        }
        (a.Buffer[2 * index], a.Buffer[2 * index + 1]) = (re, im);
    }

    static void Store(Ends a)
    {
        long index = Elements.Index;
        if (index >= a.Lines * a.Columns) return;
        long line = index % a.Lines;
        int k = (int)(index / a.Lines);
        float re = a.Buffer[2 * index], im = a.Buffer[2 * index + 1];
        if (!a.Chirp.IsEmpty) (re, im) = Times(im, re, a.Chirp, k); // the convolution's way back left them swapped
        if (a.IsInverse != 0) (re, im) = (im, re);
        long number = a.Number(line, k);
        if (a.IsReal != 0) a.Array[number] = a.Factor * re;
        else (a.Array[2 * number], a.Array[2 * number + 1]) = (a.Factor * re, a.Factor * im);
    }

    /// <summary>y(q + step (radix p + k)) = twiddle(p, k) sum over j of x(q + step (p + count j)) exp(-2 pi i j k / radix), of one q, p, k and line.</summary>
    static void Run(StageArgument a)
    {
        long index = Elements.Index, line = index % a.Lines, number = index / a.Lines;
        if (number >= (long)a.Radix * a.Count * a.Step) return;
        int q = (int)number % a.Step, pk = (int)number / a.Step, p = pk / a.Radix, k = pk % a.Radix;
        float re = 0, im = 0;
        for (int j = 0; j < a.Radix; j++)
        {
            long from = 2 * ((q + (long)a.Step * (p + a.Count * j)) * a.Lines + line);
            var (x, y) = Times(a.From[from], a.From[from + 1], a.Roots, j * k % a.Radix);
            re += x;
            im += y;
        }
        if (k > 0) (re, im) = Times(re, im, a.Twiddles, (long)p * (a.Radix - 1) + k - 1);
        (a.To[2 * index], a.To[2 * index + 1]) = (re, im);
    }

    /// <summary>Each number times one of a table, the same for all lines; then parts are swapped, which makes the next transform an inverse one.</summary>
    static void Scale(Factors a)
    {
        long index = Elements.Index;
        if (index >= a.Lines * a.Length) return;
        (a.Numbers[2 * index + 1], a.Numbers[2 * index]) = Times(a.Numbers[2 * index], a.Numbers[2 * index + 1], a.Table, index / a.Lines);
    }

    static (float Re, float Im) Times(float re, float im, GpuFloats table, long at)
    {
        float c = table[2 * at], s = table[2 * at + 1];
        return (re * c - im * s, re * s + im * c);
    }
}
