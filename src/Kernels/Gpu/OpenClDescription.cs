using System.Globalization;
using System.Text.RegularExpressions;

namespace InrFast.Kernels.Gpu;

/// <summary>A device of OpenCL as its driver describes it.</summary>
/// <param name="OpenCl">The version that it serves.</param>
/// <param name="Reason">Why it cannot be used; null: it can.</param>
public sealed partial record OpenClDescription(int Index, string Name, string Platform, long MemoryBytes, int ComputeUnits, Version OpenCl, string? Reason)
{
    const uint ComputeUnitsOf = 0x1002, WorkGroupSize = 0x1004, AddressBits = 0x100D, SingleCapabilities = 0x101B, MemorySize = 0x101F, LocalMemory = 0x1023, IsAvailable = 0x1027, HasCompiler = 0x1028,
        NameOf = 0x102B, VersionOf = 0x102F, ExtensionsOf = 0x1030, DoubleCapabilities = 0x1032, SharedMemory = 0x1053;

    /// <summary>What the kernels are written for: blocks of so many threads, with so much memory that they share.</summary>
    const int Threads = 256, SharedBytes = 32 << 10;

    /// <summary>Shared virtual memory: what kernels are given are addresses.</summary>
    static readonly Version Oldest = new(2, 0);

    internal static OpenClDescription Of(OpenClDriver driver, int index)
    {
        var (platform, device) = driver.Devices[index];
        ulong Number(uint what) => driver.NumberOf(device, what);
        string[] extensions = driver.TextOf(device, ExtensionsOf).Split(' ');
        var version = VersionNumber().Match(driver.TextOf(device, VersionOf)) is { Success: true } match
            ? new Version(int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture), int.Parse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture)) : new(1, 0);
        string? reason = Number(IsAvailable) == 0 ? "the driver says that it is not available"
            : Number(HasCompiler) == 0 ? "its driver has no compiler"
            : Number(AddressBits) != 64 ? $"its addresses have {Number(AddressBits)} bits; 64 are needed"
            : version < Oldest ? $"it serves OpenCL {version}; {Oldest} or later is needed, for shared virtual memory"
            : (Number(SharedMemory) & 1) == 0 ? "it has no shared virtual memory (coarse-grained)"
            : Number(DoubleCapabilities) == 0 ? "it has no double precision (cl_khr_fp64)"
            : !extensions.Contains("cl_khr_int64_base_atomics") ? "it has no atomic sums of 64 bits (cl_khr_int64_base_atomics)"
            : Number(WorkGroupSize) < Threads ? $"its work-groups hold {Number(WorkGroupSize)} work-items; {Threads} are needed"
            : Number(LocalMemory) < SharedBytes ? $"its work-groups share {Number(LocalMemory)} bytes of memory; {SharedBytes} are needed"
            : null;
        return new(index, driver.TextOf(device, NameOf), platform, (long)Number(MemorySize), (int)Number(ComputeUnitsOf), version, reason);
    }

    /// <summary>Whether it can be asked to divide and to take roots as IEEE 754 does.</summary>
    internal static bool RoundsCorrectly(OpenClDriver driver, nint device) => (driver.NumberOf(device, SingleCapabilities) & 1 << 7) != 0;

    /// <summary>All devices of this machine. Throws <see cref="DeviceException"/> with the reason why there can be none.</summary>
    public static IReadOnlyList<OpenClDescription> All()
    {
        var driver = OpenClDriver.Open();
        return [.. Enumerable.Range(0, driver.Devices.Count).Select(index => Of(driver, index))];
    }

    [GeneratedRegex(@"^OpenCL (\d+)\.(\d+)")] private static partial Regex VersionNumber();
}
