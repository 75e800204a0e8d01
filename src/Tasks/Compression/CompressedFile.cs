using InrFast.Imaging;
using InrFast.Tasks.Fitting;

namespace InrFast.Tasks.Compression;

/// <summary>A block's bytes: its network's, and its residual's (empty where the file has none). Null: damaged.</summary>
public sealed record CompressedBlock(byte[]? Network, byte[]? Residual);

/// <summary>
/// A compressed image (.inrz) in memory: docs/inrz.md. Header, index and every block have a checksum of their own, so that damage to one block leaves the others.
/// </summary>
public sealed class CompressedFile(CompressedHeader header, IReadOnlyList<CompressedBlock> blocks, int version = CompressedFile.Latest)
{
    /// <summary>1: networks are evaluated in float32. 2: in integers of 16 bits. 3: in bytes where their numbers allow it; residuals are of what the values before and the network predict.</summary>
    public const int Latest = 3;

    const int MostHeader = 1 << 22;
    static ReadOnlySpan<byte> Magic => "INRZ"u8;

    public CompressedHeader Header { get; } = header;
    public IReadOnlyList<CompressedBlock> Blocks { get; } = blocks;
    public int Version { get; } = version;

    /// <summary>Whether a file begins like one of ours.</summary>
    public static bool IsOne(ReadOnlySpan<byte> start) => start.StartsWith(Magic);

    public byte[] ToBytes()
    {
        using var head = new MemoryStream();
        using (var writer = new BinaryWriter(head, System.Text.Encoding.UTF8, leaveOpen: true))
        {
            Header.Write(writer);
            foreach (var block in Blocks)
            {
                writer.Write7BitEncodedInt(block.Network!.Length);
                if (Header.MaxError is not null) writer.Write7BitEncodedInt(block.Residual!.Length);
            }
        }
        using var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream, System.Text.Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(Magic);
            writer.Write((byte)Version);
            writer.Write7BitEncodedInt((int)head.Length);
            WriteChecked(writer, head.ToArray());
            foreach (var block in Blocks)
            {
                WriteChecked(writer, block.Network!);
                if (Header.MaxError is not null) WriteChecked(writer, block.Residual!);
            }
            writer.Write(Crc32.Compute(stream.GetBuffer().AsSpan(0, (int)stream.Length)));
        }
        return stream.ToArray();
    }

    static void WriteChecked(BinaryWriter writer, byte[] bytes)
    {
        writer.Write(bytes);
        writer.Write(Crc32.Compute(bytes));
    }

    /// <summary>Reads a file's bytes. Blocks whose checksum is wrong come as null; throws <see cref="FitException"/> where the header or the file's length is damaged.</summary>
    public static CompressedFile Read(byte[] bytes)
    {
        if (!IsOne(bytes)) throw Damaged("this is no .inrz file");
        try
        {
            using var reader = new BinaryReader(new MemoryStream(bytes));
            reader.BaseStream.Position = Magic.Length;
            int version = reader.ReadByte();
            if (version is < 1 or > Latest) throw new FitException(FitError.Input, $"this is version {version} of the format, and versions 1 to {Latest} are known; a newer inrfast wrote it");
            int length = reader.Read7BitEncodedInt();
            if (length is < 1 or > MostHeader) throw new FormatException("its header is too long");
            byte[] head = ReadChecked(reader, length) ?? throw new FormatException("its header is damaged");
            using var fields = new BinaryReader(new MemoryStream(head));
            var header = CompressedHeader.Read(fields);
            (int Network, int Residual)[] lengths = [.. header.Widths.Select(_ => (fields.Read7BitEncodedInt(), header.MaxError is null ? 0 : fields.Read7BitEncodedInt()))];
            if (lengths.Zip(header.Widths, header.Networks()).Any(n => !CanHold(header, n.Third, n.Second, n.First.Network))) throw new FormatException("a network has more numbers than its bytes can hold");
            long rest = bytes.Length - reader.BaseStream.Position, wanted = lengths.Sum(n => (long)n.Network + 4 + (header.MaxError is null ? 0 : (long)n.Residual + 4)) + 4;
            if (fields.BaseStream.Position != head.Length || lengths.Any(n => n.Network < 0 || n.Residual < 0)) throw new FormatException("its index is damaged");
            if (rest < wanted) throw new FormatException($"it is cut off: {rest} bytes of blocks where {wanted} belong");
            if (rest > wanted) throw new FormatException($"{rest - wanted} bytes follow its end");
            List<CompressedBlock> blocks = [.. lengths.Select(n => new CompressedBlock(ReadChecked(reader, n.Network), header.MaxError is null ? [] : ReadChecked(reader, n.Residual)))];
            bool whole = reader.ReadUInt32() == Crc32.Compute(bytes.AsSpan(0, bytes.Length - 4));
            if (!whole && blocks.All(block => block is { Network: not null, Residual: not null })) throw new FormatException("its checksum is wrong, though those of its blocks are right");
            return new(header, blocks, version);
        }
        catch (Exception e) when (e is FormatException or EndOfStreamException)
        {
            throw Damaged(e is EndOfStreamException ? "it is cut off" : e.Message);
        }
    }

    /// <summary>Whether so many bytes may be a network's: they bound what decoding costs.</summary>
    static bool CanHold(CompressedHeader header, NetworkPlace place, int width, int bytes) =>
        width == 0 || BlockNetwork.Parameters(place.Inputs, width, header.HiddenLayers, place.Outputs) <= WeightCoder.NumbersOfByte * bytes;

    static FitException Damaged(string what) => new(FitError.Input, $"the compressed file cannot be read: {what}");

    static byte[]? ReadChecked(BinaryReader reader, int length)
    {
        if (length + 4L > reader.BaseStream.Length - reader.BaseStream.Position) throw new EndOfStreamException();
        byte[] bytes = reader.ReadBytes(length);
        return reader.ReadUInt32() == Crc32.Compute(bytes) ? bytes : null;
    }
}
