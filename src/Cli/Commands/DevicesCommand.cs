using System.CommandLine;
using System.Runtime.InteropServices;
using InrFast.Cli.Output;
using InrFast.Kernels;

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
            new("cuda", Usable: false) { Reason = DeviceChoice.NoCard },
            new("opencl", Usable: false) { Reason = DeviceChoice.NoCard },
        ];
        session.Write(session.Result.Devices.Select(Line));
        return session.Finish();
    }

    private static string Line(DeviceDescription device) => device.Usable
        ? $"{device.Name,-8}{device.Model}, {device.Cores} cores, {device.VectorBits}-bit vectors, {device.MemoryBytes >> 30} GiB"
        : $"{device.Name,-8}not usable: {device.Reason}";

    private static string ProcessorName()
    {
        const string Key = "model name";
        var line = OperatingSystem.IsLinux() ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith(Key, StringComparison.Ordinal)) : null;
        return line?[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim()
            ?? Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? RuntimeInformation.ProcessArchitecture.ToString();
    }
}
