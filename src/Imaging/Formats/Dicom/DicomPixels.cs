using System.Runtime.InteropServices;

namespace InrFast.Imaging.Dicom;

/// <summary>
/// The pixels of one file (PS3.3, C.7.6.3), of any transfer syntax, bit depth and kind of colour: how many there are, how they are kept, and the values of each frame.
/// Grey ones go through the value scale or the file's own table of values (Modality LUT), colours become RGB.
/// </summary>
internal sealed class DicomPixels
{
    private readonly InputFile file;
    private readonly DicomTransferSyntax syntax;
    private readonly PixelLayout layout;
    private readonly string photometric;
    private readonly int storedChannels;
    private readonly bool isPlanar;
    private readonly ReadOnlyMemory<byte> native;
    private readonly IReadOnlyList<ReadOnlyMemory<byte>> compressed = [];
    private readonly LookupTable? modality;
    private readonly LookupTable[] palette = [];

    /// <exception cref="ImagingException">Malformed: no pixels, or not as many as declared. Unsupported. LimitExceeded.</exception>
    public DicomPixels(DicomFile dicom, InputFile file)
    {
        var dataset = dicom.Dataset;
        (this.file, syntax) = (file, dicom.Syntax);
        var pixels = dataset.Find(DicomTags.PixelData) ?? dataset.Find(DicomTags.FloatPixelData) ?? dataset.Find(DicomTags.DoubleFloatPixelData)
            ?? throw file.Malformed($"this DICOM file holds no image ({dataset.GetString(DicomTags.Modality) ?? "no modality"}); give one with PixelData");
        int Need(DicomTag tag, string name) => dataset.GetInteger(tag) ?? throw file.Malformed($"its {name} {tag} is missing or no number; get a sound copy");
        (Rows, Columns, Frames) = (Need(DicomTags.Rows, "Rows"), Need(DicomTags.Columns, "Columns"), Math.Max(1, dataset.GetInteger(DicomTags.NumberOfFrames) ?? 1));
        storedChannels = dataset.GetInteger(DicomTags.SamplesPerPixel) ?? 1;
        photometric = dataset.GetString(DicomTags.PhotometricInterpretation) ?? "MONOCHROME2";
        layout = PixelLayout.Read(dataset, file);
        CheckColours();
        if (photometric == "PALETTE COLOR")
        {
            palette = [.. LookupTable.ReadPalette(dataset, layout.IsSigned, file)];
        }
        else if (storedChannels == 1 && !layout.IsFloat && dataset.GetItems(DicomTags.ModalityLutSequence) is [var item, ..])
        {
            modality = LookupTable.Read(item, DicomTags.LutDescriptor, DicomTags.LutData, layout.IsSigned, file);
            Unit = item.GetString(DicomTags.ModalityLutType) ?? "US";
        }
        FrameSamples = file.Limits.CountSamples(file.Name, Columns, Rows, Channels);
        if (pixels.Fragments is { } fragments)
        {
            compressed = FrameData.Split(dataset, fragments, Frames, file);
            var least = compressed.Min(data => data.Length);
            if ((long)Rows * Columns > least * MaxPixelsPerByte)
            {
                throw file.Malformed($"its frames have {Columns} x {Rows} pixels and {least} compressed bytes cannot hold that; get a whole copy");
            }
            return;
        }
        (native, isPlanar) = (pixels.Value, storedChannels == 3 && dataset.GetInteger(DicomTags.PlanarConfiguration) == 1);
        var needed = ((Int128)FrameBits * Frames + 7) / 8;
        if (needed > native.Length)
        {
            throw file.Malformed($"its size needs {needed} bytes of PixelData and there are {native.Length}; get a whole copy");
        }
    }

    /// <summary>The dataset as a little endian file has it: the reader leaves words of 32 bits in big endian pixels half turned.</summary>
    public static DicomDataset InLittleEndian(DicomFile dicom) =>
        dicom.Syntax.IsBigEndian && dicom.Dataset.GetInteger(DicomTags.BitsAllocated) == 32 && dicom.Dataset.Find(DicomTags.PixelData) is { Fragments: null, Value.Length: var length } pixels && length % 4 == 0
            ? dicom.Dataset.With(_ => false, DicomElement.FromBytes(DicomTags.PixelData, "OW", SwapWords(pixels.Value.Span)))
            : dicom.Dataset;

    public int Columns { get; }

    public int Rows { get; }

    /// <summary>1 grey, 3 RGB.</summary>
    public int Channels => palette.Length > 0 ? 3 : storedChannels;

    public int Frames { get; }

    public int FrameSamples { get; }

    /// <summary>Type of the numbers before the value scale.</summary>
    public SampleType Type => palette.Length > 0 ? palette[0].Type : modality?.Type ?? layout.Type;

    /// <summary>Whether the value scale holds: for grey values without a table.</summary>
    public bool HasScale => Channels == 1 && modality is null;

    /// <summary>Unit of the values in the file's table of values ("US": none named); null where it has none.</summary>
    public string? Unit { get; }

    private long FrameBits => (long)Rows * Columns * layout.Allocated * (photometric == "YBR_FULL_422" ? 2 : storedChannels);

    // JPEG-LS and JPEG 2000 have no bound of their own: an empty image takes a few hundred bytes, whatever its size.
    private long MaxPixelsPerByte => syntax.Compression switch
    {
        PixelCompression.Rle => RleDecoder.MaxPixelsPerByte,
        PixelCompression.Jpeg => JpegDecoding.MaxPixelsPerByte,
        _ => 1 << 16,
    };

    /// <summary>Values of one frame (from 0), channels interleaved. The scale is used where <see cref="HasScale"/>; its type is not looked at.</summary>
    /// <exception cref="ImagingException">Malformed, or Unsupported: a codec is not installed.</exception>
    public void Decode(int frame, in StoredScale scale, Span<float> values)
    {
        var stored = values[..(Rows * Columns * storedChannels)];
        var used = HasScale ? scale : new StoredScale(layout.Type);
        if (compressed.Count > 0)
        {
            Decompress(compressed[frame], used, stored);
        }
        else
        {
            layout.Decode(CellsOf(frame), used, stored);
        }
        modality?.Apply(values);
        if (palette.Length > 0)
        {
            LookupTable.Spread(palette, values);
        }
        else if (photometric is "YBR_FULL" or "YBR_FULL_422")
        {
            YCbCr.ToRgb(values, layout.Stored);
        }
    }

    private void CheckColours()
    {
        if ((photometric, storedChannels) is not (("MONOCHROME1" or "MONOCHROME2" or "PALETTE COLOR", 1) or ("RGB" or "YBR_FULL" or "YBR_FULL_422" or "YBR_RCT" or "YBR_ICT", 3)))
        {
            throw file.Unsupported($"colours of kind {photometric} with {storedChannels} samples a pixel cannot be read; convert it to MONOCHROME2 or RGB");
        }
        if (layout.IsFloat && photometric[0] != 'M')
        {
            throw file.Unsupported($"floating-point pixels of kind {photometric} cannot be read; convert it to MONOCHROME2");
        }
        if (storedChannels == 3 && (layout.Allocated is not (8 or 16) || layout.IsSigned))
        {
            throw file.Unsupported($"colours of {layout.Allocated} bits{(layout.IsSigned ? ", signed," : "")} cannot be read; convert them to 8 bits");
        }
    }

    // A frame as uncompressed little endian has it, each sample in a cell of whole bytes, channels interleaved.
    private ReadOnlySpan<byte> CellsOf(int frame)
    {
        if (layout.Allocated == 1)
        {
            return UnpackBits((long)frame * FrameSamples);
        }
        var bytes = (int)(FrameBits / 8);
        var cells = native.Span.Slice(frame * bytes, bytes);
        return syntax.IsBigEndian && layout is { Allocated: 32, IsFloat: false } ? SwapWords(cells)
            : photometric == "YBR_FULL_422" ? Upsample(cells)
            : isPlanar ? Interleave(cells)
            : cells;
    }

    // Frames of single bits follow one another without a gap, each byte's lowest bit first (PS3.5, 8.1.1).
    private byte[] UnpackBits(long first)
    {
        var cells = new byte[FrameSamples];
        var packed = native.Span;
        for (var i = 0; i < cells.Length; i++)
        {
            cells[i] = (byte)(packed[(int)((first + i) >> 3)] >> (int)((first + i) & 7) & 1);
        }
        return cells;
    }

    // The reader has turned 16-bit words; their order within the number remains.
    private static byte[] SwapWords(ReadOnlySpan<byte> cells)
    {
        var swapped = cells.ToArray();
        foreach (ref var word in MemoryMarshal.Cast<byte, uint>(swapped.AsSpan()))
        {
            word = uint.RotateLeft(word, 16);
        }
        return swapped;
    }

    // Two pixels are kept as their luminances, then the two colour differences that they share (PS3.3, C.7.6.3.1.2).
    private byte[] Upsample(ReadOnlySpan<byte> pairs)
    {
        var (size, cells) = (layout.Allocated / 8, new byte[FrameSamples * (layout.Allocated / 8)]);
        for (var pixel = 0; pixel < FrameSamples / 3; pixel++)
        {
            var pair = pairs.Slice(pixel / 2 * 4 * size, 4 * size);
            var target = cells.AsSpan(pixel * 3 * size);
            pair.Slice(pixel % 2 * size, size).CopyTo(target);
            pair[(2 * size)..].CopyTo(target[size..]);
        }
        return cells;
    }

    private byte[] Interleave(ReadOnlySpan<byte> planes)
    {
        var (size, plane, cells) = (layout.Allocated / 8, FrameSamples / 3, new byte[planes.Length]);
        for (var i = 0; i < FrameSamples; i++)
        {
            planes.Slice(i * size, size).CopyTo(cells.AsSpan((i % plane * 3 + i / plane) * size));
        }
        return cells;
    }

    private void Decompress(ReadOnlyMemory<byte> data, in StoredScale scale, Span<float> values)
    {
        if (layout.Allocated == 1)
        {
            throw file.Unsupported($"samples of 1 bit compressed as {syntax} cannot be read; unpack it first, for example with dcmdrle");
        }
        if (syntax.Compression == PixelCompression.Rle)
        {
            layout.Decode(RleDecoder.Decode(data.Span, Rows * Columns, storedChannels, layout.Allocated / 8, file), scale, values);
            return;
        }
        var frame = syntax.Compression switch
        {
            PixelCompression.Jpeg when JpegLosslessDecoder.Recognises(data.Span) => JpegLosslessDecoder.Decode(data.Span, file),
            PixelCompression.Jpeg => DecodeLossyJpeg(data),
            PixelCompression.JpegLs => JpegLsProgram.Decode(data, syntax, file),
            PixelCompression.Jpeg2000 => Jpeg2000Program.Decode(data, syntax, file),
            _ => throw file.Unsupported($"its pixels are compressed as {syntax}, which cannot be read; unpack it first, for example with gdcmconv --raw"),
        };
        if ((frame.Columns, frame.Rows, frame.Channels) != (Columns, Rows, storedChannels) || frame.Precision > layout.Allocated)
        {
            throw file.Malformed($"it declares {Columns} x {Rows} pixels of {storedChannels} x {layout.Allocated} bits and its compressed data holds {frame.Columns} x {frame.Rows} of {frame.Channels} x {frame.Precision}; get a sound copy");
        }
        // Codestreams keep numbers from the lowest bit up, whatever HighBit says. A signed number of fewer bits than declared has its sign at its own top.
        var stored = Math.Min(layout.Stored, frame.Precision);
        (layout with { Stored = stored, HighBit = stored - 1 }).Decode(ToCells(frame.Samples), scale, values);
    }

    private DecodedFrame DecodeLossyJpeg(ReadOnlyMemory<byte> data)
    {
        var picture = JpegDecoding.Decode(file, data.ToArray());
        return new(Array.ConvertAll(picture.Samples, value => (ushort)value), picture.Width, picture.Height, picture.Channels, picture.Precision);
    }

    private ReadOnlySpan<byte> ToCells(ushort[] samples) => layout.Allocated switch
    {
        8 => MemoryMarshal.AsBytes(Array.ConvertAll(samples, sample => (byte)sample).AsSpan()),
        16 => MemoryMarshal.AsBytes(samples.AsSpan()),
        _ => MemoryMarshal.AsBytes(Array.ConvertAll(samples, sample => (uint)sample).AsSpan()),
    };
}

/// <summary>What a codestream holds: samples of <paramref name="Precision"/> bits, channels interleaved, before any change of colours.</summary>
internal sealed record DecodedFrame(ushort[] Samples, int Columns, int Rows, int Channels, int Precision);
