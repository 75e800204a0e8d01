using System.Globalization;

namespace InrFast.Imaging.Dicom;

/// <summary>DICOM files of one frame or several, and DICOMDIRs; written as a derived image of one frame.</summary>
internal sealed class DicomFormat : IImageFormat
{
    public string Name => "DICOM";

    public IReadOnlyList<string> Endings => [".dcm"];

    public bool Recognises(InputFile file) => DicomReader.Recognises(file.Head, file.Length);

    public Image Read(InputFile file)
    {
        var dicom = DicomReader.Read(file);
        if (DicomDirectory.Is(dicom.Dataset) && file.IsOnDisk)
        {
            return DicomSeries.Read([file.Name], file.Options);
        }
        var pixels = new DicomPixels(dicom, file);
        var instance = new DicomInstance(file.Name, dicom, action => action(pixels));
        return DicomSeries.Choose(DicomSeries.Of([instance]), file.Options.Series, file.Name).Load(file.Name, file.Options, [.. DicomReader.PreambleWarnings(file)]);
    }

    public Action<Stream> Encode(string path, Image image, WriteOptions options, ICollection<string> warnings)
    {
        if (image.Size.Z * image.Times > 1)
        {
            throw new ImagingException(ImagingError.WrongUse,
                $"{path}: a DICOM file holds one slice and the image has {image.Size} voxels at {image.Times} times; write a folder (-o NAME/) or .nii.gz");
        }
        var series = new DerivedDicom(path, image, options, warnings);
        return stream => DicomWriter.Write(stream, series[0]);
    }

    /// <summary>A folder of one file for each slice, in the manner of <see cref="Encode"/>.</summary>
    public static Action EncodeFolder(string path, Image image, WriteOptions options, ICollection<string> warnings)
    {
        var series = new DerivedDicom(path, image, options, warnings);
        var digits = Math.Max(4, series.Count.ToString(CultureInfo.InvariantCulture).Length);
        return () => AtomicFolder.Write(path, options.Force, DicomWriter.IsOwn, series.Count,
            index => (index + 1).ToString($"d{digits}", CultureInfo.InvariantCulture) + ".dcm", (index, stream) => DicomWriter.Write(stream, series[index]));
    }
}
