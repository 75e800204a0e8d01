using InrFast.Autodiff;
using InrFast.Kernels;
using InrFast.Models;
using InrFast.Tasks.Fitting;

namespace InrFast.Tests.Fitting;

sealed class FittedImageTests
{
    [Test]
    public void A_damaged_model_is_refused_or_whole()
    {
        using var trial = new FitTrial(AnalyticImages.Volume, FitTrial.Small(3, iterations: 2));
        trial.Run();
        Assert.That(Mutations.Refused(trial.Bytes(), 600, bytes => FittedImage.Load(new MemoryStream(bytes), CpuDevice.Best).Dispose()), Is.GreaterThan(300));
    }

    [Test]
    public void A_grid_model_that_is_damaged_is_refused_or_whole()
    {
        using var trial = new FitTrial(AnalyticImages.Picture, new() { Iterations = 2 });
        trial.Run();
        Assert.That(Mutations.Refused(trial.Bytes(), 300, bytes => FittedImage.Load(new MemoryStream(bytes), CpuDevice.Best).Dispose()), Is.GreaterThan(150));
    }

    [Test]
    public void A_model_of_another_task_is_no_image()
    {
        var settings = new SirenSettings(2, 1, 8, 1);
        var graph = new Graph();
        var network = settings.Build(graph);
        using var store = new ParameterStore(CpuDevice.Best, graph);
        network.Initialize(store, 1);
        using var stream = new MemoryStream();
        ModelFile.Write(stream, settings, network, store);
        stream.Position = 0;
        Assert.That(() => FittedImage.Load(stream, CpuDevice.Best), Throws.TypeOf<ModelFileException>().With.Message.Contains("no image"));
    }
}
