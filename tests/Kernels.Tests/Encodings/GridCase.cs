using System.Runtime.InteropServices;
using InrFast.Kernels;
using InrFast.Kernels.Encodings;

namespace InrFast.Tests.Encodings;

/// <summary>Memory with not-a-number on both sides: what is read there spoils the result, what is written there is found.</summary>
sealed unsafe class Guarded : IDisposable
{
    const int Guard = 4096;
    readonly float* memory;

    public Guarded(long count)
    {
        Count = count;
        memory = (float*)NativeMemory.AlignedAlloc((nuint)(count + 2 * Guard) * sizeof(float), 64);
        for (long i = -Guard; i < count + Guard; i++) Data[i] = i >= 0 && i < count ? 0 : float.NaN;
    }

    public long Count { get; }
    public float* Data => memory + Guard;
    public nint Address => (nint)Data;
    public float[] Values => new Span<float>(Data, (int)Count).ToArray();

    public Guarded Fill(Func<long, double> value)
    {
        for (long i = 0; i < Count; i++) Data[i] = (float)value(i);
        return this;
    }

    public void Dispose()
    {
        bool untouched = true;
        for (long i = 1; i <= Guard; i++) untouched &= float.IsNaN(Data[-i]) && float.IsNaN(Data[Count - 1 + i]);
        Assert.That(untouched, "something was written outside");
        NativeMemory.AlignedFree(memory);
    }
}

/// <summary>One encoding with memory for all it reads and writes; coordinates from -1 to 1, tables from -1 to 1.</summary>
sealed unsafe class GridCase : IDisposable
{
    public readonly GridSettings Settings;
    public readonly Guarded Points, Tables, TableGradient;
    public readonly Matrix X, Y, DY, DX, Planes;
    public Clock Clock;
    readonly List<Guarded> all = [];

    public GridCase(GridSettings settings, int rows, int seed, int blocks = 1, int directions = 0)
    {
        Settings = settings;
        var random = new Random(seed);
        double Next(long _) => 2 * random.NextDouble() - 1;
        int capacity = Matrix.PadRows(rows), planeColumns = Math.Min(settings.Features, 4), planeBlocks = settings.Outputs / planeColumns * blocks;
        (Points, X) = New(settings.Dimensions, blocks, Next);
        (_, Y) = New(settings.Outputs, blocks, _ => 7);
        (_, DY) = New(settings.Outputs, blocks, Next);
        (_, DX) = New(settings.Dimensions, blocks, _ => 7);
        (_, Planes) = New(planeColumns, planeBlocks, _ => 0);
        Tables = new Guarded(settings.TableFloats).Fill(Next);
        TableGradient = new(settings.TableFloats);
        all.AddRange(Tables, TableGradient);

        (Guarded, Matrix) New(int columns, int count, Func<long, double> value)
        {
            var memory = new Guarded((long)capacity * count * Matrix.StrideOf(columns)).Fill(value);
            all.Add(memory);
            return (memory, new Matrix(memory.Address, rows, capacity, columns, count, directions));
        }
    }

    public ref float Coordinate(int block, int row, int column) => ref At(X, block, row, column);

    public static ref float At(in Matrix m, int block, int row, int column) => ref ((float*)m.Data)[(block * m.Capacity + row) * m.Stride + column];

    public void Forward(GridKernels kernels)
    {
        fixed (Clock* clock = &Clock) kernels.Forward(X, Tables.Address, (nint)clock, Y);
    }

    public void Scatter(GridKernels kernels)
    {
        kernels.StoreGradient(DY, Planes);
        fixed (Clock* clock = &Clock)
            for (int l = 0; l < Settings.Levels.Length; l++)
                kernels.Scatter(l, X, Planes, (nint)clock, (nint)(TableGradient.Data + Settings.Levels[l].Offset));
    }

    public void BackwardInput(GridKernels kernels)
    {
        fixed (Clock* clock = &Clock) kernels.BackwardInput(DY, X, Tables.Address, (nint)clock, DX);
    }

    /// <summary>All blocks and rows in use, row by row.</summary>
    public static float[] Values(in Matrix m)
    {
        var values = new List<float>();
        for (int b = 0; b < m.Blocks; b++)
            for (int r = 0; r < m.Rows; r++)
                for (int c = 0; c < m.Columns; c++) values.Add(At(m, b, r, c));
        return [.. values];
    }

    /// <summary>Sum of y dy.</summary>
    public double Loss(GridKernels kernels)
    {
        Forward(kernels);
        return Dot(Values(Y), Values(DY));
    }

    public static double Dot(float[] a, float[] b) => a.Zip(b, (p, q) => (double)p * q).Sum();

    public void Dispose() => all.ForEach(memory => memory.Dispose());
}
