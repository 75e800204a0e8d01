using System.Numerics;
using System.Runtime.InteropServices;

namespace InrFast.Imaging.Dicom;

/// <summary>Pixels and meaning of a single-frame DICOM image.</summary>
internal static class DicomImage
{
    public static Image Decode(DicomFile dicom, InputFile file)
    {
        var dataset = dicom.Dataset;
        if (dataset.Find(DicomTags.PixelData) is not { } pixels)
        {
            throw file.Malformed($"this DICOM file holds no image ({dataset.GetString(DicomTags.Modality) ?? "no modality"}); give one with PixelData");
        }
        if (dicom.Syntax.IsCompressed || pixels.Fragments is not null)
        {
            throw file.Unsupported($"its pixels are compressed as {dicom.Syntax}, which cannot be read; unpack it first, for example with dcmdjpeg, dcmdrle or gdcmconv --raw");
        }
        if (dataset.GetInteger(DicomTags.NumberOfFrames) is > 1 and var frames)
        {
            throw file.Unsupported($"it holds {frames} frames and one can be read; split it first");
        }
        int Need(DicomTag tag, string name) => dataset.GetInteger(tag) ?? throw file.Malformed($"its {name} {tag} is missing or no number; get a sound copy");
        var (rows, columns) = (Need(DicomTags.Rows, "Rows"), Need(DicomTags.Columns, "Columns"));
        var channels = dataset.GetInteger(DicomTags.SamplesPerPixel) ?? 1;
        var photometric = dataset.GetString(DicomTags.PhotometricInterpretation) ?? "MONOCHROME2";
        if ((photometric, channels) is not (("MONOCHROME1" or "MONOCHROME2", 1) or ("RGB", 3)))
        {
            throw file.Unsupported($"colours of kind {photometric} with {channels} samples a pixel cannot be read; convert it to MONOCHROME2 or RGB");
        }
        var layout = PixelLayout.Read(dataset, file);
        var count = file.Limits.CountSamples(file.Name, columns, rows, channels);
        var stored = layout.Unpack(pixels.Value, count, dicom.Syntax.IsBigEndian, file);
        var warnings = new List<string>();
        var scale = ScaleOf(dataset, layout.Type, file.Name, warnings);
        var samples = new float[count];
        SampleCodec.Decode(stored, scale, bigEndian: false, samples);
        if (channels == 3 && dataset.GetInteger(DicomTags.PlanarConfiguration) == 1)
        {
            samples = Interleave(samples);
        }
        if (photometric == "MONOCHROME1")
        {
            warnings.Add($"{file.Name}: its low values are meant to be shown bright (MONOCHROME1); values are kept as they are, previews are inverted");
        }
        var map = DicomGeometry.Read(dataset, file.Name, warnings);
        return new Image(new Grid(new GridSize(columns, rows), map), samples, channels)
        {
            Unit = UnitOf(dataset), Stored = scale, Acquisition = DicomAcquisition.Of(new DicomFrame(dataset, null, DicomGeometry.PositionOf(dataset))), Warnings = warnings,
        };
    }

    private static StoredScale ScaleOf(DicomDataset dataset, SampleType type, string name, List<string> warnings)
    {
        if (dataset.GetItems(DicomTags.ModalityLutSequence).Count > 0)
        {
            warnings.Add($"{name}: its table of values (Modality LUT) was not applied; values are the stored ones");
        }
        var slope = dataset.GetNumbers(DicomTags.RescaleSlope) is [var first, ..] ? first : 1;
        var intercept = dataset.GetNumbers(DicomTags.RescaleIntercept) is [var shift, ..] ? shift : 0;
        if (slope == 0)
        {
            warnings.Add($"{name}: its RescaleSlope is 0 and was taken as 1");
            slope = 1;
        }
        return new StoredScale(type, slope, intercept);
    }

    // Hounsfield units are what a CT's rescale gives unless RescaleType says otherwise (PS3.3, C.11.1.1.2).
    private static string UnitOf(DicomDataset dataset) => dataset.GetString(DicomTags.RescaleType) switch
    {
        "US" => "",
        { } type => type,
        null => dataset.GetString(DicomTags.Modality) == "CT" && dataset.Contains(DicomTags.RescaleSlope) ? "HU" : "",
    };

    private static float[] Interleave(float[] planar)
    {
        var samples = new float[planar.Length];
        var plane = planar.Length / 3;
        for (var i = 0; i < planar.Length; i++)
        {
            samples[i % plane * 3 + i / plane] = planar[i];
        }
        return samples;
    }
}

/// <summary>Where the bits of a sample lie in its cell (PS3.5, 8.1.1).</summary>
internal readonly record struct PixelLayout(int Allocated, int Stored, int HighBit, bool IsSigned)
{
    public SampleType Type => (Allocated, IsSigned) switch
    {
        (8, false) => SampleType.UInt8,
        (8, true) => SampleType.Int8,
        (16, false) => SampleType.UInt16,
        (16, true) => SampleType.Int16,
        (_, false) => SampleType.UInt32,
        _ => SampleType.Int32,
    };

    public static PixelLayout Read(DicomDataset dataset, InputFile file)
    {
        var allocated = dataset.GetInteger(DicomTags.BitsAllocated) ?? throw file.Malformed($"its BitsAllocated {DicomTags.BitsAllocated} is missing; get a sound copy");
        if (allocated is not (8 or 16 or 32))
        {
            throw file.Unsupported($"samples of {allocated} bits cannot be read; convert it to 8, 16 or 32 bits");
        }
        var stored = dataset.GetInteger(DicomTags.BitsStored) ?? allocated;
        var high = dataset.GetInteger(DicomTags.HighBit) ?? stored - 1;
        return stored >= 1 && high >= stored - 1 && high < allocated
            ? new PixelLayout(allocated, stored, high, dataset.GetInteger(DicomTags.PixelRepresentation) == 1)
            : throw file.Malformed($"BitsStored {stored} and HighBit {high} do not fit BitsAllocated {allocated}; get a sound copy");
    }

    /// <summary>A copy of the pixels in which every cell holds its number alone: overlays in unused bits are cut off, signs extended.</summary>
    public byte[] Unpack(ReadOnlyMemory<byte> pixels, int count, bool wasBigEndian, InputFile file)
    {
        if ((long)count * Allocated / 8 > pixels.Length)
        {
            throw file.Malformed($"its size needs {(long)count * Allocated / 8} bytes of PixelData and there are {pixels.Length}; get a whole copy");
        }
        var cells = pixels[..(count * (Allocated / 8))].ToArray();
        if (wasBigEndian && Allocated == 32)
        {
            // The reader has turned 16-bit words; their order within the number remains.
            foreach (ref var word in MemoryMarshal.Cast<byte, uint>(cells.AsSpan()))
            {
                word = uint.RotateLeft(word, 16);
            }
        }
        if (Stored == Allocated)
        {
            return cells;
        }
        switch (Type)
        {
            case SampleType.UInt8: KeepStoredBits<byte>(cells); break;
            case SampleType.Int8: KeepStoredBits<sbyte>(cells); break;
            case SampleType.UInt16: KeepStoredBits<ushort>(cells); break;
            case SampleType.Int16: KeepStoredBits<short>(cells); break;
            case SampleType.UInt32: KeepStoredBits<uint>(cells); break;
            default: KeepStoredBits<int>(cells); break;
        }
        return cells;
    }

    // Up until the sign stands at the top, then down, which fills with the sign in signed types and with zeros in others.
    private void KeepStoredBits<T>(Span<byte> cells) where T : unmanaged, IBinaryInteger<T>
    {
        var (left, right) = (Allocated - 1 - HighBit, Allocated - Stored);
        foreach (ref var cell in MemoryMarshal.Cast<byte, T>(cells))
        {
            cell = cell << left >> right;
        }
    }
}
