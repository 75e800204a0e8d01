using System.Diagnostics;
using InrFast.Imaging;
using InrFast.Tests.Formats.Dicom;

namespace InrFast.Tests.Files;

/// <summary>Thousands of damaged files of every format: each is read, or refused with the room's own exception.</summary>
internal sealed class FuzzTests
{
    private const int MutationsPerSeed = 400;

    // tiffcp -c lzw:2 -t -w 16 -l 16 -B of 20 x 18 numbers of 16 bits.
    private const string LzwTiff =
        "TU0AKgAAA0qAACBQOCQWDQeEQmFQuGQcAgCHxGIRMCRMAv99RaNRGMRuNAONx2JSOISKPRUBACUyt/vSVS+VzCWzCaTGbTObTWcS+BTmby6YgUASCiP93UMABKjUiiUyh0um1Gn0cH1OnVIB1Cr04I"
        + "ACKgR/uivWOv2Sw2S0RUGWmz2W3V622kAAi5WCxW+KgkAAV/uK93+hYHAYC+4PBYHC4KBYfDYnDYS/UISP9uAADZbMZfNZTM53NtyAgIAAIFA4JBYNB4RCYVCwAAYbDX+/YXDopD4qBn++os/3/Fo8"
        + "AYzH48BYhGpBHYrKZLIocCAAApe/3oAAZMpfN5hOZjM51MANOJi/p3QJ7Q51PwGAKSA3++ZxNp1JKXSn+7qVV6nTIlWarWK9S67Aq5W6/XazXwAGH+6AABLa/35bblbrpa7nd7cFLfbAJcLxeLtdLv"
        + "epIBX+4rTgb+CQBhsRhcaAAfkcK/33jcPlM1lcfkQVm8tlMzkNJmM7P9QAIxGtTGG5qthrdU/25ASAAAPAADP9uQSEAaEwSDQuFQ+EBiEw2IRWGQcDgCMxuNACPAEASAAv9+x6TSePyGVSKVQV9St/"
        + "v+VzORy+WTcAAWQv+bTGaTSeT+QAgAAKiv96AAGUii02jU+j0moUaFVN/v6o06tU+mVCFAMAWABv9806u02dWKwv93WG3WqxyW4Wy33WxXSPXO5Xa6XC7AAMP90AACYR/vzCYnC4vBYrHYUKYbBgTD"
        + "4/H43F47IzoCv9xYDMZYEznPTnTToH6fSPvSZ/OarOaXXgrYP/WbHXbDT7KHQyXxWKb2HwaAiAACBAYAQQDP99QWFQZ/tyFw+DAAVP9rAADxZ/viIQuGxaPReQQIAAGRyN/v2RSmUySWSWWweEyx/v"
        + "+XTUAwibTUCyaYzOcy2bzGcggAAKiv96AAGUii02jU+j0moUaCVN/v6o06tU+mVCCAMAWABv9806u02d2Kwv93WG3Wqxyi4Wy33WxXSBXO5Xa6XC7AAMP90AACYR/vzCYnC4vBYrHYUKYbBgTD4/H4"
        + "3F47IzsCv9xYDMZYEgDO5/OaQAA/UZx/vvSZ7V7HWabUArZa3V7DT7vX7SIwyE7+O7+IQ2AgAAEAEAAAMAAAABABQAAAEBAAMAAAABABIAAAECAAMAAAABABAAAAEDAAMAAAABAAUAAAEGAAMAAAAB"
        + "AAEAAAESAAMAAAABAAEAAAEVAAMAAAABAAEAAAEaAAUAAAABAAAEEAEbAAUAAAABAAAEGAEcAAMAAAABAAEAAAEoAAMAAAABAAEAAAE9AAMAAAABAAIAAAFCAAMAAAABABAAAAFDAAMAAAABABAAAA"
        + "FEAAQAAAAEAAAEKAFFAAMAAAAEAAAEIAAAAAAAAAABAAAAAQAAAAEAAAABALYAzQDeAOAAAAAIAAAAvgAAAYsAAAJp";

    [Test]
    public void DamagedFilesGiveTypedErrorsOnly()
    {
        var random = new Random(1);
        var (read, refused, slowest) = (0, 0, TimeSpan.Zero);
        foreach (var (name, seed) in Seeds())
        {
            Assert.That(ImageFile.Read(name, seed).Samples.Length, Is.Positive, name);
            for (var i = 0; i < MutationsPerSeed; i++)
            {
                var mutant = Mutate(seed, random);
                var start = Stopwatch.GetTimestamp();
                try
                {
                    ImageFile.Read(name, mutant, new ReadLimits(64 << 20));
                    read++;
                }
                catch (ImagingException e)
                {
                    Assert.That(e.Message, Does.Not.Contain("\n"));
                    refused++;
                }
                var elapsed = Stopwatch.GetElapsedTime(start);
                slowest = elapsed > slowest ? elapsed : slowest;
            }
        }
        Assert.That(refused, Is.GreaterThan(read / 20), $"{read} read, {refused} refused");
        Assert.That(slowest, Is.LessThan(TimeSpan.FromSeconds(1)));
    }

    private static List<(string Name, byte[] Bytes)> Seeds()
    {
        var folder = TestData.NewFolder();
        var seeds = new List<(string, byte[])>();
        void Add(string name, Image image)
        {
            var path = Path.Combine(folder, name);
            ImageFile.Write(path, image);
            seeds.Add((name, File.ReadAllBytes(path)));
        }
        var picture = new StoredScale(SampleType.UInt8);
        Add("grey.png", TestData.Oblique(9, 7, 1, stored: picture));
        Add("colour16.png", TestData.Oblique(5, 6, 1, channels: 4, stored: new StoredScale(SampleType.UInt16)));
        Add("grey.jpg", TestData.Oblique(17, 9, 1, stored: picture));
        Add("colour.jpg", TestData.Oblique(17, 9, 1, channels: 3, stored: picture));
        Add("volume.npy", TestData.Oblique(4, 5, 6));
        Add("volume.npz", TestData.Oblique(4, 5, 6));
        Add("volume.nii", TestData.Oblique(4, 5, 6));
        Add("series.nii.gz", TestData.Oblique(4, 5, 6, times: 2));
        Add("vectors.nrrd", TestData.Oblique(4, 5, 6, channels: 3, times: 2, stored: new StoredScale(SampleType.Float32)));
        Add("volume.mha", TestData.Oblique(4, 5, 6, times: 2));
        seeds.Add(("text.nrrd", [.. "NRRD0004\ntype: int\ndimension: 3\nsizes: 2 1 2\nspace: RAS\nspace directions: (1,0,0) (0,2,0) (0,0,3)\nspace origin: (1,2,3)\nencoding: ascii\n\n1 -2e1 3 4.5\n"u8]));
        seeds.Add(("text.mha", [.. "ObjectType = Image\nNDims = 2\nDimSize = 2 2\nBinaryData = False\nElementType = MET_FLOAT\nElementDataFile = LOCAL\n1 -2e1 3 4.5\n"u8]));
        Add("colour.tif", TestData.Oblique(9, 7, 1, channels: 3, stored: picture));
        Add("series.tif", TestData.Oblique(6, 5, 4, channels: 2, times: 2, stored: new StoredScale(SampleType.Float32)));
        seeds.Add(("lzw.tif", Convert.FromBase64String(LzwTiff)));
        Add("slice.dcm", TestData.Oblique(8, 9, 1));
        Add("colour.dcm", TestData.Oblique(8, 9, 1, channels: 3, stored: picture));
        Directory.Delete(folder, recursive: true);
        var rle = DicomSample.Fragments(PixelModuleTests.Rle([.. Enumerable.Range(0, 72).Select(i => (byte)(i * 5))]));
        seeds.Add(("rle.dcm", DicomSample.File(DicomSample.Image(8, 9, 8, rle), DicomSample.Syntax(".5"))));
        var lossless = LosslessJpeg.Encode([.. Enumerable.Range(0, 72).Select(i => i * 37 % 4096)], 8, 1, 12, predictor: 4, restartLines: 3);
        seeds.Add(("lossless.dcm", DicomSample.File(DicomSample.Image(8, 9, 16, DicomSample.Fragments(lossless)), DicomSample.Syntax(".4.57"))));
        return seeds;
    }

    // Flips, overwrites with telling values, cuts, doubles and removes, a few at once; mostly near the front, where headers are.
    internal static byte[] Mutate(byte[] seed, Random random)
    {
        byte[] telling = [0, 1, 0x7F, 0x80, 0xFF, 0xFE];
        var bytes = new List<byte>(seed);
        for (var change = random.Next(1, 5); change > 0; change--)
        {
            var at = random.Next(random.Next(2) == 0 ? bytes.Count : Math.Min(bytes.Count, 512));
            switch (random.Next(6))
            {
                case 0: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 1: bytes[at] = telling[random.Next(telling.Length)]; break;
                case 2: bytes[at] = (byte)random.Next(256); break;
                case 3: bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 16), bytes.Count - at))); break;
                case 4: bytes.RemoveRange(at, Math.Min(random.Next(1, 16), bytes.Count - at - 1)); break;
                default: bytes.RemoveRange(Math.Max(1, at), bytes.Count - Math.Max(1, at)); break;
            }
        }
        return [.. bytes];
    }
}
