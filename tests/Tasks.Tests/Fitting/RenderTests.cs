using InrFast.Imaging;
using InrFast.Tasks.Fitting;

namespace InrFast.Tests.Fitting;

/// <summary>The world decides what is rendered where.</summary>
sealed class RenderTests
{
    static FitTrial Fitted(Image image)
    {
        var trial = new FitTrial(image, FitTrial.Small(image.Dimensions, iterations: 1200));
        trial.Run();
        return trial;
    }

    FitTrial Picture = null!, Volume = null!;

    [OneTimeSetUp]
    public void Fit() => (Picture, Volume) = (Fitted(AnalyticImages.Picture), Fitted(AnalyticImages.Volume));

    [OneTimeTearDown]
    public void Dispose()
    {
        Picture.Dispose();
        Volume.Dispose();
    }

    FitTrial Of(int dimensions) => dimensions == 2 ? Picture : Volume;

    [TestCase(2, 2.0)]
    [TestCase(2, 1.7)]
    [TestCase(2, 0.5)]
    [TestCase(3, 2.0)]
    [TestCase(3, 0.6)]
    public void Between_the_voxels_it_is_the_function(int dimensions, double factor)
    {
        var trial = Of(dimensions);
        var grid = trial.Model.Signal.Grid.Scaled(factor);
        var rendered = trial.Render(grid);
        Assert.That(rendered.Grid, Is.EqualTo(grid));
        Assert.That(AnalyticImages.Psnr(AnalyticImages.Of(grid, AnalyticImages.Waves), rendered), Is.GreaterThan(38));
    }

    [TestCase(2)]
    [TestCase(3)]
    public void A_grid_turned_about_its_centre_between_the_voxels_shows_the_function(int dimensions)
    {
        // Half the size, turned by 20 degrees in the plane: all of it lies in the field of view.
        var trial = Of(dimensions);
        var own = trial.Model.Signal.Grid;
        var (sine, cosine) = Math.SinCos(Math.PI / 9);
        var map = own.IndexToWorld;
        GridSize size = new(own.Size.X / 2, own.Size.Y / 2, (own.Size.Z + 1) / 2);
        var turned = new Affine(map.StepX * cosine + map.StepY * sine, map.StepY * cosine - map.StepX * sine, map.StepZ, default);
        var centre = map.Apply(new((own.Size.X - 1) / 2.0, (own.Size.Y - 1) / 2.0, (own.Size.Z - 1) / 2.0));
        var grid = new Grid(size, turned with { Origin = centre - turned.Apply(new((size.X - 1) / 2.0, (size.Y - 1) / 2.0, (size.Z - 1) / 2.0)) });
        Assert.That(AnalyticImages.Psnr(AnalyticImages.Of(grid, AnalyticImages.Waves), trial.Render(grid)), Is.GreaterThan(38));
    }

    [TestCase(2)]
    [TestCase(3)]
    public void The_same_places_in_another_order_have_the_same_values(int dimensions)
    {
        var trial = Of(dimensions);
        var own = trial.Model.Signal.Grid;
        var (size, map) = (own.Size, own.IndexToWorld);
        var original = trial.Render();
        var flipped = map with { StepX = map.StepX * -1, Origin = map.Apply(new(size.X - 1, 0, 0)) };
        Compare(new Grid(size, flipped), i => new(size.X - 1 - i.X, i.Y, i.Z));
        var transposed = map with { StepX = map.StepY, StepY = map.StepX };
        Compare(new Grid(new(size.Y, size.X, size.Z), transposed), i => new(i.Y, i.X, i.Z));
        var cut = map with { Origin = map.Apply(new(3, 2, 0)) };
        Compare(new Grid(new(size.X - 3, size.Y - 2, size.Z), cut), i => new(i.X + 3, i.Y + 2, i.Z));

        void Compare(Grid grid, Func<Vector3d, Vector3d> source)
        {
            var rendered = trial.Render(grid);
            var (low, high) = original.Range();
            for (int i = 0; i < rendered.Samples.Length; i++)
            {
                var from = source(AnalyticImages.IndexOf(grid.Size, i));
                float expected = original.Samples.Span[(int)(from.X + size.X * (from.Y + size.Y * from.Z))];
                Assert.That(rendered.Samples.Span[i], Is.EqualTo(expected).Within(1e-4 * (high - low)), $"voxel {i} of {grid}");
            }
        }
    }

    [Test]
    public void Unit_and_stored_scale_are_kept_on_any_grid()
    {
        var rendered = Picture.Render(Picture.Model.Signal.Grid.Scaled(3));
        Assert.That((rendered.Unit, rendered.Stored), Is.EqualTo(("HU", AnalyticImages.Picture.Stored)));
        Assert.That(rendered.Grid.Spacing.X, Is.EqualTo(0.5).Within(1e-9));
    }

    [Test]
    public void A_slice_is_not_rendered_as_a_volume() =>
        Assert.That(() => Picture.Render(Grid.Plain(4, 4, 2)), Throws.TypeOf<FitException>().With.Property("Kind").EqualTo(FitError.WrongUse));

    [Test]
    public void A_cancelled_rendering_ends()
    {
        using var cancel = new CancellationTokenSource();
        cancel.Cancel();
        using var workers = new Autodiff.Workers(1);
        Assert.That(() => Picture.Model.Render(Kernels.CpuDevice.Best, workers, cancel.Token), Throws.InstanceOf<OperationCanceledException>());
    }
}
