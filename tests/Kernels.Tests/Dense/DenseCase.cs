using InrFast.Kernels;
using InrFast.Kernels.Activations;
using InrFast.Kernels.Dense;

namespace InrFast.Tests.Dense;

/// <summary>
/// One dense layer with memory for all it reads and writes: parameters padded as a plan pads them, not-a-number in everything that must be
/// written and in the rows beyond the last.
/// </summary>
sealed class DenseCase : IDisposable
{
    readonly List<HostMemory> memory = [];
    readonly DenseKernels kernels;
    readonly nint prepared;
    readonly int inputs, outputs;
    public readonly Matrix X, Y, DY, DX, Saved, Products;
    public readonly ParameterView Weight, Bias, WeightGradient, BiasGradient;

    public static DenseCase Of<TActivation>(Device device, TActivation activation, int inputs, int outputs, int rows, int blocks = 1, int directions = 0, bool spare = true)
        where TActivation : struct, IActivation =>
        new(device.Dense(inputs, outputs, activation), inputs, outputs, rows, blocks, directions, DenseKernels.SavedBlocks(activation.IsLinear, blocks, directions), spare);

    DenseCase(DenseKernels kernels, int inputs, int outputs, int rows, int blocks, int directions, int savedBlocks, bool spare)
    {
        (this.kernels, this.inputs, this.outputs) = (kernels, inputs, outputs);
        var random = new Random(100 * inputs + outputs);
        (X, Y, DY, DX) = (New(inputs, blocks), New(outputs, blocks), New(outputs, blocks), New(inputs, blocks));
        Products = New(outputs, 1);
        if (savedBlocks > 0) Saved = New(outputs, savedBlocks);
        (Weight, WeightGradient) = (Parameter(outputs, inputs), Parameter(outputs, inputs));
        (Bias, BiasGradient) = (Parameter(1, outputs), Parameter(1, outputs));
        foreach (var m in new[] { X, DY })
            for (int b = 0; b < blocks; b++)
                for (int r = 0; r < rows; r++)
                {
                    for (int c = m.Columns; c < m.Stride - 16; c++) At(m, b, r, c) = 0;
                    for (int c = 0; c < m.Columns; c++) At(m, b, r, c) = (float)(2 * random.NextDouble() - 1);
                }
        foreach (var p in new[] { Weight, Bias })
            for (int r = 0; r < p.Rows; r++)
                for (int c = 0; c < p.Columns; c++) At(p, r, c) = (float)((2 * random.NextDouble() - 1) / Math.Sqrt(inputs));
        prepared = Allocate(kernels.PreparedFloats);

        Matrix New(int columns, int blocks)
        {
            int capacity = Matrix.PadRows(rows) + (spare ? 8 : 0);
            return new(Allocate(capacity * Matrix.StrideOf(columns) * blocks, float.NaN), rows, capacity, columns, blocks, directions);
        }

        ParameterView Parameter(int rows, int columns)
        {
            bool transposed = rows > 1 && DenseKernels.IsNarrowInput(columns, rows);
            var (outer, inner) = transposed ? (columns, rows) : (rows, columns);
            int stride = Matrix.PadColumns(inner);
            return new(Allocate((outer + 7) / 8 * 8 * stride), rows, columns, transposed ? 1 : stride, transposed ? stride : 1);
        }
    }

    nint Allocate(long floats, float filled = 0)
    {
        HostMemory run = new(floats * sizeof(float));
        var numbers = new float[floats];
        Array.Fill(numbers, filled);
        run.Write<float>(numbers, 0);
        memory.Add(run);
        return run.Address;
    }

    public static unsafe ref float At(in Matrix m, int block, int row, int column) => ref ((float*)m.Data)[block * m.BlockStride + row * m.Stride + column];
    public static unsafe ref float At(in ParameterView p, int row, int column) => ref ((float*)p.Data)[row * p.RowStride + column * p.ColumnStride];

    public static float[] Numbers(Matrix m) =>
        [.. from b in Enumerable.Range(0, m.Blocks) from r in Enumerable.Range(0, m.Rows) from c in Enumerable.Range(0, m.Columns) select At(m, b, r, c)];

    public static float[] Numbers(ParameterView p) => [.. from r in Enumerable.Range(0, p.Rows) from c in Enumerable.Range(0, p.Columns) select At(p, r, c)];

    /// <summary>Columns between the last and the next multiple of 16.</summary>
    public static float[] Padding(Matrix m) => m.Columns <= Matrix.Packed ? [] :
        [.. from b in Enumerable.Range(0, m.Blocks) from r in Enumerable.Range(0, m.Rows) from c in Enumerable.Range(m.Columns, Matrix.PadColumns(m.Columns) - m.Columns) select At(m, b, r, c)];

    /// <summary>Also what lies around a gradient's numbers, which must stay 0: neighbours there are other parameters' padding.</summary>
    public static unsafe double SumAround(ParameterView p)
    {
        int stride = Math.Max(p.RowStride, p.ColumnStride), outer = p.ColumnStride == 1 ? p.Rows : p.Columns;
        double sum = 0;
        for (int i = 0; i < (outer + 7) / 8 * 8 * stride; i++) sum += Math.Abs(((float*)p.Data)[i]);
        return sum - Numbers(p).Sum(x => Math.Abs((double)x));
    }

    public DenseCase Forward(bool save = true, bool bias = true)
    {
        kernels.Prepare(Weight, bias ? Bias.Data : 0, prepared);
        kernels.Forward(X, prepared, Y, save ? Saved : default);
        return this;
    }

    public bool KeepsProducts => kernels.KeepsProducts;

    /// <summary>The values alone, then the derivatives, when the input's values can no longer be read.</summary>
    public DenseCase ForwardInTwo()
    {
        kernels.Prepare(Weight, Bias.Data, prepared);
        kernels.Forward(X.BlockAt(0), prepared, Y.BlockAt(0), default, Products);
        for (int r = 0; r < X.Rows; r++)
            for (int c = 0; c < X.Columns; c++) At(X, 0, r, c) = float.NaN;
        kernels.Forward(X, prepared, Y, Saved, Products);
        return this;
    }

    public DenseCase Backward(bool input = true, bool weight = true, bool bias = true)
    {
        kernels.Backward(DY, Saved, X, prepared, input ? DX : default, weight ? WeightGradient : default, bias ? BiasGradient.Data : 0);
        return this;
    }

    public bool TakesSlopes => kernels.TakesSlopes;

    /// <summary>With slopes of the layer before in the place of dx, and dz in that of dy.</summary>
    public DenseCase BackwardOfProducts(Matrix slopes, Matrix dz)
    {
        Copy(dz, DY);
        if (!slopes.IsEmpty) Copy(slopes, DX);
        kernels.Backward(DY, default, X, prepared, DX, WeightGradient, BiasGradient.Data, slopes.IsEmpty ? default : DX);
        return this;
    }

    static void Copy(Matrix from, Matrix to)
    {
        for (int r = 0; r < from.Rows; r++)
            for (int c = 0; c < from.Columns; c++) At(to, 0, r, c) = At(from, 0, r, c);
    }

    public void Dispose() => memory.ForEach(m => m.Dispose());
}
