using System.IO.Enumeration;

namespace InrFast.Imaging.Dicom;

/// <summary>Finds the DICOM images in folders, DICOMDIRs and lists of files, and reads their headers, on all cores.</summary>
internal static class DicomFiles
{
    private const int MaxFolderDepth = 8, LeastBytes = 16;

    public static IReadOnlyList<DicomInstance> Find(IReadOnlyList<string> paths, ReadLimits limits, List<string> warnings)
    {
        var found = new List<(string Path, bool IsNamed)>();
        foreach (var path in paths)
        {
            if (Directory.Exists(path))
            {
                found.AddRange(FilesOf(path).Select(file => (file, false)));
            }
            else if (ReadDirectory(path, limits) is { } directory)
            {
                found.AddRange(DicomDirectory.ImagePaths(path, directory, warnings).Select(file => (file, false)));
            }
            else
            {
                found.Add((path, true));
            }
        }
        var instances = new DicomInstance?[found.Count];
        var notes = new string?[found.Count];
        Concurrently.For(found.Count, i => (instances[i], notes[i]) = ReadHeader(found[i].Path, found[i].IsNamed, limits));
        warnings.AddRange(notes.OfType<string>());
        return [.. instances.OfType<DicomInstance>()];
    }

    // Folders behind links are left alone: they may lead round in circles. Sorted, so that results do not depend on the file system.
    private static string[] FilesOf(string folder)
    {
        try
        {
            var options = new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = MaxFolderDepth, IgnoreInaccessible = false, AttributesToSkip = 0 };
            return [.. new FileSystemEnumerable<string>(folder, (ref entry) => entry.ToSpecifiedFullPath(), options)
            {
                ShouldIncludePredicate = (ref entry) => !entry.IsDirectory && entry.Length >= LeastBytes,
                ShouldRecursePredicate = (ref entry) => (entry.Attributes & FileAttributes.ReparsePoint) == 0,
            }.Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new ImagingException(ImagingError.Unreadable, $"{folder}: the folder cannot be read ({e.Message})", e);
        }
    }

    /// <summary>The index that a DICOMDIR is; null for any other file.</summary>
    public static DicomDataset? ReadDirectory(string path, ReadLimits limits)
    {
        using var file = InputFile.Open(path, limits);
        return DicomReader.Recognises(file.Head, file.Length) && ImageFile.Guard(path, "DICOM", () => DicomReader.ReadHeader(file)).Dataset is var dataset && DicomDirectory.Is(dataset) ? dataset : null;
    }

    // A file that was named must be an image. Others are passed over, with a warning where they are broken.
    private static (DicomInstance? Instance, string? Warning) ReadHeader(string path, bool isNamed, ReadLimits limits)
    {
        try
        {
            using var file = InputFile.Open(path, limits);
            if (!DicomReader.Recognises(file.Head, file.Length))
            {
                return isNamed ? throw new ImagingException(ImagingError.WrongUse, $"{path}: this is no DICOM file; several files together must be DICOM files of one series") : (null, null);
            }
            var header = ImageFile.Guard(path, "DICOM", () => DicomReader.ReadHeader(file));
            if (header.BytesLeft == 0 || !header.Dataset.Contains(DicomTags.Rows))
            {
                return isNamed ? throw file.Malformed($"this DICOM file holds no image ({header.Dataset.GetString(DicomTags.Modality) ?? "no modality"}); leave it out") : (null, null);
            }
            return (new DicomInstance(path, header, action => WithPixels(path, limits, action)), DicomReader.PreambleWarnings(file).FirstOrDefault());
        }
        catch (ImagingException e) when (!isNamed && e.Kind is ImagingError.Malformed or ImagingError.Unreadable)
        {
            return (null, $"{e.Message} (left out)");
        }
    }

    private static void WithPixels(string path, ReadLimits limits, Action<DicomPixels> action)
    {
        using var file = InputFile.Open(path, limits);
        ImageFile.Guard(path, "DICOM", () => DicomReader.Read(file, dicom => action(new DicomPixels(dicom, file))));
    }
}
