using System.Runtime.InteropServices;
using System.Security.Cryptography;
using InrFast.Imaging;
using InrFast.Models;

namespace InrFast.Tasks.Compression;

/// <summary>
/// What is done of a compression, network group by network group, to be saved and gone on from. Its file: a key, numbers and their count for each group, behind what it was made from, and a checksum.
/// </summary>
public sealed class CompressionState
{
    const int Version = 3;
    readonly string identity;
    readonly Lock access = new();
    readonly SortedDictionary<string, float[]> groups = new(StringComparer.Ordinal);

    /// <summary>Of an image and options; no other's file is gone on from.</summary>
    public CompressionState(Image image, CompressionOptions options) =>
        identity = $"inrfast compression {Version} {options with { Region = null }} {image.Size} {image.Channels} {Checksum(image)} {(options.Region is { } region ? Checksum(region) : "")}";

    static string Checksum(Image image) => Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes(image.Samples.Span)));

    /// <summary>Groups whose fit or tuning has ended.</summary>
    public int Done
    {
        get
        {
            lock (access) return groups.Count;
        }
    }

    internal float[]? Find(string key)
    {
        lock (access) return groups.GetValueOrDefault(key);
    }

    internal void Add(string key, float[] numbers)
    {
        lock (access) groups[key] = numbers;
    }

    public void Save(Stream stream)
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        writer.Write(identity);
        lock (access)
        {
            writer.Write(groups.Count);
            foreach (var (key, numbers) in groups)
            {
                writer.Write(key);
                writer.Write(numbers.Length);
                writer.Write(MemoryMarshal.AsBytes(numbers.AsSpan()));
            }
        }
        writer.Write(Crc32.Compute(bytes.GetBuffer().AsSpan(0, (int)bytes.Length)));
        bytes.WriteTo(stream);
    }

    /// <summary>Takes what a file holds. Throws <see cref="ModelFileException"/>, nothing taken, where it is damaged, or of another image or other options.</summary>
    public void Resume(Stream stream)
    {
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        byte[] bytes = copy.ToArray();
        if (bytes.Length < 4 || BitConverter.ToUInt32(bytes, bytes.Length - 4) != Crc32.Compute(bytes.AsSpan(0, bytes.Length - 4))) throw new ModelFileException("the file is no checkpoint of a compression, or is damaged");
        try
        {
            using var reader = new BinaryReader(new MemoryStream(bytes, 0, bytes.Length - 4));
            if (reader.ReadString() != identity) throw new ModelFileException("the checkpoint is of another image, or of a compression with other options");
            var read = new Dictionary<string, float[]>();
            for (int count = reader.ReadInt32(); count > 0; count--)
            {
                string key = reader.ReadString();
                int length = reader.ReadInt32();
                if (length < 0 || length > (reader.BaseStream.Length - reader.BaseStream.Position) / sizeof(float)) throw new EndOfStreamException();
                read[key] = MemoryMarshal.Cast<byte, float>(reader.ReadBytes(length * sizeof(float))).ToArray();
            }
            foreach (var (key, numbers) in read) Add(key, numbers);
        }
        catch (Exception e) when (e is EndOfStreamException or IOException or FormatException)
        {
            throw new ModelFileException("the checkpoint is damaged", e);
        }
    }
}
