using System.Runtime.InteropServices;
using System.Text;
using InrFast.Kernels.Gpu;

namespace InrFast.Tests;

/// <summary>OpenCL's questions about what is there, answered as a test wishes; nothing can be run.</summary>
static unsafe class FakeOpenCl
{
    const int Invalid = -30, NoPlatform = -1001, NoDevice = -1;

    public static uint Platforms { get; set; } = 1;
    public static uint Devices { get; set; } = 1;
    public static string Version { get; set; } = "OpenCL 3.0 test";
    public static string Extensions { get; set; } = "cl_khr_fp64 cl_khr_int64_base_atomics";

    /// <summary>Answers to clGetDeviceInfo, by its numbers.</summary>
    public static Dictionary<uint, ulong> Numbers { get; } = new()
    {
        [0x1002] = 8, [0x1004] = 256, [0x100D] = 64, [0x101F] = 1 << 30, [0x1023] = 32 << 10, [0x1027] = 1, [0x1028] = 1, [0x1032] = 63, [0x1053] = 1,
    };

    public static OpenClDriver Open() => new(name => name switch
    {
        "clGetPlatformIDs" => (nint)(delegate* unmanaged<uint, nint*, uint*, int>)&GetPlatforms,
        "clGetDeviceIDs" => (nint)(delegate* unmanaged<nint, ulong, uint, nint*, uint*, int>)&GetDevices,
        "clGetPlatformInfo" or "clGetDeviceInfo" => (nint)(delegate* unmanaged<nint, uint, nuint, void*, nuint*, int>)&GetInfo,
        _ => 1,
    });

    [UnmanagedCallersOnly] static int GetPlatforms(uint room, nint* platforms, uint* count) => Platforms == 0 ? NoPlatform : List(Platforms, room, platforms, count);
    [UnmanagedCallersOnly] static int GetDevices(nint platform, ulong type, uint room, nint* devices, uint* count) => Devices == 0 ? NoDevice : List(Devices, room, devices, count);

    static int List(uint there, uint room, nint* to, uint* count)
    {
        if (count is not null) *count = there;
        for (uint i = 0; i < room; i++) to[i] = (nint)(i + 1);
        return 0;
    }

    [UnmanagedCallersOnly]
    static int GetInfo(nint of, uint what, nuint room, void* to, nuint* bytes)
    {
        string? text = what switch { 0x902 => "Tests", 0x102B => "Answers", 0x102F => Version, 0x1030 => Extensions, _ => null };
        if (text is not null) Encoding.UTF8.GetBytes(text + '\0', new Span<byte>(to, (int)room));
        else if (Numbers.TryGetValue(what, out ulong number)) *(ulong*)to = number;
        else return Invalid;
        return 0;
    }
}
