namespace InrFast.Kernels.Gpu;

/// <summary>An NVIDIA card: its primary context and one stream.</summary>
public sealed unsafe class CudaCard : Card
{
    readonly CudaDriver driver;
    readonly List<nint> modules = [];
    readonly int device;
    readonly nint context, stream;

    /// <summary>Throws <see cref="DeviceException"/> where there is no such card, or one older than the kernels are written for.</summary>
    public CudaCard(CudaDriver driver, int index)
    {
        this.driver = driver;
        int count = driver.DeviceCount;
        if (index < 0 || index >= count) throw new DeviceException(DeviceError.Unavailable, $"there is no card {index}: the driver finds {(count == 0 ? "none" : $"{count}, counted from 0")}");
        var description = CudaDescription.Of(driver, index);
        if (description.Reason is { } reason) throw new DeviceException(DeviceError.Unavailable, $"card {index}: {reason}");
        (device, Name) = (driver.Device(index), $"cuda:{index} ({description.Name})");
        context = driver.RetainContext(device);
        driver.SetContext(context);
        stream = driver.CreateStream();
    }

    /// <summary>The first card that can be used; null where there is none, or no driver that serves.</summary>
    public static CudaCard? First(Func<CudaDriver> open)
    {
        try
        {
            var driver = open();
            int index = Enumerable.Range(0, driver.DeviceCount).FirstOrDefault(index => CudaDescription.Of(driver, index).Reason is null, -1);
            return index < 0 ? null : new(driver, index);
        }
        catch (DeviceException e) when (e.Kind == DeviceError.Unavailable)
        {
            return null;
        }
    }

    public override string Name { get; }
    internal override bool HasMatrixUnits => true;

    /// <summary>Before each call of the driver: its current context belongs to a thread.</summary>
    CudaDriver Entered
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsDisposed, this);
            driver.SetContext(context);
            return driver;
        }
    }

    internal override nint Allocate(long bytes) => Entered.Allocate(bytes);
    internal override void FreeMemory(nint address) => Entered.FreeMemory(address);
    internal override void CopyToDevice(nint to, void* from, long bytes) => Entered.CopyToDevice(to, from, bytes, stream);

    internal override void CopyToHost(void* to, nint from, long bytes)
    {
        Entered.CopyToHost(to, from, bytes, stream);
        driver.Synchronize(stream);
    }

    internal override void Clear(nint address, long bytes) => Entered.Clear(address, bytes, stream);
    internal override void Synchronize() => Entered.Synchronize(stream);

    internal override nint Load(in Ptx kernel, int sharedBytes)
    {
        nint module = Entered.LoadModule(kernel.Text);
        modules.Add(module);
        nint function = driver.Function(module, kernel.Entry);
        driver.AllowShared(function, sharedBytes);
        return function;
    }

    internal override void Launch(nint kernel, (uint X, uint Y, uint Z) grid, (uint X, uint Y) block, uint sharedBytes, void* argument) =>
        Entered.Launch(kernel, grid, block, sharedBytes, stream, argument);

    /// <summary>A CUDA graph: one call of the driver for all kernels of a step.</summary>
    private protected override Recording Capture(Action enqueue)
    {
        Entered.BeginCapture(stream);
        nint graph;
        try
        {
            enqueue();
        }
        finally
        {
            graph = driver.EndCapture(stream);
        }
        nint executable = driver.Instantiate(graph);
        driver.DestroyGraph(graph);
        return new CudaRecording(this, executable);
    }

    internal void LaunchGraph(nint executable) => Entered.LaunchGraph(executable, stream);
    internal void DestroyExecutable(nint executable) => Entered.DestroyExecutable(executable);

    private protected override void Free()
    {
        foreach (nint module in modules) Entered.UnloadModule(module);
        Entered.DestroyStream(stream);
        driver.ReleaseContext(device);
    }
}
