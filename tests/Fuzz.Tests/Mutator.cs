using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace InrFast.Tests.Fuzzing;

/// <summary>Makes a damaged input out of sound ones, by the random numbers alone.</summary>
internal static class Mutator
{
    private const int HeadBytes = 512, MaxGrowth = 1 << 14;

    private static readonly long[] Telling = [0, 1, -1, 2, 3, 7, 8, 16, 32, 64, 127, 128, 255, 256, 1 << 12, short.MaxValue, ushort.MaxValue, 1 << 16, 1 << 20, int.MaxValue, int.MinValue, uint.MaxValue, 1L << 33, long.MaxValue, long.MinValue];

    private static readonly string[] TellingText = ["0", "-1", "1", "2147483647", "4294967296", "9223372036854775807", "1e308", "1e-320", "nan", "inf", "-0", "0x10", "1.5", "", " ", "99999999999999999999999"];

    public static byte[] Mutate(Parser parser, Random random)
    {
        var bytes = new List<byte>(Pick(parser.Seeds, random));
        for (var change = random.Next(3) == 0 ? random.Next(2, 6) : 1; change > 0; change--)
        {
            if (bytes.Count == 0)
            {
                bytes.Add((byte)random.Next(256));
            }
            Change(bytes, parser, random);
        }
        return [.. bytes];
    }

    private static void Change(List<byte> bytes, Parser parser, Random random)
    {
        // Headers stand in front: half of the changes go there.
        var at = random.Next(random.Next(2) == 0 ? bytes.Count : Math.Min(bytes.Count, HeadBytes));
        switch (random.Next(12))
        {
            case 0: bytes[at] ^= (byte)(1 << random.Next(8)); break;
            case 1: bytes[at] = (byte)random.Next(256); break;
            case 2: bytes[at] = (byte)Pick(Telling, random); break;
            case 3 or 4: ChangeNumber(bytes, at, random); break;
            case 5: ChangeDigits(bytes, at, random); break;
            case 6: Replace(bytes, at, 0, bytes.GetRange(at, Math.Min(random.Next(1, 32), bytes.Count - at))); break;
            case 7: Replace(bytes, at, Math.Min(random.Next(1, 16), bytes.Count - at), []); break;
            case 8: Replace(bytes, at, bytes.Count - at, []); break;
            case 9: Splice(bytes, at, Pick(parser.Seeds, random), random); break;
            case 10: Repeat(bytes, at, random); break;
            default: PutWord(bytes, at, parser, random); break;
        }
    }

    // A number of two, four or eight bytes, of either order, near the old one or a telling one.
    private static void ChangeNumber(List<byte> bytes, int at, Random random)
    {
        var size = 2 << random.Next(3);
        at &= random.Next(2) == 0 ? -size : -1;
        if (at + size > bytes.Count)
        {
            return;
        }
        Span<byte> cell = stackalloc byte[8];
        cell.Clear();
        var isBig = random.Next(2) == 0;
        for (var i = 0; i < size; i++)
        {
            cell[i] = bytes[at + (isBig ? size - 1 - i : i)];
        }
        var old = BinaryPrimitives.ReadInt64LittleEndian(cell);
        BinaryPrimitives.WriteInt64LittleEndian(cell, random.Next(6) switch { 0 => old + random.Next(-4, 5), 1 => old * 2, 2 => old << 16, 3 => -old, 4 => bytes.Count - at + random.Next(-1, 2), _ => Pick(Telling, random) });
        for (var i = 0; i < size; i++)
        {
            bytes[at + (isBig ? size - 1 - i : i)] = cell[i];
        }
    }

    // The next number written as text.
    private static void ChangeDigits(List<byte> bytes, int at, Random random)
    {
        var first = bytes.FindIndex(at, value => value is >= (byte)'0' and <= (byte)'9');
        if (first >= 0)
        {
            var end = bytes.FindIndex(first, value => value is not (>= (byte)'0' and <= (byte)'9'));
            Replace(bytes, first, (end < 0 ? bytes.Count : end) - first,
                Encoding.ASCII.GetBytes(random.Next(2) == 0 ? random.Next(1, 1 << random.Next(1, 31)).ToString(CultureInfo.InvariantCulture) : Pick(TellingText, random)));
        }
    }

    private static void Splice(List<byte> bytes, int at, byte[] other, Random random)
    {
        var from = random.Next(other.Length);
        Replace(bytes, at, random.Next(2) == 0 ? bytes.Count - at : 0, other[from..(random.Next(2) == 0 ? other.Length : random.Next(from, other.Length))]);
    }

    // Many times the same piece: deep nesting, long lists.
    private static void Repeat(List<byte> bytes, int at, Random random)
    {
        var piece = bytes.GetRange(at, Math.Min(random.Next(1, 24), bytes.Count - at));
        Replace(bytes, at, 0, [.. Enumerable.Repeat(piece, random.Next(2, random.Next(16) == 0 ? 600 : 40)).SelectMany(copy => copy)]);
    }

    private static void PutWord(List<byte> bytes, int at, Parser parser, Random random)
    {
        var word = Encoding.Latin1.GetBytes(Pick(parser.Words is [] ? TellingText : parser.Words, random));
        Replace(bytes, at, random.Next(2) == 0 ? Math.Min(word.Length, bytes.Count - at) : 0, word);
    }

    private static void Replace(List<byte> bytes, int at, int count, IReadOnlyCollection<byte> by)
    {
        if (bytes.Count + by.Count - count <= MaxGrowth)
        {
            bytes.RemoveRange(at, count);
            bytes.InsertRange(at, by);
        }
    }

    private static T Pick<T>(IReadOnlyList<T> list, Random random) => list[random.Next(list.Count)];
}
