namespace InrFast.Kernels;

/// <summary>A sequence of kernels and clearings of one device, ready to be replayed.</summary>
public abstract class Recording : IDisposable
{
    public abstract void Replay();

    protected abstract void Free();

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }
}

/// <summary>Where nothing can be captured (a device that computes when it is called): the same calls again.</summary>
sealed class HostRecording(Action enqueue) : Recording
{
    public override void Replay() => enqueue();

    protected override void Free() { }
}
