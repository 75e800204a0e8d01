namespace InrFast.Kernels.Gpu;

/// <summary>Memory of a card. Copies and clearings go through the card's stream, in order with its kernels; reading waits for all of them.</summary>
sealed unsafe class GpuMemory(GpuDevice device, nint address, long bytes) : DeviceMemory(address, bytes)
{
    bool freed;

    public override void Clear(long byteOffset, long count)
    {
        Check(byteOffset, count);
        device.Enter();
        if (count > 0) device.Driver.Clear(Address + (nint)byteOffset, count, device.Stream);
    }

    public override void Write<T>(ReadOnlySpan<T> from, long byteOffset)
    {
        long count = (long)from.Length * sizeof(T);
        Check(byteOffset, count);
        device.EnterOutsideRecording();
        fixed (T* source = from)
            if (count > 0) device.Driver.CopyToDevice(Address + (nint)byteOffset, source, count, device.Stream);
    }

    public override void Read<T>(Span<T> to, long byteOffset)
    {
        long count = (long)to.Length * sizeof(T);
        Check(byteOffset, count);
        device.EnterOutsideRecording();
        fixed (T* target = to)
            if (count > 0) device.Driver.CopyToHost(target, Address + (nint)byteOffset, count, device.Stream);
        device.Driver.Synchronize(device.Stream);
    }

    void Check(long byteOffset, long count)
    {
        ObjectDisposedException.ThrowIf(freed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(byteOffset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(byteOffset + count, Bytes, nameof(count));
    }

    protected override void Free()
    {
        if (freed) return;
        freed = true;
        device.Release(Address);
    }
}
