using System.Buffers.Binary;
using InrFast.Imaging;
using InrFast.Imaging.Dicom;

namespace InrFast.Tests;

/// <summary>The vectors against the definition, written out one number at a time.</summary>
internal sealed class ShortSamplesTests
{
    // Odd, so that a rest is left to the plain loop.
    private const int Count = 1003;

    [TestCase(SampleType.Int16, 1, -1024)]
    [TestCase(SampleType.UInt16, 1, 0)]
    [TestCase(SampleType.UInt16, 1, 8388607)]
    [TestCase(SampleType.Int16, 1, 0.5)]
    [TestCase(SampleType.Int16, 0.1, -3)]
    public void NumbersBecomeValues(SampleType type, double slope, double intercept)
    {
        var (bytes, values) = (Numbers(), new float[Count]);
        SampleCodec.Decode([.. bytes], new StoredScale(type, slope, intercept), bigEndian: false, values);
        for (var i = 0; i < Count; i++)
        {
            double number = type == SampleType.Int16 ? BinaryPrimitives.ReadInt16LittleEndian(bytes.AsSpan(2 * i)) : BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(2 * i));
            Assert.That(values[i], Is.EqualTo((float)(slope * number + intercept)), $"{i}");
        }
    }

    [TestCase(12, 11, true)]
    [TestCase(12, 11, false)]
    [TestCase(12, 15, true)]
    [TestCase(10, 12, false)]
    [TestCase(1, 0, false)]
    [TestCase(16, 15, true)]
    public void OnlyStoredBitsCount(int stored, int high, bool isSigned)
    {
        var (bytes, values) = (Numbers(), new float[Count]);
        new PixelLayout(16, stored, high, isSigned).Decode(bytes, new StoredScale(SampleType.Int16, 1, -7), values);
        for (var i = 0; i < Count; i++)
        {
            var number = BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(2 * i)) >> (high + 1 - stored) & (1 << stored) - 1;
            number -= isSigned && number >> (stored - 1) == 1 ? 1 << stored : 0;
            Assert.That(values[i], Is.EqualTo(number - 7), $"{i}");
        }
    }

    [TestCase(SampleType.Int16, 1, -1024)]
    [TestCase(SampleType.UInt16, 0.37, 12.5)]
    [TestCase(SampleType.Int16, -2, 3)]
    public void ValuesBecomeNumbers(SampleType type, double slope, double intercept)
    {
        var values = new float[Count];
        for (var i = 0; i < Count; i++)
        {
            // Fractions, and then whole numbers alone.
            values[i] = (i - 500) * (i < Count / 2 ? 300.25f : 37);
        }
        (values[3], values[4], values[5], values[6], values[^1]) = (float.NaN, float.PositiveInfinity, float.NegativeInfinity, 0.49999997f, float.NaN);
        var bytes = new byte[2 * Count];
        var clipped = SampleCodec.Encode(values, new StoredScale(type, slope, intercept), bytes);
        var (low, high, expected) = type == SampleType.Int16 ? (-32768, 32767, 0) : (0, 65535, 0);
        for (var i = 0; i < Count; i++)
        {
            var number = Math.Round(((float.IsNaN(values[i]) ? 0 : (double)values[i]) - intercept) / slope);
            expected += float.IsNaN(values[i]) || number < low || number > high ? 1 : 0;
            int written = type == SampleType.Int16 ? BinaryPrimitives.ReadInt16LittleEndian(bytes.AsSpan(2 * i)) : BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(2 * i));
            Assert.That(written, Is.EqualTo(Math.Clamp(number, low, high)), $"{i}: {values[i]}");
        }
        Assert.That(clipped, Is.EqualTo(expected));
    }

    private static byte[] Numbers()
    {
        var bytes = new byte[2 * Count];
        new Random(5).NextBytes(bytes);
        return bytes;
    }
}
