using System.CommandLine;
using InrFast.Autodiff;
using InrFast.Models;

namespace InrFast.Cli.Commands;

/// <summary>Says what files are.</summary>
internal static class InfoCommand
{
    private static readonly Argument<string[]> Files = new("FILE") { Description = "Images or models", Arity = ArgumentArity.OneOrMore };

    public static Command Create()
    {
        var command = new Command("info", "Say what a file is: size, spacing, orientation, type, range of values.") { Files, Options.MaxMemory };
        command.SetAction(parsed => Run(new Session(parsed)));
        return command;
    }

    private static int Run(Session session)
    {
        foreach (var path in session.Get(Files))
        {
            if (InputStream.IsModel(path))
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
