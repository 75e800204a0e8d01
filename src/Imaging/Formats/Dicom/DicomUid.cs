using System.Buffers.Binary;
using System.Security.Cryptography;

namespace InrFast.Imaging.Dicom;

/// <summary>Unique identifiers made from content: the same bytes give the same identifier, on every machine.</summary>
public static class DicomUid
{
    /// <summary>2.25 and the decimal value of a UUID (PS3.5, annex B.2), version 8 (RFC 9562, 5.8), of the content's SHA-256.</summary>
    public static string FromHash(params ReadOnlySpan<byte> content)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(content, hash);
        (hash[6], hash[8]) = ((byte)(hash[6] & 0x0F | 0x80), (byte)(hash[8] & 0x3F | 0x80));
        return $"2.25.{BinaryPrimitives.ReadUInt128BigEndian(hash)}";
    }
}
