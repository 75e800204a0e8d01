using System.CommandLine;
using System.Runtime.InteropServices;
using InrFast.Cli.Output;
using InrFast.Kernels;
#if GPU
using InrFast.Kernels.Gpu;
#endif

namespace InrFast.Cli.Commands;

/// <summary>Lists what the engine can run on, and why not on the rest.</summary>
internal static class DevicesCommand
{
    public static Command Create()
    {
        var command = new Command("devices", "List what it can run on.");
        command.SetAction(parsed => Run(new Session(parsed)));
        return command;
    }

    private static int Run(Session session)
    {
        var processor = new DeviceDescription("cpu", Usable: true)
        {
            Model = ProcessorName(),
            Cores = Environment.ProcessorCount,
            VectorBits = CpuDevice.VectorBits,
            MemoryBytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
        };
        session.Result.Devices =
        [
            processor,
            .. Cards(),
        ];
        session.Write(session.Result.Devices.Select(Line));
        return session.Finish();
    }

#if GPU
    private static IEnumerable<DeviceDescription> Cards() =>
    [
        .. Found("cuda", "NVIDIA's driver finds no card", () => CudaDescription.All().Select(card => new DeviceDescription($"cuda:{card.Index}", card.Reason is null)
        {
            Model = card.Name,
            Reason = card.Reason,
            MemoryBytes = card.MemoryBytes,
            Multiprocessors = card.Multiprocessors,
            Capability = card.Capability.ToString(),
            Cuda = card.Cuda.ToString(),
        })),
        .. Found("opencl", "OpenCL's platforms have no device", () => OpenClDescription.All().Select(device => new DeviceDescription($"opencl:{device.Index}", device.Reason is null)
        {
            Model = $"{device.Name} ({device.Platform})",
            Reason = device.Reason,
            MemoryBytes = device.MemoryBytes,
            Multiprocessors = device.ComputeUnits,
            OpenCl = device.OpenCl.ToString(),
        })),
    ];

    private static List<DeviceDescription> Found(string kind, string none, Func<IEnumerable<DeviceDescription>> all)
    {
        try
        {
            var found = all().ToList();
            return found.Count > 0 ? found : [new(kind, Usable: false) { Reason = none }];
        }
        catch (DeviceException e)
        {
            return [new(kind, Usable: false) { Reason = e.Message }];
        }
    }
#else
    private static IEnumerable<DeviceDescription> Cards() => new[] { "cuda", "opencl" }.Select(kind => new DeviceDescription(kind, Usable: false) { Reason = DeviceChoice.NoGpu });
#endif

    private static string Line(DeviceDescription device) => $"{device.Name,-9}" + device switch
    {
        { Usable: false } => $"not usable: {device.Reason}",
        { Cores: not null } => $"{device.Model}, {device.Cores} cores, {device.VectorBits}-bit vectors, {device.MemoryBytes >> 30} GiB",
        { Capability: not null } => $"{device.Model}, {device.Multiprocessors} multiprocessors, compute capability {device.Capability}, {device.MemoryBytes >> 30} GiB, CUDA {device.Cuda}",
        _ => $"{device.Model}, {device.Multiprocessors} compute units, {device.MemoryBytes >> 30} GiB, OpenCL {device.OpenCl}",
    };

    private static string ProcessorName()
    {
        const string Key = "model name";
        var line = OperatingSystem.IsLinux() ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith(Key, StringComparison.Ordinal)) : null;
        return line?[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim()
            ?? Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? RuntimeInformation.ProcessArchitecture.ToString();
    }
}
