using System.Runtime.InteropServices;
using PureHDF;
using PureHDF.VOL.Native;

namespace InrFast.Imaging;

/// <summary>
/// Reads HDF5 through PureHDF, every call of which may throw anything on a broken file. What it takes from memory is bounded by <see cref="BoundedDriver"/>, <see cref="BoundedChunks"/>,
/// <see cref="BoundedSequences"/> and <see cref="BoundedStream"/>; numbers that lie in other files are refused.
/// </summary>
internal static partial class Hdf5File
{
    // Arrays are looked for this deep.
    private const int MaxDepth = 8, MaxObjects = 10_000;

    public static bool IsKSpace(string path) => Guarded(path, () =>
    {
        using var stream = File.OpenRead(path);
        using var hdf = BoundedDriver.Open(new BoundedStream(stream));
        return hdf.LinkExists("kspace") || IsmrmrdGroup(hdf) is not null;
    });

    public static KSpace ReadKSpace(string path, ReadLimits limits) => Guarded(path, () =>
    {
        using var stream = File.OpenRead(path);
        using var hdf = BoundedDriver.Open(new BoundedStream(stream));
        return hdf.LinkExists("kspace") ? ReadFastMri(path, hdf, limits)
            : IsmrmrdGroup(hdf) is { } group ? ReadIsmrmrd(path, group, limits)
            : throw new ImagingException(ImagingError.Malformed, $"{path}: it holds neither 'kspace' (fastMRI) nor 'dataset/data' (ISMRMRD); give a file with k-space");
    });

    public static Image ReadImage(InputFile file) => Guarded(file.Name, () =>
    {
        using var hdf = BoundedDriver.Open(new BoundedStream(file.OpenFrom(0)));
        var wanted = file.Options.Series?.Trim('/');
        var arrays = Arrays(hdf, wanted is null ? 2 : 1);
        var names = InputFile.Shown(string.Join(", ", arrays.Take(20).Select(array => array.Path)));
        if (arrays.Count == 0)
        {
            throw file.Malformed("it holds no array of two to four axes; give an image");
        }
        if (wanted is null && arrays.Count > 1)
        {
            throw new ImagingException(ImagingError.WrongUse, $"{file.Name}: it holds {arrays.Count} arrays ({names}); choose one with --series NAME");
        }
        var dataset = wanted is null ? arrays[0].Dataset : arrays.Find(array => array.Path == wanted).Dataset
            ?? throw new ImagingException(ImagingError.WrongUse, $"{file.Name}: it holds no array '{InputFile.Shown(wanted)}' but {names}; choose one of them with --series");
        var shape = Shape(dataset);
        var count = Count(file.Name, dataset, shape, 1, file.Limits);
        var (type, values) = ReadNumbers(file, dataset, count);
        long Axis(int fromLast) => fromLast <= shape.Length ? shape[^fromLast] : 1;
        return new Image(Grid.Plain((int)Axis(1), (int)Axis(2), (int)Axis(3)), values, 1, (int)Axis(4)) { Stored = new StoredScale(type) };
    });

    public static IReadOnlyList<ArrayEntry> List(InputFile file) => Guarded<IReadOnlyList<ArrayEntry>>(file.Name, () =>
    {
        using var hdf = BoundedDriver.Open(new BoundedStream(file.OpenFrom(0)));
        return Arrays(hdf, 2).ConvertAll(array => new ArrayEntry(array.Path, Shape(array.Dataset),
            $"{(array.Dataset.Type.Class == H5DataTypeClass.FloatingPoint ? "float" : "int")}{8 * array.Dataset.Type.Size}"));
    });

    // Those that can be images; one axis is an image of one row where it is asked for.
    private static List<(string Path, IH5Dataset Dataset)> Arrays(NativeFile hdf, int leastAxes)
    {
        var arrays = new List<(string Path, IH5Dataset Dataset)>();
        Collect(hdf, "", 0, arrays);
        arrays.RemoveAll(array => array.Dataset.Space.Dimensions.Length is var axes && (axes < leastAxes || axes > 4) || array.Dataset.Type.Class is not (H5DataTypeClass.FixedPoint or H5DataTypeClass.FloatingPoint));
        return arrays;
    }

    private static (SampleType Type, float[] Values) ReadNumbers(InputFile file, IH5Dataset dataset, int count)
    {
        SampleType type = (dataset.Type.Class, dataset.Type.Size) switch
        {
            (H5DataTypeClass.FloatingPoint, 4) => SampleType.Float32,
            (H5DataTypeClass.FloatingPoint, 8) => SampleType.Float64,
            (_, 1) => dataset.Type.FixedPoint.IsSigned ? SampleType.Int8 : SampleType.UInt8,
            (_, 2) when dataset.Type.Class == H5DataTypeClass.FixedPoint => dataset.Type.FixedPoint.IsSigned ? SampleType.Int16 : SampleType.UInt16,
            (_, 4) => dataset.Type.FixedPoint.IsSigned ? SampleType.Int32 : SampleType.UInt32,
            (_, 8) => dataset.Type.FixedPoint.IsSigned ? SampleType.Int64 : SampleType.UInt64,
            _ => throw file.Unsupported($"numbers of {dataset.Type.Size} bytes cannot be read; save them as float32"),
        };
        float[] As<T>() where T : unmanaged
        {
            var stored = dataset.Read<T[]>();
            if (stored.Length != count)
            {
                throw file.Malformed($"it declares {count} numbers and holds {stored.Length}; get a whole copy");
            }
            var values = new float[count];
            SampleCodec.Decode(MemoryMarshal.AsBytes(stored.AsSpan()), new StoredScale(type), bigEndian: false, values);
            return values;
        }
        return (type, type switch
        {
            SampleType.Int8 => As<sbyte>(),
            SampleType.UInt8 => As<byte>(),
            SampleType.Int16 => As<short>(),
            SampleType.UInt16 => As<ushort>(),
            SampleType.Int32 => As<int>(),
            SampleType.UInt32 => As<uint>(),
            SampleType.Int64 => As<long>(),
            SampleType.UInt64 => As<ulong>(),
            SampleType.Float64 => As<double>(),
            _ => As<float>(),
        });
    }

    // fastMRI (fastmri.med.nyu.edu): kspace [slice][coil][y][x], or without coils [slice][y][x]; its readout runs along y.
    private static KSpace ReadFastMri(string path, NativeFile hdf, ReadLimits limits)
    {
        var dataset = hdf.Dataset("kspace");
        var shape = Shape(dataset);
        if (shape.Length is not (3 or 4) || dataset.Type.Class != H5DataTypeClass.Compound || dataset.Type.Size != 8)
        {
            throw new ImagingException(ImagingError.Unsupported, $"{path}: 'kspace' is no array [slice][coil][y][x] of complex float32; save it as one");
        }
        var count = Count(path, dataset, shape, 2, limits);
        var complex = dataset.Read<Complex32[]>();
        if (complex.Length != count / 2)
        {
            throw new ImagingException(ImagingError.Malformed, $"{path}: 'kspace' declares {count / 2} samples and holds {complex.Length}; get a whole copy");
        }
        var samples = MemoryMarshal.Cast<Complex32, float>(complex).ToArray();
        var header = new KSpaceHeader { Trajectory = "cartesian" };
        if (hdf.LinkExists("ismrmrd_header"))
        {
            header = IsmrmrdHeader.Parse(path, ReadText(path, hdf.Dataset("ismrmrd_header"), limits)).Header;
        }
        double? maximum = hdf.AttributeExists("max") ? hdf.Attribute("max").Read<double>() : null;
        var acquisition = hdf.AttributeExists("acquisition") ? InputFile.Shown(hdf.Attribute("acquisition").Read<string>()) : null;
        return new KSpace
        {
            Size = new GridSize((int)shape[^1], (int)shape[^2]), Coils = shape.Length == 4 ? (int)shape[1] : 1, Slices = (int)shape[0], Samples = samples,
            Header = header with { Maximum = maximum, Protocol = header.Protocol ?? acquisition },
        };
    }

    private static KSpace ReadIsmrmrd(string path, IH5Group group, ReadLimits limits)
    {
        var dataset = group.Dataset("data");
        if (dataset.Type.Compound.Members.Any(member => member.Name is "data" or "traj" && (member.Type.Class != H5DataTypeClass.VariableLength || member.Type.VariableLength.BaseType.Size != sizeof(float))))
        {
            throw new ImagingException(ImagingError.Unsupported, $"{path}: its readouts are no sequences of float32; save them as ISMRMRD's library does");
        }
        Count(path, dataset, Shape(dataset), dataset.Type.Size / sizeof(float) + 1, limits);
        BoundedSequences.Require(dataset, new FileInfo(path).Length);
        var acquisitions = dataset.Read<Acquisition[]>();
        var xml = ReadText(path, group.Dataset("xml"), limits);
        var readouts = Array.ConvertAll(acquisitions, acquisition => acquisition.head.ToReadout(acquisition.data ?? [], acquisition.traj ?? []));
        return IsmrmrdReadouts.Assemble(path, readouts, xml, limits);
    }

    // The group of raw data is called "dataset" unless its writer chose another name.
    private static IH5Group? IsmrmrdGroup(NativeFile hdf)
    {
        foreach (var child in hdf.Children().Take(MaxObjects))
        {
            if (child is IH5Group group && group.LinkExists("data") && group.LinkExists("xml") && group.Dataset("data").Type is { Class: H5DataTypeClass.Compound } type
                && type.Compound.Members.Any(member => member.Name == "head"))
            {
                return group;
            }
        }
        return null;
    }

    private static void Collect(IH5Group group, string path, int depth, List<(string Path, IH5Dataset Dataset)> arrays)
    {
        foreach (var child in group.Children().Take(MaxObjects))
        {
            if (child is IH5Dataset dataset)
            {
                arrays.Add((path + dataset.Name, dataset));
            }
            else if (child is IH5Group inner && depth < MaxDepth && arrays.Count < MaxObjects)
            {
                Collect(inner, path + inner.Name + "/", depth + 1, arrays);
            }
        }
    }

    private static long[] Shape(IH5Dataset dataset) => Array.ConvertAll(dataset.Space.Dimensions, size => (long)Math.Min(size, long.MaxValue));

    private static string ReadText(string path, IH5Dataset dataset, ReadLimits limits)
    {
        Count(path, dataset, Shape(dataset), dataset.Type.Size / sizeof(float) + 1, limits);
        return dataset.Read<string>() ?? throw new ImagingException(ImagingError.Malformed, $"{path}: its XML header is empty; get a sound copy");
    }

    // Chunks may be deflated, hence the file's length times the best ratio.
    private static int Count(string path, IH5Dataset dataset, long[] shape, int floats, ReadLimits limits)
    {
        BoundedDriver.RequireOwnStorage(path, dataset);
        var count = limits.CountSamples(path, [.. shape, floats]);
        var (bytes, length) = ((Int128)(count / floats) * dataset.Type.Size, new FileInfo(path).Length);
        return bytes <= (Int128)length * InputFile.MaxDeflateRatio
            ? count
            : throw new ImagingException(ImagingError.Malformed, $"{path}: an array declares {bytes} bytes and the file has {length}; get a whole copy");
    }

    private static T Guarded<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is not (ImagingException or OutOfMemoryException))
        {
            throw new ImagingException(ImagingError.Malformed, $"{path}: this HDF5 file cannot be read ({e.Message.ReplaceLineEndings(" ")}); get a sound copy, or save it anew", e);
        }
    }

    // Members as they are called in the file.
#pragma warning disable CS0649, IDE1006
    private struct Complex32
    {
        public float r, i;
    }

    private struct Acquisition
    {
        public AcquisitionHeader head;
        public float[]? traj;
        public float[]? data;
    }

    /// <summary>ISMRMRD's AcquisitionHeader, packed: the members that are used, at their places.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 340)]
    private struct AcquisitionHeader
    {
        [FieldOffset(2)] public ulong flags;
        [FieldOffset(34)] public ushort number_of_samples;
        [FieldOffset(38)] public ushort active_channels;
        [FieldOffset(168)] public ushort discard_pre;
        [FieldOffset(170)] public ushort discard_post;
        [FieldOffset(172)] public ushort center_sample;
        [FieldOffset(176)] public ushort trajectory_dimensions;
        // idx: kspace_encode_step_1, kspace_encode_step_2, average, slice, contrast, phase, repetition, set
        [FieldOffset(242)] public ushort step_1;
        [FieldOffset(244)] public ushort step_2;
        [FieldOffset(248)] public ushort slice;
        [FieldOffset(250)] public ushort contrast;
        [FieldOffset(252)] public ushort phase;
        [FieldOffset(254)] public ushort repetition;
        [FieldOffset(256)] public ushort set;

        public readonly IsmrmrdReadout ToReadout(float[] data, float[] trajectory) => new(flags, number_of_samples, active_channels, center_sample, discard_pre, discard_post,
            trajectory_dimensions, step_1, step_2, slice, contrast, phase, repetition, set, data, trajectory);
    }
#pragma warning restore CS0649, IDE1006
}
