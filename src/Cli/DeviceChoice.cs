using System.CommandLine;
using InrFast.Kernels;

namespace InrFast.Cli;

/// <summary>What --device asked for: a kind and, for cards, which one.</summary>
internal readonly record struct DeviceChoice(string Kind, int Index)
{
    /// <summary>Why this build runs on no card.</summary>
    public const string NoCard = "this build has no GPU kernels yet";

    private static readonly string[] Kinds = ["auto", "cpu", "cuda", "opencl"];

    public static Option<DeviceChoice> CreateOption() => new("--device")
    {
        Description = "Where it runs; auto takes the processor, because " + NoCard,
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

    /// <exception cref="CommandException">The device is not there.</exception>
    public Device Open() => Kind is "auto" or "cpu"
        ? CpuDevice.Best
        : throw new CommandException(ExitCode.Unavailable, $"--device {this}: {NoCard}; use --device cpu");

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
