using System.Buffers.Binary;

namespace InrFast.Imaging;

/// <summary>Writes one NIfTI-1 file, little endian, with sform and (where the axes are at right angles) qform, both "scanner" space.</summary>
internal sealed class NiftiWriter
{
    private const int VoxelOffset = 352;
    private readonly Image image;
    private readonly StoredScale scale;
    private readonly bool isColour;
    private readonly byte[] header = new byte[VoxelOffset];
    private readonly byte[] voxels;

    public NiftiWriter(string path, Image image, StoredScale scale, ICollection<string> warnings)
    {
        var size = image.Size;
        if (size.X > short.MaxValue || size.Y > short.MaxValue || size.Z > short.MaxValue || image.Times > short.MaxValue || image.Channels > short.MaxValue)
        {
            throw new ImagingException(ImagingError.WrongUse, $"{path}: NIfTI-1 holds at most 32767 voxels along an axis and the image has {size}; write another format");
        }
        // The header keeps the scale in float32; the voxels are rounded against exactly that.
        (this.image, this.scale) = (image, scale with { Slope = (float)scale.Slope, Intercept = (float)scale.Intercept });
        isColour = image.Channels is 3 or 4 && scale is { Type: SampleType.UInt8, IsPlain: true };
        voxels = new byte[checked(image.Samples.Length * scale.Type.Bytes())];
        var clipped = SampleCodec.Encode(isColour ? image.Samples.Span : Planar(), this.scale, voxels);
        if (clipped > 0)
        {
            warnings.Add(PictureSamples.ClippedWarning(path, clipped, scale.Type));
        }
        FillHeader();
    }

    public void Write(Stream stream)
    {
        stream.Write(header);
        stream.Write(voxels);
    }

    // Channels on the slowest axis, as NIfTI keeps vectors.
    private ReadOnlySpan<float> Planar()
    {
        if (image.Channels == 1)
        {
            return image.Samples.Span;
        }
        var source = image.Samples.Span;
        var channels = image.Channels;
        var planar = new float[source.Length];
        var count = source.Length / channels;
        for (var i = 0; i < source.Length; i++)
        {
            planar[i % channels * count + i / channels] = source[i];
        }
        return planar;
    }

    private void FillHeader()
    {
        var vector = !isColour && image.Channels > 1;
        Int32(0, NiftiHeader.Length1);
        ReadOnlySpan<int> dim = [vector ? 5 : image.Times > 1 ? 4 : image.Dimensions, image.Size.X, image.Size.Y, image.Size.Z, image.Times, vector ? image.Channels : 1, 1, 1];
        for (var i = 0; i < dim.Length; i++)
        {
            Int16(40 + 2 * i, dim[i]);
        }
        var (code, bits) = TypeCode();
        Int16(70, code);
        Int16(72, bits);
        var map = image.Grid.IndexToWorld;
        var qform = NiftiGeometry.ToQform(map);
        var spacing = map.Spacing;
        ReadOnlySpan<double> pixDim = [qform?.Sign ?? 1, spacing.X, spacing.Y, spacing.Z, image.TimeSpacing, 0, 0, 0];
        for (var i = 0; i < pixDim.Length; i++)
        {
            Float(76 + 4 * i, pixDim[i]);
        }
        Float(108, VoxelOffset);
        Float(112, scale.Slope);
        Float(116, scale.Intercept);
        header[123] = 2 | 8;
        if (vector)
        {
            // NIFTI_INTENT_VECTOR
            Int16(68, 1007);
        }
        var ras = map.BetweenLpsAndRas().Origin;
        if (qform is { } q)
        {
            Int16(252, 1);
            ReadOnlySpan<double> values = [q.B, q.C, q.D, ras.X, ras.Y, ras.Z];
            for (var i = 0; i < values.Length; i++)
            {
                Float(256 + 4 * i, values[i]);
            }
        }
        Int16(254, 1);
        var sform = NiftiGeometry.ToSform(map);
        for (var i = 0; i < sform.Length; i++)
        {
            Float(280 + 4 * i, sform[i]);
        }
        "n+1\0"u8.CopyTo(header.AsSpan(344));
    }

    private (int Code, int Bits) TypeCode() => (scale.Type, isColour ? image.Channels : 1) switch
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

    private void Int16(int at, int value) => BinaryPrimitives.WriteInt16LittleEndian(header.AsSpan(at), (short)value);

    private void Int32(int at, int value) => BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(at), value);

    private void Float(int at, double value) => BinaryPrimitives.WriteSingleLittleEndian(header.AsSpan(at), (float)value);
}
