namespace InrFast.Imaging;

/// <summary>What reading one image may cost. Every size that a file declares goes through here before anything is allocated for it.</summary>
public sealed record ReadLimits(long MaxBytes)
{
    /// <summary>The memory of this machine (or of the container it runs in).</summary>
    public static ReadLimits Default { get; } = new(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);

    /// <summary>A number of bytes for people.</summary>
    public static string Text(Int128 bytes) => bytes < 1 << 10 ? $"{bytes} bytes" : bytes < 1 << 20 ? $"{bytes >> 10} KiB" : $"{bytes >> 20} MiB";

    /// <summary>Checks a declared size and returns its number of samples.</summary>
    /// <param name="name">The file, for the message.</param>
    /// <exception cref="ImagingException">Malformed: an axis is empty or negative. LimitExceeded: too large.</exception>
    internal int CountSamples(string name, params ReadOnlySpan<long> axes)
    {
        Int128 count = 1;
        foreach (var axis in axes)
        {
            if (axis <= 0)
            {
                throw new ImagingException(ImagingError.Malformed, $"{name}: the image is empty (size {string.Join(" x ", axes.ToArray())}); give one with at least one voxel");
            }
            count = Int128.Min(count * axis, long.MaxValue);
        }
        var bytes = count * sizeof(float);
        if (bytes > MaxBytes || count > Array.MaxLength)
        {
            throw new ImagingException(ImagingError.LimitExceeded,
                $"{name}: an image of {string.Join(" x ", axes.ToArray())} needs {Text(bytes)} and {Text(Math.Min(MaxBytes, (long)Array.MaxLength * sizeof(float)))} are allowed; raise the limit or give a smaller image");
        }
        return (int)count;
    }
}
