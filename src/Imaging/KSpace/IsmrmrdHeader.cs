using System.Globalization;
using System.Xml;
using System.Xml.Linq;

namespace InrFast.Imaging;

/// <summary>The XML header of ISMRMRD (ismrmrd.readthedocs.io), which fastMRI files carry too.</summary>
internal static class IsmrmrdHeader
{
    /// <returns>What it says, and where the centre of k-space stands among the phase encoding steps (y, z), where it says so.</returns>
    public static (KSpaceHeader Header, int? CentreY, int? CentreZ) Parse(string name, string xml)
    {
        XElement root;
        try
        {
            root = UntrustedXml.Parse(xml);
        }
        catch (XmlException e)
        {
            throw new ImagingException(ImagingError.Malformed, $"{name}: its XML header is broken ({e.Message.ReplaceLineEndings(" ")}); get a sound copy", e);
        }
        var encoding = Child(root, "encoding");
        var (encoded, recon) = (Child(encoding, "encodedSpace"), Child(encoding, "reconSpace"));
        var sequence = Child(root, "sequenceParameters");
        var limits = Child(encoding, "encodingLimits");
        var header = new KSpaceHeader
        {
            EncodedMatrix = Matrix(encoded), EncodedFieldOfView = FieldOfView(encoded), ReconMatrix = Matrix(recon), ReconFieldOfView = FieldOfView(recon),
            Trajectory = Child(encoding, "trajectory")?.Value.Trim(),
            FieldStrength = Number(Child(root, "acquisitionSystemInformation"), "systemFieldStrength_T"),
            // Milliseconds in the header.
            RepetitionTime = Number(sequence, "TR") / 1000, EchoTime = Number(sequence, "TE") / 1000,
            Protocol = Child(Child(root, "measurementInformation"), "protocolName")?.Value.Trim(),
        };
        return (header, (int?)Number(Child(limits, "kspace_encoding_step_1"), "center"), (int?)Number(Child(limits, "kspace_encoding_step_2"), "center"));
    }

    // The namespace is left aside: not every writer gives it.
    private static XElement? Child(XElement? parent, string name) => parent?.Elements().FirstOrDefault(element => element.Name.LocalName == name);

    private static double? Number(XElement? parent, string name) =>
        double.TryParse(Child(parent, name)?.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value) ? value : null;

    private static GridSize? Matrix(XElement? space)
    {
        var matrix = Child(space, "matrixSize");
        return (Number(matrix, "x"), Number(matrix, "y"), Number(matrix, "z")) is ( >= 1 and <= 65536 and var x, >= 1 and <= 65536 and var y, >= 1 and <= 65536 and var z)
            ? new GridSize((int)x, (int)y, (int)z)
            : null;
    }

    private static Vector3d? FieldOfView(XElement? space)
    {
        var field = Child(space, "fieldOfView_mm");
        return (Number(field, "x"), Number(field, "y"), Number(field, "z")) is ({ } x, { } y, { } z) ? new Vector3d(x, y, z) : null;
    }
}
