using InrFast.Models;

namespace InrFast.Tasks.Fitting;

/// <summary>What kind of model a fit chooses by itself.</summary>
public enum FitPreset
{
    /// <summary>A grid with a small network: the quickest way to a given PSNR.</summary>
    Fast,

    /// <summary>A SIREN: slower, better between the voxels, with smooth derivatives.</summary>
    Smooth,
}

/// <summary>How to fit an image. Everything has a default that depends on the image alone, so that the same image gives the same bytes.</summary>
public sealed record FitOptions
{
    public FitPreset Preset { get; init; } = FitPreset.Fast;

    /// <summary>At most so many trained numbers; null: by preset. Not with <see cref="BitsPerVoxel"/>.</summary>
    public long? Parameters { get; init; }

    /// <summary>At most so many bits of float32 parameters per sample of the image.</summary>
    public double? BitsPerVoxel { get; init; }

    /// <summary>"grid" or the name of a <see cref="FitMethod"/>, instead of the preset's.</summary>
    public string? Method { get; init; }

    /// <summary>A network of the user's own instead of the preset's.</summary>
    public NetworkSettings? Network { get; init; }

    /// <summary>A model whose parameters the fit starts from (<see cref="MetaInitialization"/>, or a fit of a similar image); its network is used.</summary>
    public FittedImage? Initial { get; init; }

    /// <summary>Updates; the learning rate falls to the end of them. Null: by preset.</summary>
    public long? Iterations { get; init; }

    /// <summary>Rows of a batch; null: by preset.</summary>
    public int? BatchRows { get; init; }

    /// <summary>At the start; null: by preset.</summary>
    public double? LearningRate { get; init; }

    /// <summary>Seconds of fitting after which it ends, wherever it is; the result then depends on the machine.</summary>
    public double? TimeLimit { get; init; }

    /// <summary>dB at which it ends.</summary>
    public double? TargetPsnr { get; init; }

    public ulong Seed { get; init; }

    /// <summary>Bytes beyond which a fit is refused.</summary>
    public long? MaxMemory { get; init; }
}

/// <summary>How a fit is doing.</summary>
/// <param name="Iteration">Updates done.</param>
/// <param name="Iterations">Updates planned.</param>
/// <param name="Loss">Of the last batch: mean squared error of values scaled to [0, 1].</param>
/// <param name="Psnr">dB of the whole image where it was measured; NaN elsewhere.</param>
/// <param name="Seconds">Since the fit began.</param>
/// <param name="RowsPerSecond">Training rows.</param>
public readonly record struct FitProgress(long Iteration, long Iterations, double Loss, double Psnr, double Seconds, double RowsPerSecond);

/// <summary>A request that cannot be met; the message is one line that says what, and what to do. Text of a file in it cannot steer a terminal.</summary>
public sealed class FitException(FitError kind, string message) : Exception(new string([.. message.Select(c => char.IsControl(c) ? '?' : c)]))
{
    public FitError Kind { get; } = kind;
}

public enum FitError
{
    /// <summary>The image cannot be fitted.</summary>
    Input,

    /// <summary>The options contradict each other, the image or the budget.</summary>
    WrongUse,

    /// <summary>The loss is no number any more.</summary>
    Diverged,

    /// <summary>More memory than allowed.</summary>
    Limit,
}
