using System.Runtime.InteropServices;

namespace InrFast.Kernels;

/// <summary>A run of a device's memory. All numbers of an engine live in these; a kernel sees addresses only.</summary>
public abstract class DeviceMemory(nint address, long bytes) : IDisposable
{
    /// <summary>In the device's own address space.</summary>
    public nint Address { get; } = address;
    public long Bytes { get; } = bytes;

    public void Clear() => Clear(0, Bytes);
    public abstract void Clear(long byteOffset, long bytes);
    public abstract void Write<T>(ReadOnlySpan<T> from, long byteOffset = 0) where T : unmanaged;
    public abstract void Read<T>(Span<T> to, long byteOffset = 0) where T : unmanaged;
    protected abstract void Free();

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }
}

/// <summary>
/// Memory of the host: aligned to a page, cleared, with room after the end for the last register block's surplus. Large blocks come cleared from the
/// operating system and cost nothing until they are used. On Linux they are in pages of 2 MiB: a table's random entries miss the processor's list of small ones.
/// </summary>
public sealed unsafe partial class HostMemory : DeviceMemory
{
    const int Page = 4096, Surplus = 4096, HugePage = 1 << 21, AdviseHugePage = 14;
    void* allocation;

    public HostMemory(long bytes) : this(bytes, OperatingSystem.IsLinux() && bytes >= HugePage ? HugePage : Page) { }

    HostMemory(long bytes, int page) : this(NativeMemory.AllocZeroed((nuint)(bytes + page + Surplus)), bytes, page) { }

    HostMemory(void* allocation, long bytes, int page) : base(((nint)allocation + page - 1) & -page, bytes)
    {
        this.allocation = allocation;
        if (page == HugePage) _ = madvise(Address, (nint)bytes & -HugePage, AdviseHugePage); // a system without them says no, and nothing is lost
    }

    [LibraryImport("libc")]
    private static partial int madvise(nint address, nint length, int advice);

    public override void Clear(long byteOffset, long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(byteOffset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(byteOffset + bytes, Bytes, nameof(bytes));
        NativeMemory.Clear((byte*)Address + byteOffset, (nuint)bytes);
    }

    public override void Write<T>(ReadOnlySpan<T> from, long byteOffset) => from.CopyTo(Span<T>(byteOffset, from.Length));
    public override void Read<T>(Span<T> to, long byteOffset) => Span<T>(byteOffset, to.Length).CopyTo(to);

    Span<T> Span<T>(long byteOffset, int length) where T : unmanaged
    {
        ArgumentOutOfRangeException.ThrowIfNegative(byteOffset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(byteOffset + (long)length * sizeof(T), Bytes, nameof(length));
        return new((byte*)Address + byteOffset, length);
    }

    protected override void Free()
    {
        NativeMemory.Free(allocation);
        allocation = null;
    }

    ~HostMemory() => Free();
}
