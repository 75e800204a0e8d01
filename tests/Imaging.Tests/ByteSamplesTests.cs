using CsCheck;
using InrFast.Imaging;

namespace InrFast.Tests;

internal sealed class ByteSamplesTests
{
    [Test]
    public void VectorsGiveWhatTheDefinitionSays() =>
        Gen.Float[-50, 300].Array[0, 200].Sample(values =>
        {
            for (var i = 0; i < values.Length; i += 7)
            {
                values[i] = (i % 5) switch { 0 => float.NaN, 1 => float.PositiveInfinity, 2 => float.NegativeInfinity, 3 => 254.5f, _ => -0.5f };
            }
            var cells = new byte[values.Length];
            var clipped = SampleCodec.Encode(values, new StoredScale(SampleType.UInt8), cells);
            var rounded = Array.ConvertAll(values, value => float.IsNaN(value) ? 0 : Math.Round((double)value));
            var back = new float[cells.Length];
            SampleCodec.Decode(cells, new StoredScale(SampleType.UInt8), bigEndian: false, back);
            return cells.SequenceEqual(rounded.Select(number => (byte)Math.Clamp(number, 0, 255)))
                && clipped == values.Where((value, i) => float.IsNaN(value) || rounded[i] is < 0 or > 255).Count()
                && back.SequenceEqual(cells.Select(cell => (float)cell));
        });
}
