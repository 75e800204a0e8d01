using System.Globalization;

namespace InrFast.Imaging.Dicom;

/// <summary>
/// The frames of a file, each with the attributes that a file of that frame alone would have: functional groups of enhanced files are
/// flattened (per frame before shared before the file's own; PS3.3, C.7.6.16), offsets of a dose grid become positions.
/// </summary>
internal static class DicomFrames
{
    public static IReadOnlyList<DicomSlice> Of(DicomInstance instance)
    {
        var dataset = instance.Dataset;
        var frames = Count(instance);
        if (dataset.Contains(DicomTags.PerFrameFunctionalGroupsSequence) || dataset.Contains(DicomTags.SharedFunctionalGroupsSequence))
        {
            return Enhanced(instance, frames);
        }
        if (DicomMosaic.IsMosaic(dataset))
        {
            return DicomMosaic.Slices(instance, frames);
        }
        if (frames == 1)
        {
            return [new DicomSlice(instance, 0, dataset)];
        }
        dataset = dataset.With(_ => false, Flatten(dataset.GetItems(DicomTags.DetectorInformationSequence)).Where(element => !dataset.Contains(element.Tag)));
        return Offsets(dataset, frames) is { } offsets && DicomGeometry.HasPlace(dataset)
            ? Stacked(instance, dataset, offsets)
            : [.. Enumerable.Range(0, frames).Select(frame => new DicomSlice(instance, frame, dataset.With(_ => false,
                DicomElement.FromText(DicomTags.TemporalPositionIdentifier, (frame + 1).ToString(CultureInfo.InvariantCulture)))))];
    }

    // How many frames there are, checked against the file's length before anything is made for each.
    private static int Count(DicomInstance instance)
    {
        var dataset = instance.Dataset;
        var frames = dataset.GetInteger(DicomTags.NumberOfFrames) ?? 1;
        var bits = instance.Header.Syntax.Compression != PixelCompression.None ? 64 : (Int128)(dataset.GetInteger(DicomTags.Rows) ?? 1) * (dataset.GetInteger(DicomTags.Columns) ?? 1)
            * (dataset.GetString(DicomTags.PhotometricInterpretation) == "YBR_FULL_422" ? 2 : dataset.GetInteger(DicomTags.SamplesPerPixel) ?? 1) * (dataset.GetInteger(DicomTags.BitsAllocated) ?? 8);
        // A compressed frame takes a fragment, and that a head of 8 bytes.
        return frames < 1 || bits < 1 || bits * frames / 8 <= instance.Header.BytesLeft
            ? Math.Max(1, frames)
            : throw Malformed(instance, $"{frames} frames need {bits * frames / 8} bytes and {instance.Header.BytesLeft} follow its header; get a whole copy");
    }

    private static List<DicomSlice> Enhanced(DicomInstance instance, int frames)
    {
        var dataset = instance.Dataset;
        var own = dataset.GetItems(DicomTags.PerFrameFunctionalGroupsSequence);
        if (own.Count != frames && own.Count != 0)
        {
            throw Malformed(instance, $"it has {frames} frames and describes {own.Count} of them; get a sound copy");
        }
        var shared = dataset.With(tag => tag == DicomTags.PerFrameFunctionalGroupsSequence || tag == DicomTags.SharedFunctionalGroupsSequence,
            dataset.GetItems(DicomTags.SharedFunctionalGroupsSequence).Take(1).SelectMany(FlattenGroups));
        var slices = new List<DicomSlice>(frames);
        for (var frame = 0; frame < frames; frame++)
        {
            slices.Add(new DicomSlice(instance, frame, own.Count == 0 ? shared : shared.With(_ => false, FlattenGroups(own[frame]))));
        }
        return slices;
    }

    private static IEnumerable<DicomElement> FlattenGroups(DicomDataset groups) => groups.Elements.SelectMany(group => Flatten(group.Items ?? []));

    private static IEnumerable<DicomElement> Flatten(IReadOnlyList<DicomDataset> items) => items.Take(1).SelectMany(item => item.Elements);

    // Distances along the normal where the file stacks its frames in space: a dose grid (PS3.3, C.8.8.3.2) or a tomogram of nuclear medicine (C.8.4.15).
    private static double[]? Offsets(DicomDataset dataset, int frames)
    {
        var listed = dataset.GetNumbers(DicomTags.GridFrameOffsetVector);
        if (listed.Length == frames)
        {
            return Array.ConvertAll(listed, offset => offset - listed[0]);
        }
        return dataset.Find(DicomTags.FrameIncrementPointer) is { Value.Span: [0x54, 0, 0x80, 0, ..] } && dataset.GetNumbers(DicomTags.SpacingBetweenSlices) is [not 0 and var step, ..]
            ? [.. Enumerable.Range(0, frames).Select(frame => frame * step)] : null;
    }

    private static IReadOnlyList<DicomSlice> Stacked(DicomInstance instance, DicomDataset dataset, double[] offsets)
    {
        var first = new DicomSlice(instance, 0, dataset);
        return
        [
            .. offsets.Select((offset, frame) =>
            {
                var position = first.Place.Origin + first.Normal * offset;
                return new DicomSlice(instance, frame, dataset.With(_ => false, DicomElement.FromNumbers(DicomTags.ImagePositionPatient, position.X, position.Y, position.Z)));
            }),
        ];
    }

    private static ImagingException Malformed(DicomInstance instance, string what) => new(ImagingError.Malformed, $"{instance.Name}: {what}");
}
