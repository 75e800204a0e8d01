using InrFast.Kernels;
using InrFast.Kernels.Pointwise;

namespace InrFast.Tests;

public sealed class PointwiseTests
{
    static readonly Device Reference = new ReferenceDevice();

    /// <summary>Columns, and the blocks and directions of a jet.</summary>
    static readonly (int Columns, int Blocks, int Directions)[] Forms = [(1, 1, 0), (3, 1, 0), (21, 1, 0), (3, 4, 3), (18, 6, 2), (2, 10, 3)];
    const int Count = 24;

    /// <summary>The same calls on both devices; results must agree.</summary>
    static void Compare(Action<PointwiseKernels, Func<Rows?, Matrix>> call, double bound, params (string Name, Rows Result)[] results)
    {
        call(Gpu.Device.Pointwise, rows => rows?.OnCard ?? default);
        call(Reference.Pointwise, rows => rows?.OnHost ?? default);
        foreach (var (name, result) in results) result.MustAgree(bound, name);
    }

    [Test]
    public void SumsProductsAndCopies([ValueSource(nameof(Forms))] (int Columns, int Blocks, int Directions) form)
    {
        var random = new Random(1);
        Rows New(bool filled = false, int rows = Count) => new(rows, form.Columns, form.Blocks, form.Directions, filled ? random : null);
        using Rows a = New(true), b = New(true), sum = New(), scaled = New(), product = New(), copy = New(), da = New(), db = New(), cleared = New();
        using Rows constant = new(Count, form.Columns, random: random), jet = New(), byConstant = New(), dConstant = new(Count, form.Columns);
        Compare((k, m) =>
        {
            k.Add(m(a), m(b), m(sum));
            k.Scale(m(a), -1.5f, m(scaled));
            k.Copy(m(a), m(copy));
            k.Copy(m(constant), m(jet));
            k.Multiply(m(a), m(b), m(product));
            k.MultiplyBackward(m(sum), m(a), m(b), m(da), m(db));
            k.Multiply(m(a), m(constant), m(byConstant));
            k.MultiplyBackward(m(sum), m(a), m(constant), default, m(dConstant));
            k.Clear(m(cleared));
        }, 1e-6, ("sum", sum), ("scaled", scaled), ("copy", copy), ("constant as a jet", jet), ("product", product), ("da", da), ("db", db), ("product with a constant", byConstant),
            ("gradient of the constant", dConstant), ("cleared", cleared));
    }

    [Test]
    public void GroupsColumnsExpertsAndSeeds([Values(1, 3, 21)] int columns, [Values(1, 4)] int blocks)
    {
        var random = new Random(2);
        int directions = blocks - 1;
        Rows New(int rows, int width, bool filled) => new(rows, width, blocks, directions, filled ? random : null);
        using Rows x = New(Count, columns, true), sums = New(Count / 4, columns, false), spread = New(Count, columns, false), joined = New(Count, columns + 5, false), other = New(Count, 5, true);
        using Rows coordinates = new(Count, 2, random: random), placed = New(Count, 4 * columns, false), taken = New(Count, columns, false), seed = new(Count, 3, 10, 3), point = new(Count, 3, random: random);
        Compare((k, m) =>
        {
            k.GroupSum(m(x), 4, 0.25f, m(sums));
            k.GroupSpread(m(sums), 4, 2, m(spread));
            k.PadColumns(m(joined));
            k.CopyColumns(m(x), 0, m(joined), 0, columns);
            k.CopyColumns(m(other), 0, m(joined), columns, 5);
            k.PlaceByExpert(m(x), m(coordinates), 3, m(placed));
            k.TakeFromExpert(m(placed), m(coordinates), 3, m(taken));
            k.JetSeed(m(point), m(seed));
        }, 1e-6, ("sums", sums), ("spread", spread), ("joined", joined), ("placed", placed), ("taken", taken), ("seed", seed));
    }
}
