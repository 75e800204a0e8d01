namespace InrFast.Imaging.Dicom;

/// <summary>A DICOM file taken apart: its encoding and its attributes, pixels among them and not yet decoded.</summary>
/// <param name="BytesLeft">How many bytes of the file, the pixels, follow its other attributes.</param>
public sealed record DicomFile(DicomTransferSyntax Syntax, DicomDataset Dataset, long BytesLeft);
