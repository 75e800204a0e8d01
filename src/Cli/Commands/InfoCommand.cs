using System.CommandLine;
using System.Globalization;
using InrFast.Autodiff;
using InrFast.Cli.Output;
using InrFast.Imaging;
using InrFast.Imaging.Dicom;
using InrFast.Models;

namespace InrFast.Cli.Commands;

/// <summary>Says what files are.</summary>
internal static class InfoCommand
{
    private static readonly Argument<string[]> Files = new("FILE") { Description = "Images, k-space, landmarks, models, or folders and DICOMDIRs with DICOM series", Arity = ArgumentArity.OneOrMore };

    public static Command Create()
    {
        var command = new Command("info", "Say what a file is: size, spacing, orientation, type, range of values.") { Files };
        Options.OfInputs.ToList().ForEach(command.Add);
        command.SetAction(parsed => Run(new Session(parsed)));
        return command;
    }

    private static int Run(Session session)
    {
        foreach (var path in session.Get(Files))
        {
            if (session.Get(Options.Series) is null && DicomSeries.IsCollection(path) && ListSeries(session, path))
            {
                continue;
            }
            if (!Directory.Exists(path) && InputStream.IsModel(path))
            {
                DescribeModel(session, path);
                continue;
            }
            if (!Directory.Exists(path) && InputStream.IsCompressed(path))
            {
                DescribeCompressed(session, path);
                continue;
            }
            if (!Directory.Exists(path) && (LandmarkFile.HasEnding(path) ? DescribeLandmarks(session, path) : KSpaceFile.IsKSpace(path) ? DescribeKSpace(session, path) : ListArrays(session, path)))
            {
                continue;
            }
            var image = session.ReadImage(path);
            session.Write(session.Result.Input[^1].Lines());
            if (DisplacementField.IsField(image) && image.NonFiniteCount() == 0)
            {
                var metrics = CompareCommand.OfField(image).ToList();
                session.Result.Metrics = metrics.ToDictionary(metric => metric.Name, metric => metric.Value);
                session.Write([string.Create(CultureInfo.InvariantCulture, $"  as a field  {metrics[0].Value} foldings, least Jacobian determinant {metrics[1].Value:g6}")]);
            }
            if (image.NonFiniteCount() is var count and > 0)
            {
                session.Warn($"{path}: {count} of {image.Samples.Length} values are NaN or infinite");
            }
        }
        return session.Finish();
    }

    // Lists what a folder or DICOMDIR holds, unless that is one image.
    private static bool ListSeries(Session session, string path)
    {
        var (series, warnings) = DicomSeries.List([path]);
        if (series.Count < 2)
        {
            return false;
        }
        foreach (var warning in warnings)
        {
            session.Warn(warning);
        }
        (session.Result.Series ??= []).AddRange(series.Select(SeriesDescription.Of));
        session.Write([path, $"  format      DICOM, {series.Count} series; --series NAME describes one", .. series.Select(each => $"  {each.Name,-11} {each.Summary}")]);
        return true;
    }

    private static bool DescribeKSpace(Session session, string path)
    {
        session.ReadKSpace(path);
        session.Write(session.Result.KSpace![^1].Lines());
        return true;
    }

    private static bool DescribeLandmarks(Session session, string path)
    {
        var list = LandmarkFile.Read(path);
        string Range(Func<Vector3d, double> axis) => string.Create(CultureInfo.InvariantCulture, $"{list.Points.Min(axis):g6} to {list.Points.Max(axis):g6}");
        session.Write(
        [
            path, $"  format      landmarks{(list.FirstVoxel is null ? "" : " (numbers of voxels)")}", $"  count       {list.Points.Count}",
            $"  range       {Range(point => point.X)}, {Range(point => point.Y)}, {Range(point => point.Z)}",
        ]);
        return true;
    }

    // Lists the arrays of a file that holds several, unless one of them is asked for.
    private static bool ListArrays(Session session, string path)
    {
        var arrays = session.Get(Options.Series) is null ? ArrayFile.List(path) : [];
        if (arrays.Count < 2)
        {
            return false;
        }
        session.Write([path, $"  format      {arrays.Count} arrays; --series NAME describes one", .. arrays.Select(array => $"  {array.Name,-11} {string.Join(" x ", array.Shape.Reverse())} {array.Type}")]);
        return true;
    }

    private static void DescribeCompressed(Session session, string path)
    {
        var (header, bytes) = (DecompressCommand.Read(session, path).Header, new FileInfo(path).Length);
        session.Result.Metrics = new() { ["bytes"] = bytes, ["ratio"] = (double)header.RawBytes / bytes, ["bitsPerVoxel"] = 8.0 * bytes / header.Grid.Size.Voxels, ["blocks"] = header.Widths.Count };
        var (size, spacing) = (header.Grid.Size, header.Grid.Spacing);
        session.Write(
        [
            path, string.Create(CultureInfo.InvariantCulture, $"  format      compressed (inrz, method {header.Method.ToString().ToLowerInvariant()}), {(double)header.RawBytes / bytes:g4} times less than {header.RawBytes} bytes"),
            string.Create(CultureInfo.InvariantCulture, $"  size        {size}{(header.Channels > 1 ? $", {header.Channels} channels" : "")}, {header.Stored.Type}"),
            string.Create(CultureInfo.InvariantCulture, $"  spacing     {spacing.X:g6} x {spacing.Y:g6} x {spacing.Z:g6} mm, {header.Grid.Orientation}"),
            string.Create(CultureInfo.InvariantCulture, $"  values      {header.Low:g6} to {header.High:g6}{(header.Unit.Length > 0 ? " " + header.Unit : "")}{(header.MaxError is { } error ? error == 0 ? ", exact" : $", none off by more than {error:g6}" : "")}"),
            $"  blocks      {header.Widths.Count}, networks of {header.Widths.Max()} units at most",
        ]);
    }

    private static void DescribeModel(Session session, string path)
    {
        var file = session.ReadModel(path, stream => ModelFile.Read(stream));
        (session.Result.Model, session.Result.Parameters) = (file.Metadata, file.Network.Build(new Graph()).ParameterCount * file.Network.Members);
        session.Write(
        [
            path, "  format      model (safetensors)", $"  parameters  {session.Result.Parameters}",
            .. file.Metadata.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => $"  {entry.Key} {entry.Value.ReplaceLineEndings(" ")}"),
        ]);
    }
}
