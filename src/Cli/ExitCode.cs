namespace InrFast.Cli;

/// <summary>What the program ends with; the numbers of sysexits.h where it has one. Scripts rely on them.</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>Done, but below what --require-psnr asked.</summary>
    public const int BelowRequirement = 2;

    /// <summary>Some of several cases or blocks failed; the others are there.</summary>
    public const int PartlyDone = 3;

    /// <summary>The loss is not finite any more.</summary>
    public const int Diverged = 4;

    /// <summary>A wrong option, combination or value.</summary>
    public const int WrongUse = 64;

    /// <summary>An input that is malformed, or is not what the command needs.</summary>
    public const int BadInput = 65;

    /// <summary>An input that is missing or may not be read.</summary>
    public const int NoInput = 66;

    /// <summary>A device, codec or feature of another edition.</summary>
    public const int Unavailable = 69;

    public const int Defect = 70;

    /// <summary>The output may not be created, or exists and --force was not given.</summary>
    public const int CannotCreate = 73;

    /// <summary>Reading or writing failed on the way.</summary>
    public const int InputOutput = 74;

    /// <summary>Interrupted with a checkpoint from which --resume goes on.</summary>
    public const int Interrupted = 75;

    /// <summary>It would exceed a limit of memory or size.</summary>
    public const int LimitExceeded = 77;

    /// <summary>Cancelled without a checkpoint: 128 + SIGINT.</summary>
    public const int Cancelled = 130;
}
