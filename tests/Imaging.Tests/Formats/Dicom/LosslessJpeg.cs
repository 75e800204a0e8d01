namespace InrFast.Tests.Formats.Dicom;

/// <summary>A plain encoder of lossless JPEG (ITU-T T.81, annex H), for the tests alone: one code of five bits for each category.</summary>
internal static class LosslessJpeg
{
    /// <param name="samples">Channels interleaved.</param>
    /// <param name="width">Of a line.</param>
    /// <param name="channels">All in one scan, or in a scan each.</param>
    /// <param name="precision">Bits.</param>
    /// <param name="predictor">1 to 7.</param>
    /// <param name="restartLines">Lines between restart markers; 0 for none.</param>
    /// <param name="oneScan">Whether channels are interleaved.</param>
    /// <param name="shift">Point transform.</param>
    public static byte[] Encode(int[] samples, int width, int channels, int precision, int predictor, int restartLines = 0, bool oneScan = true, int shift = 0)
    {
        var height = samples.Length / width / channels;
        List<byte> bytes =
        [
            0xFF, 0xD8, 0xFF, 0xC3, 0, (byte)(8 + 3 * channels), (byte)precision, (byte)(height >> 8), (byte)height, (byte)(width >> 8), (byte)width, (byte)channels,
            .. Enumerable.Range(0, channels).SelectMany(c => new byte[] { (byte)(c + 1), 0x11, 0 }),
            0xFF, 0xC4, 0, 36, 0, 0, 0, 0, 0, 17, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, .. Enumerable.Range(0, 17).Select(category => (byte)category),
        ];
        if (restartLines > 0)
        {
            bytes.AddRange([0xFF, 0xDD, 0, 4, (byte)(restartLines * width >> 8), (byte)(restartLines * width)]);
        }
        foreach (var scan in oneScan ? [Enumerable.Range(0, channels).ToArray()] : Enumerable.Range(0, channels).Select(c => new[] { c }))
        {
            bytes.AddRange([0xFF, 0xDA, 0, (byte)(6 + 2 * scan.Length), (byte)scan.Length, .. scan.SelectMany(c => new byte[] { (byte)(c + 1), 0 }), (byte)predictor, 0, (byte)shift]);
            WriteScan(bytes, samples, scan, width, height, channels, precision, predictor, restartLines, shift);
        }
        bytes.AddRange([0xFF, 0xD9]);
        return [.. bytes];
    }

    private static void WriteScan(List<byte> bytes, int[] samples, int[] scan, int width, int height, int channels, int precision, int predictor, int restartLines, int shift)
    {
        var bits = new List<bool>();
        for (var y = 0; y < height; y++)
        {
            var isFirst = y == 0 || restartLines > 0 && y % restartLines == 0;
            if (isFirst && y > 0)
            {
                Flush(bytes, bits);
                bytes.AddRange([0xFF, (byte)(0xD0 + (y / restartLines - 1) % 8)]);
            }
            for (var x = 0; x < width; x++)
            {
                foreach (var c in scan)
                {
                    int At(int dx, int dy) => samples[((y - dy) * width + x - dx) * channels + c] >> shift;
                    var predicted = (isFirst, x) switch
                    {
                        (true, 0) => 1 << (precision - shift - 1),
                        (true, _) => At(1, 0),
                        (_, 0) => At(0, 1),
                        _ => predictor switch
                        {
                            1 => At(1, 0),
                            2 => At(0, 1),
                            3 => At(1, 1),
                            4 => At(1, 0) + At(0, 1) - At(1, 1),
                            5 => At(1, 0) + ((At(0, 1) - At(1, 1)) >> 1),
                            6 => At(0, 1) + ((At(1, 0) - At(1, 1)) >> 1),
                            _ => (At(1, 0) + At(0, 1)) >> 1,
                        },
                    };
                    WriteDifference(bits, (ushort)(At(0, 0) - predicted));
                }
            }
        }
        Flush(bytes, bits);
    }

    // Differences are taken modulo 65536; category 16 is 32768 alone.
    private static void WriteDifference(List<bool> bits, ushort difference)
    {
        var signed = (short)difference;
        var category = difference == 0x8000 ? 16 : signed == 0 ? 0 : (int)Math.Log2(Math.Abs((int)signed)) + 1;
        Put(bits, category, 5);
        if (category < 16)
        {
            Put(bits, signed < 0 ? signed + (1 << category) - 1 : signed, category);
        }
    }

    private static void Put(List<bool> bits, int value, int count)
    {
        for (var i = count - 1; i >= 0; i--)
        {
            bits.Add((value >> i & 1) != 0);
        }
    }

    private static void Flush(List<byte> bytes, List<bool> bits)
    {
        for (var i = 0; i < bits.Count; i += 8)
        {
            var value = 0;
            for (var j = i; j < i + 8; j++)
            {
                value = value << 1 | (j >= bits.Count || bits[j] ? 1 : 0);
            }
            bytes.Add((byte)value);
            if (value == 0xFF)
            {
                bytes.Add(0);
            }
        }
        bits.Clear();
    }
}
