using System.Runtime.InteropServices;
using InrFast.Kernels;
using InrFast.Kernels.Vectors;

namespace InrFast.Tests;

/// <summary>A value in pinned memory. Padding rows and gaps hold NaN, padding columns zeros, as kernels may find them.</summary>
sealed class PinnedRows
{
    static readonly List<Array> alive = []; // a matrix is an address, which keeps nothing alive

    readonly float[] data;
    public Matrix Matrix { get; }

    public PinnedRows(int rows, int columns, int blocks = 1, int directions = 0, bool unset = false)
    {
        int capacity = Matrix.PadRows(rows), stride = Matrix.StrideOf(columns);
        data = Pin(new float[capacity * stride * blocks]);
        Array.Fill(data, float.NaN);
        Matrix = new(Address(data), rows, capacity, columns, blocks, directions);
        if (!unset)
            for (int b = 0; b < blocks; b++)
                for (int r = 0; r < rows; r++)
                    for (int c = 0; c < Padded; c++) this[b, r, c] = 0;
    }

    int Padded => Matrix.Columns <= Matrix.Packed ? Matrix.Columns : Matrix.PadColumns(Matrix.Columns);

    public ref float this[int block, int row, int column] => ref data[(block * Matrix.Capacity + row) * (int)Matrix.Stride + column];
    public ref float this[int row, int column] => ref this[0, row, column];

    public PinnedRows Fill(Random random, double low = -1, double high = 1)
    {
        for (int b = 0; b < Matrix.Blocks; b++)
            for (int r = 0; r < Matrix.Rows; r++)
                for (int c = 0; c < Matrix.Columns; c++) this[b, r, c] = (float)(low + (high - low) * random.NextDouble());
        return this;
    }

    /// <summary>All numbers, padding columns included, block by block and row by row.</summary>
    public float[] Numbers
    {
        get
        {
            var numbers = new float[Matrix.Blocks * Matrix.Rows * Padded];
            for (int b = 0, i = 0; b < Matrix.Blocks; b++)
                for (int r = 0; r < Matrix.Rows; r++)
                    for (int c = 0; c < Padded; c++, i++) numbers[i] = this[b, r, c];
            return numbers;
        }
    }

    public static T[] Pin<T>(T[] numbers) where T : unmanaged
    {
        var pinned = GC.AllocateArray<T>(numbers.Length, pinned: true);
        numbers.CopyTo(pinned, 0);
        alive.Add(pinned);
        return pinned;
    }

    public static nint Address<T>(T[] pinned) where T : unmanaged => Marshal.UnsafeAddrOfPinnedArrayElement(pinned, 0);

    public static readonly Device Reference = new ReferenceDevice();
    public static readonly Device[] Cpus = [new CpuDevice<F32x4>(), new CpuDevice<F32x8>(), new CpuDevice<F32x16>()];
}
