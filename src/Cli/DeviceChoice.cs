using System.CommandLine;
using InrFast.Kernels;
#if GPU
using InrFast.Kernels.Gpu;
#endif

namespace InrFast.Cli;

/// <summary>What --device asked for: a kind and, for cards, which one.</summary>
internal readonly record struct DeviceChoice(string Kind, int Index)
{
    private static readonly string[] Kinds = ["auto", "cpu", "cuda", "opencl"];

    public static Option<DeviceChoice> CreateOption() => new("--device")
    {
        Description = "Where it runs; auto takes a CUDA card if there is one (compress and decompress the processor)",
        HelpName = "auto|cpu|cuda[:N]|opencl[:N]",
        DefaultValueFactory = _ => new DeviceChoice("auto", 0),
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (TryParse(text, out var choice))
            {
                return choice;
            }
            result.AddError($"--device: '{text}' is none of auto, cpu, cuda[:N], opencl[:N]");
            return default;
        },
    };

    /// <summary>Whether the user left it to us.</summary>
    public bool IsAuto => Kind == "auto";

    /// <summary>Whether it asks for a card.</summary>
    public bool IsCard => Kind is "cuda" or "opencl";

    /// <exception cref="CommandException">The device is not there.</exception>
    public Device Open(Precision precision)
    {
        try
        {
            var device = Kind switch
            {
                "auto" => FirstCard(precision) ?? CpuDevice.Best,
                "cpu" => CpuDevice.Best,
                _ => OpenCard(precision),
            };
            return device.Precision == precision ? device
                : throw new CommandException(ExitCode.WrongUse, $"--precision: half is for CUDA cards; {device.Name} computes in float32 (--device cuda)");
        }
        catch (DeviceException e) when (e.Kind == DeviceError.Unavailable)
        {
            throw new CommandException(ExitCode.Unavailable, $"--device {this}: {e.Message}; use --device cpu");
        }
    }

#if GPU
    private GpuDevice OpenCard(Precision precision) => new(Kind == "cuda" ? new CudaCard(CudaDriver.Open(), Index) : new OpenClCard(OpenClDriver.Open(), Index), precision);

    private static GpuDevice? FirstCard(Precision precision) => CudaCard.First(CudaDriver.Open) is { } card ? new(card, precision) : null;
#else
    private static Device OpenCard(Precision precision) => throw new DeviceException(DeviceError.Unavailable, NoGpu);

    private static Device? FirstCard(Precision precision) => null;

    /// <summary>Of editions without ILGPU.</summary>
    public const string NoGpu = "this edition has no kernels for cards";
#endif

    public override string ToString() => Kind is "auto" or "cpu" ? Kind : $"{Kind}:{Index}";

    private static bool TryParse(string text, out DeviceChoice choice)
    {
        var parts = text.Split(':');
        var index = 0;
        var isValid = Kinds.Contains(parts[0]) && (parts.Length == 1
            || parts.Length == 2 && parts[0] is "cuda" or "opencl" && int.TryParse(parts[1], System.Globalization.NumberStyles.None, null, out index));
        choice = new(parts[0], index);
        return isValid;
    }
}
