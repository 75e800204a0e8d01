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
        (Fixed, Moving, Initial) = (fixedFrame, movingFrame, initial);
        var (low, high) = fixedImage.Range();
        scale = 1.0 / (high - low);
        fixedValues = [.. fixedImage.Samples.ToArray().Select(value => (float)((value - (double)low) * scale))];
        MovingValues = [.. moving.Samples.ToArray().Select(value => (float)((value - (double)low) * scale))];
    }

    Pair(Pair other, float[] fixedValues, float[] movingValues) =>
        (Fixed, Moving, Initial, scale, this.fixedValues, MovingValues) = (other.Fixed, other.Moving, other.Initial, other.scale, fixedValues, movingValues);

    public Frame Fixed { get; }
    public Frame Moving { get; }
    public Affine Initial { get; }
    public float[] MovingValues { get; }

    /// <summary>Both blurred by a Gaussian of so many of the fixed image's coarsest spacings.</summary>
    public Pair Blurred(double deviation)
    {
        if (deviation == 0) return this;
        double millimetres = deviation * Spacings(Fixed).Max();
        return new(this, Blur(fixedValues, Fixed), Blur(MovingValues, Moving));

        float[] Blur(float[] values, Frame frame) => Smoothing.Gaussian(values, frame.Axes, [.. Spacings(frame).Select(step => millimetres / step)]);
    }

    static IEnumerable<double> Spacings(Frame frame) => frame.Axes.Select((_, k) => Frame.Component(frame.Grid.Spacing, k));

    /// <summary>The fixed image's coordinates and values at voxels in a new order each time, all or those of a mask.</summary>
    public (Value Coordinates, Value Values) Sample(Graph graph, Image? mask)
    {
        if (mask is null)
        {
            long count = Fixed.Voxels.Count;
            var all = new SampleVoxels<ShuffledSweep>(graph, Fixed.Voxels, _ => new ShuffledSweep(count), fixedValues);
            return (all.Coordinates, all.Values);
        }
        var inside = new List<uint>();
        for (int i = 0; i < mask.Samples.Length; i++)
            if (mask.Samples.Span[i] != 0) inside.Add((uint)i);
        ReadOnlyMemory<uint> list = inside.ToArray();
        var listed = new SampleVoxels<ListedSweep>(graph, Fixed.Voxels, binder => new ListedSweep(binder.Constant<uint>(list), list.Length), fixedValues);
        return (listed.Coordinates, listed.Values);
    }
}
