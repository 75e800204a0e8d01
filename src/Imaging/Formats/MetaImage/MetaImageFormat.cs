using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace InrFast.Imaging;

/// <summary>
/// MetaImage (itk.org/Wiki/ITK/MetaIO/Documentation): one file (.mha) or a header with the voxels beside it (.mhd); raw, zlib or text. World axes
/// are LPS; a row of TransformMatrix is the direction of one axis. A fourth axis is time. No value scale. As ITK does, neither AnatomicalOrientation
/// nor an intensity function is applied.
/// </summary>
internal sealed class MetaImageFormat : IPairFormat
{
    private const int MaxListBytes = 1 << 24;

    private static readonly (string Name, SampleType Type)[] Types =
    [
        ("MET_CHAR", SampleType.Int8), ("MET_UCHAR", SampleType.UInt8), ("MET_SHORT", SampleType.Int16), ("MET_USHORT", SampleType.UInt16),
        ("MET_INT", SampleType.Int32), ("MET_UINT", SampleType.UInt32), ("MET_LONG_LONG", SampleType.Int64), ("MET_ULONG_LONG", SampleType.UInt64),
        ("MET_FLOAT", SampleType.Float32), ("MET_DOUBLE", SampleType.Float64),
        // Four bytes in MetaIO, whatever the machine's own "long" is.
        ("MET_LONG", SampleType.Int32), ("MET_ULONG", SampleType.UInt32),
    ];

    public string Name => "MetaImage";

    public IReadOnlyList<string> Endings => [".mha", ".mhd"];

    public bool Recognises(InputFile file)
    {
        var head = Encoding.Latin1.GetString(file.Head);
        return (head.StartsWith("ObjectType", StringComparison.Ordinal) || head.StartsWith("NDims", StringComparison.Ordinal) || head.StartsWith("Comment", StringComparison.Ordinal))
            && head.Contains("DimSize", StringComparison.Ordinal);
    }

    public Image Read(InputFile file)
    {
        var header = new MetaImageHeader(file);
        var warnings = new List<string>();
        var dimensions = (int)Math.Clamp(header.Integer("NDims", 0), -1, 1000);
        if (dimensions is < 2 or > 4)
        {
            throw file.Unsupported($"an image of {dimensions} dimensions (NDims) cannot be read; give 2, 3, or 4 with time");
        }
        var size = Array.ConvertAll(header.Numbers(dimensions, "DimSize") ?? throw file.Malformed("its header has no DimSize; this is no MetaImage"), number => (long)number);
        long Axis(int axis) => axis < dimensions ? size[axis] : 1;
        var channels = header.Integer("ElementNumberOfChannels", 1);
        var count = file.Limits.CountSamples(file.Name, [.. size, channels]);
        var scale = new StoredScale(TypeOf(file, header));
        if (header["ElementToIntensityFunctionSlope"] is { } slope && slope.Trim() is not ("1" or "1.0") || header["ElementToIntensityFunctionOffset"] is { } offset && offset.Trim() is not ("0" or "0.0"))
        {
            warnings.Add($"{file.Name}: its intensity function was not applied, as ITK does not apply it; the values are those stored");
        }
        var (map, timeSpacing) = Place(file, header, dimensions, warnings);
        var samples = ReadVoxels(file, header, scale, count);
        VoxelStream.WarnOfRounding(file.Name, samples, scale, warnings);
        return new Image(new Grid(new GridSize((int)Axis(0), (int)Axis(1), (int)Axis(2)), map), samples, (int)channels, (int)Axis(3))
        {
            TimeSpacing = Axis(3) > 1 ? timeSpacing : 0,
            Stored = scale,
            Warnings = warnings,
        };
    }

    public Action<Stream> Encode(string path, Image image, WriteOptions options, ICollection<string> warnings)
    {
        var scale = VoxelStream.PlainScale(image, options);
        var voxels = VoxelStream.Encode(path, image.Samples, scale, warnings);
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            zlib.Write(voxels);
        }
        var header = Header(image, scale, packed.Length, "LOCAL");
        var content = packed.GetBuffer().AsMemory(0, (int)packed.Length);
        return stream =>
        {
            stream.Write(header);
            stream.Write(content.Span);
        };
    }

    public (string Header, string Voxels)? PairOf(string path) =>
        path.EndsWith(".mhd", StringComparison.OrdinalIgnoreCase) ? (path, path[..^4] + ".raw") : null;

    public (Action<Stream> Header, Action<Stream> Voxels) EncodePair(string path, Image image, WriteOptions options, ICollection<string> warnings)
    {
        var scale = VoxelStream.PlainScale(image, options);
        var voxels = VoxelStream.Encode(path, image.Samples, scale, warnings);
        var header = Header(image, scale, null, Path.GetFileName(PairOf(path)!.Value.Voxels));
        return (stream => stream.Write(header), stream => stream.Write(voxels));
    }

    private static SampleType TypeOf(InputFile file, MetaImageHeader header)
    {
        var name = header["ElementType"] ?? throw file.Malformed("its header has no ElementType; this is no MetaImage");
        var index = Array.FindIndex(Types, type => type.Name == name.Replace("_ARRAY", "", StringComparison.Ordinal));
        return index >= 0 ? Types[index].Type : throw file.Unsupported($"elements of type {InputFile.Shown(name)} cannot be read; save them as MET_FLOAT");
    }

    private static (Affine Map, double TimeSpacing) Place(InputFile file, MetaImageHeader header, int dimensions, List<string> warnings)
    {
        var identity = new double[dimensions * dimensions];
        for (var i = 0; i < dimensions; i++)
        {
            identity[i * (dimensions + 1)] = 1;
        }
        var directions = header.Numbers(dimensions * dimensions, "TransformMatrix", "Rotation", "Orientation") ?? identity;
        var origin = header.Numbers(dimensions, "Offset", "Position", "Origin") ?? new double[dimensions];
        var spacing = header.Numbers(dimensions, "ElementSpacing", "ElementSize") ?? [.. Enumerable.Repeat(1.0, dimensions)];
        Vector3d Row(int axis) => axis >= Math.Min(dimensions, 3)
            ? new(0, 0, 1)
            : new Vector3d(directions[axis * dimensions], directions[axis * dimensions + 1], dimensions > 2 ? directions[axis * dimensions + 2] : 0) * spacing[axis];
        var map = new Affine(Row(0), Row(1), Row(2), new(origin[0], origin[1], dimensions > 2 ? origin[2] : 0));
        if (!map.IsInvertible)
        {
            warnings.Add($"{file.Name}: its axes (TransformMatrix, ElementSpacing) do not span space and were not used; left and right are not certain");
            map = Affine.Identity;
        }
        return (map, dimensions == 4 && spacing[3] > 0 ? spacing[3] : 0);
    }

    private static float[] ReadVoxels(InputFile file, MetaImageHeader header, StoredScale scale, int count)
    {
        var place = header["ElementDataFile"] ?? throw file.Malformed("its header has no ElementDataFile; this is no MetaImage");
        var isText = header["BinaryData"] is not null && !header.Flag("BinaryData");
        var packing = isText ? VoxelPacking.Text : header.Flag("CompressedData") ? VoxelPacking.Zlib : VoxelPacking.Raw;
        var skip = header.Integer("HeaderSize", 0);
        if (skip < -1 || skip == -1 && packing != VoxelPacking.Raw)
        {
            throw file.Malformed($"it skips {skip} bytes (HeaderSize) before its {packing} voxels; get a sound copy");
        }
        var voxels = new VoxelFiles(file, scale, header.Flag("BinaryDataByteOrderMSB", "ElementByteOrderMSB"), packing, skip);
        if (place.Equals("LOCAL", StringComparison.OrdinalIgnoreCase))
        {
            return (voxels with { Offset = header.DataOffset }).ReadAttached(count);
        }
        if (place.StartsWith("LIST", StringComparison.OrdinalIgnoreCase))
        {
            if (file.Length - header.DataOffset > MaxListBytes)
            {
                throw file.Malformed("its list of files is longer than 16 MiB; get a sound copy");
            }
            using var names = new StreamReader(file.OpenFrom(header.DataOffset), Encoding.UTF8);
            return voxels.ReadNamed([.. names.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)], count);
        }
        return place.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var pattern, var first, var last, var step] && pattern.Contains('%', StringComparison.Ordinal)
            ? voxels.ReadNamed(VoxelFiles.Expand(file, pattern, first, last, step), count)
            : voxels.ReadNamed([place], count);
    }

    private static byte[] Header(Image image, StoredScale scale, long? compressed, string dataFile)
    {
        var (size, map) = (image.Size, image.Grid.IndexToWorld);
        var spacing = map.Spacing;
        var isTimed = image.Times > 1;
        var (x, y, z) = (map.StepX / spacing.X, map.StepY / spacing.Y, map.StepZ / spacing.Z);
        string List(params ReadOnlySpan<double> numbers) => string.Join(' ', numbers.ToArray().Select(number => number.ToString("r", CultureInfo.InvariantCulture)));
        var (matrix, offset, spacings) = isTimed
            ? (List(x.X, x.Y, x.Z, 0, y.X, y.Y, y.Z, 0, z.X, z.Y, z.Z, 0, 0, 0, 0, 1), List(map.Origin.X, map.Origin.Y, map.Origin.Z, 0),
                List(spacing.X, spacing.Y, spacing.Z, image.TimeSpacing > 0 ? image.TimeSpacing : 1))
            : (List(x.X, x.Y, x.Z, y.X, y.Y, y.Z, z.X, z.Y, z.Z), List(map.Origin.X, map.Origin.Y, map.Origin.Z), List(spacing.X, spacing.Y, spacing.Z));
        return Encoding.UTF8.GetBytes(
            $"ObjectType = Image\nNDims = {(isTimed ? 4 : 3)}\nBinaryData = True\nBinaryDataByteOrderMSB = False\nCompressedData = {(compressed is null ? "False" : "True")}\n"
            + (compressed is { } bytes ? $"CompressedDataSize = {bytes}\n" : "")
            + $"TransformMatrix = {matrix}\nOffset = {offset}\nCenterOfRotation = {(isTimed ? "0 0 0 0" : "0 0 0")}\nElementSpacing = {spacings}\n"
            + $"DimSize = {size.X} {size.Y} {size.Z}{(isTimed ? $" {image.Times}" : "")}\n"
            + (image.Channels > 1 ? $"ElementNumberOfChannels = {image.Channels}\n" : "")
            + $"ElementType = {Array.Find(Types, type => type.Type == scale.Type).Name}\nElementDataFile = {dataFile}\n");
    }
}
