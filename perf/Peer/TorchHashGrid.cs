using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace InrFast.Perf.Peer;

/// <summary>
/// The multiresolution hash grid (Müller et al. 2022) by libtorch's index operations: what one writes without tiny-cuda-nn.
/// Every level is hashed; linear interpolation; in 1 to 3 dimensions.
/// </summary>
sealed class TorchHashGrid
{
    static readonly long[] Primes = [1, 2654435761, 805459861];

    readonly float[] scales;
    readonly Tensor mask;
    readonly Parameter[] tables;

    /// <param name="scales">cells per unit of the coordinate, level by level</param>
    /// <param name="log2Entries">entries of each level's table, as a power of two</param>
    /// <param name="values">the tables, level after level, [entries][features]</param>
    public TorchHashGrid(float[] scales, int log2Entries, int features, float[] values)
    {
        long entries = 1L << log2Entries;
        this.scales = scales;
        mask = entries - 1;
        var all = tensor(values, [scales.Length, entries, features]);
        tables = [.. scales.Select((_, level) => new Parameter(all[level].clone()))];
    }

    public IReadOnlyList<Parameter> Tables => tables;

    /// <summary>x [rows, dimensions] in [0, 1) -> [rows, levels x features].</summary>
    public Tensor Encode(Tensor x) => cat([.. scales.Select((scale, level) => Level(x * scale, tables[level]))], 1);

    Tensor Level(Tensor x, Tensor table)
    {
        int dimensions = (int)x.shape[1];
        var cell = x.floor();
        var (corner, offset) = (cell.to_type(ScalarType.Int64), x - cell);
        // Hash terms and weights of the lower and upper corner along each axis.
        var terms = new Tensor[dimensions, 2];
        var factors = new Tensor[dimensions, 2];
        for (int axis = 0; axis < dimensions; axis++)
        {
            terms[axis, 0] = corner.select(1, axis) * Primes[axis];
            terms[axis, 1] = terms[axis, 0] + Primes[axis];
            factors[axis, 1] = offset.select(1, axis);
            factors[axis, 0] = 1 - factors[axis, 1];
        }
        Tensor? sum = null;
        for (int c = 0; c < 1 << dimensions; c++)
        {
            var (index, weight) = (terms[0, c & 1], factors[0, c & 1]);
            for (int axis = 1; axis < dimensions; axis++)
            {
                index = index.bitwise_xor(terms[axis, c >> axis & 1]);
                weight *= factors[axis, c >> axis & 1];
            }
            var value = table.index_select(0, index.bitwise_and(mask)) * weight.unsqueeze(1);
            sum = sum is null ? value : sum + value;
        }
        return sum!;
    }

    public void Forward(Tensor x)
    {
        using var none = no_grad();
        using var scope = NewDisposeScope();
        Encode(x);
    }

    /// <summary>Encodes, and takes the tables' gradients of the encoding's product with <paramref name="gradient"/>.</summary>
    public void ForwardBackward(Tensor x, Tensor gradient)
    {
        using var scope = NewDisposeScope();
        foreach (var table in tables) table.grad = null;
        Encode(x).backward([gradient]);
    }
}
