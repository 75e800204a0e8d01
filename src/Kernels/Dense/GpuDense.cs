using ILGPU;
using InrFast.Kernels.Activations;
using InrFast.Kernels.Gpu;

namespace InrFast.Kernels.Dense;

/// <summary>
/// Every shape by the same three products, in float32: z = x W^T, dx = dz W, dW = dz^T x. The activation follows where a tile of z leaves its block, and the slope
/// enters where dy is read; of jets they are passes of their own. dW is cut into parts along the rows, which a second kernel adds in order.
/// </summary>
sealed class GpuDense<TActivation> : DenseKernels where TActivation : struct, IActivation
{
    /// <summary>Rows of a part of dW: at least so many, and no more parts than this.</summary>
    const int RowsOfPart = 512, MostParts = 64;

    readonly int inputs, outputs;
    readonly TActivation activation;
    readonly nint parts;
    readonly GpuKernel<Packing> pack;
    readonly GpuKernel<ForwardOperands> forward;
    readonly GpuKernel<InputOperands> backwardInput;
    readonly GpuKernel<WeightOperands> backwardWeight;
    readonly GpuKernel<PartsArgument> addParts;
    readonly GpuDevice device;

    public GpuDense(GpuDevice device, int inputs, int outputs, TActivation activation)
    {
        (this.device, this.inputs, this.outputs, this.activation) = (device, inputs, outputs, activation);
        parts = device.Workspace((long)MostParts * PartFloats * sizeof(float));
        pack = device.Kernel<Packing>(Pack);
        forward = device.Kernel<ForwardOperands>(Forward, GpuProduct.Threads);
        backwardInput = device.Kernel<InputOperands>(BackwardInput, GpuProduct.Threads);
        backwardWeight = device.Kernel<WeightOperands>(BackwardWeight, GpuProduct.Threads);
        addParts = device.Kernel<PartsArgument>(AddParts);
    }

    /// <summary>A part of dW: [output][input], then the bias's.</summary>
    long PartFloats => (long)outputs * inputs + outputs;

    // Prepared: the activation's scale times W^T [input][output]; that times the bias; W [output][input].
    public override long PreparedFloats => 2L * inputs * outputs + outputs;

    struct Packing
    {
        public GpuFloats Weight, Bias, Prepared;
        public int Inputs, Outputs, RowStride, ColumnStride;
        public float Scale;
    }

    public override void Prepare(ParameterView weight, nint bias, nint prepared) => pack.Launch(new()
    {
        Weight = new(weight.Data), Bias = new(bias), Prepared = new(prepared), Inputs = inputs, Outputs = outputs, RowStride = weight.RowStride, ColumnStride = weight.ColumnStride,
        Scale = activation.InputScale,
    }, (long)inputs * outputs);

    static void Pack(Packing a)
    {
        int i = (int)Elements.Index, size = a.Inputs * a.Outputs;
        if (i >= size) return;
        int output = i / a.Inputs, input = i % a.Inputs;
        float w = a.Weight[(long)output * a.RowStride + (long)input * a.ColumnStride];
        a.Prepared[input * a.Outputs + output] = a.Scale * w;
        a.Prepared[size + a.Outputs + i] = w;
        if (input == 0) a.Prepared[size + output] = a.Bias.IsEmpty ? 0 : a.Scale * a.Bias[output];
    }

    // ---- forward ----

    struct ForwardOperands : IOperands
    {
        public GpuMatrix X, Y, Saved;
        public GpuFloats Prepared;
        public int Inputs, Block, Activates;
        public TActivation Activation;

        public readonly int Rows => X.Rows;
        public readonly int Columns => Y.Columns;
        public readonly int Width => Y.Width;
        public readonly bool IsAlongK => true;
        public readonly float Left(int row, int k) => X[Block, row, k];
        public readonly float Right(int k, int column) => Prepared[k * Y.Columns + column];

        public readonly void Store(int row, int column, float sum)
        {
            if (column >= Y.Columns)
            {
                Y[Block, row, column] = 0;
                return;
            }
            if (Block == 0) sum += Prepared[Inputs * Y.Columns + column];
            if (Activates == 0)
            {
                Y[Block, row, column] = sum;
                return;
            }
            Activation.Evaluate<GpuFloat>(sum, out var value, out var slope);
            Y[0, row, column] = value.Value;
            if (!Saved.IsEmpty) Saved[0, row, column] = slope.Value;
        }
    }

    public override void Forward(in Matrix x, nint prepared, in Matrix y, in Matrix saved)
    {
        bool isJet = y.Blocks > 1 && !activation.IsLinear;
        forward.Launch(new()
        {
            X = new(x), Y = new(y), Saved = new(saved), Prepared = new(prepared), Inputs = inputs, Activates = isJet || activation.IsLinear ? 0 : 1, Activation = activation,
        }, (GpuProduct.Tiles(x.Rows), GpuProduct.Tiles(y.Columns), y.Blocks), (GpuProduct.Threads, 1));
        if (isJet) GpuJetActivation<TActivation>.Forward(device, y, saved, activation);
    }

    static void Forward(ForwardOperands o)
    {
        o.Block = Grid.IdxZ;
        GpuProduct.Run(o, Grid.IdxX * GpuProduct.Tile, Grid.IdxY * GpuProduct.Tile, 0, o.Inputs);
    }

    // ---- backward ----

    struct InputOperands : IOperands
    {
        public GpuMatrix DY, Slope, DX;
        public GpuFloats Prepared;
        public int Block;

        public readonly int Rows => DX.Rows;
        public readonly int Columns => DX.Columns;
        public readonly int Width => DX.Width;
        public readonly bool IsAlongK => true;
        public readonly float Left(int row, int k) => Slope.IsEmpty ? DY[Block, row, k] : DY[0, row, k] * Slope[0, row, k];
        public readonly float Right(int k, int column) => Prepared[(DX.Columns + 1) * DY.Columns + k * DX.Columns + column];
        public readonly void Store(int row, int column, float sum) => DX[Block, row, column] = column < DX.Columns ? sum : 0;
    }

    struct WeightOperands : IOperands
    {
        public GpuMatrix DY, Slope, X;
        public GpuFloats Parts;
        public long PartFloats;
        public int RowsOfPart, Block;

        public readonly int Rows => DY.Columns;
        public readonly int Columns => X.Columns + 1; // the last: ones, for the bias
        public readonly int Width => Columns;
        public readonly bool IsAlongK => false;
        public readonly float Left(int row, int k) => Slope.IsEmpty ? DY[Block, k, row] : DY[0, k, row] * Slope[0, k, row];
        public readonly float Right(int k, int column) => column < X.Columns ? X[Block, k, column] : Block == 0 ? 1f : 0f;

        public readonly void Store(int row, int column, float sum)
        {
            long at = Grid.IdxZ * PartFloats + (column < X.Columns ? row * X.Columns + column : DY.Columns * X.Columns + row);
            Parts[at] = Block == 0 ? sum : Parts[at] + sum;
        }
    }

    public override void Backward(in Matrix dy, in Matrix saved, in Matrix x, nint prepared, in Matrix dx, ParameterView weightGradient, nint biasGradient)
    {
        bool isJet = dy.Blocks > 1 && !activation.IsLinear;
        if (isJet) GpuJetActivation<TActivation>.Backward(device, dy, saved);
        var slope = isJet || activation.IsLinear ? default : new GpuMatrix(saved);
        if (!dx.IsEmpty)
            backwardInput.Launch(new() { DY = new(dy), Slope = slope, DX = new(dx), Prepared = new(prepared) },
                (GpuProduct.Tiles(dx.Rows), GpuProduct.Tiles(dx.Columns), dx.Blocks), (GpuProduct.Threads, 1));
        if (weightGradient.IsEmpty && biasGradient == 0) return;
        int rowsOfPart = Math.Max(RowsOfPart, (dy.Rows + MostParts - 1) / MostParts), count = (dy.Rows + rowsOfPart - 1) / rowsOfPart;
        backwardWeight.Launch(new() { DY = new(dy), Slope = slope, X = new(x), Parts = new(parts), PartFloats = PartFloats, RowsOfPart = rowsOfPart },
            (GpuProduct.Tiles(outputs), GpuProduct.Tiles(inputs + 1), count), (GpuProduct.Threads, 1));
        addParts.Launch(new()
        {
            Parts = new(parts), Weight = new(weightGradient.Data), Bias = new(biasGradient), PartFloats = PartFloats, Inputs = inputs, Outputs = outputs, Count = count,
            RowStride = weightGradient.RowStride, ColumnStride = weightGradient.ColumnStride,
        }, PartFloats);
    }

    static void BackwardInput(InputOperands o)
    {
        o.Block = Grid.IdxZ;
        GpuProduct.Run(o, Grid.IdxX * GpuProduct.Tile, Grid.IdxY * GpuProduct.Tile, 0, o.DY.Columns);
    }

    /// <summary>A part, block after block of a jet.</summary>
    static void BackwardWeight(WeightOperands o)
    {
        int first = Grid.IdxZ * o.RowsOfPart, end = first + o.RowsOfPart;
        if (end > o.DY.Rows) end = o.DY.Rows;
        for (int block = 0; block < o.DY.Blocks; block++)
        {
            o.Block = block;
            GpuProduct.Run(o, Grid.IdxX * GpuProduct.Tile, Grid.IdxY * GpuProduct.Tile, first, end);
            Group.Barrier();
        }
    }

    struct PartsArgument
    {
        public GpuFloats Parts, Weight, Bias;
        public long PartFloats;
        public int Inputs, Outputs, Count, RowStride, ColumnStride;
    }

    static void AddParts(PartsArgument a)
    {
        long i = Elements.Index;
        if (i >= a.PartFloats) return;
        float sum = 0;
        for (int part = 0; part < a.Count; part++) sum += a.Parts[part * a.PartFloats + i];
        int weights = a.Outputs * a.Inputs;
        if (i >= weights)
        {
            if (!a.Bias.IsEmpty) a.Bias[i - weights] += sum;
        }
        else if (!a.Weight.IsEmpty)
        {
            int output = (int)i / a.Inputs, input = (int)i % a.Inputs;
            a.Weight[(long)output * a.RowStride + (long)input * a.ColumnStride] += sum;
        }
    }
}
