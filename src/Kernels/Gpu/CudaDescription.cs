namespace InrFast.Kernels.Gpu;

/// <summary>An NVIDIA card as the driver describes it.</summary>
/// <param name="Reason">Why it cannot be used; null: it can.</param>
public sealed record CudaDescription(int Index, string Name, long MemoryBytes, Version Capability, int Multiprocessors, Version Cuda, string? Reason)
{
    const int CapabilityMajor = 75, CapabilityMinor = 76, MultiprocessorCount = 16;

    /// <summary>NVIDIA's Ampere: matrix units, asynchronous copies.</summary>
    static readonly Version Oldest = new(8, 0);

    internal static CudaDescription Of(CudaDriver driver, int index)
    {
        int device = driver.Device(index);
        var capability = new Version(driver.AttributeOf(device, CapabilityMajor), driver.AttributeOf(device, CapabilityMinor));
        return new(index, driver.NameOf(device), driver.MemoryOf(device), capability, driver.AttributeOf(device, MultiprocessorCount), driver.Version,
            capability >= Oldest ? null : $"compute capability {capability}; {Oldest} or later is needed");
    }

    /// <summary>All cards of this machine. Throws <see cref="DeviceException"/> with the reason why there can be none.</summary>
    public static IReadOnlyList<CudaDescription> All()
    {
        var driver = CudaDriver.Open();
        return [.. Enumerable.Range(0, driver.DeviceCount).Select(index => Of(driver, index))];
    }
}
