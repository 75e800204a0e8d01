using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using InrFast.Imaging;
using InrFast.Tasks.Fitting;

namespace InrFast.Tasks.Reconstruction;

/// <summary>
/// The geometry.xml of RTK (Rit et al., The Reconstruction Toolkit, 2014): a cone beam of a gantry that turns about y from +z towards +x, source at +z and columns along +x at angle 0. Its axes x, y, z
/// are this project's x, z and -y. Spacing and place of the detector's pixels stand in the projections' own file.
/// </summary>
public static class RtkGeometry
{
    const int MaxBytes = 64 << 20;

    /// <param name="projections">Grid of the projections: columns, rows, views; x and y in the detector's millimetres.</param>
    /// <exception cref="FitException">Input: it is no such file, or has what is not supported.</exception>
    public static CtGeometry Load(string path, Stream stream, Grid projections)
    {
        if (stream.Length > MaxBytes) throw Wrong($"a geometry of more than {MaxBytes >> 20} MiB is none");
        XElement root;
        try
        {
            using var text = new StreamReader(stream, leaveOpen: true);
            root = UntrustedXml.Parse(text.ReadToEnd());
        }
        catch (XmlException e)
        {
            throw Wrong($"this is no RTK geometry: {e.Message}");
        }
        if (root.Name.LocalName != "RTKThreeDCircularGeometry") throw Wrong($"the file holds '{root.Name.LocalName}', not RTKThreeDCircularGeometry");
        var views = root.Elements("Projection").ToList();
        if (views.Count == 0) throw Wrong("it has no projections");
        // A value that all views share stands before them.
        double[] All(string name, double standard = 0) => [.. views.Select(view => Number(view.Element(name) ?? root.Element(name), name, standard))];
        foreach (string name in (string[])["InPlaneAngle", "OutOfPlaneAngle", "SourceOffsetX", "SourceOffsetY", "RadiusCylindricalDetector"])
            if (All(name).Any(value => Math.Abs(value) > 1e-6)) throw Wrong($"{name} is not 0, which is not supported; give posesMm in a JSON geometry");
        double toAxis = Same("SourceToIsocenterDistance"), toDetector = Same("SourceToDetectorDistance"), x = Same("ProjectionOffsetX"), y = Same("ProjectionOffsetY");
        var (size, map) = (projections.Size, projections.IndexToWorld);
        double middleX = map.Origin.X + (size.X - 1) / 2.0 * map.StepX.X, middleY = map.Origin.Y + (size.Y - 1) / 2.0 * map.StepY.Y;
        var geometry = new CtGeometry
        {
            Kind = CtGeometry.Cone, AnglesDegrees = All("GantryAngle"), SourceToAxisMm = toAxis, SourceToDetectorMm = toDetector,
            Detector = new() { Columns = size.X, Rows = size.Y, ColumnSpacingMm = projections.Spacing.X, RowSpacingMm = projections.Spacing.Y, ColumnOffsetMm = middleX + x, RowOffsetMm = middleY + y },
        };
        geometry.Check(path);
        return geometry;

        double Same(string name)
        {
            var values = All(name);
            return values.All(value => Math.Abs(value - values[0]) < 1e-6) ? values[0] : throw Wrong($"{name} changes from view to view, which is not supported; give posesMm in a JSON geometry");
        }

        double Number(XElement? element, string name, double standard) => element is null ? standard
            : double.TryParse(element.Value.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value) ? value : throw Wrong($"{name} is '{element.Value.Trim()}', no number");

        FitException Wrong(string what) => new(FitError.Input, $"{path}: {what}");
    }
}
