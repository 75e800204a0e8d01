using InrFast.Autodiff;
using InrFast.Imaging;
using InrFast.Kernels;
using InrFast.Models;
using InrFast.Tasks.Fitting;

namespace InrFast.Tests.Fitting;

/// <summary>A fit and all that it needs, on this machine's processor.</summary>
sealed class FitTrial : IDisposable
{
    readonly Workers workers;

    public FitTrial(Image image, FitOptions options, int threads = 2)
    {
        workers = new Workers(threads);
        try
        {
            Fit = new ImageFit(image, options, CpuDevice.Best, workers);
        }
        catch
        {
            workers.Dispose();
            throw;
        }
    }

    /// <summary>A SIREN that fits the waves in a second.</summary>
    public static FitOptions Small(int inputs, int outputs = 1, long iterations = 400) => new()
    {
        Network = new SirenSettings(inputs, outputs, Width: 24, HiddenLayers: 1, FirstOmega: 12), Iterations = iterations, LearningRate = 3e-3, Seed = 5,
    };

    public ImageFit Fit { get; }
    public FittedImage Model => Fit.Model;

    public FitResult Run() => Fit.Run();

    public byte[] Bytes() => Written(Model.Save);
    public byte[] Checkpoint() => Written(Fit.Save);

    public Image Render(Grid? grid = null) => Model.Render(grid ?? Model.Signal.Grid, CpuDevice.Best, workers);

    public Image RenderSaved()
    {
        using var loaded = FittedImage.Load(new MemoryStream(Bytes()), CpuDevice.Best);
        return loaded.Render(CpuDevice.Best, workers);
    }

    static byte[] Written(Action<Stream> write)
    {
        using var stream = new MemoryStream();
        write(stream);
        return stream.ToArray();
    }

    public void Dispose()
    {
        Fit.Dispose();
        Model.Dispose();
        workers.Dispose();
    }
}
