using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using InrFast.Autodiff;
using InrFast.Cli;
using InrFast.Imaging;
using InrFast.Kernels;
using InrFast.Models;
using InrFast.Tasks.Compression;
using InrFast.Tasks.Fitting;
using InrFast.Tasks.Reconstruction;
using InrFast.Tasks.Registration;
using static InrFast.Tests.Fuzzing.SeedFiles;

namespace InrFast.Tests.Fuzzing;

/// <summary>Readers of model files, of the descriptions in them, and of options.</summary>
internal static class ModelParsers
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, Converters = { new JsonStringEnumConverter() } };

    private static readonly SirenSettings Network = new(2, 1, 4, 1), Field = new(2, 2, 4, 1);

    private static readonly string[] Words =
        ["__metadata__", "dtype", "\"F16\"", "\"BF16\"", "\"F64\"", "\"I8\"", "shape", "data_offsets", "[", "]", "{", "}", ":", ",", "null", "true", "1e999", "NaN", "\\u0000", "\\ud800", "inrfast.network", "inrfast.signal", "\\\"type\\\":\\\"siren\\\"",
            "\\\"type\\\":\\\"mlp\\\"", "\\\"type\\\":\\\"miner\\\"", "\\\"encoding\\\":", "\\\"width\\\":", "[[[[[[[[", "{\"a\":{\"a\":{\"a\":"];

    public static Parser[] All =>
    [
        Of("model", stream => ModelFile.Read(stream), Model(Network, new Dictionary<string, string> { ["unit"] = "HU" }), Model(new EnsembleSettings(2, 1, new SirenSettings(2, 1, 4, 1, 6), [2, 1]))) with { Covers = ["ModelFile.Read"] },
        Of("training-state", stream => TrainingState.Read(stream), State(Network)) with { Covers = ["TrainingState.Read"] },
        Of("fitted-image", stream => FittedImage.Load(stream, CpuDevice.Best).Dispose(), Model(Network, Signal())) with { Covers = ["FittedImage.Load"] },
        Of("registration", stream => RegistrationModel.Load(stream, CpuDevice.Best).Dispose(), Model(Field, Deformation())) with { Covers = ["RegistrationModel.Load"] },
        new("network", (bytes, _) => NetworkSettings.FromJson(Encoding.UTF8.GetString(bytes)), [.. NetworkCases.All.Select(network => Encoding.UTF8.GetBytes(network.Settings.ToJson()))])
        {
            Words = [.. Words, .. Words.Select(word => word.Replace("\\", ""))], Refusal = typeof(FormatException), Covers = ["NetworkSettings.FromJson"],
        },
        new("ct-geometry", (bytes, _) => CtGeometry.Load("a.json", new MemoryStream(bytes)), [.. Geometries().Select(Saved)]) { Words = [.. Words, "\"posesMm\":", "[null]", "\"volume\":", "\"shape\":\"arc\""], Refusal = typeof(FitException), Covers = ["CtGeometry.Load"] },
        new("rtk-geometry", (bytes, _) => RtkGeometry.Load("a.xml", new MemoryStream(bytes), Grid.Plain(8, 4, 2)), Encoding.UTF8.GetBytes("""
            <?xml version="1.0"?><!DOCTYPE RTKGEOMETRY><RTKThreeDCircularGeometry version="3"><SourceToIsocenterDistance>1000</SourceToIsocenterDistance><SourceToDetectorDistance>1536</SourceToDetectorDistance>
            <Projection><GantryAngle>0</GantryAngle></Projection><Projection><GantryAngle>90.5</GantryAngle><ProjectionOffsetX>0</ProjectionOffsetX></Projection></RTKThreeDCircularGeometry>
            """.Trim())) { Words = ["<!DOCTYPE a [<!ENTITY b 'c'>]>", "&b;", "<Projection>", "</Projection>", "<InPlaneAngle>1</InPlaneAngle>", "NaN", "1e999"], Refusal = typeof(FitException), Covers = ["RtkGeometry.Load", "UntrustedXml.Parse"] },
        new("compressed", (bytes, _) => Decompress(Packing.WithInrzSums(bytes)), Compressed([false], 0), Compressed([true, false, false, false, false], 5), Compressed([true, false, false, false, false], 5, CompressionMethod.Tinc)) { Refusal = typeof(FitException), Covers = ["CompressedFile.Read"] },
        Parsers.OnDisk("options", "a.json", path => Configuration.Load(path), Words, "{\"threads\": 2, \"preset\": \"smooth\", \"force\": true}"u8.ToArray()) with { Refusal = typeof(CommandException) },
    ];

    private static Parser Of(string name, Action<Stream> read, params byte[][] seeds) => new(name, (bytes, _) => read(new MemoryStream(bytes, writable: false)), seeds) { Words = Words, Refusal = typeof(ModelFileException) };

    private static readonly Workers workers = new(1);

    private static void Decompress(byte[] bytes)
    {
        var file = CompressedFile.Read(bytes);
        if (file.Header.Grid.Size.Voxels <= 4096)
        {
            Decompressor.Run(file, CpuDevice.Best, workers);
        }
    }

    /// <summary>9 x 8 voxels in blocks with networks of so many units, whose numbers are some or other.</summary>
    private static byte[] Compressed(bool[] divided, int width, CompressionMethod method = CompressionMethod.Sci)
    {
        var header = new CompressedHeader(method, Grid.Plain(9, 8), 1, "HU", new StoredScale(SampleType.Int16, 2, -1024), -1000, 500, width > 0 ? 3 : null, 1, 20, 30, divided, [.. divided.Where(node => !node || method == CompressionMethod.Tinc).Select(_ => width)]);
        byte[] network = width == 0 ? [0, 0x38] : [0, 0x38, 0, 0x34, .. Enumerable.Range(0, 60).Select(i => (byte)(150 + i * 37 % 90))];
        return new CompressedFile(header, [.. header.Widths.Select(_ => new CompressedBlock(network, header.MaxError is null ? [] : [1, 2, 3, 4]))]).ToBytes();
    }

    private static CtGeometry[] Geometries() =>
    [
        new() { Kind = CtGeometry.Parallel, AnglesDegrees = [0, 60, 120], Detector = new() { Columns = 8, ColumnSpacingMm = 1 } },
        new()
        {
            Kind = CtGeometry.Cone, AnglesDegrees = [0, 90], SourceToAxisMm = 1000, SourceToDetectorMm = 1500, Detector = new() { Columns = 8, Rows = 4, ColumnSpacingMm = 1.6, RowSpacingMm = 1.5, ColumnOffsetMm = 0.4 },
            Volume = new() { Size = [8, 8, 4], SpacingMm = [2, 2, 2], OriginMm = [-7, -7, -3] }, TimesSeconds = [0, 0.1],
        },
        new() { Kind = CtGeometry.Cone, PosesMm = [[0, -1000, 0, 0, 500, 0, 1, 0, 0, 0, 0, 1]], Detector = new() { Columns = 8, Rows = 4, ColumnSpacingMm = 1 }, Volume = new() { Size = [8, 8, 4], SpacingMm = [2, 2, 2] } },
    ];

    private static byte[] Saved(CtGeometry geometry)
    {
        using var stream = new MemoryStream();
        geometry.Save(stream);
        return stream.ToArray();
    }

    private static Dictionary<string, string> Signal() => new()
    {
        ["inrfast.signal"] = JsonSerializer.Serialize(new SignalDescription([3, 4], [1, 1], 0, 1, [3, 4, 1], SignalDescription.Flatten(Affine.Identity), 1, 1, "HU", SampleType.Int16, 1, 0, 7), Json),
    };

    private static Dictionary<string, string> Deformation() => new()
    {
        ["inrfast.deformation"] = JsonSerializer.Serialize(new DeformationDescription(DeformationKind.Displacement, 8, [3, 4, 1], SignalDescription.Flatten(Affine.Identity), SignalDescription.Flatten(Affine.Identity)), Json),
    };
}
