using System.Diagnostics;
using InrFast.Autodiff;
using InrFast.Imaging;
using InrFast.Kernels;
using InrFast.Tasks.Fitting;

namespace InrFast.Tasks.Compression;

/// <summary>How the numbers of a tree's leaves are shared out (TINC's modes).</summary>
public enum TreeAllocation
{
    Equal,

    /// <summary>By voxels above the image's mean.</summary>
    Importance,

    Variance,
}

/// <summary>How to compress; one of <see cref="Bytes"/>, <see cref="TargetPsnr"/> and <see cref="MaxError"/> is the goal.</summary>
public sealed record CompressionOptions
{
    public CompressionMethod Method { get; init; } = CompressionMethod.Sci;

    /// <summary>Of the whole file at most.</summary>
    public long? Bytes { get; init; }

    /// <summary>dB, peak the image's range: the smallest file that reaches it, among those tried.</summary>
    public double? TargetPsnr { get; init; }

    /// <summary>No value is further off; 0: none is off at all.</summary>
    public double? MaxError { get; init; }

    /// <summary>Of a tree of networks, 1 to 3; null: 2, or 1 where that leaves a leaf few numbers.</summary>
    public int? Levels { get; init; }

    /// <summary>How a tree's leaves share their numbers.</summary>
    public TreeAllocation Allocation { get; init; }

    public const int MostLevels = 3;

    /// <summary>Not 0: a region that a threshold shall find in the decoded image as in the original; on the image's grid.</summary>
    public Image? Region { get; init; }

    /// <summary>Of 1 - Dice beside the squared error, as a part of the block's variance.</summary>
    public double RegionWeight { get; init; } = 0.1;

    /// <summary>Updates of each block's network.</summary>
    public long Iterations { get; init; } = 2500;

    public ulong Seed { get; init; }
}

/// <param name="Decoded">What the file decodes to.</param>
/// <param name="Psnr">Its dB, peak the image's range; infinite where nothing is off.</param>
/// <param name="Networks">Blocks that are not constant.</param>
/// <param name="Parameters">Numbers of all networks.</param>
public sealed record CompressionResult(byte[] File, Image Decoded, double Psnr, int Blocks, int Networks, long Parameters, long Iterations, double FitSeconds, double RowsPerSecond, IReadOnlyList<FitProgress> History);

/// <summary>Compresses an image: a SIREN for each of its blocks (SCI, Yang 2023) or a tree of them (TINC, Yang 2023), numbers rounded and range-coded.</summary>
public static class Compressor
{
    /// <summary>Raw bytes over those of the networks, where an error or PSNR is the goal: at first.</summary>
    const double FirstRatio = 64;

    const int MostTrials = 6;

    /// <summary>Throws <see cref="FitException"/> where the image cannot be compressed, or the goal cannot be met.</summary>
    /// <param name="device">Of the fits alone: files are made and decoded on the processor, where the same file is the same image everywhere.</param>
    /// <param name="progress">Is told after an update, one thread at a time.</param>
    /// <param name="state">Networks that it holds are not fitted again; those that are fitted are added, and the result is the same.</param>
    public static CompressionResult Run(Image image, CompressionOptions options, Device device, Workers workers, Action<FitProgress>? progress = null, CompressionState? state = null, CancellationToken cancel = default)
    {
        Check(image, options);
        state ??= new(image, options);
        var host = device.RunsOnHost ? device : CpuDevice.Best;
        var watch = Stopwatch.StartNew();
        var history = new List<FitProgress>();
        double size = options.Bytes ?? Math.Max(512, (double)image.Samples.Length * image.Stored.Type.Bytes() / FirstRatio);
        FittedBlocks fitted;
        CompressedFile file;
        if (options.TargetPsnr is { } target) (fitted, file) = Reach(target);
        else
        {
            fitted = Fit(size);
            file = fitted.TunedWithin((long)size);
            if (options.MaxError is { } error) file = WithResidual(file, error);
        }
        double seconds = watch.Elapsed.TotalSeconds;
        var decoded = Decode(file);
        return new(file.ToBytes(), decoded, Psnr(image, decoded), file.Header.Networks().Count(place => place.Box is not null), file.Header.Widths.Count(width => width > 0), fitted.Parameters, history.Count > 0 ? history[^1].Iteration : 0, seconds,
            history.Count > 0 ? history[^1].RowsPerSecond : 0, history);

        FittedBlocks Fit(double bytes)
        {
            var (header, groups, region) = NetworkPlan.Of(image, options, bytes, host);
            return new(header, groups, region, new(options, state, device, workers, now =>
            {
                double seconds = watch.Elapsed.TotalSeconds;
                if (history.Count > 0 && seconds - history[^1].Seconds < 0.1 && now.Iteration < now.Iterations) return;
                history.Add(now with { Seconds = seconds, RowsPerSecond = now.RowsPerSecond / seconds });
                progress?.Invoke(history[^1]);
            }, cancel));
        }

        // The same with what is missing of every value.
        CompressedFile WithResidual(CompressedFile file, double maxError)
        {
            var header = file.Header with { MaxError = maxError };
            var places = header.Networks();
            var residuals = new byte[places.Count][];
            int next = 0;
            workers.Run(_ =>
            {
                using var painter = new BlockPainter(file, host);
                for (int i; (i = Interlocked.Increment(ref next) - 1) < residuals.Length;)
                {
                    cancel.ThrowIfCancellationRequested();
                    residuals[i] = places[i].Box is { } box ? ResidualCoder.Encode(box.Gather(image.Samples.Span, header.Axes, header.Channels), painter.Whole(places[i])!, box, header) : [];
                }
            });
            return new(header, [.. file.Blocks.Zip(residuals, (block, residual) => block with { Residual = residual })]);
        }

        Image Decode(CompressedFile file) => Decompressor.Run(file, host, workers, cancel: cancel).Image;

        // Larger networks until one reaches the goal with 10 bits a number, then as coarse as the goal allows, at once and at last little by little.
        (FittedBlocks, CompressedFile) Reach(double target)
        {
            double reached = double.NegativeInfinity;
            for (int trial = 0; trial < MostTrials; trial++)
            {
                var fitted = Fit(size);
                long most = (long)(1.3 * size);
                var file = fitted.Within(most);
                reached = Psnr(image, Decode(file));
                if (reached >= target)
                {
                    Search(8, most / 4, fitted.Within);
                    Search(3, most * 3 / 4, fitted.TunedWithin);
                    return (fitted, file);
                }
                size *= Math.Clamp(Math.Pow(2, (target - reached) / 5), 1.3, 4);
                if (size > image.Samples.Length * (double)image.Stored.Type.Bytes()) break;

                void Search(int trials, long least, Func<long, CompressedFile> within)
                {
                    for (int i = 0; i < trials && most - least > most / 100; i++)
                    {
                        long middle = (most + least) / 2;
                        if (Try(within, middle) is { } smaller && Psnr(image, Decode(smaller)) >= target) (most, file) = (middle, smaller);
                        else least = middle;
                    }
                }
            }
            throw new FitException(FitError.WrongUse, FormattableString.Invariant($"{reached:f2} dB were reached, not {target:R}; give more iterations, or --max-error, which adds what is missing"));
        }

        static CompressedFile? Try(Func<long, CompressedFile> within, long bytes)
        {
            try
            {
                return within(bytes);
            }
            catch (FitException e) when (e.Kind == FitError.WrongUse)
            {
                return null; // too few bytes
            }
        }
    }

    static void Check(Image image, CompressionOptions options)
    {
        if (new object?[] { options.Bytes, options.TargetPsnr, options.MaxError }.Count(goal => goal is not null) != 1) throw new FitException(FitError.WrongUse, "a file has one goal: its size, its PSNR, or its largest error");
        if (image.Times > 1) throw new FitException(FitError.WrongUse, $"the image has {image.Times} times; compress one at a time");
        if (image.Channels > 4) throw new FitException(FitError.WrongUse, $"the image has {image.Channels} channels; 1 to 4 can be compressed");
        ImageFit.Check(image, new() { Iterations = options.Iterations, TargetPsnr = options.TargetPsnr });
        if (options.Region is { } region && (region.Size != image.Size || region.Samples.Length != image.Samples.Length)) throw new FitException(FitError.WrongUse, $"the region has {region.Size} voxels and the image {image.Size} of {image.Channels} channels; a region is a mask on the grid of an image of one channel");
        if (options.Region is { } mask && mask.Range() is (<= 0, <= 0) or (> 0, _)) throw new FitException(FitError.WrongUse, "the region holds no voxel, or all; give a mask that is above 0 inside and 0 elsewhere");
        if (options.MaxError is < 0 or double.NaN or double.PositiveInfinity) throw new FitException(FitError.WrongUse, $"--max-error is {options.MaxError}; it must be 0 or above");
        if (options.MaxError == 0 && !image.Stored.Type.IsInteger()) throw new FitException(FitError.WrongUse, "--max-error 0 is for integers; this image's values are floating point: give the error that is allowed");
    }

    /// <summary>dB, peak the image's range.</summary>
    static double Psnr(Image image, Image decoded) => Metrics.PeakSignalToNoise(image.Samples.Span, decoded.Samples.Span);
}
