using System.Buffers.Binary;
using InrFast.Models;

namespace InrFast.Tests.Fitting;

/// <summary>Damage to files: changed bytes of the header, changed digits, files cut short or with more at the end.</summary>
static class Mutations
{
    /// <summary>Reads so many damaged files; how many were refused. Anything but <see cref="ModelFileException"/> fails the test.</summary>
    public static int Refused(byte[] file, int count, Action<byte[]> read)
    {
        var random = new Random(7);
        int header = 8 + (int)BinaryPrimitives.ReadInt64LittleEndian(file), refused = 0;
        int[] digits = [.. Enumerable.Range(8, header - 8).Where(i => char.IsAsciiDigit((char)file[i]))];
        for (int i = 0; i < count; i++)
        {
            var (bytes, kind) = ((byte[])file.Clone(), i % 5);
            if (kind == 0) bytes[random.Next(header)] = (byte)random.Next(256);
            else if (kind == 1) bytes[digits[random.Next(digits.Length)]] = (byte)"0123456789-"[random.Next(11)];
            else if (kind == 2) bytes = bytes[..random.Next(bytes.Length)];
            else if (kind == 3) bytes = [.. bytes, .. new byte[random.Next(1, 40)]];
            else (bytes[random.Next(8, header)], bytes[random.Next(8, header)]) = ((byte)"\"{}[],:09"[random.Next(9)], (byte)"\"{}[],:09"[random.Next(9)]);
            try
            {
                read(bytes);
            }
            catch (ModelFileException)
            {
                refused++;
            }
            catch (Exception e)
            {
                throw new AssertionException($"damage {i} of kind {kind}: {e}");
            }
        }
        return refused;
    }
}
