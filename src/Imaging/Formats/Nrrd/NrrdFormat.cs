using System.Globalization;
using System.Text;

namespace InrFast.Imaging;

/// <summary>
/// NRRD (teem.sourceforge.net/nrrd/format.html): raw, gzip or text, in one file (.nrrd) or with the voxels beside it (.nhdr). World axes LPS, RAS and LAS;
/// one axis of channels and one of time, wherever they stand. Vectors are left in the axes they were given in. No value scale. Written in LPS.
/// </summary>
internal sealed class NrrdFormat : IPairFormat
{
    public string Name => "NRRD";

    public IReadOnlyList<string> Endings => [".nrrd", ".nhdr"];

    public bool Recognises(InputFile file) => file.Head.AsSpan().StartsWith("NRRD000"u8);

    public Image Read(InputFile file)
    {
        var warnings = new List<string>();
        var header = new NrrdHeader(file);
        var axes = new NrrdAxes(file, header, warnings);
        var scale = new StoredScale(header.Type());
        var count = file.Limits.CountSamples(file.Name, axes.Sizes);
        var samples = ReadVoxels(file, header, scale, count);
        var order = axes.Order();
        if (!order.AsSpan().SequenceEqual([.. Enumerable.Range(0, order.Length)]))
        {
            samples = AxisOrder.Transpose(samples, Array.ConvertAll(axes.Sizes, size => (int)size), order);
        }
        VoxelStream.WarnOfRounding(file.Name, samples, scale, warnings);
        var (x, y, z) = axes.Size;
        return new Image(new Grid(new GridSize((int)x, (int)y, (int)z), axes.Geometry), samples, (int)axes.Channels, (int)axes.Times)
        {
            TimeSpacing = axes.TimeSpacing,
            Unit = header["sample units"]?.Trim('"') ?? "",
            Stored = scale,
            Warnings = warnings,
        };
    }

    public Action<Stream> Encode(string path, Image image, WriteOptions options, ICollection<string> warnings)
    {
        var scale = VoxelStream.PlainScale(image, options);
        var header = Header(image, scale, "encoding: gzip\n");
        var voxels = VoxelStream.Encode(path, image.Samples, scale, warnings);
        return stream =>
        {
            stream.Write(header);
            using var gzip = new GzipWriter(stream);
            gzip.Write(voxels);
        };
    }

    public (string Header, string Voxels)? PairOf(string path) =>
        path.EndsWith(".nhdr", StringComparison.OrdinalIgnoreCase) ? (path, path[..^5] + ".raw") : null;

    public (Action<Stream> Header, Action<Stream> Voxels) EncodePair(string path, Image image, WriteOptions options, ICollection<string> warnings)
    {
        var scale = VoxelStream.PlainScale(image, options);
        var header = Header(image, scale, $"encoding: raw\ndata file: {Path.GetFileName(PairOf(path)!.Value.Voxels)}\n");
        var voxels = VoxelStream.Encode(path, image.Samples, scale, warnings);
        return (stream => stream.Write(header), stream => stream.Write(voxels));
    }

    private static float[] ReadVoxels(InputFile file, NrrdHeader header, StoredScale scale, int count)
    {
        var packing = header.Require("encoding").ToLowerInvariant() switch
        {
            "raw" => VoxelPacking.Raw,
            "gzip" or "gz" => VoxelPacking.Gzip,
            "text" or "txt" or "ascii" => VoxelPacking.Text,
            var other => throw file.Unsupported($"the encoding '{InputFile.Shown(other)}' cannot be read; save the file with gzip"),
        };
        var (lineSkip, byteSkip) = (header.Integer("line skip", 0), header.Integer("byte skip", 0));
        if (lineSkip < 0 || byteSkip < -1 || byteSkip == -1 && packing != VoxelPacking.Raw)
        {
            throw file.Malformed($"it skips {lineSkip} lines and {byteSkip} bytes before its {packing} voxels; get a sound copy");
        }
        var isBig = scale.Type.Bytes() > 1 && packing != VoxelPacking.Text && header["endian"] is { } endian
            ? endian.Equals("big", StringComparison.OrdinalIgnoreCase)
            : false;
        var voxels = new VoxelFiles(file, scale, isBig, packing, byteSkip, lineSkip);
        return header["data file"] is not { } dataFile ? (voxels with { Offset = byteSkip < 0 ? byteSkip : header.DataOffset + byteSkip }).ReadAttached(count)
            : header.DataFiles is { } list ? voxels.ReadNamed(list, count)
            : dataFile.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var pattern, var first, var last, var step, ..] && pattern.Contains('%', StringComparison.Ordinal)
                ? voxels.ReadNamed(VoxelFiles.Expand(file, pattern, first, last, step), count)
            : voxels.ReadNamed([dataFile], count);
    }

    private static byte[] Header(Image image, StoredScale scale, string encoding)
    {
        var (size, map, channels) = (image.Size, image.Grid.IndexToWorld, image.Channels);
        var sizes = new List<string> { $"{size.X} {size.Y} {size.Z}" };
        var directions = new List<string> { $"{Vector(map.StepX)} {Vector(map.StepY)} {Vector(map.StepZ)}" };
        var kinds = new List<string> { "space space space" };
        var spacings = new List<string> { "nan nan nan" };
        if (channels > 1)
        {
            sizes.Insert(0, $"{channels}");
            directions.Insert(0, "none");
            kinds.Insert(0, (scale.Type, channels) switch { (SampleType.UInt8, 3) => "RGB-color", (SampleType.UInt8, 4) => "RGBA-color", _ => "vector" });
            spacings.Insert(0, "nan");
        }
        if (image.Times > 1)
        {
            sizes.Add($"{image.Times}");
            directions.Add("none");
            kinds.Add("time");
            spacings.Add(image.TimeSpacing > 0 ? Number(image.TimeSpacing) : "nan");
        }
        var axes = 3 + (channels > 1 ? 1 : 0) + (image.Times > 1 ? 1 : 0);
        return Encoding.UTF8.GetBytes(
            $"NRRD0005\n# Complete NRRD file format specification at:\n# http://teem.sourceforge.net/nrrd/format.html\ntype: {TypeName(scale.Type)}\ndimension: {axes}\n"
            + $"space: left-posterior-superior\nsizes: {string.Join(' ', sizes)}\nspace directions: {string.Join(' ', directions)}\nkinds: {string.Join(' ', kinds)}\n"
            + (image is { Times: > 1, TimeSpacing: > 0 } ? $"spacings: {string.Join(' ', spacings)}\n" : "")
            + $"endian: little\nspace units: \"mm\" \"mm\" \"mm\"\nspace origin: {Vector(map.Origin)}\n"
            + (image.Unit.Length > 0 ? $"sample units: {InputFile.Shown(image.Unit)}\n" : "")
            + encoding + "\n");
    }

    private static string TypeName(SampleType type) => type switch
    {
        SampleType.Float32 => "float",
        SampleType.Float64 => "double",
        _ => type.ToString().ToLowerInvariant(),
    };

    private static string Vector(Vector3d v) => $"({Number(v.X)},{Number(v.Y)},{Number(v.Z)})";

    private static string Number(double value) => value.ToString("r", CultureInfo.InvariantCulture);
}
