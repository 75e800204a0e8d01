using InrFast.Imaging;

namespace InrFast.Tests.Fuzzing;

/// <summary>A reader of untrusted bytes, with what a fuzzer needs.</summary>
/// <param name="Name">On the command line, and before the names of its regressions.</param>
/// <param name="Read">Reads the bytes, or refuses them; the folder is its own while it runs, and holds what parsers left there before.</param>
/// <param name="Seeds">Small sound inputs, all of which are read.</param>
internal sealed record Parser(string Name, Action<byte[], string> Read, params IReadOnlyList<byte[]> Seeds)
{
    /// <summary>What every parser is given to spend.</summary>
    public static readonly ReadLimits Limits = new(4 << 20);

    /// <summary>Words of the format, to be put in anywhere.</summary>
    public string[] Words { get; init; } = [];

    /// <summary>What it may throw: a one-line message of its room's own type.</summary>
    public Type Refusal { get; init; } = typeof(ImagingException);

    /// <summary>Inputs of others for each of its own: for parsers that start programs or write many files.</summary>
    public int Cost { get; init; } = 1;

    /// <summary>Bytes that it may allocate in all: a few copies of an image as large as allowed, and what a decoder needs beside them.</summary>
    public long MaxAllocated { get; init; } = 8 * Limits.MaxBytes;

    public TimeSpan MaxTime { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Public methods that it goes through, as Type.Method.</summary>
    public string[] Covers { get; init; } = [];

    public override string ToString() => Name;
}
