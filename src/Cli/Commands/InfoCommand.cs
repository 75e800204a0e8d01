using System.CommandLine;
using InrFast.Autodiff;
using InrFast.Cli.Output;
using InrFast.Imaging.Dicom;
using InrFast.Models;

namespace InrFast.Cli.Commands;

/// <summary>Says what files are.</summary>
internal static class InfoCommand
{
    private static readonly Argument<string[]> Files = new("FILE") { Description = "Images, models, or folders and DICOMDIRs with DICOM series", Arity = ArgumentArity.OneOrMore };

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
            var image = session.ReadImage(path);
            session.Write(session.Result.Input[^1].Lines());
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
