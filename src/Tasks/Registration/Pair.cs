using InrFast.Autodiff;
using InrFast.Autodiff.Operations;
using InrFast.Imaging;
using InrFast.Kernels.Sampling;

namespace InrFast.Tasks.Registration;

/// <summary>Two images and the map of the world between them, values scaled by the fixed image's range.</summary>
sealed class Pair
{
    readonly float[] fixedValues;
    readonly double scale;

    public Pair(Image fixedImage, Frame fixedFrame, Image moving, Frame movingFrame, Affine initial)
    {
        (Fixed, Moving, Initial, Times) = (fixedFrame, movingFrame, initial, moving.Times);
        var (low, high) = fixedImage.Range();
        scale = 1.0 / (high - low);
        fixedValues = [.. fixedImage.Samples.ToArray().Select(value => (float)((value - (double)low) * scale))];
        MovingValues = [.. moving.Samples.ToArray().Select(value => (float)((value - (double)low) * scale))];
    }

    Pair(Pair other, float[] fixedValues, float[] movingValues) =>
        (Fixed, Moving, Initial, Times, scale, this.fixedValues, MovingValues) = (other.Fixed, other.Moving, other.Initial, other.Times, other.scale, fixedValues, movingValues);

    public Frame Fixed { get; }
    public Frame Moving { get; }
    public Affine Initial { get; }

    /// <summary>Of the moving image.</summary>
    public int Times { get; }

    /// <summary>[time][voxel].</summary>
    public float[] MovingValues { get; }

    /// <summary>Both blurred by a Gaussian of so many of the fixed image's coarsest spacings.</summary>
    public Pair Blurred(double deviation)
    {
        if (deviation == 0) return this;
        double millimetres = deviation * Spacings(Fixed).Max();
        return new(this, Blur(fixedValues, Fixed), [.. MovingValues.Chunk(MovingValues.Length / Times).SelectMany(values => Blur(values, Moving))]);

        float[] Blur(float[] values, Frame frame) => Smoothing.Gaussian(values, frame.Axes, [.. Spacings(frame).Select(step => millimetres / step)]);
    }

    static IEnumerable<double> Spacings(Frame frame) => frame.Axes.Select((_, k) => Frame.Component(frame.Grid.Spacing, k));

    /// <summary>
    /// Points of the fixed image (of a series: at all times), all or those of a mask, in a new order each time: groups of so many voxels, or a patch around each voxel.
    /// </summary>
    public Samples Sample(Graph graph, Image? mask, int group, PatchShape patch)
    {
        var grid = Times > 1 ? Fixed.Voxels.AtTimes(Times) : Fixed.Voxels;
        if (mask is null) return Sample(graph, grid, _ => new ShuffledSweep(grid.Count), null, group, patch);
        var inside = new List<uint>();
        for (int time = 0; time < Times; time++)
            for (int i = 0; i < mask.Samples.Length; i++)
                if (mask.Samples.Span[i] != 0) inside.Add((uint)(i + (long)time * mask.Samples.Length));
        ReadOnlyMemory<uint> list = inside.ToArray();
        return Sample(graph, grid, binder => new ListedSweep(binder.Constant<uint>(list), list.Length), mask, group, patch);
    }

    Samples Sample<TOrder>(Graph graph, VoxelGrid grid, Func<Binder, TOrder> order, Image? mask, int group, PatchShape patch) where TOrder : struct, IVoxelOrder
    {
        var inputs = patch.Count == 1
            ? new SampleVoxels<TOrder>(graph, grid, order, group: group).Coordinates
            : new SampleVoxels<VoxelPatches<TOrder>>(graph, grid, binder => new(order(binder), grid, patch), group: group).Coordinates;
        var place = Times > 1 ? new Slice(inputs, 0, Fixed.Axes.Length).Output : inputs;
        // A patch reaches beyond the mask, whose value is then what its points count.
        return new(inputs, Times > 1 ? new Slice(inputs, Fixed.Axes.Length, 1).Output : null, At(fixedValues), patch.Count > 1 && mask is not null ? At(Masks.Inside(mask)) : null);

        Value At(ReadOnlyMemory<float> image) => new Interpolate<Linear>(place, Fixed.Voxels, image, 1, default).Output;
    }
}

/// <summary>Points of the fixed image as inputs of the network, the time among them; the image's values there, and what each counts; null: 1.</summary>
sealed record Samples(Value Inputs, Value? Time, Value Values, Value? Weights);

static class Masks
{
    /// <summary>1 where a mask is not 0.</summary>
    public static float[] Inside(Image mask) => [.. mask.Samples.ToArray().Select(value => value == 0 ? 0f : 1f)];
}
