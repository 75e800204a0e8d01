using System.Globalization;

namespace InrFast.Imaging.Dicom;

/// <summary>Copies DICOM images without what identifies the patient: every instance for itself, its pixels as they are stored, compressed or not.</summary>
public static class DeidentifiedCopies
{
    /// <summary>From files, folders and DICOMDIRs into a folder (NAME/), or from one file into a file (NAME.dcm); whole or not at all.</summary>
    /// <returns>How many instances were copied; what may be left in them, one line each.</returns>
    /// <exception cref="ImagingException">As for reading and writing images; WrongUse where the output is no place for DICOM.</exception>
    public static (int Count, IReadOnlyList<string> Warnings) Write(IReadOnlyList<string> paths, string output, Deidentifier deidentifier, ReadOptions options, bool force)
    {
        var warnings = new List<string>();
        var instances = DicomFiles.Find(paths, options.Limits, warnings);
        if (options.Series is not null && instances.Count > 0)
        {
            instances = DicomSeries.InstancesOf(instances, options.Series, paths[0]);
        }
        if (instances.Count == 0)
        {
            throw new ImagingException(ImagingError.Malformed, $"{paths[0]}: there is no DICOM image; give DICOM files or the folder of a series");
        }
        var remarks = new HashSet<string>();
        void Copy(int index, Stream stream)
        {
            using var file = InputFile.Open(instances[index].Name, options.Limits);
            var dicom = DicomReader.Read(file);
            var found = new HashSet<string>();
            DicomWriter.Write(stream, deidentifier.Apply(DicomPixels.InLittleEndian(dicom), found), dicom.Syntax.Compression == PixelCompression.None ? null : dicom.Syntax);
            lock (remarks)
            {
                remarks.UnionWith(found);
            }
        }
        if (AtomicFolder.IsNamed(output))
        {
            AtomicFolder.Write(output, force, DicomWriter.IsOwn, instances.Count, index => (index + 1).ToString("d4", CultureInfo.InvariantCulture) + ".dcm", Copy);
        }
        else if (instances.Count > 1 || !output.EndsWith(".dcm", StringComparison.OrdinalIgnoreCase))
        {
            throw new ImagingException(ImagingError.WrongUse, $"{output}: de-identified copies of {instances.Count} DICOM images go to {(instances.Count > 1 ? "a folder (NAME/)" : "a folder (NAME/) or a .dcm file")}; other formats keep no patient data");
        }
        else
        {
            AtomicFile.Write(output, force, stream => Copy(0, stream));
        }
        return (instances.Count, [.. warnings, .. remarks.Order(StringComparer.Ordinal).Select(remark => $"{output}: {remark}")]);
    }
}
