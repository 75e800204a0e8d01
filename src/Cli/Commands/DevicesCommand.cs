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
            new("opencl", Usable: false) { Reason = DeviceChoice.NoOpenCl },
        ];
        session.Write(session.Result.Devices.Select(Line));
        return session.Finish();
    }

#if GPU
    private static List<DeviceDescription> Cards()
    {
        try
        {
            var cards = GpuDescription.All().Select(card => new DeviceDescription($"cuda:{card.Index}", card.Reason is null)
            {
                Model = card.Name,
                Reason = card.Reason,
                MemoryBytes = card.MemoryBytes,
                Multiprocessors = card.Multiprocessors,
                Capability = card.Capability.ToString(),
                Cuda = card.Cuda.ToString(),
            }).ToList();
            return cards.Count > 0 ? cards : [new("cuda", Usable: false) { Reason = "NVIDIA's driver finds no card" }];
        }
        catch (DeviceException e)
        {
            return [new("cuda", Usable: false) { Reason = e.Message }];
        }
    }
#else
    private static DeviceDescription[] Cards() => [new("cuda", Usable: false) { Reason = DeviceChoice.NoGpu }];
#endif

    private static string Line(DeviceDescription device) => !device.Usable ? $"{device.Name,-8}not usable: {device.Reason}"
        : device.Capability is null ? $"{device.Name,-8}{device.Model}, {device.Cores} cores, {device.VectorBits}-bit vectors, {device.MemoryBytes >> 30} GiB"
        : $"{device.Name,-8}{device.Model}, {device.Multiprocessors} multiprocessors, compute capability {device.Capability}, {device.MemoryBytes >> 30} GiB, CUDA {device.Cuda}";

    private static string ProcessorName()
    {
        const string Key = "model name";
        var line = OperatingSystem.IsLinux() ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith(Key, StringComparison.Ordinal)) : null;
        return line?[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim()
            ?? Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? RuntimeInformation.ProcessArchitecture.ToString();
    }
}
