using System.Runtime.InteropServices;

namespace InrFast.Imaging.Dicom;

/// <summary>The pixels of one file: how many there are, how they are kept, and the values of each frame.</summary>
internal sealed class DicomPixels
{
    private readonly DicomFile dicom;
    private readonly DicomElement pixels;
    private readonly InputFile file;
    private readonly PixelLayout layout;
    private readonly bool isPlanar;

    /// <exception cref="ImagingException">Malformed or Unsupported.</exception>
    public DicomPixels(DicomFile dicom, InputFile file)
    {
        var dataset = dicom.Dataset;
        (this.dicom, this.file) = (dicom, file);
        pixels = dataset.Find(DicomTags.PixelData)
            ?? throw file.Malformed($"this DICOM file holds no image ({dataset.GetString(DicomTags.Modality) ?? "no modality"}); give one with PixelData");
        if (dicom.Syntax.IsCompressed || pixels.Fragments is not null)
        {
            throw file.Unsupported($"its pixels are compressed as {dicom.Syntax}, which cannot be read; unpack it first, for example with dcmdjpeg, dcmdrle or gdcmconv --raw");
        }
        int Need(DicomTag tag, string name) => dataset.GetInteger(tag) ?? throw file.Malformed($"its {name} {tag} is missing or no number; get a sound copy");
        (Rows, Columns) = (Need(DicomTags.Rows, "Rows"), Need(DicomTags.Columns, "Columns"));
        (Channels, Frames) = (dataset.GetInteger(DicomTags.SamplesPerPixel) ?? 1, Math.Max(1, dataset.GetInteger(DicomTags.NumberOfFrames) ?? 1));
        var photometric = dataset.GetString(DicomTags.PhotometricInterpretation) ?? "MONOCHROME2";
        if ((photometric, Channels) is not (("MONOCHROME1" or "MONOCHROME2", 1) or ("RGB", 3)))
        {
            throw file.Unsupported($"colours of kind {photometric} with {Channels} samples a pixel cannot be read; convert it to MONOCHROME2 or RGB");
        }
        layout = PixelLayout.Read(dataset, file);
        isPlanar = Channels == 3 && dataset.GetInteger(DicomTags.PlanarConfiguration) == 1;
        FrameSamples = file.Limits.CountSamples(file.Name, Columns, Rows, Channels);
        var needed = ((Int128)FrameSamples * Frames * layout.Allocated + 7) / 8;
        if (needed > pixels.Value.Length)
        {
            throw file.Malformed($"its size needs {needed} bytes of PixelData and there are {pixels.Value.Length}; get a whole copy");
        }
    }

    public int Columns { get; }

    public int Rows { get; }

    public int Channels { get; }

    public int Frames { get; }

    public int FrameSamples { get; }

    public SampleType Type => layout.Type;

    /// <summary>Values of one frame (from 0), channels interleaved.</summary>
    public void Decode(int frame, in StoredScale scale, Span<float> values)
    {
        var cells = CellsOf(frame);
        if (!isPlanar)
        {
            layout.Decode(cells, scale, values);
            return;
        }
        var planes = new float[FrameSamples];
        layout.Decode(cells, scale, planes);
        var plane = FrameSamples / 3;
        for (var i = 0; i < planes.Length; i++)
        {
            values[i % plane * 3 + i / plane] = planes[i];
        }
    }

    // A frame as uncompressed little endian has it, each sample in a cell of whole bytes.
    private ReadOnlySpan<byte> CellsOf(int frame)
    {
        if (layout.Allocated == 1)
        {
            return UnpackBits((long)frame * FrameSamples);
        }
        var bytes = layout.Allocated / 8;
        var cells = pixels.Value.Span.Slice(frame * FrameSamples * bytes, FrameSamples * bytes);
        return dicom.Syntax.IsBigEndian && bytes == 4 ? SwapWords(cells) : cells;
    }

    // Frames of single bits follow one another without a gap, each byte's lowest bit first (PS3.5, 8.1.1).
    private byte[] UnpackBits(long first)
    {
        var cells = new byte[FrameSamples];
        var packed = pixels.Value.Span;
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
}
