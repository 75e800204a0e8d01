using InrFast.Kernels;

namespace InrFast.Tests;

/// <summary>
/// The same matrix on two devices, the one under test and the reference. On the card what is not given is marked as never written: padding rows, gaps, and
/// of results everything, so that a kernel that reads there is found out.
/// </summary>
sealed class Rows : IDisposable
{
    readonly DeviceMemory[] memory;
    readonly float[] numbers;
    readonly int stride;

    public Matrix OnCard { get; }
    public Matrix OnHost { get; }

    public Rows(int rows, int columns, int blocks = 1, int directions = 0, Random? random = null, double low = -1, double high = 1)
    {
        int capacity = Matrix.PadRows(rows) + 8;
        stride = Matrix.StrideOf(columns);
        numbers = new float[capacity * stride * blocks];
        memory = [Gpu.Device.Allocate((long)numbers.Length * sizeof(float)), new HostMemory((long)numbers.Length * sizeof(float))];
        (OnCard, OnHost) = (new(memory[0].Address, rows, capacity, columns, blocks, directions), new(memory[1].Address, rows, capacity, columns, blocks, directions));
        FakeCuda.Forget(memory[0].Address, memory[0].Bytes);
        if (random is null) return;
        for (int b = 0; b < blocks; b++)
            for (int r = 0; r < rows; r++)
            {
                for (int c = 0; c < columns; c++) numbers[At(b, r, c)] = (float)(low + (high - low) * random.NextDouble());
                memory[0].Write<float>(numbers.AsSpan(At(b, r, 0), Width), (long)At(b, r, 0) * sizeof(float));
            }
        memory[1].Write<float>(numbers);
    }

    int Width => OnHost.Columns <= Matrix.Packed ? OnHost.Columns : Matrix.PadColumns(OnHost.Columns);
    int At(int block, int row, int column) => (int)((long)block * OnHost.BlockStride + (long)row * stride + column);

    /// <summary>A block's numbers without their padding: of the card, and of the reference.</summary>
    public (float[] Actual, float[] Expected) Block(int block) => (Numbers(memory[0], block), Numbers(memory[1], block));

    float[] Numbers(DeviceMemory from, int block)
    {
        from.Read<float>(numbers);
        return [.. from r in Enumerable.Range(0, OnHost.Rows) from c in Enumerable.Range(0, OnHost.Columns) select numbers[At(block, r, c)]];
    }

    /// <summary>What the card has in padding columns.</summary>
    public float[] Padding()
    {
        memory[0].Read<float>(numbers);
        return [.. from b in Enumerable.Range(0, OnHost.Blocks) from r in Enumerable.Range(0, OnHost.Rows) from c in Enumerable.Range(OnHost.Columns, Width - OnHost.Columns) select numbers[At(b, r, c)]];
    }

    /// <summary>Every block within the bound, relative to its largest number; padding columns zero.</summary>
    public void MustAgree(double bound, string name)
    {
        for (int b = 0; b < OnHost.Blocks; b++)
        {
            var (actual, expected) = Block(b);
            Close.Check(actual, expected, bound, $"block {b} of {name}");
        }
        Assert.That(Padding(), Is.All.Zero, $"padding of {name}");
    }

    public void Dispose()
    {
        foreach (var m in memory) m.Dispose();
    }
}

/// <summary>A run of numbers on both devices.</summary>
sealed class Run<T> : IDisposable where T : unmanaged
{
    readonly DeviceMemory[] memory;
    readonly int count;

    /// <param name="known">False: on the card as if never written.</param>
    public unsafe Run(T[] numbers, bool known = true)
    {
        count = numbers.Length;
        memory = [Gpu.Device.Allocate((long)count * sizeof(T)), new HostMemory((long)count * sizeof(T))];
        if (!known) FakeCuda.Forget(memory[0].Address, memory[0].Bytes);
        else memory[0].Write<T>(numbers);
        memory[1].Write<T>(numbers);
    }

    public nint OnCard => memory[0].Address;
    public nint OnHost => memory[1].Address;
    public T[] Actual => Read(memory[0]);
    public T[] Expected => Read(memory[1]);

    T[] Read(DeviceMemory from)
    {
        var numbers = new T[count];
        from.Read<T>(numbers);
        return numbers;
    }

    public void Dispose()
    {
        foreach (var m in memory) m.Dispose();
    }
}

static class Close
{
    /// <summary>Within the bound, relative to the largest expected number.</summary>
    public static void Check(float[] actual, float[] expected, double bound, string name)
    {
        double scale = Math.Max(1e-3, expected.Max(Math.Abs)), worst = 0;
        for (int i = 0; i < actual.Length; i++)
        {
            double error = Math.Abs((double)actual[i] - expected[i]) / scale;
            if (!(error <= worst)) worst = error;
        }
        Assert.That(worst, Is.LessThan(bound), name);
    }
}
