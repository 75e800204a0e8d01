using System.Buffers.Binary;

namespace InrFast.Imaging.Dicom;

/// <summary>
/// Finds the bytes of each frame of compressed pixels (PS3.5, annex A.4). A frame may be cut into several fragments; where each begins is said by the
/// extended offset table, by the basic one, or by nothing, in which case the fragments themselves have to show it.
/// </summary>
internal static class FrameData
{
    private const int ItemHead = 8;

    /// <param name="dataset">For the extended offset table.</param>
    /// <param name="fragments">The basic offset table, then the fragments.</param>
    /// <param name="frames">How many there must be.</param>
    /// <param name="file">For messages.</param>
    public static IReadOnlyList<ReadOnlyMemory<byte>> Split(DicomDataset dataset, IReadOnlyList<ReadOnlyMemory<byte>> fragments, int frames, InputFile file)
    {
        if (fragments.Count - 1 < 1 || frames > fragments.Count - 1)
        {
            throw file.Malformed($"its compressed pixels have {Math.Max(0, fragments.Count - 1)} pieces and {frames} frames are declared; get a whole copy");
        }
        var pieces = fragments.Skip(1).ToArray();
        var starts = frames == 1 ? [0] : pieces.Length == frames ? [.. Enumerable.Range(0, frames)] : StartsOfFrames(dataset, fragments[0].Span, pieces, file);
        if (starts.Length != frames || starts[0] != 0)
        {
            throw file.Malformed($"its compressed pixels show {starts.Length} frames and {frames} are declared; get a sound copy");
        }
        var data = new ReadOnlyMemory<byte>[frames];
        for (var frame = 0; frame < frames; frame++)
        {
            data[frame] = Join(pieces.AsSpan(starts[frame]..(frame + 1 < frames ? starts[frame + 1] : pieces.Length)));
        }
        return data;
    }

    // The fragments with which frames begin, ascending.
    private static int[] StartsOfFrames(DicomDataset dataset, ReadOnlySpan<byte> table, ReadOnlyMemory<byte>[] pieces, InputFile file)
    {
        var extended = dataset.GetBytes(DicomTags.ExtendedOffsetTable).Span;
        var offsets = extended.Length > 0 ? extended : table;
        var size = extended.Length > 0 ? 8 : 4;
        if (offsets.Length == 0)
        {
            return [.. Enumerable.Range(0, pieces.Length).Where(i => IsStartOfImage(pieces[i].Span))];
        }
        var starts = new int[offsets.Length / size];
        var (piece, place) = (0, 0UL);
        for (var frame = 0; frame < starts.Length; frame++)
        {
            var offset = size == 8 ? BinaryPrimitives.ReadUInt64LittleEndian(offsets[(frame * 8)..]) : BinaryPrimitives.ReadUInt32LittleEndian(offsets[(frame * 4)..]);
            while (place < offset && piece < pieces.Length)
            {
                place += (ulong)(ItemHead + pieces[piece++].Length);
            }
            if (place != offset || piece >= pieces.Length || frame > 0 && starts[frame - 1] == piece)
            {
                throw file.Malformed($"its table of frames puts frame {frame + 1} at byte {offset}, where none begins; get a sound copy");
            }
            starts[frame] = piece;
        }
        return starts;
    }

    // Of a JPEG or JPEG-LS image, or of a JPEG 2000 codestream. RLE has one fragment for each frame.
    private static bool IsStartOfImage(ReadOnlySpan<byte> piece) => piece is [0xFF, 0xD8, 0xFF, ..] or [0xFF, 0x4F, 0xFF, 0x51, ..];

    private static ReadOnlyMemory<byte> Join(ReadOnlySpan<ReadOnlyMemory<byte>> pieces)
    {
        if (pieces.Length == 1)
        {
            return pieces[0];
        }
        using var joined = new MemoryStream();
        foreach (var piece in pieces)
        {
            joined.Write(piece.Span);
        }
        return joined.ToArray();
    }
}
