using InrFast.Tasks.Compression;

namespace InrFast.Tests.Compression;

/// <summary>The range coder and what is built on it: exact, and near the entropy.</summary>
sealed class CodingTests
{
    [TestCase(0.02)]
    [TestCase(0.3)]
    [TestCase(0.5)]
    [TestCase(0.999)]
    public void Bits_come_back_and_take_little_more_than_their_entropy(double probability)
    {
        const int Count = 50_000;
        var random = new Random(3);
        bool[] bits = [.. Enumerable.Range(0, Count).Select(_ => random.NextDouble() < probability)];
        var (encoder, model) = (new RangeEncoder(), BitModel.Even);
        foreach (bool bit in bits) encoder.Encode(ref model, bit ? 1 : 0);
        byte[] bytes = encoder.Finish();
        var decoder = new RangeDecoder(bytes);
        model = BitModel.Even;
        foreach (bool bit in bits) Assert.That(decoder.Decode(ref model), Is.EqualTo(bit ? 1 : 0));
        double entropy = -Count * (probability * Math.Log2(probability) + (1 - probability) * Math.Log2(1 - probability)) / 8;
        Assert.That(bytes, Has.Length.LessThan(1.02 * entropy + 100).And.Length.GreaterThan(0.9 * entropy));
    }

    [Test]
    public void Raw_bits_carry_over_long_runs_of_ones()
    {
        var encoder = new RangeEncoder();
        uint[] values = [.. Enumerable.Range(0, 4000).Select(i => i % 7 == 0 ? 0u : 0xFFFFu)];
        foreach (uint value in values) encoder.EncodeRaw(value, 16);
        var decoder = new RangeDecoder(encoder.Finish());
        foreach (uint value in values) Assert.That(decoder.DecodeRaw(16), Is.EqualTo(value));
    }

    [Test]
    public void Integers_of_every_size_come_back()
    {
        int[] values = [0, 1, -1, 2, -3, 7, 8, -128, 32767, -32768, 1 << 20, int.MaxValue, -int.MaxValue, 5, 5, 5, 0];
        var (encoder, model) = (new RangeEncoder(), new IntegerModel(2));
        for (int i = 0; i < values.Length; i++) model.Encode(encoder, values[i], i % 2);
        var decoder = new RangeDecoder(encoder.Finish());
        model = new IntegerModel(2);
        for (int i = 0; i < values.Length; i++) Assert.That(model.Decode(ref decoder, i % 2), Is.EqualTo(values[i]));
    }

    /// <summary>A normal distribution of deviation 100 has log2(100 sqrt(2 pi e)) bits.</summary>
    [Test]
    public void Normally_distributed_integers_take_little_more_than_their_entropy()
    {
        const int Count = 20_000;
        var random = new Random(4);
        var (encoder, model) = (new RangeEncoder(), new IntegerModel(1));
        for (int i = 0; i < Count; i++)
            model.Encode(encoder, (int)Math.Round(100 * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())), 0);
        double bits = 8.0 * encoder.Finish().Length / Count, entropy = Math.Log2(100 * Math.Sqrt(2 * Math.PI * Math.E));
        Assert.That(bits, Is.InRange(entropy - 0.02, entropy + 0.15));
    }

    [TestCase(0)]
    [TestCase(16)]
    [TestCase(20)]
    [TestCase(49)]
    [TestCase(300)]
    public void Weights_come_back_as_they_were_rounded(int count)
    {
        var random = new Random(5);
        float[][] tensors = count == 0 ? [] : [.. new[] { count, 7, count + 3, 1 }.Select(n => Enumerable.Range(0, n).Select(_ => (float)(random.NextDouble() - 0.5)).ToArray())];
        byte[] codes = [.. tensors.Select((tensor, t) => WeightCoder.CodeOf(Math.Pow(2, -5 - 3 * t), tensor.Max(MathF.Abs)))];
        byte[] bytes = WeightCoder.Encode(new((Half)0.25, (Half)0.5, tensors), codes);
        var back = WeightCoder.Decode(bytes, [.. tensors.Select(tensor => tensor.Length)]);
        Assert.That(back.Offset, Is.EqualTo((Half)0.25));
        for (int t = 0; t < tensors.Length; t++)
            Assert.That(back.Tensors[t], Is.EqualTo(tensors[t].Select(value => MathF.Round(value / WeightCoder.Step(codes[t])) * WeightCoder.Step(codes[t]))));
        for (int length = 0; length < Math.Min(bytes.Length, 4); length++)
            Assert.That(() => WeightCoder.Decode(bytes.AsSpan(0, length).ToArray(), [.. tensors.Select(tensor => tensor.Length)]), count > 0 || length < 2 ? Throws.TypeOf<FormatException>() : Throws.Nothing);
    }

    [Test]
    public void No_number_takes_more_than_16_bits() =>
        Assert.That(1000f / WeightCoder.Step(WeightCoder.CodeOf(1e-9, 1000)), Is.LessThanOrEqualTo(32767.5f));
}
