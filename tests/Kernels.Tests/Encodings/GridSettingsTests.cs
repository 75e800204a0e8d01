using InrFast.Kernels.Encodings;

namespace InrFast.Tests.Encodings;

public sealed class GridSettingsTests
{
    [Test]
    public void LevelsOfAnImageGoFromCoarseToFineInGeometricSteps()
    {
        var settings = GridSettings.ForImage([512, 256], 6, 2, 16, 1, 13);
        Assert.That(settings.Levels.Select(l => l.Nodes[0]), Is.EqualTo(new[] { 17, 33, 65, 129, 257, 513 }));
        Assert.That(settings.Levels.Select(l => l.Nodes[1]), Is.EqualTo(new[] { 9, 17, 33, 65, 129, 257 }));
        Assert.That(settings.Levels.Select(l => l.IsDense), Is.EqualTo(new[] { true, true, true, false, false, false }));
        Assert.That(settings.Levels.Select(l => l.Entries), Is.EqualTo(new[] { 153, 561, 2145, 8192, 8192, 8192 }));

        // The field's corner (-1, -1/2) lies at node 0, its centre in the middle.
        Assert.That(settings.Levels.Select(l => -1 * l.Scale + l.Origin[0]), Is.All.EqualTo(0).Within(1e-4));
        Assert.That(settings.Levels.Select(l => -0.5 * l.Scale + l.Origin[1]), Is.All.EqualTo(0).Within(1e-4));
        Assert.That(settings.Levels.Select(l => (double)l.Origin[0]), Is.EqualTo(new[] { 8.0, 16, 32, 64, 128, 256 }).Within(1e-4));
    }

    [Test]
    public void TablesLieOneAfterTheOtherAligned()
    {
        var settings = GridSettings.ForImage([100, 80, 60], 5, 4, 5, 0.7, 12);
        long end = 0;
        foreach (var level in settings.Levels)
        {
            Assert.That(level.Offset, Is.EqualTo((end + 15) / 16 * 16));
            end = level.Offset + (long)level.Entries * 4;
        }
        Assert.That(settings.TableFloats, Is.EqualTo((end + 15) / 16 * 16));
    }

    // instant-ngp's defaults: 16 levels, N_min 16, b 1.38191, so N_max 2048 (Müller 2022, table 1).
    [Test]
    public void LevelsOfACubeAreThoseOfThePaper()
    {
        var settings = GridSettings.ForCube(3, 16, 2, 16, 1.38191, 19);
        Assert.That(settings.Levels.Select(l => l.IsDense).Count(dense => dense), Is.EqualTo(5)); // 16, 22, 30, 42, 58 cells; 81³ is more than 2^19
        Assert.That(settings.Levels[15].Scale * 2 + 1, Is.EqualTo(2048).Within(1));
        foreach (var level in settings.Levels)
        {
            Assert.That(-level.Scale + level.Origin[0], Is.EqualTo(0.5).Within(1e-3));
            Assert.That(level.Nodes[0] - 1, Is.GreaterThanOrEqualTo(level.Scale + level.Origin[0]).And.LessThan(level.Scale + level.Origin[0] + 1));
        }
    }

    [Test]
    public void WhatIsOutsideItsRangeIsNamed()
    {
        Assert.That(() => GridSettings.ForImage([8, 8], 4, 3, 4, 1, 10), Throws.ArgumentException.With.Message.Contains("features, not 3"));
        Assert.That(() => GridSettings.ForImage([8, 8], 0, 2, 4, 1, 10), Throws.ArgumentException.With.Message.Contains("levels, not 0"));
        Assert.That(() => GridSettings.ForImage([8, 8, 8, 8, 8], 4, 2, 4, 1, 10), Throws.ArgumentException.With.Message.Contains("dimensions, not 5"));
        Assert.That(() => GridSettings.ForImage([8, 0], 4, 2, 4, 1, 10), Throws.ArgumentException.With.Message.Contains("voxel per axis, not 0"));
        Assert.That(() => GridSettings.ForImage([8, 8], 4, 2, 4, 1, 28), Throws.ArgumentException.With.Message.Contains("not 28"));
        Assert.That(() => GridSettings.ForImage([8, 8], 4, 2, double.NaN, 1, 10), Throws.ArgumentException.With.Message.Contains("positive resolutions"));
        Assert.That(() => GridSettings.ForCube(3, 16, 2, 1e9, 2, 10), Throws.ArgumentException.With.Message.Contains("nodes per axis"));
    }
}
