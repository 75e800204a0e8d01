using System.Globalization;

namespace InrFast.Imaging.Dicom;

/// <summary>An image that DICOM files make together: a series, or one of the stacks of parallel slices that a series consists of.</summary>
public sealed class DicomSeries
{
    private const int MostListed = 8;
    private const string SecondaryCapture = "1.2.840.10008.5.1.4.1.1.7";

    private readonly DicomStack stack;
    private readonly int copies;

    private DicomSeries(string name, DicomStack stack, int copies) => (Name, this.stack, this.copies) = (name, stack, copies);

    /// <summary>What chooses it: the series' number, or its UID where others have that number; with "/2" for the second of several stacks.</summary>
    public string Name { get; }

    public string Uid => Text(DicomTags.SeriesInstanceUid);

    public string Number => Text(DicomTags.SeriesNumber);

    public string Modality => Text(DicomTags.Modality);

    public string Description => Text(DicomTags.SeriesDescription);

    public int Columns => stack.First.Columns;

    public int Rows => stack.First.Rows;

    /// <summary>Slices of one time point.</summary>
    public int Slices => stack.Depth;

    public int Times => stack.Times;

    /// <summary>Why it is taken only when asked for by name: "localizer" or "secondary capture"; null for others.</summary>
    public string? Exclusion => stack.First.Attributes.GetStrings(DicomTags.ImageType).Contains("LOCALIZER") ? "localizer"
        : Text(DicomTags.SopClassUid) is var kind && (kind == SecondaryCapture || kind.StartsWith(SecondaryCapture + ".", StringComparison.Ordinal)) ? "secondary capture" : null;

    /// <summary>Modality, size and description in a line.</summary>
    public string Summary => string.Join(", ", new[]
    {
        Modality, $"{Columns}x{Rows}, {Slices} slice{(Slices == 1 ? "" : "s")}", Times > 1 ? $"{Times} times" : "", Description, Exclusion ?? "", stack.Fault is null ? "" : "no image",
    }.Where(text => text.Length > 0));

    public override string ToString() => $"{Name} ({Summary})";

    /// <summary>Whether a path is a folder or a DICOMDIR, which may hold several series.</summary>
    public static bool IsCollection(string path) => Directory.Exists(path) || File.Exists(path) && DicomFiles.ReadDirectory(path, ReadLimits.Default) is not null;

    /// <summary>The series of folders, DICOMDIRs and files, in the order of their numbers.</summary>
    /// <returns>The series, and warnings about files that could not be read.</returns>
    /// <exception cref="ImagingException">Missing, Unreadable, Malformed, LimitExceeded; WrongUse where a named file is not DICOM.</exception>
    public static (IReadOnlyList<DicomSeries> Series, IReadOnlyList<string> Warnings) List(IReadOnlyList<string> paths, ReadLimits? limits = null)
    {
        var warnings = new List<string>();
        return (Of(DicomFiles.Find(paths, limits ?? ReadLimits.Default, warnings)), warnings);
    }

    internal static Image Read(IReadOnlyList<string> paths, ReadOptions options)
    {
        var (series, warnings) = List(paths, options.Limits);
        var name = paths.Count == 1 ? paths[0] : $"{paths[0]} and {paths.Count - 1} more";
        return ImageFile.Guard(name, "DICOM", () => Choose(series, options.Series, name).Load(name, options, warnings));
    }

    /// <summary>The files of one series among many.</summary>
    internal static IReadOnlyList<DicomInstance> InstancesOf(IReadOnlyList<DicomInstance> instances, string wanted, string where) =>
        [.. Choose(Of(instances), wanted, where).stack.Slices.Select(slice => slice.Instance).Distinct()];

    internal static IReadOnlyList<DicomSeries> Of(IReadOnlyList<DicomInstance> instances)
    {
        var groups = instances.SelectMany(DicomFrames.Of).GroupBy(slice => slice.Instance.Dataset.GetString(DicomTags.SeriesInstanceUid) ?? "")
            .Select(group => (Uid: group.Key, Slices: WithoutCopies(group), Count: group.Count(), Number: group.First().Instance.Dataset.GetInteger(DicomTags.SeriesNumber)))
            .OrderBy(group => group.Number).ThenBy(group => group.Uid, StringComparer.Ordinal).ToArray();
        return
        [
            .. groups.SelectMany(group =>
            {
                var isUnique = group.Number is not null && groups.Count(other => other.Number == group.Number) == 1;
                var name = isUnique ? group.Number!.Value.ToString(CultureInfo.InvariantCulture) : group.Uid;
                var stacks = DicomStack.Of(group.Slices).ToArray();
                return stacks.Select((stack, i) => new DicomSeries(stacks.Length == 1 ? name : $"{name}/{i + 1}", stack, group.Count - group.Slices.Count));
            }),
        ];
    }

    /// <summary>The series of that name, number or UID; the only one, leaving aside localizers and secondary captures, where none is named.</summary>
    internal static DicomSeries Choose(IReadOnlyList<DicomSeries> all, string? wanted, string where)
    {
        if (all.Count == 0)
        {
            throw new ImagingException(ImagingError.Malformed, $"{where}: there is no DICOM image; give the folder of a series");
        }
        var series = wanted is null ? all : [.. all.Where(each => each.Name == wanted || each.Uid == wanted || each.Number == wanted)];
        if (wanted is not null && series.Count == 0)
        {
            throw new ImagingException(ImagingError.WrongUse, $"{where}: there is no series {wanted}; it holds {Listed(all)}");
        }
        var usual = series.Where(each => each.Exclusion is null).ToArray();
        return series.Count == 1 ? series[0] : usual.Length == 1 ? usual[0]
            : throw new ImagingException(ImagingError.WrongUse, $"{where}: it holds {series.Count} series; choose one with --series: {Listed(series)}");
    }

    internal Image Load(string name, ReadOptions options, IReadOnlyList<string> warnings) => DicomVolume.Load(stack, name, options,
        [.. warnings, .. copies > 0 ? [$"{name}: {copies} files are copies of others (the same SOPInstanceUID) and were left out"] : Array.Empty<string>()]);

    // A copy of a file beside it is no second slice.
    private static List<DicomSlice> WithoutCopies(IEnumerable<DicomSlice> slices)
    {
        var seen = new HashSet<(string, int, (int, int)?)>();
        return [.. slices.Where(slice => slice.Instance.Dataset.GetString(DicomTags.SopInstanceUid) is not { } uid || seen.Add((uid, slice.Frame, slice.Tile)))];
    }

    private static string Listed(IReadOnlyList<DicomSeries> series) =>
        string.Join(", ", series.Take(MostListed)) + (series.Count > MostListed ? $" and {series.Count - MostListed} more that info lists" : "");

    private string Text(DicomTag tag) => stack.First.Attributes.GetString(tag) ?? "";
}
