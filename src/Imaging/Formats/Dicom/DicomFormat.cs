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
        var dataset = DerivedDicom.Create(path, image, options, warnings);
        return stream => DicomWriter.Write(stream, dataset);
    }
}
