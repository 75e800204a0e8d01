namespace InrFast.Kernels.Gpu;

/// <summary>Floats at an address of the card, as a kernel sees them.</summary>
readonly struct GpuFloats(long address)
{
    readonly long address = address;

    public bool IsEmpty => address == 0;
    public long Address => address;
    public GpuFloats At(long index) => new(address + index * sizeof(float));

    public float this[long index]
    {
        get => Intrinsics.LoadSingle(address + index * sizeof(float));
        set => Intrinsics.StoreSingle(address + index * sizeof(float), value);
    }
}

/// <summary>A <see cref="Matrix"/> as a kernel sees it.</summary>
readonly struct GpuMatrix(in Matrix m)
{
    readonly long address = m.Data, blockStride = m.BlockStride;
    readonly int stride = (int)m.Stride;
    public readonly int Rows = m.Rows, Columns = m.Columns, Blocks = m.Blocks, Directions = m.Directions;

    public bool IsEmpty => address == 0;
    public bool IsSecondOrder => Blocks > 1 + Directions;

    /// <summary>Columns that a kernel writes: of a wide value its padding too.</summary>
    public int Width => Columns <= Matrix.Packed ? Columns : (Columns + 15) / 16 * 16;

    public float this[int block, int row, int column]
    {
        get => Intrinsics.LoadSingle(AddressOf(block, row, column));
        set => Intrinsics.StoreSingle(AddressOf(block, row, column), value);
    }

    long AddressOf(int block, int row, int column) => address + (block * blockStride + (long)row * stride + column) * sizeof(float);
}

/// <summary>Which numbers of a matrix a thread takes, one each: x along a row's written columns, y along rows, z along blocks.</summary>
static class Elements
{
    const int Threads = 256;

    public static void Launch<TArgument>(this GpuKernel<TArgument> kernel, in TArgument argument, in Matrix m, int blocks) where TArgument : struct
    {
        int width = m.Columns <= Matrix.Packed ? m.Columns : Matrix.PadColumns(m.Columns), x = 1;
        while (x < width && x < Threads) x *= 2;
        int y = Threads / x;
        kernel.Launch(argument, (((long)m.Rows + y - 1) / y, (width + x - 1) / x, blocks), (x, y));
    }

    public static int Row => ILGPU.Grid.IdxX * ILGPU.Group.DimY + ILGPU.Group.IdxY;
    public static int Column => ILGPU.Grid.IdxY * ILGPU.Group.DimX + ILGPU.Group.IdxX;
    public static int Block => ILGPU.Grid.IdxZ;

    /// <summary>The number of a thread in a launch along one axis.</summary>
    public static long Index => (long)ILGPU.Grid.IdxX * ILGPU.Group.DimX + ILGPU.Group.IdxX;
}
