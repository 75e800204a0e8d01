using System.Globalization;
using System.IO.Compression;

namespace InrFast.Imaging;

/// <summary>How voxels are packed in the files of NRRD and MetaImage.</summary>
internal enum VoxelPacking { Raw, Gzip, Zlib, Text }

/// <summary>Reads voxels that follow a text header, in its own file or in files that it names.</summary>
/// <param name="Header">The file with the header.</param>
/// <param name="Offset">Bytes before the voxels in each file; negative: the voxels end the file.</param>
/// <param name="LineSkip">Lines before those bytes.</param>
internal sealed record VoxelFiles(InputFile Header, StoredScale Scale, bool BigEndian, VoxelPacking Packing, long Offset, int LineSkip = 0)
{
    // Numbered files are listed before they are looked for.
    private const int MaxFiles = 100_000;

    /// <summary>Voxels in the header's own file.</summary>
    public float[] ReadAttached(int count)
    {
        Require(Header, count, Header.Length - Math.Max(Offset, 0));
        var samples = new float[count];
        Read(Header, samples);
        return samples;
    }

    /// <summary>Voxels in other files, an even share in each.</summary>
    public float[] ReadNamed(IReadOnlyList<string> names, int count)
    {
        if (names.Count == 0 || count % names.Count != 0)
        {
            throw Header.Malformed($"its {count} values do not spread evenly over the {names.Count} files it names; get a sound copy");
        }
        var share = count / names.Count;
        float[]? samples = null;
        for (var i = 0; i < names.Count; i++)
        {
            using var file = Header.OpenNamed(names[i]);
            Require(file, share, file.Length);
            // The first file vouches for the size before anything is allocated for it; each vouches for its own share.
            samples ??= new float[count];
            Read(file, samples.AsSpan(i * share, share));
        }
        return samples!;
    }

    /// <summary>The names that a pattern such as "slice%03d.raw 1 20 1" stands for.</summary>
    public static List<string> Expand(InputFile header, string pattern, string first, string last, string step)
    {
        var percent = pattern.IndexOf('%', StringComparison.Ordinal);
        var letter = pattern.IndexOf('d', Math.Max(percent, 0));
        if (percent < 0 || letter < 0 || !int.TryParse(letter == percent + 1 ? "0" : pattern[(percent + 1)..letter], NumberStyles.None, CultureInfo.InvariantCulture, out var digits) || digits > 20
            || !long.TryParse(first, CultureInfo.InvariantCulture, out var from) || !long.TryParse(last, CultureInfo.InvariantCulture, out var to)
            || !long.TryParse(step, CultureInfo.InvariantCulture, out var by) || by == 0 || Int128.Abs((Int128)to - from) / Int128.Abs(by) >= MaxFiles)
        {
            throw header.Malformed($"'{InputFile.Shown($"{pattern} {first} {last} {step}")}' names no files; get a sound copy");
        }
        var names = new List<string>();
        for (var number = from; by > 0 ? number <= to : number >= to; number += by)
        {
            names.Add(pattern[..percent] + number.ToString($"d{Math.Max(digits, 1)}", CultureInfo.InvariantCulture) + pattern[(letter + 1)..]);
        }
        return names;
    }

    // A number as text has at least one digit and a separator.
    private void Require(InputFile file, int count, long length) =>
        file.RequireContent(Packing == VoxelPacking.Text ? 2 * (Int128)count - 1 : (Int128)count * Scale.Type.Bytes(), length, Packing is VoxelPacking.Gzip or VoxelPacking.Zlib);

    private void Read(InputFile file, Span<float> samples)
    {
        var start = Offset >= 0 || Packing != VoxelPacking.Raw ? Math.Max(Offset, 0) : file.Length - (long)samples.Length * Scale.Type.Bytes();
        using var content = file.OpenFrom(Packing is VoxelPacking.Gzip ? FirstByte(file) : start);
        for (var line = 0; line < LineSkip; line++)
        {
            for (int next; (next = content.ReadByte()) != '\n';)
            {
                if (next < 0)
                {
                    throw new EndOfStreamException();
                }
            }
        }
        switch (Packing)
        {
            case VoxelPacking.Text:
                VoxelStream.ReadText(file, content, samples);
                break;
            case VoxelPacking.Gzip:
            {
                // Bytes to skip are counted after unpacking, where the voxels have a file of their own.
                using var gzip = new GZipStream(content, CompressionMode.Decompress);
                VoxelStream.Skip(gzip, ReferenceEquals(file, Header) ? 0 : start);
                VoxelStream.Read(gzip, samples, Scale, BigEndian);
                ReadToChecksum(gzip);
                break;
            }
            case VoxelPacking.Zlib:
            {
                using var zlib = new ZLibStream(content, CompressionMode.Decompress);
                VoxelStream.Read(zlib, samples, Scale, BigEndian);
                ReadToChecksum(zlib);
                break;
            }
            default:
                VoxelStream.Read(content, samples, Scale, BigEndian);
                break;
        }
    }

    private long FirstByte(InputFile file) => ReferenceEquals(file, Header) ? Offset : 0;

    // The checksum stands after the last value; a little more than that may follow in the same stream.
    private static void ReadToChecksum(Stream packed)
    {
        var rest = new byte[1 << 12];
        for (int read, trailing = 0; trailing < 1 << 20 && (read = packed.Read(rest)) > 0; trailing += read)
        {
        }
    }
}
