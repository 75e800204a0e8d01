using System.CommandLine;
using InrFast.Imaging;

namespace InrFast.Cli.Commands;

/// <summary>Writes an image in another format.</summary>
internal static class ConvertCommand
{
    private static readonly Argument<string[]> Input = new("IN") { Description = "An image, a folder or a DICOMDIR; or the DICOM files of a series", Arity = ArgumentArity.OneOrMore };

    private static readonly Option<bool> Lossy = OptionTypes.Flag("--lossy", "Convert even where the format cannot keep everything; warnings say what is lost");

    public static Command Create()
    {
        var command = new Command("convert", "Write an image in another format; refused where something would be lost.") { Input, Options.ImageOutput, Lossy };
        Options.OfInputs.ToList().ForEach(command.Add);
        command.SetAction(parsed => Run(new Session(parsed)));
        return command;
    }

    private static int Run(Session session)
    {
        var output = session.Get(Options.ImageOutput)!;
        using var cancellation = new Cancellation();
        var image = session.ReadImage(session.Get(Input));
        cancellation.Token.ThrowIfCancellationRequested();
        var begin = session.Elapsed;
        foreach (var warning in ImageFile.Write(output, image, new WriteOptions { Force = session.Get(Options.Force), RefuseLoss = !session.Get(Lossy) }))
        {
            session.Warn(warning);
        }
        (session.Result.Output, session.Result.Seconds.Write) = (output, session.Elapsed - begin);
        return session.Finish();
    }
}
