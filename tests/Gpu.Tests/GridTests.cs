using InrFast.Kernels;
using InrFast.Kernels.Encodings;

namespace InrFast.Tests;

/// <summary>The card's grids against the definition in double.</summary>
public sealed class GridTests
{
    static readonly Device Reference = new ReferenceDevice();

    /// <summary>Dense and hashed levels, all numbers of dimensions and features.</summary>
    static IEnumerable<TestCaseData> Settings()
    {
        GridSettings Of(int[] size, int levels, int features, int log2) => GridSettings.ForImage(size, levels, features, 3, 1, log2);
        yield return new TestCaseData(Of([40], 3, 2, 4)).SetName("{m}(one axis)");
        yield return new TestCaseData(Of([30, 24], 5, 2, 7)).SetName("{m}(an image)");
        yield return new TestCaseData(Of([12, 9, 10], 3, 4, 6)).SetName("{m}(a volume)");
        yield return new TestCaseData(Of([7, 6, 5, 4], 2, 1, 8)).SetName("{m}(a series of volumes)");
        yield return new TestCaseData(Of([30, 24], 3, 8, 6)).SetName("{m}(eight features)");
        yield return new TestCaseData(Of([30, 24], 4, 2, 6) with { Interpolation = Interpolation.Smoothstep }).SetName("{m}(smooth)");
        yield return new TestCaseData(Of([30, 24], 6, 2, 6) with { CoarseToFineSteps = 100 }).SetName("{m}(coarse to fine)");
    }

    [TestCaseSource(nameof(Settings))]
    public void EncodingAndGradientsAgreeWithTheDefinition(GridSettings settings) => Compare(settings, 1, 0);

    /// <summary>Jets along 1 to 3 directions, of first and second order.</summary>
    [Test]
    public void SoDoThoseOfJets([Values(1, 2, 3)] int dimensions, [Values] Interpolation interpolation, [Values(1, 2)] int order, [Values(2, 8)] int features)
    {
        int[] size = [.. new[] { 11, 9, 7 }.Take(dimensions)];
        Compare(GridSettings.ForImage(size, 2, features, 3, 1, 6) with { Interpolation = interpolation }, order == 1 ? 1 + dimensions : 1 + dimensions + dimensions * (dimensions + 1) / 2, dimensions);
    }

    static void Compare(GridSettings settings, int blocks, int directions)
    {
        int count = blocks == 1 ? 77 : 19;
        var random = new Random(5);
        float[] Numbers(long count) => [.. Enumerable.Range(0, (int)count).Select(_ => 2 * random.NextSingle() - 1)];
        GridKernels card = Gpu.Device.Grid(settings), host = Reference.Grid(settings);
        Rows New(int columns, bool filled = false) => new(count, columns, blocks, directions, filled ? random : null, -1.1, 1.1);
        using Rows x = New(settings.Dimensions, true), y = New(settings.Outputs), dy = New(settings.Outputs, true);
        using Rows dx = New(settings.Dimensions), planes = new(count, card.PlaneColumns, card.PlaneBlocks(blocks));
        using Run<float> tables = new(Numbers(settings.TableFloats)), gradient = new(Numbers(settings.TableFloats));
        using Run<Clock> clock = new([new Clock { Step = 55 }]);
        card.Forward(x.OnCard, tables.OnCard, clock.OnCard, y.OnCard);
        card.StoreGradient(dy.OnCard, planes.OnCard);
        card.BackwardInput(dy.OnCard, x.OnCard, tables.OnCard, clock.OnCard, dx.OnCard);
        host.Forward(x.OnHost, tables.OnHost, clock.OnHost, y.OnHost);
        host.StoreGradient(dy.OnHost, planes.OnHost);
        host.BackwardInput(dy.OnHost, x.OnHost, tables.OnHost, clock.OnHost, dx.OnHost);
        for (int level = 0; level < settings.Levels.Length; level++)
        {
            nint offset = (nint)(settings.Levels[level].Offset * sizeof(float));
            card.Scatter(level, x.OnCard, planes.OnCard, clock.OnCard, gradient.OnCard + offset);
            host.Scatter(level, x.OnHost, planes.OnHost, clock.OnHost, gradient.OnHost + offset);
        }
        y.MustAgree(blocks == 1 ? 2e-6 : 1e-5, "y");
        planes.MustAgree(1e-9, "planes");
        dx.MustAgree(blocks == 1 ? 5e-6 : 2e-5, "dx");
        Close.Check(gradient.Actual, gradient.Expected, blocks == 1 ? 2e-6 : 1e-5, "the tables' gradient"); // added to what was there
    }

    /// <summary>Whatever the order of the atomic additions: here, of the rows.</summary>
    [Test]
    public void TheGradientDoesNotDependOnTheOrderOfRows([Values(1e-30f, 1f, 1e30f)] float scale)
    {
        const int Count = 64;
        var settings = GridSettings.ForImage([16, 16], 1, 2, 4, 0.3, 8);
        var random = new Random(6);
        float[] points = [.. Enumerable.Range(0, 2 * Count).Select(_ => 2 * random.NextSingle() - 1)], gradients = [.. points.Select(_ => scale * (2 * random.NextSingle() - 1))];
        float[] Scattered(bool reversed)
        {
            // Rows of two numbers.
            float[] Ordered(float[] rows) => reversed ? [.. rows.Chunk(2).Reverse().SelectMany(row => row)] : rows;
            using Run<float> x = new(Ordered(points)), planes = new(Ordered(gradients)), table = new(new float[settings.TableFloats]);
            using Run<Clock> clock = new([default(Clock)]);
            var kernels = Gpu.Device.Grid(settings);
            kernels.Scatter(0, new(x.OnCard, Count, Count, 2), new(planes.OnCard, Count, Count, 2), clock.OnCard, table.OnCard);
            return table.Actual;
        }
        var forward = Scattered(false);
        Assert.That(forward.Max(Math.Abs), Is.GreaterThan(0.5f * scale));
        Assert.That(Scattered(true), Is.EqualTo(forward));
    }

    [Test]
    public void AGradientThatIsNoNumberIsNotHidden()
    {
        var settings = GridSettings.ForImage([16, 16], 1, 2, 4, 0.3, 8);
        using Run<float> x = new([0f, 0]), planes = new([1f, float.NaN]), table = new(new float[settings.TableFloats]);
        using Run<Clock> clock = new([default(Clock)]);
        Gpu.Device.Grid(settings).Scatter(0, new(x.OnCard, 1, 8, 2), new(planes.OnCard, 1, 8, 2), clock.OnCard, table.OnCard);
        Assert.That(table.Actual, Has.Some.NaN);
    }
}
