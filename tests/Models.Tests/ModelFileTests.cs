using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using InrFast.Kernels;
using InrFast.Models;

namespace InrFast.Tests;

public sealed class ModelFileTests
{
    static readonly SirenSettings Settings = new(2, 1, 6, 1);

    static byte[] Bytes(IReadOnlyDictionary<string, string>? metadata = null)
    {
        using var fit = new Fit(Settings, CpuDevice.Best);
        using var stream = new MemoryStream();
        ModelFile.Write(stream, Settings, fit.Network, fit.Store, metadata);
        return stream.ToArray();
    }

    static byte[] WithHeader(string header, int data)
    {
        byte[] text = Encoding.UTF8.GetBytes(header), all = new byte[8 + text.Length + data];
        BinaryPrimitives.WriteInt64LittleEndian(all, text.Length);
        text.CopyTo(all, 8);
        return all;
    }

    static string Refused(byte[] bytes, NetworkSettings? settings = null) =>
        Assert.Throws<ModelFileException>(() => ModelFile.Read(new MemoryStream(bytes), settings))!.Message;

    /// <summary>The format's own document: https://github.com/huggingface/safetensors, "Format".</summary>
    [Test]
    public void A_file_is_what_the_format_s_document_says()
    {
        byte[] bytes = Bytes(new Dictionary<string, string> { ["unit"] = "HU" });
        int length = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        Assert.That(length % 8, Is.Zero, "numbers are aligned");
        using var header = JsonDocument.Parse(bytes.AsMemory(8, length));
        var weight = header.RootElement.GetProperty("layers.1.weight");
        Assert.That(weight.GetProperty("dtype").GetString(), Is.EqualTo("F32"));
        Assert.That(weight.GetProperty("shape").EnumerateArray().Select(n => n.GetInt32()), Is.EqualTo(new[] { 6, 6 }));
        int begin = weight.GetProperty("data_offsets")[0].GetInt32(), end = weight.GetProperty("data_offsets")[1].GetInt32();
        Assert.That(end - begin, Is.EqualTo(4 * 36));
        using var fit = new Fit(Settings, CpuDevice.Best);
        float[] expected = fit.Store.Read(fit.Store.Graph.Parameters.Single(parameter => parameter.Name == "layers.1.weight"));
        Assert.That(Enumerable.Range(0, 36).Select(i => BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(8 + length + begin + 4 * i))), Is.EqualTo(expected));
        var metadata = header.RootElement.GetProperty("__metadata__");
        Assert.That(metadata.GetProperty("unit").GetString(), Is.EqualTo("HU"));
        Assert.That(metadata.GetProperty("inrfast.version").GetString(), Does.Match("^[0-9]+[.]"));
        Assert.That(NetworkSettings.FromJson(metadata.GetProperty("inrfast.network").GetString()!), Is.EqualTo(Settings));
    }

    [Test]
    public void Metadata_come_back_and_a_stream_need_not_seek()
    {
        byte[] bytes = Bytes(new Dictionary<string, string> { ["unit"] = "HU \"quoted\"" });
        using var compressed = new MemoryStream();
        using (var zip = new System.IO.Compression.GZipStream(compressed, System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true)) zip.Write(bytes);
        compressed.Position = 0;
        var file = ModelFile.Read(new System.IO.Compression.GZipStream(compressed, System.IO.Compression.CompressionMode.Decompress));
        Assert.That(file.Metadata["unit"], Is.EqualTo("HU \"quoted\""));
        Assert.That(file.Network, Is.EqualTo(Settings));
    }

    [Test]
    public void The_same_model_gives_the_same_bytes() => Assert.That(Bytes(), Is.EqualTo(Bytes()));

    [Test]
    public void Every_truncation_is_refused()
    {
        byte[] bytes = Bytes();
        for (int length = 0; length < bytes.Length; length++) Refused(bytes[..length]);
        Refused([.. bytes, 0]);
    }

    /// <summary>Bytes of the header are changed at random: the file is refused with one line, or is still a model.</summary>
    [Test]
    public void A_damaged_header_never_breaks_the_reader()
    {
        byte[] bytes = Bytes();
        int header = 8 + (int)BinaryPrimitives.ReadInt64LittleEndian(bytes), refused = 0;
        var random = new Random(1);
        for (int i = 0; i < 4000; i++)
        {
            byte[] damaged = [.. bytes];
            for (int k = random.Next(1, 4); k > 0; k--) damaged[random.Next(header)] = (byte)(random.Next(3) == 0 ? random.Next(256) : "0123456789{}[],:\"-e."[random.Next(20)]);
            try { ModelFile.Read(new MemoryStream(damaged)); }
            catch (ModelFileException e)
            {
                refused++;
                Assert.That(e.Message, Does.Not.Contain('\n'));
            }
        }
        Assert.That(refused, Is.GreaterThan(3000));
    }

    const string Bias = "\"layers.2.bias\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}";

    [TestCase("[1]", "damaged")]
    [TestCase("{\"a\":1}", "damaged")]
    [TestCase("{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", "damaged")]
    [TestCase("{\"a\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[0,8]}}", "I64")]
    [TestCase("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}", "takes 8 bytes, not 4")]
    [TestCase("{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}", "negative")]
    [TestCase("{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,4]}}", "damaged")]
    [TestCase("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", "begins at byte 4")]
    [TestCase("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", "begins at byte 0")]
    [TestCase("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", "two tensors a")]
    [TestCase("{}", "4 bytes of data where its header tells of 0")]
    [TestCase("{" + Bias + "}", "describes no network")]
    [TestCase("{\"__metadata__\":{\"inrfast.network\":\"{}\"}," + Bias + "}", "description of the network")]
    [TestCase("{\"__metadata__\":{\"inrfast.network\":\"{\\\"type\\\":\\\"siren\\\",\\\"inputs\\\":2,\\\"outputs\\\":1,\\\"width\\\":0}\"}," + Bias + "}", "Width is 1 to 65536, not 0")]
    [TestCase("{\"__metadata__\":{\"inrfast.network\":\"{\\\"type\\\":\\\"siren\\\",\\\"inputs\\\":2,\\\"outputs\\\":1,\\\"hiddenLayers\\\":0}\"}," + Bias + "}", "no tensor layers.2.bias")]
    [TestCase("{\"__metadata__\":{\"inrfast.network\":\"{\\\"type\\\":\\\"siren\\\",\\\"inputs\\\":2,\\\"outputs\\\":2,\\\"hiddenLayers\\\":1}\"}," + Bias + "}", "shape [1] where the network has [2]")]
    [TestCase("{\"__metadata__\":{\"inrfast.network\":\"{\\\"type\\\":\\\"siren\\\",\\\"inputs\\\":2,\\\"outputs\\\":1,\\\"hiddenLayers\\\":1}\"}," + Bias + "}", "lacks the tensor")]
    [TestCase("{\"__metadata__\":{\"unit\":1}," + Bias + "}", "damaged")]
    public void A_lying_header_is_refused_with_its_reason(string header, string reason) => Assert.That(Refused(WithHeader(header, 4)), Does.Contain(reason));

    [Test]
    public void A_header_longer_than_the_file_is_refused()
    {
        byte[] bytes = Bytes();
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, ulong.MaxValue);
        Assert.That(Refused(bytes), Does.Contain("cut short"));
    }

    [Test]
    public void Numbers_that_are_not_finite_are_refused()
    {
        byte[] bytes = Bytes();
        BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(bytes.Length - 4), float.NaN);
        Assert.That(Refused(bytes), Does.Contain("layers.2.bias is not finite"));
    }
}
