namespace InrFast.Kernels.Gpu;

/// <summary>A CUDA graph: one call of the driver for all kernels of a step.</summary>
sealed class GpuRecording(GpuDevice device, nint executable) : Recording
{
    bool freed;

    public override void Replay()
    {
        ObjectDisposedException.ThrowIf(freed, this);
        device.EnterOutsideRecording();
        device.Driver.LaunchGraph(executable, device.Stream);
    }

    protected override void Free()
    {
        if (freed || device.IsDisposed) return;
        freed = true;
        device.Enter();
        device.Driver.DestroyExecutable(executable);
    }
}
