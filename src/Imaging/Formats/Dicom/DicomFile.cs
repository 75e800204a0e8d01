namespace InrFast.Imaging.Dicom;

/// <summary>A DICOM file taken apart: its encoding and its attributes, pixels among them and not yet decoded.</summary>
public sealed record DicomFile(DicomTransferSyntax Syntax, DicomDataset Dataset);
