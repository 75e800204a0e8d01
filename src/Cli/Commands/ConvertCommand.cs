using System.CommandLine;
using InrFast.Imaging;
using InrFast.Imaging.Dicom;

namespace InrFast.Cli.Commands;

/// <summary>Writes an image in another format.</summary>
internal static class ConvertCommand
{
    private const int MinKeyBytes = 16, MaxKeyBytes = 4096;

    private static readonly Argument<string[]> Input = new("IN") { Description = "An image, k-space or a list of landmarks; a folder or a DICOMDIR; or the DICOM files of a series", Arity = ArgumentArity.OneOrMore };

    private static readonly Option<bool> Lossy = OptionTypes.Flag("--lossy", "Convert even where the format cannot keep everything; warnings say what is lost");

    private static readonly Option<bool> Deidentify = OptionTypes.Flag("--deidentify", "Copy DICOM images without what identifies the patient (basic profile of PS3.15), pixels as they are");

    private static readonly Option<Retention?> Retain = OptionTypes.Parsed("--retain", "uids,dates,patient,device,institution", "With --deidentify: what may stay", ParseRetention, "list of uids, dates, patient, device, institution");

    private static readonly Option<string?> Key = OptionTypes.File("--key", "With --deidentify: a secret that new identifiers are made with, the same in every run; random unless given");

    public static Command Create()
    {
        var command = new Command("convert", "Write an image in another format; refused where something would be lost.") { Input, Options.DataOutput, Lossy, Deidentify, Retain, Key };
        Options.OfInputs.ToList().ForEach(command.Add);
        command.Validators.Add(result =>
        {
            if (!result.GetValue(Deidentify) && (result.GetResult(Retain) ?? result.GetResult(Key)) is not null)
            {
                result.AddError("--retain and --key go with --deidentify; add it");
            }
        });
        command.SetAction(parsed => Run(new Session(parsed)));
        return command;
    }

    private static int Run(Session session)
    {
        var output = session.Get(Options.DataOutput)!;
        if (session.Get(Deidentify))
        {
            return CopyDeidentified(session, output);
        }
        using var cancellation = new Cancellation();
        var write = Read(session, output);
        cancellation.Token.ThrowIfCancellationRequested();
        var begin = session.Elapsed;
        foreach (var warning in write(new WriteOptions { Force = session.Get(Options.Force), RefuseLoss = !session.Get(Lossy) }))
        {
            session.Warn(warning);
        }
        (session.Result.Output, session.Result.Seconds.Write) = (output, session.Elapsed - begin);
        return session.Finish();
    }

    /// <summary>Reads what the input is, and gives what writes it.</summary>
    private static Func<WriteOptions, IReadOnlyList<string>> Read(Session session, string output)
    {
        var inputs = session.Get(Input);
        if (inputs is [var path] && !Directory.Exists(path))
        {
            if (LandmarkFile.HasEnding(path))
            {
                var landmarks = LandmarkFile.Read(path);
                return options => LandmarkFile.Write(output, landmarks, options);
            }
            if (KSpaceFile.IsKSpace(path))
            {
                var data = session.ReadKSpace(path);
                return options => KSpaceFile.Write(output, data, options);
            }
        }
        var image = session.ReadImage(inputs);
        return options => ImageFile.Write(output, image, options);
    }

    private static int CopyDeidentified(Session session, string output)
    {
        var key = session.Get(Key) is { } path ? ReadKey(path) : [];
        var options = new ReadOptions { Limits = session.Limits, Series = session.Get(Options.Series) };
        var (count, warnings) = DeidentifiedCopies.Write(session.Get(Input), output, new Deidentifier(key, session.Get(Retain) ?? Retention.None), options, session.Get(Options.Force));
        foreach (var warning in warnings)
        {
            session.Warn(warning);
        }
        session.Say($"{count} image{(count == 1 ? "" : "s")} de-identified");
        (session.Result.Output, session.Result.Seconds.Write) = (output, session.Elapsed);
        return session.Finish();
    }

    private static byte[] ReadKey(string path)
    {
        using var stream = InputStream.Open(path);
        var key = new byte[MaxKeyBytes];
        var length = stream.ReadAtLeast(key, key.Length, throwOnEndOfStream: false);
        return length >= MinKeyBytes ? key[..length] : throw new CommandException(ExitCode.BadInput, $"--key {path}: {length} bytes are no secret; give at least {MinKeyBytes} random ones");
    }

    private static Retention? ParseRetention(string text)
    {
        var retained = Retention.None;
        foreach (var word in text.Split(','))
        {
            if (!Enum.TryParse<Retention>(word, ignoreCase: true, out var one) || one == Retention.None || char.IsDigit(word[0]))
            {
                return null;
            }
            retained |= one;
        }
        return retained;
    }
}
