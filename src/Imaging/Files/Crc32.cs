namespace InrFast.Imaging;

/// <summary>The checksum of PNG chunks and of gzip (ISO 3309, polynomial 0xEDB88320 reflected).</summary>
public static class Crc32
{
    private const uint Polynomial = 0xEDB88320;

    private static readonly uint[] Table = BuildTable();

    public static uint Compute(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        foreach (var value in data)
        {
            crc = Table[(byte)(crc ^ value)] ^ (crc >> 8);
        }
        return ~crc;
    }

    /// <summary>The checksum of two pieces in a row, from those of each: the first times x^(8 length) modulo the polynomial, plus the second.</summary>
    public static uint Combine(uint first, uint second, long lengthOfSecond)
    {
        // Reflected: the highest bit is x^0.
        var (shift, power) = (0x80000000u, 0x40000000u);
        for (var bits = 8 * lengthOfSecond; bits > 0; bits >>= 1)
        {
            shift = (bits & 1) != 0 ? Multiply(shift, power) : shift;
            power = Multiply(power, power);
        }
        return Multiply(first, shift) ^ second;
    }

    private static uint Multiply(uint a, uint b)
    {
        var product = 0u;
        for (; a != 0; a <<= 1)
        {
            product ^= (a & 0x80000000) != 0 ? b : 0;
            b = (b & 1) != 0 ? Polynomial ^ (b >> 1) : b >> 1;
        }
        return product;
    }

    private static uint[] BuildTable()
    {
        var table = new uint[256];
        for (var i = 0u; i < 256; i++)
        {
            var entry = i;
            for (var bit = 0; bit < 8; bit++)
            {
                entry = (entry & 1) != 0 ? Polynomial ^ (entry >> 1) : entry >> 1;
            }
            table[i] = entry;
        }
        return table;
    }
}
