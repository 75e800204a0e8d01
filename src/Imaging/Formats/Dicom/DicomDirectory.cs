namespace InrFast.Imaging.Dicom;

/// <summary>A DICOMDIR: the index of a medium (PS3.10, chapter 8). Nothing outside the folder it lies in is ever opened.</summary>
internal static class DicomDirectory
{
    public static bool Is(DicomDataset dataset) => dataset.Contains(DicomTags.DirectoryRecordSequence);

    /// <summary>Paths of the images that it names.</summary>
    /// <exception cref="ImagingException">Malformed: a name leads out of the folder.</exception>
    public static IReadOnlyList<string> ImagePaths(string path, DicomDataset directory, ICollection<string> warnings)
    {
        var root = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var (paths, missing) = (new List<string>(), new List<string>());
        foreach (var record in directory.GetItems(DicomTags.DirectoryRecordSequence).Where(record => record.GetString(DicomTags.DirectoryRecordType) == "IMAGE"))
        {
            var components = record.GetStrings(DicomTags.ReferencedFileId);
            if (components.Length == 0)
            {
                continue;
            }
            if (Array.Exists(components, part => part is "" or "." or ".." || part.AsSpan().ContainsAny('/', '\\', ':') || part.AsSpan().Contains('\0')))
            {
                throw new ImagingException(ImagingError.Malformed, $"{path}: it names the file {string.Join('/', components)}, which is no plain name within its folder; do not use this medium");
            }
            var found = Follow(root, components);
            (found is null ? missing : paths).Add(found ?? string.Join('/', components));
        }
        if (missing.Count > 0)
        {
            warnings.Add($"{path}: {missing.Count} of the {missing.Count + paths.Count} images it names are not there ({missing[0]})");
        }
        return paths;
    }

    // Media are often copied with their names in lower case.
    private static string? Follow(string root, string[] components)
    {
        var path = root;
        foreach (var component in components)
        {
            var exact = Path.Combine(path, component);
            var options = new EnumerationOptions { MatchCasing = MatchCasing.CaseInsensitive, AttributesToSkip = 0 };
            var next = Path.Exists(exact) ? exact
                : Directory.Exists(path) ? Directory.EnumerateFileSystemEntries(path, "*", options).FirstOrDefault(entry => string.Equals(Path.GetFileName(entry), component, StringComparison.OrdinalIgnoreCase)) : null;
            if (next is null)
            {
                return null;
            }
            if (new FileInfo(next).LinkTarget is not null)
            {
                throw new ImagingException(ImagingError.Malformed, $"{next}: a DICOMDIR may not lead through links, which could leave its folder; put the file itself there");
            }
            path = next;
        }
        return File.Exists(path) ? path : null;
    }
}
