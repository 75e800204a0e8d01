using InrFast.Kernels;
using InrFast.Kernels.Sampling;

namespace InrFast.Tests;

public sealed class InterpolationTests
{
    static readonly Device Reference = new ReferenceDevice();
    static readonly VoxelGrid[] Grids = [new([17]), new([9, 6], [1, 1.5]), new([6, 5, 4]), new VoxelGrid([4, 3, 3]).AtTimes(3)];

    static void Compare<TInterpolant>(VoxelGrid grid, TInterpolant interpolant, int channels) where TInterpolant : struct, IInterpolant
    {
        const int Count = 23;
        var random = new Random(4);
        float[] Numbers() => [.. Enumerable.Range(0, (int)grid.Count * channels).Select(_ => random.NextSingle())];
        using Run<float> image = new(Numbers()), gradient = new(Numbers());
        // Also outside the image, where it is constant.
        using Rows x = new(Count, grid.Axes, random: random, low: -1.3, high: 1.3), values = new(Count, channels), dValues = new(Count, channels, random: random), dx = new(Count, grid.Axes);
        foreach (bool onCard in new[] { true, false })
        {
            var kernels = (onCard ? Gpu.Device : Reference).Interpolation(grid, interpolant);
            Matrix Of(Rows rows) => onCard ? rows.OnCard : rows.OnHost;
            kernels.Forward(onCard ? image.OnCard : image.OnHost, Of(x), Of(values));
            kernels.Backward(Of(dValues), onCard ? image.OnCard : image.OnHost, Of(x), Of(dx));
            for (int time = 0; time < 2; time++) kernels.BackwardImage(Of(dValues), Of(x), onCard ? gradient.OnCard : gradient.OnHost); // adds
        }
        values.MustAgree(5e-6, "values");
        dx.MustAgree(1e-5, "slopes");
        Assert.That(gradient.Actual, Is.EqualTo(gradient.Expected).Within(1e-5), "the image's gradient");
    }

    [Test]
    public void ValuesAndSlopesAgreeWithTheDefinition([ValueSource(nameof(Grids))] VoxelGrid grid, [Values(1, 3, 6)] int channels)
    {
        Compare(grid, new Linear(), channels);
        Compare(grid, new Cubic(), channels);
    }
}
