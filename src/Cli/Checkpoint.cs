using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using InrFast.Imaging;
using InrFast.Tasks.Fitting;

namespace InrFast.Cli;

/// <summary>The state of a fit in a file: saved every half minute, gone on from with --resume, removed when the model is written.</summary>
internal sealed class Checkpoint
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);
    private readonly string path;
    private readonly ImageFit fit;
    private long saved = Stopwatch.GetTimestamp();

    private Checkpoint(string path, ImageFit fit) => (this.path, this.fit) = (path, fit);

    /// <summary>Null where the user asked for none; brings the fit to where the file left it where they asked to resume.</summary>
    public static Checkpoint? Of(Session session, ImageFit fit)
    {
        if (session.Get(Options.Checkpoint) is not { } path)
        {
            return null;
        }
        if (session.Get(Options.Resume) && File.Exists(path))
        {
            session.ReadModel(path, stream =>
            {
                fit.Resume(stream);
                return true;
            });
            session.Say($"going on from iteration {fit.Step} of {path}");
        }
        return new(path, fit);
    }

    /// <summary>To be called between two updates.</summary>
    public void SaveWhenDue()
    {
        if (Stopwatch.GetElapsedTime(saved) >= Interval)
        {
            Save();
        }
    }

    /// <summary>Saves and ends the command.</summary>
    [DoesNotReturn]
    public void Interrupt()
    {
        Save();
        throw new CommandException(ExitCode.Interrupted, $"interrupted at iteration {fit.Step}; the same command with --resume goes on from {path}");
    }

    public void Remove() => File.Delete(path);

    private void Save()
    {
        AtomicFile.Write(path, force: true, fit.Save);
        saved = Stopwatch.GetTimestamp();
    }
}
