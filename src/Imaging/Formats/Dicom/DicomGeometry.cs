namespace InrFast.Imaging.Dicom;

/// <summary>Place of a slice in the world (PS3.3, C.7.6.2.1.1). DICOM's patient axes are ours (LPS), so no sign changes.</summary>
internal static class DicomGeometry
{
    /// <summary>
    /// Index x runs along a row and y down a column. PixelSpacing is (between rows, between columns), that is (y, x). The third axis is
    /// their normal with the slice's thickness.
    /// </summary>
    public static Affine Read(DicomDataset dataset, string name, ICollection<string> warnings)
    {
        var spacing = Positive(dataset, DicomTags.PixelSpacing, 2) ?? Positive(dataset, DicomTags.ImagerPixelSpacing, 2);
        if (spacing is null)
        {
            warnings.Add($"{name}: the file names no valid PixelSpacing; 1 mm was taken");
        }
        var (spacingY, spacingX) = spacing is [var between, var along] ? (between, along) : (1, 1);
        var thickness = (Positive(dataset, DicomTags.SliceThickness, 1) ?? Positive(dataset, DicomTags.SpacingBetweenSlices, 1) ?? [1])[0];
        var plain = Affine.FromSpacing(spacingX, spacingY, thickness);
        if (dataset.GetNumbers(DicomTags.ImageOrientationPatient) is not { Length: 6 } cosines || PositionOf(dataset) is not { } position)
        {
            return plain;
        }
        var (row, column) = (new Vector3d(cosines[0], cosines[1], cosines[2]), new Vector3d(cosines[3], cosines[4], cosines[5]));
        if (Math.Abs(row.Length - 1) > 1e-2 || Math.Abs(column.Length - 1) > 1e-2 || Math.Abs(Vector3d.Dot(row, column)) > 1e-2)
        {
            warnings.Add($"{name}: ImageOrientationPatient holds no right-angled unit vectors and was not used; the orientation is unknown");
            return plain;
        }
        var normal = Vector3d.Cross(row, column);
        var map = new Affine(row * spacingX, column * spacingY, normal * (thickness / normal.Length), position);
        return map.IsInvertible ? map : plain;
    }

    /// <summary>Whether the dataset says where its voxels lie.</summary>
    public static bool HasPlace(DicomDataset dataset) => PositionOf(dataset) is not null && dataset.GetNumbers(DicomTags.ImageOrientationPatient).Length == 6;

    /// <summary>Centre of the first voxel, or null where the dataset names none.</summary>
    public static Vector3d? PositionOf(DicomDataset dataset) =>
        dataset.GetNumbers(DicomTags.ImagePositionPatient) is [var x, var y, var z] ? new(x, y, z) : null;

    public static IEnumerable<DicomElement> Write(Affine map)
    {
        var (spacing, row, column) = (map.Spacing, map.StepX / map.StepX.Length, map.StepY / map.StepY.Length);
        return
        [
            DicomElement.FromNumbers(DicomTags.ImagePositionPatient, map.Origin.X, map.Origin.Y, map.Origin.Z),
            DicomElement.FromNumbers(DicomTags.ImageOrientationPatient, row.X, row.Y, row.Z, column.X, column.Y, column.Z),
            DicomElement.FromNumbers(DicomTags.PixelSpacing, spacing.Y, spacing.X),
        ];
    }

    private static double[]? Positive(DicomDataset dataset, DicomTag tag, int count)
    {
        var numbers = dataset.GetNumbers(tag);
        return numbers.Length == count && Array.TrueForAll(numbers, number => number is > 1e-9 and < 1e9) ? numbers : null;
    }
}
