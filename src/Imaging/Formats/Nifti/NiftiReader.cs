namespace InrFast.Imaging;

internal sealed class NiftiReader(InputFile file)
{
    // Content after the voxels is read as well, for gzip's checksum stands at the end; more than this is left unread.
    private const int MaxTrailingBytes = 1 << 24;

    public Image Read()
    {
        var header = NiftiHeader.Parse(file.ContentHead);
        var dim = header.Dim;
        if (dim[0] is < 1 or > 7)
        {
            throw file.Malformed($"it has {dim[0]} axes (dim[0]); this is no valid NIfTI header");
        }
        for (var axis = (int)dim[0] + 1; axis < 8; axis++)
        {
            dim[axis] = 1;
        }
        if (dim[6] != 1 || dim[7] != 1)
        {
            throw file.Unsupported("more than five axes cannot be read; split the file");
        }
        var (type, colours) = TypeOf(header.DataType);
        if (colours > 1 && dim[5] != 1)
        {
            throw file.Unsupported("colours on a fifth axis cannot be read; split the file");
        }
        var count = file.Limits.CountSamples(file.Name, dim[1], dim[2], dim[3], dim[4], dim[5], colours);
        var channels = (int)dim[5] * colours;
        var warnings = new List<string>();
        var map = NiftiGeometry.Read(header, file.Name, warnings);
        var scale = ScaleOf(header, type, colours);
        var samples = header.IsPair ? ReadPair(header, scale, count) : ReadVoxels(file, header, scale, count);
        if (dim[5] > 1)
        {
            // From channel last, as the fifth axis lies in the file, to channel first.
            samples = AxisOrder.Transpose(samples, [count / channels, channels], [1, 0]);
        }
        if (header.Intent == NiftiHeader.DisplacementVector && channels == 3)
        {
            FlipToLps(samples);
        }
        VoxelStream.WarnOfRounding(file.Name, samples, scale, warnings);
        var seconds = (header.Units & 0x38) switch { 16 => 1e-3, 24 => 1e-6, _ => 1.0 } * header.PixDim[4];
        return new Image(new Grid(new GridSize((int)dim[1], (int)dim[2], (int)dim[3]), map), samples, channels, (int)dim[4])
        {
            TimeSpacing = dim[4] > 1 && double.IsFinite(seconds) && seconds > 0 ? seconds : 0,
            Stored = scale,
            Warnings = warnings,
        };
    }

    private float[] ReadPair(NiftiHeader header, in StoredScale scale, int count)
    {
        var plain = file.Name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? file.Name[..^3] : file.Name;
        var stem = plain.EndsWith(".hdr", StringComparison.OrdinalIgnoreCase) ? plain[..^4] : plain;
        using var voxels = InputFile.Open(NiftiFormat.Beside(stem, ".img"), file.Limits);
        return ReadVoxels(voxels, header, scale, count);
    }

    private static float[] ReadVoxels(InputFile source, NiftiHeader header, in StoredScale scale, int count)
    {
        var elementBytes = scale.Type.Bytes();
        if (!(header.VoxelOffset >= (header.IsPair ? 0 : NiftiHeader.Length1) && header.VoxelOffset < long.MaxValue / 2))
        {
            throw source.Malformed($"its voxels begin at byte {header.VoxelOffset} (vox_offset), which is no place in the file; get a sound copy");
        }
        var offset = (long)header.VoxelOffset;
        source.RequireContent((Int128)count * elementBytes + offset);
        using var content = source.OpenContent();
        VoxelStream.Skip(content, offset);
        var samples = VoxelStream.Read(content, count, scale, header.BigEndian);
        var rest = new byte[1 << 16];
        for (int read, trailing = 0; source.IsGzip && trailing < MaxTrailingBytes && (read = content.Read(rest)) > 0; trailing += read)
        {
        }
        return samples;
    }

    // Displacements under their own intent are in RAS; ITK turns them likewise.
    private static void FlipToLps(float[] vectors)
    {
        for (var i = 0; i < vectors.Length; i += 3)
        {
            (vectors[i], vectors[i + 1]) = (-vectors[i], -vectors[i + 1]);
        }
    }

    private (SampleType Type, int Colours) TypeOf(int code) => code switch
    {
        2 => (SampleType.UInt8, 1),
        4 => (SampleType.Int16, 1),
        8 => (SampleType.Int32, 1),
        16 => (SampleType.Float32, 1),
        64 => (SampleType.Float64, 1),
        128 => (SampleType.UInt8, 3),
        256 => (SampleType.Int8, 1),
        512 => (SampleType.UInt16, 1),
        768 => (SampleType.UInt32, 1),
        1024 => (SampleType.Int64, 1),
        1280 => (SampleType.UInt64, 1),
        2304 => (SampleType.UInt8, 4),
        32 or 1792 or 2048 => throw file.Unsupported($"complex voxels (datatype {code}) cannot be read; save their magnitude"),
        1 or 1536 => throw file.Unsupported($"voxels of datatype {code} (single bits, or 128-bit floats) cannot be read; save them as float32"),
        _ => throw file.Malformed($"its voxel type {code} (datatype) does not exist; this is no valid NIfTI header"),
    };

    // A slope of zero, or none, means that the stored numbers are the values; colours have no scale.
    private StoredScale ScaleOf(NiftiHeader header, SampleType type, int colours)
    {
        if (colours > 1 || header.Slope == 0 || !double.IsFinite(header.Slope))
        {
            return new StoredScale(type);
        }
        return double.IsFinite(header.Intercept)
            ? new StoredScale(type, header.Slope, header.Intercept)
            : throw file.Malformed($"its intercept (scl_inter) is {header.Intercept}; get a sound copy");
    }
}
