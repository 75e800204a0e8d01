using ILGPU;
using InrFast.Kernels.Activations;
using InrFast.Kernels.Gpu;

namespace InrFast.Kernels.Dense;

/// <summary>
/// Forward and backward take a tile of rows through all layers (<see cref="GpuRowTile{TWidth}"/>); gradients of the weights between hidden layers follow as products along the rows
/// (<see cref="GpuHalfProduct{TWidth}"/>), those of the first and last layers, which are thin, by threads of a column each. All sums over rows are cut into parts by the shape alone, and the
/// parts are added in order. Prepared: matrices [layer], scaled; transposed matrices [last layer first]; biases [layer][width]; W_0^T of coordinates [4][width], scaled;
/// last weights [output][width]; last biases. Saved, halves: the inputs of each product [row][width], the last being the last layer's; then slopes, which become gradients.
/// </summary>
sealed partial class GpuFusedDense<TActivation, TWidth> : FusedDenseKernels where TActivation : struct, IActivation where TWidth : struct, IWidth
{
    const int TwoBlocks = 2;

    readonly GpuDevice device;
    readonly FusedShape shape;
    readonly TActivation first, rest;
    readonly GpuKernel<Packing> pack;
    readonly GpuKernel<ForwardArgument> forward, forwardAndSave;
    readonly GpuKernel<OutputArgument> outputParts, chooseScale, addOutputs;
    readonly GpuKernel<BackwardArgument> backward;
    readonly GpuKernel<ProductArgument> product;
    readonly GpuKernel<ThinArgument> thin;
    readonly GpuKernel<AddArgument> addParts;
    readonly nint parts, output;

    /// <param name="first">Of the first layer.</param>
    /// <param name="rest">Of the other hidden layers.</param>
    public GpuFusedDense(GpuDevice device, FusedShape shape, TActivation first, TActivation rest)
    {
        (this.device, this.shape, this.first, this.rest) = (device, shape, first, rest);
        int sharedBytes = GpuRowTile<TWidth>.SharedBytes;
        pack = device.Kernel<Packing>(Pack);
        forward = device.Kernel<ForwardArgument>(Forward<Forgetting>, GpuRowTile<TWidth>.Threads, TwoBlocks, sharedBytes);
        forwardAndSave = device.Kernel<ForwardArgument>(Forward<Saving>, GpuRowTile<TWidth>.Threads, TwoBlocks, sharedBytes);
        backward = device.Kernel<BackwardArgument>(Backward, GpuRowTile<TWidth>.Threads, TwoBlocks, sharedBytes);
        outputParts = device.Kernel<OutputArgument>(OutputParts);
        chooseScale = device.Kernel<OutputArgument>(ChooseScale);
        addOutputs = device.Kernel<OutputArgument>(AddOutputs);
        product = device.Kernel<ProductArgument>(Product, GpuHalfProduct<TWidth>.Threads, TwoBlocks, GpuHalfProduct<TWidth>.SharedBytes);
        thin = device.Kernel<ThinArgument>(Thin);
        addParts = device.Kernel<AddArgument>(AddParts);
        long bytes = sizeof(float) * Math.Max((long)MostParts * PartFloats, (long)MostThinParts * ThinNumbers * Width);
        parts = device.Workspace(bytes + OutputBytes);
        output = parts + (nint)bytes;
    }

    static int Width => GpuRowTile<TWidth>.Width;

    /// <summary>Products by matrix units: between hidden layers and, of inputs that are no coordinates, the first.</summary>
    int Products => shape.IsNarrow ? shape.HiddenLayers - 1 : shape.HiddenLayers;

    /// <summary>Matrices of halves, of the inputs of all layers that are saved.</summary>
    int Inputs => Products + 1;

    public override int SavedColumns => (Inputs + shape.HiddenLayers) * Width / 2 - (Matrix.StrideOf(Width) - Width); // rows are stored that much wider

    long MatrixFloats => Width * Width / 2;
    long BiasAt => 2 * Products * MatrixFloats;
    long FirstAt => BiasAt + (long)shape.HiddenLayers * Width;
    long LastAt => FirstAt + (shape.IsNarrow ? Matrix.Packed * Width : 0);
    public override long PreparedFloats => LastAt + (long)shape.Outputs * (Width + 1);

    /// <summary>Bytes of one saved matrix.</summary>
    static long Bytes(in Matrix saved) => (long)saved.Capacity * Width * 2;
    static nint InputOf(in Matrix saved, int product) => saved.Data + (nint)(product * Bytes(saved));
    nint SlopesOf(in Matrix saved, int layer) => saved.Data + (nint)((Inputs + layer) * Bytes(saved));

    // ---- packing ----

    struct Packing
    {
        public GpuFloats Weight, Bias, Biases, Columns;
        public long Halves, TransposedHalves;
        public int Inputs, Outputs, RowStride, ColumnStride, IsLast;
        public float Scale;

        public readonly float At(int output, int input) => output < Outputs && input < Inputs ? Weight[(long)output * RowStride + (long)input * ColumnStride] : 0f;
    }

    public override void Prepare(int layer, ParameterView weight, nint bias, nint prepared)
    {
        bool isLast = layer == shape.HiddenLayers, isThin = isLast || (layer == 0 && shape.IsNarrow);
        int number = shape.IsNarrow ? layer - 1 : layer;
        pack.Launch(new()
        {
            Weight = new(weight.Data), Bias = new(bias), Inputs = weight.Columns, Outputs = weight.Rows, RowStride = weight.RowStride, ColumnStride = weight.ColumnStride, IsLast = isLast ? 1 : 0,
            Scale = isLast ? 1 : layer == 0 ? first.InputScale : rest.InputScale, Biases = new(isLast ? At(LastAt + (long)shape.Outputs * Width) : At(BiasAt + (long)layer * Width)),
            Columns = new(isThin ? At(isLast ? LastAt : FirstAt) : 0), Halves = isThin ? 0 : At(number * MatrixFloats), TransposedHalves = isThin ? 0 : At((2 * Products - 1 - number) * MatrixFloats),
        }, isThin ? Math.Max(shape.Outputs, Width) : Width * Width / 2);

        nint At(long floats) => prepared + (nint)(floats * sizeof(float));
    }

    /// <summary>A thread for two halves of a matrix; for a bias; of a thin layer, for all weights of a hidden column.</summary>
    static void Pack(Packing a)
    {
        const int Depth = GpuRowTile<TWidth>.Depth;
        int i = (int)Elements.Index;
        if (i < (a.IsLast != 0 ? a.Outputs : Width)) a.Biases[i] = a.Bias.IsEmpty || i >= a.Outputs ? 0f : a.Scale * a.Bias[i];
        if (!a.Columns.IsEmpty && i < Width)
            for (int j = 0; j < (a.IsLast != 0 ? a.Outputs : a.Inputs); j++) a.Columns[j * Width + i] = a.Scale * (a.IsLast != 0 ? a.At(j, i) : a.At(i, j));
        if (a.Halves == 0 || i >= Width * Width / 2) return;
        int n = i / (Depth / 2) % Width, k = i / (Width * Depth / 2) * Depth + i % (Depth / 2) * 2;
        Intrinsics.StoreUInt32(a.Halves + i * 4L, Intrinsics.PackHalves(a.Scale * a.At(n, k), a.Scale * a.At(n, k + 1)));
        Intrinsics.StoreUInt32(a.TransposedHalves + i * 4L, Intrinsics.PackHalves(a.At(k, n), a.At(k + 1, n)));
    }
}
