namespace InrFast.Imaging.Dicom;

/// <summary>Coded concepts of DICOM's own vocabulary (PS3.16, annex D).</summary>
internal static class DicomCode
{
    /// <summary>A sequence that names one concept.</summary>
    public static DicomElement Item(DicomTag sequence, string value, string meaning) => DicomElement.FromItems(sequence, new DicomDataset(
        DicomElement.FromText(DicomTags.CodeValue, value), DicomElement.FromText(DicomTags.CodingSchemeDesignator, "DCM"), DicomElement.FromText(DicomTags.CodeMeaning, meaning)));
}
