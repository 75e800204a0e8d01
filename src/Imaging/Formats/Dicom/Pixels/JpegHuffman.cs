namespace InrFast.Imaging.Dicom;

/// <summary>A Huffman table of differences (ITU-T T.81, annexes C and F.2.2.3), spread out: for each run of 16 bits, what they begin with.</summary>
internal sealed class JpegHuffmanTable
{
    // The code's length in the upper byte, its category (0 to 16) in the lower; 0 where no code begins so.
    private readonly ushort[] codes = new ushort[1 << 16];

    /// <param name="counts">How many codes there are of each length from 1 to 16.</param>
    /// <param name="categories">The category of each code, ascending.</param>
    /// <returns>Null where the codes overlap or a category is above 16.</returns>
    public static JpegHuffmanTable? Create(ReadOnlySpan<byte> counts, ReadOnlySpan<byte> categories)
    {
        var table = new JpegHuffmanTable();
        var (first, symbol) = (0, 0);
        for (var length = 1; length <= 16; length++)
        {
            for (var i = 0; i < counts[length - 1]; i++)
            {
                var span = 1 << (16 - length);
                if (first + span > 1 << 16 || categories[symbol] > 16)
                {
                    return null;
                }
                table.codes.AsSpan(first, span).Fill((ushort)(length << 8 | categories[symbol++]));
                first += span;
            }
        }
        return table;
    }

    /// <summary>The code with which the 16 bits begin: length in the upper byte, category in the lower; 0 where there is none.</summary>
    public int this[int bits] => codes[bits];
}

/// <summary>Reads the bits of a scan, without the zero bytes that are stuffed after FF. Beyond the end, or a marker, it gives zeros and counts them.</summary>
internal ref struct JpegBitReader(ReadOnlySpan<byte> stream, int position)
{
    private readonly ReadOnlySpan<byte> stream = stream;
    private ulong window;
    private int count, position = position, padding;
    private bool isBroken;

    /// <summary>Whether bits were used that are not there, or that are no code.</summary>
    public readonly bool IsExhausted => isBroken || padding > count;

    /// <summary>Where the marker that ended the scan stands.</summary>
    public readonly int End => position;

    /// <summary>Annex H.1.2.2: a category, then as many bits that say which of its differences it is.</summary>
    public int ReadDifference(JpegHuffmanTable table)
    {
        if (count < 32)
        {
            Fill();
        }
        var code = table[(int)(window >> 48)];
        isBroken |= code == 0;
        Skip(code >> 8);
        var category = code & 0xFF;
        if (category is 0 or 16)
        {
            return category << 11;
        }
        var bits = (int)(window >> (64 - category));
        Skip(category);
        // The upper half of the values is positive.
        return bits >> (category - 1) != 0 ? bits : bits - (1 << category) + 1;
    }

    /// <summary>Drops the bits that are left and passes the restart marker; false where there is none.</summary>
    public bool Restart()
    {
        (window, count, padding) = (0, 0, 0);
        if (position + 2 > stream.Length || stream[position] != 0xFF || stream[position + 1] is < 0xD0 or > 0xD7)
        {
            return false;
        }
        position += 2;
        return true;
    }

    private void Skip(int bits)
    {
        window <<= bits;
        count -= bits;
    }

    private void Fill()
    {
        while (count <= 56)
        {
            ulong next = 0;
            if (position < stream.Length && (stream[position] != 0xFF || position + 1 < stream.Length && stream[position + 1] == 0))
            {
                next = stream[position];
                position += next == 0xFF ? 2 : 1;
            }
            else
            {
                padding += 8;
            }
            window |= next << (56 - count);
            count += 8;
        }
    }
}
