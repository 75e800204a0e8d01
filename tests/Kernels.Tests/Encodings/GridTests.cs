using InrFast.Kernels;
using InrFast.Kernels.Encodings;
using InrFast.Kernels.Vectors;

namespace InrFast.Tests.Encodings;

public sealed class GridTests
{
    static readonly Device Reference = new ReferenceDevice();

    static IEnumerable<Device> Processors()
    {
        yield return new CpuDevice<F32x4>();
        if (F32x8.IsSupported) yield return new CpuDevice<F32x8>();
        if (F32x16.IsSupported) yield return new CpuDevice<F32x16>();
    }

    static IEnumerable<Device> Devices() => Processors().Prepend(Reference);

    /// <summary>All dimensions and features, smooth and not, all levels dense, all hashed, both.</summary>
    static IEnumerable<GridSettings> AllSettings() =>
        from dimensions in Enumerable.Range(1, 4)
        from features in new[] { 1, 2, 4, 8 }
        from interpolation in Enum.GetValues<Interpolation>()
        from log2 in new[] { 2, 6, 12 }
        select Small(dimensions, features, interpolation, log2);

    static GridSettings Small(int dimensions, int features, Interpolation interpolation, int log2 = 6) =>
        GridSettings.ForImage(new[] { 16, 11, 7, 5 }.AsSpan(0, dimensions), 3, features, 3, 0.5, log2) with { Interpolation = interpolation };

    [TestCaseSource(nameof(Processors))]
    public void AgreesWithTheDefinition(Device device)
    {
        var large = new GridSettings([new(400, [450, 450, 450], [900, 900, 900])], 4, 16); // a table that is prefetched
        foreach (var settings in AllSettings().Append(large))
        {
            using GridCase expected = new(settings, 77, 1), actual = new(settings, 77, 1);
            var (definition, kernels) = (Reference.Grid(settings), device.Grid(settings));
            foreach (var (each, by) in new[] { (expected, definition), (actual, kernels) })
            {
                each.Forward(by);
                each.Scatter(by);
                each.BackwardInput(by);
            }
            string name = $"{settings.Dimensions} dimensions, {settings.Features} features, {settings.Interpolation}, 2^{settings.Log2TableSize}";
            Assert.That(GridCase.Values(actual.Y), Is.EqualTo(GridCase.Values(expected.Y)).Within(2e-6), name);
            Assert.That(actual.TableGradient.Values, Is.EqualTo(expected.TableGradient.Values).Within(1e-5), name);
            Assert.That(GridCase.Values(actual.DX), Is.EqualTo(GridCase.Values(expected.DX)).Within(1e-5 * settings.Levels[^1].Scale), name);
            Assert.That(PaddingOf(actual.Y), Is.All.Zero, name);
        }
    }

    static IEnumerable<float> PaddingOf(Matrix y)
    {
        for (int r = 0; r < y.Rows && y.Columns > Matrix.Packed; r++)
            for (int c = y.Columns; c < Matrix.PadColumns(y.Columns); c++) yield return GridCase.At(y, 0, r, c);
    }

    [TestCaseSource(nameof(Devices))]
    public void ADenseLevelIsTheFirstAxisFastestAndLinearInBetween(Device device)
    {
        // Node values 10 x + 100 y, so anywhere within the field the interpolation is the same affine function.
        var settings = new GridSettings([new(2, [3, 2], [7, 5])], 1, 6);
        using var grid = new GridCase(settings, 20, 2);
        grid.Tables.Fill(i => i < 35 ? 10 * (i % 7) + 100 * (i / 7) : 0);
        grid.Forward(device.Grid(settings));
        for (int r = 0; r < 20; r++)
            Assert.That(GridCase.At(grid.Y, 0, r, 0), Is.EqualTo(10 * (2 * grid.Coordinate(0, r, 0) + 3) + 100 * (2 * grid.Coordinate(0, r, 1) + 2)).Within(1e-4));
    }

    [TestCaseSource(nameof(Devices))]
    public void SmoothstepIsItsFormula(Device device)
    {
        var settings = new GridSettings([new(1, [0], [2])], 1, 1) { Interpolation = Interpolation.Smoothstep };
        using var grid = new GridCase(settings, 5, 0);
        grid.Tables.Fill(i => i); // 0 at the lower node, 1 at the upper
        for (int r = 0; r < 5; r++) grid.Coordinate(0, r, 0) = r / 4f;
        grid.Forward(device.Grid(settings));
        Assert.That(GridCase.Values(grid.Y), Is.EqualTo(new[] { 0, 0.15625f, 0.5f, 0.84375f, 1 }));
    }

    // XOR of node times (1, 2654435761, 805459861, 3674653429), modulo the table: Müller 2022, equation 4; computed with Python's integers.
    [TestCase(new[] { 9, 11 }, 10, ExpectedResult = 658)]
    [TestCase(new[] { 3, 5, 7 }, 14, ExpectedResult = 1381)]
    [TestCase(new[] { 1, 2, 3, 4 }, 14, ExpectedResult = 15880)]
    public int AHashedLevelUsesThePublishedHash(int[] node, int log2)
    {
        var settings = new GridSettings([new(1, [.. new float[node.Length]], [.. node.Select(_ => 1000)])], 1, log2);
        var entries = new List<float>();
        foreach (var device in Devices())
        {
            using var grid = new GridCase(settings, 1, 0);
            grid.Tables.Fill(i => i);
            for (int k = 0; k < node.Length; k++) grid.Coordinate(0, 0, k) = node[k];
            grid.Forward(device.Grid(settings));
            entries.Add(GridCase.At(grid.Y, 0, 0, 0));
        }
        Assert.That(entries.Distinct().Count(), Is.EqualTo(1));
        return (int)entries[0];
    }

    [TestCaseSource(nameof(Devices))]
    public void NothingOutsideTheTablesIsTouchedWhateverTheCoordinates(Device device)
    {
        float[] strange = [float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, -float.MaxValue, 1e9f, -1e9f, 1.5f, -1.5f, 1, -1, float.Epsilon];
        foreach (var settings in AllSettings())
        {
            using var grid = new GridCase(settings, strange.Length * strange.Length, 3);
            for (int r = 0; r < grid.X.Rows; r++)
                for (int k = 0; k < settings.Dimensions; k++) grid.Coordinate(0, r, k) = strange[(k % 2 == 0 ? r : r / strange.Length) % strange.Length];
            var kernels = device.Grid(settings);
            grid.Forward(kernels);
            grid.Scatter(kernels);
            grid.BackwardInput(kernels);
            Assert.That(GridCase.Values(grid.Y).All(value => Math.Abs(value) < 1.00001));
            Assert.That(grid.TableGradient.Values.All(float.IsFinite));
            Assert.That(GridCase.Values(grid.DX).All(float.IsFinite));
        }
    }

    [TestCaseSource(nameof(Devices))]
    public void BeyondTheFieldTheBorderContinues(Device device)
    {
        foreach (int log2 in new[] { 12, 2 })
        {
            var settings = Small(2, 2, Interpolation.Linear, log2);
            using var grid = new GridCase(settings, 2, 4);
            (grid.Coordinate(0, 0, 0), grid.Coordinate(0, 0, 1), grid.Coordinate(0, 1, 0), grid.Coordinate(0, 1, 1)) = (-1, 0.1f, -5, 0.1f);
            var kernels = device.Grid(settings);
            grid.Forward(kernels);
            grid.BackwardInput(kernels);
            for (int c = 0; c < settings.Outputs; c++) Assert.That(GridCase.At(grid.Y, 0, 1, c), Is.EqualTo(GridCase.At(grid.Y, 0, 0, c)));
            Assert.That(GridCase.At(grid.DX, 0, 1, 0), Is.Zero);
            Assert.That(GridCase.At(grid.DX, 0, 1, 1), Is.Not.Zero);
        }
    }

    [TestCaseSource(nameof(Devices))]
    public void LevelsJoinOneAfterTheOther(Device device)
    {
        var settings = GridSettings.ForImage([32, 32], 6, 2, 4, 1, 8) with { CoarseToFineSteps = 100 };
        var active = new List<int>();
        foreach (long step in new long[] { 0, 24, 25, 99, 100, 1000 })
        {
            using var grid = new GridCase(settings, 9, 5) { Clock = new() { Step = step } };
            var kernels = device.Grid(settings);
            grid.Forward(kernels);
            grid.Scatter(kernels);
            active.Add(Enumerable.Range(0, 6).Count(l => Enumerable.Range(0, 9).Any(r => GridCase.At(grid.Y, 0, r, 2 * l) != 0)));
            int trained = settings.Levels.Count(l => grid.TableGradient.Values.AsSpan((int)l.Offset, l.Entries * 2).ContainsAnyExcept(0f));
            Assert.That(trained, Is.EqualTo(active[^1]));
        }
        Assert.That(active, Is.EqualTo(new[] { 2, 2, 3, 5, 6, 6 }));
    }

    [TestCaseSource(nameof(Processors))]
    public unsafe void TilesAndTheWholeBatchGiveTheSameBits(Device device)
    {
        var settings = Small(3, 4, Interpolation.Smoothstep);
        using GridCase whole = new(settings, 200, 6), tiled = new(settings, 200, 6);
        var kernels = device.Grid(settings);
        whole.Forward(kernels);
        whole.Scatter(kernels);
        for (int first = 0; first < 200; first += 40)
        {
            Matrix Tile(in Matrix m) => new(m.Data + (nint)first * m.Stride * sizeof(float), 40, m.Capacity, m.Columns, m.Blocks);
            kernels.Forward(Tile(tiled.X), tiled.Tables.Address, 0, Tile(tiled.Y));
            kernels.StoreGradient(Tile(tiled.DY), Tile(tiled.Planes));
        }
        for (int l = settings.Levels.Length - 1; l >= 0; l--)
            kernels.Scatter(l, tiled.X, tiled.Planes, 0, (nint)(tiled.TableGradient.Data + settings.Levels[l].Offset));
        Assert.That(GridCase.Values(tiled.Y), Is.EqualTo(GridCase.Values(whole.Y)));
        Assert.That(tiled.TableGradient.Values, Is.EqualTo(whole.TableGradient.Values));
    }

    /// <summary>The encoding is linear in its tables, so scattering is exactly its transpose: the sum of gradient times table is the sum of y times dy.</summary>
    [Test]
    public void ScatteringIsTheTransposeOfTheForward([ValueSource(nameof(Devices))] Device device, [Values(0, 1, 2)] int order)
    {
        foreach (var settings in AllSettings())
        {
            using var grid = New(settings, 30, order);
            var kernels = device.Grid(settings);
            double loss = grid.Loss(kernels);
            grid.Scatter(kernels);
            Assert.That(GridCase.Dot(grid.TableGradient.Values, grid.Tables.Values), Is.EqualTo(loss).Within(1e-4 * (1 + Math.Abs(loss))));
        }
    }

    static GridCase New(GridSettings settings, int rows, int order) => new(settings, rows, 7, order == 0 ? 1 : order == 1 ? 3 : 6, order == 0 ? 0 : 2);

    /// <summary>Moves every point into the middle part of its cells, so that a small step crosses no node.</summary>
    static void AvoidNodes(GridCase grid)
    {
        var random = new Random(8);
        for (int r = 0; r < grid.X.Rows; r++)
            for (int k = 0; k < grid.Settings.Dimensions; k++)
                while (grid.Settings.Levels.Any(l => Distance(grid.Coordinate(0, r, k) * l.Scale + l.Origin[k], l.Nodes[k] - 1) < 0.02))
                    grid.Coordinate(0, r, k) = 2 * random.NextSingle() - 1;

        static double Distance(double p, double top) => p < 0 || p > top ? Math.Min(Math.Abs(p), Math.Abs(p - top)) : Math.Abs(p - Math.Round(p));
    }

    const float H = 1f / 1024;

    [Test]
    public void TangentsAreDifferenceQuotients([ValueSource(nameof(Devices))] Device device, [Values] Interpolation interpolation, [Values(1, 2, 3, 4)] int dimensions)
    {
        var settings = Small(dimensions, 2, interpolation);
        var kernels = device.Grid(settings);
        using GridCase at = New(settings, 30, 2), moved = New(settings, 30, 2);
        AvoidNodes(at);
        at.Forward(kernels);
        var jet = GridCase.Values(at.Y);
        int block = jet.Length / 6;

        // Along direction i the point moves by t_i and its tangents by t_ij; blocks 1 + i differentiate block 0, and block (i, j) block 1 + j.
        for (int i = 0, b = 3; i < 2; i++)
        {
            var (above, below) = (Along(i, H), Along(i, -H));
            double[] Quotient(int of) => [.. Enumerable.Range(of * block, block).Select(k => ((double)above[k] - below[k]) / (2 * H))];
            Assert.That(Quotient(0), Is.EqualTo(jet[((1 + i) * block)..((2 + i) * block)]).Within(2e-3));
            for (int j = i; j < 2; j++, b++) Assert.That(Quotient(1 + j), Is.EqualTo(jet[(b * block)..((b + 1) * block)]).Within(2e-2));
        }

        float[] Along(int i, float h)
        {
            for (int r = 0; r < 30; r++)
                for (int k = 0; k < dimensions; k++)
                {
                    moved.Coordinate(0, r, k) = at.Coordinate(0, r, k) + h * at.Coordinate(1 + i, r, k);
                    for (int j = 0; j < 2; j++) moved.Coordinate(1 + j, r, k) = at.Coordinate(1 + j, r, k) + h * at.Coordinate(3 + i + j, r, k);
                }
            moved.Forward(kernels);
            return GridCase.Values(moved.Y);
        }
    }

    [Test]
    public void InputGradientsAreDifferenceQuotients([ValueSource(nameof(Devices))] Device device, [Values] Interpolation interpolation, [Values(1, 2, 3, 4)] int dimensions, [Values(0, 1, 2)] int order)
    {
        var settings = Small(dimensions, 2, interpolation);
        var kernels = device.Grid(settings);
        using var grid = New(settings, 6, order);
        AvoidNodes(grid);
        grid.BackwardInput(kernels);
        for (int b = 0; b < grid.X.Blocks; b++)
            for (int r = 0; r < 6; r++)
                for (int k = 0; k < dimensions; k++)
                {
                    float x = grid.Coordinate(b, r, k), above = x + H, below = x - H;
                    grid.Coordinate(b, r, k) = above;
                    double high = grid.Loss(kernels);
                    grid.Coordinate(b, r, k) = below;
                    double low = grid.Loss(kernels);
                    grid.Coordinate(b, r, k) = x;
                    double expected = (high - low) / ((double)above - below), actual = GridCase.At(grid.DX, b, r, k);
                    Assert.That(actual, Is.EqualTo(expected).Within(5e-3 * (1 + Math.Abs(expected))), $"block {b}, row {r}, axis {k}");
                }
    }
}
