using System.Buffers.Binary;
using System.Text;

namespace InrFast.Imaging.Dicom;

/// <summary>Writes Part-10 files with explicit types, little endian: a preamble of zeros, meta information, attributes; sequences with lengths.</summary>
internal static class DicomWriter
{
    // Names this program as the writer; the root 2.25 with a UUID needs no registration (PS3.5, annex B.2).
    private static readonly string ImplementationClass = DicomUid.FromHash("InrFast DICOM writer"u8);

    /// <param name="stream">Where to.</param>
    /// <param name="dataset">Attributes, those of the file's meta information aside.</param>
    /// <param name="compressed">The syntax of the pixels where these are fragments.</param>
    public static void Write(Stream stream, DicomDataset dataset, DicomTransferSyntax? compressed = null)
    {
        DicomDataset meta = new(
            DicomElement.FromBytes(DicomTags.FileMetaInformationVersion, "OB", new byte[] { 0, 1 }),
            DicomElement.FromText(DicomTags.MediaStorageSopClassUid, dataset.GetString(DicomTags.SopClassUid) ?? ""),
            DicomElement.FromText(DicomTags.MediaStorageSopInstanceUid, dataset.GetString(DicomTags.SopInstanceUid) ?? ""),
            DicomElement.FromText(DicomTags.TransferSyntaxUid, (compressed ?? DicomTransferSyntax.ExplicitLittleEndian).Uid),
            DicomElement.FromText(DicomTags.ImplementationClassUid, ImplementationClass),
            DicomElement.FromText(DicomTags.ImplementationVersionName, "INRFAST"));
        using var metaBytes = new MemoryStream();
        WriteDataset(metaBytes, meta);
        var length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, (int)metaBytes.Length);
        stream.Write(new byte[128]);
        stream.Write("DICM"u8);
        WriteElement(stream, DicomElement.FromBytes(DicomTags.FileMetaInformationGroupLength, "UL", length));
        metaBytes.WriteTo(stream);
        WriteDataset(stream, dataset);
    }

    /// <summary>Whether a file was written by this program.</summary>
    public static bool IsOwn(string path)
    {
        using var stream = File.OpenRead(path);
        var head = new byte[1024];
        return head.AsSpan(0, stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)).IndexOf(Encoding.ASCII.GetBytes(ImplementationClass)) > 0;
    }

    private static void WriteDataset(Stream stream, DicomDataset dataset)
    {
        foreach (var element in dataset.Elements)
        {
            WriteElement(stream, element);
        }
    }

    private static void WriteElement(Stream stream, DicomElement element)
    {
        if (element.Fragments is { } fragments)
        {
            WriteFragments(stream, element.Tag, fragments);
            return;
        }
        if (element.Items is null)
        {
            var length = element.Value.Length + (element.Value.Length & 1);
            WriteHead(stream, element.Tag, element.Representation, length);
            stream.Write(element.Value.Span);
            if (length != element.Value.Length)
            {
                // Text is padded with a space, UIDs and binary values with a zero byte.
                stream.WriteByte(element.Representation is "UI" or "OB" or "UN" ? (byte)0 : (byte)' ');
            }
            return;
        }
        using var items = new MemoryStream();
        foreach (var item in element.Items)
        {
            using var content = new MemoryStream();
            WriteDataset(content, item);
            WriteHead(items, DicomTags.Item, "", (int)content.Length);
            content.WriteTo(items);
        }
        WriteHead(stream, element.Tag, "SQ", (int)items.Length);
        items.WriteTo(stream);
    }

    private static void WriteFragments(Stream stream, DicomTag tag, IReadOnlyList<ReadOnlyMemory<byte>> fragments)
    {
        WriteHead(stream, tag, "OB", -1);
        foreach (var fragment in fragments)
        {
            WriteHead(stream, DicomTags.Item, "", fragment.Length + (fragment.Length & 1));
            stream.Write(fragment.Span);
            if (fragment.Length % 2 != 0)
            {
                stream.WriteByte(0);
            }
        }
        WriteHead(stream, DicomTags.SequenceDelimitation, "", 0);
    }

    private static void WriteHead(Stream stream, DicomTag tag, string representation, int length)
    {
        Span<byte> head = stackalloc byte[12];
        BinaryPrimitives.WriteUInt16LittleEndian(head, tag.Group);
        BinaryPrimitives.WriteUInt16LittleEndian(head[2..], tag.Element);
        Encoding.ASCII.GetBytes(representation, head[4..]);
        switch (representation)
        {
            case "":
                BinaryPrimitives.WriteInt32LittleEndian(head[4..], length);
                stream.Write(head[..8]);
                break;
            case "OB" or "OD" or "OF" or "OL" or "OV" or "OW" or "SQ" or "SV" or "UC" or "UN" or "UR" or "UT" or "UV":
                BinaryPrimitives.WriteInt32LittleEndian(head[8..], length);
                stream.Write(head);
                break;
            default:
                BinaryPrimitives.WriteUInt16LittleEndian(head[6..], checked((ushort)length));
                stream.Write(head[..8]);
                break;
        }
    }
}
