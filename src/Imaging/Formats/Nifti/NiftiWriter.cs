namespace InrFast.Imaging;

/// <summary>
/// An image in the form of NIfTI: little endian, with sform and (where the axes are at right angles) qform, both "scanner" space. Version 1,
/// or 2 where an axis is too long for it. Channels lie on the fifth axis as vectors in LPS, as ITK keeps displacement fields.
/// </summary>
internal sealed class NiftiWriter
{
    private readonly byte[] header;
    private readonly byte[] voxels;

    public NiftiWriter(string path, Image image, StoredScale wanted, bool isPair, ICollection<string> warnings)
    {
        var (size, map, channels) = (image.Size, image.Grid.IndexToWorld, image.Channels);
        var isLarge = Math.Max(Math.Max(size.X, size.Y), Math.Max(size.Z, Math.Max(image.Times, channels))) > short.MaxValue;
        // Version 1 keeps the scale in float32; the voxels are rounded against exactly that.
        var scale = isLarge ? wanted : wanted with { Slope = (float)wanted.Slope, Intercept = (float)wanted.Intercept };
        var isColour = channels is 3 or 4 && scale is { Type: SampleType.UInt8, IsPlain: true };
        var isVector = channels > 1 && !isColour;
        voxels = VoxelStream.Encode(path, isVector ? Planar(image) : image.Samples, scale, warnings);
        var qform = NiftiGeometry.ToQform(map);
        var (code, bits) = TypeCode(scale.Type, isColour ? channels : 1);
        var ras = map.BetweenLpsAndRas().Origin;
        header = new NiftiHeader
        {
            IsPair = isPair,
            Dim = [isVector ? 5 : image.Times > 1 ? 4 : image.Dimensions, size.X, size.Y, size.Z, image.Times, isVector ? channels : 1, 1, 1],
            DataType = code,
            BitsPerVoxel = bits,
            Intent = isVector ? NiftiHeader.Vector : 0,
            PixDim = [qform?.Sign ?? 1, map.Spacing.X, map.Spacing.Y, map.Spacing.Z, image.TimeSpacing, 0, 0, 0],
            Slope = scale.Slope,
            Intercept = scale.Intercept,
            // mm and seconds
            Units = 2 | 8,
            QformCode = qform is null ? 0 : 1,
            Qform = qform is { } q ? [q.B, q.C, q.D, ras.X, ras.Y, ras.Z] : new double[6],
            SformCode = 1,
            Sform = NiftiGeometry.ToSform(map),
        }.Format(isLarge ? 2 : 1);
    }

    public void WriteHeader(Stream stream) => stream.Write(header);

    public void WriteVoxels(Stream stream) => stream.Write(voxels);

    // Channels on the slowest axis.
    private static float[] Planar(Image image) =>
        AxisOrder.Transpose(image.Samples.ToArray(), [image.Channels, image.Samples.Length / image.Channels], [1, 0]);

    private static (int Code, int Bits) TypeCode(SampleType type, int colours) => (type, colours) switch
    {
        (_, 3) => (128, 24),
        (_, 4) => (2304, 32),
        (SampleType.UInt8, _) => (2, 8),
        (SampleType.Int16, _) => (4, 16),
        (SampleType.Int32, _) => (8, 32),
        (SampleType.Float32, _) => (16, 32),
        (SampleType.Float64, _) => (64, 64),
        (SampleType.Int8, _) => (256, 8),
        (SampleType.UInt16, _) => (512, 16),
        (SampleType.UInt32, _) => (768, 32),
        (SampleType.Int64, _) => (1024, 64),
        _ => (1280, 64),
    };
}
