namespace InrFast.Kernels.Gpu;

/// <summary>
/// A card through the driver that serves it: its memory, the kernels loaded, and one queue on which everything runs in the order of the calls. Used by one thread at a time.
/// Every call that fails throws a <see cref="DeviceException"/>.
/// </summary>
public abstract unsafe class Card : IDisposable
{
    bool recording;

    /// <summary>cuda:0 (its name).</summary>
    public abstract string Name { get; }

    /// <summary>Whether kernels may ask for matrix units, warps, asynchronous copies and the shared memory of a launch.</summary>
    internal abstract bool HasMatrixUnits { get; }

    internal bool IsDisposed { get; private set; }

    /// <summary>Memory that holds anything.</summary>
    internal abstract nint Allocate(long bytes);

    /// <summary>After all that uses it.</summary>
    internal abstract void FreeMemory(nint address);

    /// <summary>The source may change at once.</summary>
    internal abstract void CopyToDevice(nint to, void* from, long bytes);

    /// <summary>Waits for it.</summary>
    internal abstract void CopyToHost(void* to, nint from, long bytes);

    internal abstract void Clear(nint address, long bytes);
    internal abstract void Synchronize();

    /// <summary>Compiles a kernel; what <see cref="Launch"/> knows it by.</summary>
    /// <param name="sharedBytes">Shared memory of a launch, beside what the kernel declares.</param>
    internal abstract nint Load(in Ptx kernel, int sharedBytes);

    /// <param name="argument">The kernel's struct; taken before this returns.</param>
    internal abstract void Launch(nint kernel, (uint X, uint Y, uint Z) grid, (uint X, uint Y) block, uint sharedBytes, void* argument);

    /// <summary>Whether a recording is being made: nothing else may be asked meanwhile.</summary>
    internal void EnterOutsideRecording()
    {
        if (recording) throw new InvalidOperationException("memory is read, written or allocated, or a recording replayed, while another is made");
        ObjectDisposedException.ThrowIf(IsDisposed, this);
    }

    /// <summary>Launches and clearings, to be replayed.</summary>
    internal Recording Record(Action enqueue)
    {
        EnterOutsideRecording();
        return Capture(() =>
        {
            recording = true;
            try
            {
                enqueue();
            }
            finally
            {
                recording = false;
            }
        });
    }

    /// <summary>What <paramref name="enqueue"/> enqueues.</summary>
    private protected abstract Recording Capture(Action enqueue);

    private protected abstract void Free();

    public void Dispose()
    {
        if (IsDisposed) return;
        Free();
        IsDisposed = true;
        GC.SuppressFinalize(this);
    }
}
