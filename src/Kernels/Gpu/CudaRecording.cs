namespace InrFast.Kernels.Gpu;

/// <summary>A CUDA graph: one call of the driver for all kernels of a step.</summary>
sealed class CudaRecording(CudaCard card, nint executable) : Recording
{
    bool freed;

    public override void Replay()
    {
        ObjectDisposedException.ThrowIf(freed, this);
        card.EnterOutsideRecording();
        card.LaunchGraph(executable);
    }

    protected override void Free()
    {
        if (freed || card.IsDisposed) return;
        freed = true;
        card.DestroyExecutable(executable);
    }
}
