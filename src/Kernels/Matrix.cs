using System.Runtime.CompilerServices;

namespace InrFast.Kernels;

/// <summary>
/// Rows of one value on a device: <see cref="Blocks"/> blocks of <see cref="Rows"/> rows, <see cref="Capacity"/> rows apart.
/// <see cref="Data"/> is an address in the device's own memory. Rows up to Capacity may be read and written (their content is never
/// used): kernels work on whole register blocks, and only sums over rows stop at Rows. Up to <see cref="Packed"/> columns are packed
/// (stride = columns); wider values have a padded stride, and their columns up to the next multiple of 16 are zero, always.
/// </summary>
/// <param name="data">Address of the first row of the first block; 0: there is no matrix.</param>
/// <param name="directions">Of a jet: how many directions its tangents have. Block 0 is the value, 1 + i the derivative along
/// direction i, then (second order) the derivatives along i and j, j not below i, row by row.</param>
public readonly struct Matrix(nint data, int rows, int capacity, int columns, int blocks = 1, int directions = 0)
{
    /// <summary>The widest value whose rows are packed.</summary>
    public const int Packed = 4;

    public readonly nint Data = data;
    public readonly int Rows = rows, Capacity = capacity, Columns = columns, Blocks = blocks, Directions = directions;
    public readonly nint Stride = StrideOf(columns);

    public bool IsEmpty => Data == 0;

    /// <summary>True where second derivatives travel too.</summary>
    public bool IsSecondOrder => Blocks > 1 + Directions;

    /// <summary>Floats from one block to the next.</summary>
    public nint BlockStride => Capacity * Stride;

    /// <summary>One block as a plain matrix.</summary>
    public Matrix BlockAt(int block) => new(Data + block * BlockStride * sizeof(float), Rows, Capacity, Columns);

    /// <summary>Floats from row to row: one vector more than the padded columns, so that rows of a power of two do not share cache sets.</summary>
    public static int StrideOf(int columns) => columns <= Packed ? columns : PadColumns(columns) + 16;

    public static int PadColumns(int columns) => (columns + 15) / 16 * 16;

    /// <summary>Rows that must exist in memory for so many rows in use.</summary>
    public static int PadRows(long rows) => checked((int)((rows + 7) / 8 * 8));
}

/// <summary>A CPU's view of a matrix.</summary>
static unsafe class HostMatrix
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float* Row(this in Matrix m, int row) => (float*)m.Data + row * m.Stride;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float* Block(this in Matrix m, int block) => (float*)m.Data + block * m.BlockStride;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float* Row(this in Matrix m, int block, int row) => (float*)m.Data + block * m.BlockStride + row * m.Stride;
}

/// <summary>A trained matrix, or its gradient, in device memory: element (row, column) lies RowStride * row + ColumnStride * column floats from Data.</summary>
public readonly record struct ParameterView(nint Data, int Rows, int Columns, int RowStride, int ColumnStride)
{
    public bool IsEmpty => Data == 0;
}
