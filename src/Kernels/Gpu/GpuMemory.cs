namespace InrFast.Kernels.Gpu;

/// <summary>Memory of a card. Copies and clearings are in order with its kernels; reading waits for all of them.</summary>
sealed unsafe class GpuMemory(Card card, nint address, long bytes) : DeviceMemory(address, bytes)
{
    bool freed;

    public override void Clear(long byteOffset, long count)
    {
        Check(byteOffset, count);
        if (count > 0) card.Clear(Address + (nint)byteOffset, count);
    }

    public override void Write<T>(ReadOnlySpan<T> from, long byteOffset)
    {
        long count = (long)from.Length * sizeof(T);
        Check(byteOffset, count);
        card.EnterOutsideRecording();
        fixed (T* source = from)
            if (count > 0) card.CopyToDevice(Address + (nint)byteOffset, source, count);
    }

    public override void Read<T>(Span<T> to, long byteOffset)
    {
        long count = (long)to.Length * sizeof(T);
        Check(byteOffset, count);
        card.EnterOutsideRecording();
        fixed (T* target = to)
            if (count > 0) card.CopyToHost(target, Address + (nint)byteOffset, count);
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
        if (!card.IsDisposed) card.FreeMemory(Address);
    }
}
