using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace InrFast.Cli.Output;

/// <summary>
/// The result of a command for programs (--json): one object; what a command does not have is left out. A PSNR of equal images is the text
/// "Infinity", since JSON has no such number.
/// </summary>
internal sealed class CommandResult
{
    public required string Command { get; init; }

    public required string Version { get; init; }

    public string? Device { get; set; }

    public int? Threads { get; set; }

    public ulong? Seed { get; set; }

    public List<ImageDescription> Input { get; } = [];

    public List<KSpaceDescription>? KSpace { get; set; }

    /// <summary>What a folder or a DICOMDIR holds.</summary>
    public List<SeriesDescription>? Series { get; set; }

    public string? Output { get; set; }

    public string? Method { get; set; }

    /// <summary>What a model file says of itself.</summary>
    public IReadOnlyDictionary<string, string>? Model { get; set; }

    /// <summary>How many numbers the model has.</summary>
    public long? Parameters { get; set; }

    public long? Iterations { get; set; }

    public Durations Seconds { get; } = new();

    public double? RowsPerSecond { get; set; }

    public long PeakMemoryBytes { get; set; }

    public double? Loss { get; set; }

    /// <summary>By name: psnr, ssim, nrmse, dice, ... whatever applies.</summary>
    public Dictionary<string, double>? Metrics { get; set; }

    public ProgressHistory? History { get; set; }

    public List<DeviceDescription>? Devices { get; set; }

    public BenchDescription? Bench { get; set; }

    public List<SelfTestPart>? SelfTest { get; set; }

    public List<string> Warnings { get; } = [];

    public string ToJson() => JsonSerializer.Serialize(this, ResultJson.Default.CommandResult);

    public void Write(Stream stream)
    {
        JsonSerializer.Serialize(stream, this, ResultJson.Default.CommandResult);
        stream.WriteByte((byte)'\n');
    }

    public static long MeasurePeakMemory()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }
}

/// <summary>Where the wall time went, in seconds.</summary>
internal sealed class Durations
{
    public double? Load { get; set; }

    public double? Setup { get; set; }

    public double? Fit { get; set; }

    public double? Render { get; set; }

    public double? Write { get; set; }

    public double Total { get; set; }
}

/// <summary>The course of a fit: arrays of one length.</summary>
internal sealed record ProgressHistory(IReadOnlyList<long> Iteration, IReadOnlyList<double> Seconds, IReadOnlyList<double> Loss, IReadOnlyList<double?> Psnr);

/// <summary>One thing to run on, and why not where it cannot be used.</summary>
internal sealed record DeviceDescription(string Name, bool Usable)
{
    public string? Reason { get; init; }

    public string? Model { get; init; }

    public int? Cores { get; init; }

    public int? VectorBits { get; init; }

    public long? MemoryBytes { get; init; }

    public int? Multiprocessors { get; init; }

    /// <summary>CUDA's compute capability of a card.</summary>
    public string? Capability { get; init; }

    /// <summary>Version of CUDA that the driver serves.</summary>
    public string? Cuda { get; init; }

    /// <summary>Version of OpenCL that the device serves; its compute units are the multiprocessors.</summary>
    public string? OpenCl { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(CommandResult))]
internal sealed partial class ResultJson : JsonSerializerContext;
