using InrFast.Kernels.Encodings;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace InrFast.Perf.Peer;

/// <summary>
/// The multiresolution grid encoding (Müller et al. 2022) by libtorch's index operations: what one writes without tiny-cuda-nn.
/// The same function as ours, level by level as <see cref="GridSettings"/> says; linear interpolation, points within the field.
/// </summary>
sealed class TorchGrid
{
    static readonly long[] Primes = [1, 2654435761, 805459861, 3674653429];

    readonly GridSettings settings;
    readonly Tensor[] origins;
    readonly Tensor mask;
    readonly Parameter[] tables;

    /// <param name="values">settings.TableFloats numbers, a level's [entries][features] from its offset on</param>
    public TorchGrid(GridSettings settings, float[] values)
    {
        this.settings = settings;
        mask = (1L << settings.Log2TableSize) - 1;
        origins = [.. settings.Levels.Select(level => tensor(level.Origin.ToArray()))];
        tables = [.. settings.Levels.Select(level =>
            new Parameter(tensor(values.AsSpan((int)level.Offset, level.Entries * settings.Features).ToArray(), [level.Entries, settings.Features])))];
    }

    public IReadOnlyList<Parameter> Tables => tables;

    /// <summary>x [rows, dimensions] -> [rows, levels x features].</summary>
    public Tensor Encode(Tensor x) => cat([.. settings.Levels.Select((level, l) => Level(level, x * level.Scale + origins[l], tables[l]))], 1);

    Tensor Level(GridLevel level, Tensor x, Tensor table)
    {
        var cell = x.floor();
        var (corner, offset) = (cell.to_type(ScalarType.Int64), x - cell);
        // Of the lower and upper corner along each axis: its part of the index, and its weight.
        var terms = new Tensor[settings.Dimensions, 2];
        var factors = new Tensor[settings.Dimensions, 2];
        long stride = 1;
        for (int axis = 0; axis < settings.Dimensions; axis++)
        {
            long step = level.IsDense ? stride : Primes[axis];
            stride *= level.Nodes[axis];
            terms[axis, 0] = corner.select(1, axis) * step;
            terms[axis, 1] = terms[axis, 0] + step;
            factors[axis, 1] = offset.select(1, axis);
            factors[axis, 0] = 1 - factors[axis, 1];
        }
        Tensor? sum = null;
        for (int c = 0; c < 1 << settings.Dimensions; c++)
        {
            var (index, weight) = (terms[0, c & 1], factors[0, c & 1]);
            for (int axis = 1; axis < settings.Dimensions; axis++)
            {
                int side = c >> axis & 1;
                index = level.IsDense ? index + terms[axis, side] : index.bitwise_xor(terms[axis, side]);
                weight *= factors[axis, side];
            }
            if (!level.IsDense) index = index.bitwise_and(mask);
            var value = table.index_select(0, index) * weight.unsqueeze(1);
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

    /// <summary>Gradients of the tables of the encoding's mean squared distance from <paramref name="target"/>; returns that.</summary>
    public double ForwardBackward(Tensor x, Tensor target)
    {
        using var scope = NewDisposeScope();
        foreach (var table in tables) table.grad = null;
        var loss = nn.functional.mse_loss(Encode(x), target);
        loss.backward();
        return loss.ToDouble();
    }
}
