using ILGPU;
using InrFast.Kernels.Gpu;

namespace InrFast.Kernels.Dense;

sealed partial class GpuFusedDense<TActivation, TWidth>
{
    /// <summary>Parts of a sum over rows: at least so many rows each, and no more parts than this.</summary>
    const int RowsOfPart = 512, MostParts = 64, RowsOfThinPart = 256, MostThinParts = 256;

    /// <summary>Of a thin layer: four of its numbers, and a one for the bias.</summary>
    const int ThinColumns = 4, ThinNumbers = ThinColumns + 1, ThinThreads = 256;

    /// <summary>[output][input], then the bias's.</summary>
    static long PartFloats => (long)Width * Width + Width;

    public override void AddGradient(int layer, in Matrix x, in Matrix dy, in Matrix saved, ParameterView weightGradient, nint biasGradient)
    {
        if (weightGradient.IsEmpty && biasGradient == 0) return;
        if (layer == shape.HiddenLayers)
        {
            if (biasGradient != 0) addOutputs.Launch(Outputs(dy, biasGradient), (shape.Outputs, 1, 1), (GpuReduction.Threads, 1));
            for (int column = 0; column < shape.Outputs && !weightGradient.IsEmpty; column += ThinColumns)
                AddThin(InputOf(saved, Products), dy, column, 0, (Math.Min(ThinColumns, shape.Outputs - column), shape.Width), (Width, 1),
                    weightGradient with { Data = weightGradient.Data + (nint)((long)column * weightGradient.RowStride * sizeof(float)) }, 0);
        }
        else if (layer == 0 && shape.IsNarrow) AddThin(SlopesOf(saved, 0), x, 0, output + sizeof(float), (shape.Width, shape.Inputs), (1, Width), weightGradient, biasGradient);
        else AddProduct(SlopesOf(saved, layer), InputOf(saved, shape.IsNarrow ? layer - 1 : layer), Matrix.PadRows(x.Rows), layer == 0 ? shape.Inputs : shape.Width, weightGradient, biasGradient);
    }

    static (int RowsOfPart, int Count) Parts(int rows, int least, int most, int multiple)
    {
        int rowsOfPart = Math.Max(least, ((rows + most - 1) / most + multiple - 1) / multiple * multiple);
        return (rowsOfPart, (rows + rowsOfPart - 1) / rowsOfPart);
    }

    // ---- between hidden layers ----

    struct ProductArgument
    {
        public long Left, Right;
        public GpuFloats Parts;
        public int Rows, RowsOfPart;
    }

    /// <summary>Rows that are padding have gradients of 0.</summary>
    void AddProduct(nint left, nint right, int rows, int inputs, ParameterView weight, nint bias)
    {
        int tiles = GpuHalfProduct<TWidth>.Tiles;
        var (rowsOfPart, count) = Parts(rows, RowsOfPart, MostParts, 32);
        product.Launch(new() { Left = left, Right = right, Parts = new(parts), Rows = rows, RowsOfPart = rowsOfPart }, (tiles, tiles, count), (GpuHalfProduct<TWidth>.Threads, 1));
        Add(output + sizeof(float), count, PartFloats, Width * Width, (shape.Width, inputs), (Width, 1), weight, bias);
    }

    static void Product(ProductArgument a)
    {
        GpuHalfProduct<TWidth> tile = new(Intrinsics.SharedStart());
        int first = Grid.IdxZ * a.RowsOfPart, end = first + a.RowsOfPart, row = Grid.IdxX * GpuHalfProduct<TWidth>.Tile, column = Grid.IdxY * GpuHalfProduct<TWidth>.Tile;
        if (end > a.Rows) end = a.Rows;
        ArrayView<float> sums = LocalMemory.Allocate<float>(64), totals = LocalMemory.Allocate<float>(8);
        for (int i = 0; i < 32; i++)
        {
            sums[i] = 0;
            sums[32 + i] = 0;
        }
        for (int i = 0; i < 8; i++) totals[i] = 0;
        tile.Run(sums, totals, a.Left + row * 2, a.Right + column * 2, first, end);
        var part = a.Parts.At(Grid.IdxZ * PartFloats);
        row += GpuHalfProduct<TWidth>.Row;
        column += GpuHalfProduct<TWidth>.Column;
        for (int n = 0; n < 8; n++)
        {
            Intrinsics.StorePair(part.At(row * Width + column + 8 * n).Address, sums[4 * n], sums[4 * n + 1]);
            Intrinsics.StorePair(part.At((row + 8) * Width + column + 8 * n).Address, sums[4 * n + 2], sums[4 * n + 3]);
            Intrinsics.StorePair(part.At((row + 16) * Width + column + 8 * n).Address, sums[32 + 4 * n], sums[33 + 4 * n]);
            Intrinsics.StorePair(part.At((row + 24) * Width + column + 8 * n).Address, sums[34 + 4 * n], sums[35 + 4 * n]);
        }
        if (column == 0)
        {
            part[Width * Width + row] = totals[0];
            part[Width * Width + row + 8] = totals[2];
            part[Width * Width + row + 16] = totals[4];
            part[Width * Width + row + 24] = totals[6];
        }
    }

    // ---- of thin layers ----

    struct ThinArgument
    {
        public GpuMatrix Numbers;
        public GpuFloats Parts;
        public long Halves;
        public int FirstColumn, RowsOfPart;
    }

    /// <summary>Halves^T times up to 4 columns of numbers. Strides: of the sums along outputs and inputs.</summary>
    void AddThin(nint halves, in Matrix numbers, int firstColumn, nint factor, (int Outputs, int Inputs) size, (int Output, int Input) strides, ParameterView weight, nint bias)
    {
        var (rowsOfPart, count) = Parts(numbers.Rows, RowsOfThinPart, MostThinParts, 1);
        thin.Launch(new() { Numbers = new(numbers), Halves = halves, Parts = new(parts), FirstColumn = firstColumn, RowsOfPart = rowsOfPart }, (count, 1, 1), (ThinThreads, 1));
        Add(factor, count, ThinNumbers * Width, ThinColumns * Width, size, strides, weight, bias);
    }

    /// <summary>A thread for two columns of every second, fourth or eighth row; those of one column are added in order.</summary>
    static void Thin(ThinArgument a)
    {
        int pair = Group.IdxX % (Width / 2), lane = Group.IdxX / (Width / 2), lanes = 2 * ThinThreads / Width, end = (Grid.IdxX + 1) * a.RowsOfPart;
        if (end > a.Numbers.Rows) end = a.Numbers.Rows;
        var sums = LocalMemory.Allocate<float>(2 * ThinNumbers);
        for (int i = 0; i < 2 * ThinNumbers; i++) sums[i] = 0;
        for (int row = Grid.IdxX * a.RowsOfPart + lane; row < end; row += lanes)
        {
            uint two = Intrinsics.LoadUInt32(a.Halves + ((long)row * Width + 2 * pair) * 2);
            float even = Intrinsics.LowHalf(two), odd = Intrinsics.HighHalf(two);
            for (int j = 0; j < ThinColumns; j++)
            {
                float number = a.FirstColumn + j < a.Numbers.Columns ? a.Numbers[0, row, a.FirstColumn + j] : 0f;
                sums[2 * j] = Intrinsics.Fma(even, number, sums[2 * j]);
                sums[2 * j + 1] = Intrinsics.Fma(odd, number, sums[2 * j + 1]);
            }
            sums[2 * ThinColumns] += even;
            sums[2 * ThinColumns + 1] += odd;
        }
        var shared = SharedMemory.Allocate<float>(2 * ThinThreads * ThinNumbers); // [lane][number][column]
        for (int j = 0; j < ThinNumbers; j++)
        {
            shared[(lane * ThinNumbers + j) * Width + 2 * pair] = sums[2 * j];
            shared[(lane * ThinNumbers + j) * Width + 2 * pair + 1] = sums[2 * j + 1];
        }
        Group.Barrier();
        for (int i = Group.IdxX; i < ThinNumbers * Width; i += Group.DimX)
        {
            float sum = 0;
            for (int from = i; from < lanes * ThinNumbers * Width; from += ThinNumbers * Width) sum += shared[from];
            a.Parts[(long)Grid.IdxX * ThinNumbers * Width + i] = sum;
        }
    }

    // ---- the parts of either ----

    struct AddArgument
    {
        public GpuFloats Parts, Factor, Weight, Bias;
        public long PartFloats;
        public int Count, Inputs, Outputs, RowStride, ColumnStride, OutputStride, InputStride, BiasAt;
    }

    void Add(nint factor, int count, long partFloats, int biasAt, (int Outputs, int Inputs) size, (int Output, int Input) strides, ParameterView weight, nint bias) => addParts.Launch(new()
    {
        Parts = new(parts), Factor = new(factor), Weight = new(weight.Data), Bias = new(bias), PartFloats = partFloats, Count = count, Inputs = size.Inputs, Outputs = size.Outputs,
        RowStride = weight.RowStride, ColumnStride = weight.ColumnStride, OutputStride = strides.Output, InputStride = strides.Input, BiasAt = biasAt,
    }, (long)size.Outputs * (size.Inputs + 1));

    /// <summary>A thread for a weight, or (after an output's weights) for its bias.</summary>
    static void AddParts(AddArgument a)
    {
        int i = (int)Elements.Index, output = i / (a.Inputs + 1), input = i % (a.Inputs + 1);
        if (output >= a.Outputs) return;
        var from = a.Parts.At(input < a.Inputs ? output * a.OutputStride + input * a.InputStride : a.BiasAt + output);
        float sum = 0;
        for (int part = 0; part < a.Count; part++) sum += from[part * a.PartFloats];
        if (!a.Factor.IsEmpty) sum *= a.Factor[0];
        if (input < a.Inputs)
        {
            if (!a.Weight.IsEmpty) a.Weight[(long)output * a.RowStride + (long)input * a.ColumnStride] += sum;
        }
        else if (!a.Bias.IsEmpty) a.Bias[output] += sum;
    }
}
