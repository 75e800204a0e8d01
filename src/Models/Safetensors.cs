using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace InrFast.Models;

/// <summary>
/// The safetensors format: eight bytes with the length of a JSON header (little endian), the header with each tensor's type, shape and place, then the
/// tensors' numbers without gaps. A file is not trusted: all sizes are checked before they are used.
/// </summary>
static class Safetensors
{
    const int MaximumHeader = 100_000_000, MaximumTensors = 100_000, MaximumRank = 8;
    const string MetadataKey = "__metadata__";

    public sealed record Entry(string Name, string Type, ImmutableArray<long> Shape, long Begin, long End);

    /// <summary>Header of a file: the entries in the order of their data.</summary>
    public sealed record Header(IReadOnlyList<Entry> Entries, IReadOnlyDictionary<string, string> Metadata);

    public static void WriteHeader(Stream stream, IReadOnlyList<(string Name, ImmutableArray<long> Shape)> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartObject(MetadataKey);
            foreach (var (key, value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal)) json.WriteString(key, value);
            json.WriteEndObject();
            long at = 0;
            foreach (var (name, shape) in tensors)
            {
                json.WriteStartObject(name);
                json.WriteString("dtype", "F32");
                json.WriteStartArray("shape");
                foreach (long n in shape) json.WriteNumberValue(n);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(at);
                json.WriteNumberValue(at += sizeof(float) * shape.Aggregate(1L, (product, n) => product * n));
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        while (buffer.Length % 8 != 0) buffer.WriteByte((byte)' ');
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, buffer.Length);
        stream.Write(length);
        buffer.WriteTo(stream);
    }

    /// <param name="stream">Its first byte is the file's; afterwards it stands at the first number. Seekable.</param>
    public static Header ReadHeader(Stream stream)
    {
        long length = stream.Length - stream.Position;
        Span<byte> prefix = stackalloc byte[8];
        if (length < 8) throw new ModelFileException($"The file of {length} bytes is too short for a model.");
        stream.ReadExactly(prefix);
        ulong headerLength = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (headerLength is < 2 or > MaximumHeader || (long)headerLength > length - 8)
            throw new ModelFileException($"The file is no safetensors file or is cut short: its header would have {headerLength} of {length} bytes.");
        var bytes = new byte[headerLength];
        stream.ReadExactly(bytes);
        return Parse(bytes, length - 8 - (long)headerLength);
    }

    static Header Parse(ReadOnlyMemory<byte> bytes, long dataLength)
    {
        try
        {
            using var json = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = 4 });
            var metadata = new Dictionary<string, string>();
            var entries = new Dictionary<string, Entry>();
            foreach (var property in json.RootElement.EnumerateObject())
            {
                if (property.Name == MetadataKey)
                {
                    foreach (var pair in property.Value.EnumerateObject())
                        if (!metadata.TryAdd(pair.Name, pair.Value.GetString()!)) throw new ModelFileException($"The model file has two metadata entries {pair.Name}.");
                }
                else if (entries.Count == MaximumTensors) throw new ModelFileException($"The model file has more than {MaximumTensors} tensors.");
                else if (!entries.TryAdd(property.Name, ReadEntry(property))) throw new ModelFileException($"The model file has two tensors {property.Name}.");
            }
            var ordered = entries.Values.OrderBy(entry => entry.Begin).ThenBy(entry => entry.End).ToArray();
            long at = 0;
            foreach (var entry in ordered)
            {
                if (entry.Begin != at) throw new ModelFileException($"The tensor {entry.Name} begins at byte {entry.Begin} of the data instead of {at}.");
                at = entry.End;
            }
            if (at != dataLength) throw new ModelFileException($"The model file has {dataLength} bytes of data where its header tells of {at}.");
            return new(ordered, metadata);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or KeyNotFoundException or OverflowException)
        {
            throw new ModelFileException($"The header of the model file is damaged: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }

    static Entry ReadEntry(JsonProperty property)
    {
        string type = property.Value.GetProperty("dtype").GetString() ?? "null";
        if (SizeOf(type) == 0) throw new ModelFileException($"The tensor {property.Name} has numbers of type {type}; F64, F32, F16 and BF16 can be read.");
        var shape = property.Value.GetProperty("shape");
        if (shape.GetArrayLength() > MaximumRank) throw new ModelFileException($"The tensor {property.Name} has {shape.GetArrayLength()} dimensions.");
        var offsets = property.Value.GetProperty("data_offsets");
        if (offsets.GetArrayLength() != 2) throw new ModelFileException($"The tensor {property.Name} needs two data offsets.");
        var entry = new Entry(property.Name, type, [.. shape.EnumerateArray().Select(n => n.GetInt64())], offsets[0].GetInt64(), offsets[1].GetInt64());
        if (entry.End - entry.Begin > Array.MaxLength) throw new ModelFileException($"The tensor {entry.Name} is larger than 2 GB.");
        if (entry.Shape.Any(n => n < 0) || entry.Begin < 0 || entry.End < entry.Begin) throw new ModelFileException($"The tensor {entry.Name} has a negative size.");
        long bytes = entry.Shape.Aggregate((long)SizeOf(type), (product, n) => checked(product * n));
        return bytes == entry.End - entry.Begin ? entry
            : throw new ModelFileException($"The tensor {entry.Name} of shape [{string.Join(", ", entry.Shape)}] takes {bytes} bytes, not {entry.End - entry.Begin}.");
    }

    static int SizeOf(string type) => type switch { "F64" => 8, "F32" => 4, "F16" or "BF16" => 2, _ => 0 };

    public static void WriteNumbers(Stream stream, ReadOnlySpan<float> values)
    {
        if (BitConverter.IsLittleEndian) stream.Write(MemoryMarshal.AsBytes(values));
        else throw new PlatformNotSupportedException("Model files are written on little-endian machines.");
    }

    /// <summary>The numbers of an entry, the next in the stream, in single precision.</summary>
    public static float[] ReadNumbers(Stream stream, Entry entry)
    {
        var bytes = new byte[entry.End - entry.Begin];
        stream.ReadExactly(bytes);
        float[] values = entry.Type switch
        {
            "F64" => Numbers(from => (float)BinaryPrimitives.ReadDoubleLittleEndian(from)),
            "F32" => Numbers(BinaryPrimitives.ReadSingleLittleEndian),
            "F16" => Numbers(from => (float)BinaryPrimitives.ReadHalfLittleEndian(from)),
            _ => Numbers(from => BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(from) << 16)),
        };
        int infinite = Array.FindIndex(values, value => !float.IsFinite(value));
        return infinite < 0 ? values : throw new ModelFileException($"Number {infinite} of the tensor {entry.Name} is not finite.");

        float[] Numbers(Func<ReadOnlySpan<byte>, float> read)
        {
            int size = SizeOf(entry.Type);
            var numbers = new float[bytes.Length / size];
            for (int i = 0; i < numbers.Length; i++) numbers[i] = read(bytes.AsSpan(i * size, size));
            return numbers;
        }
    }
}
