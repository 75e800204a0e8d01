using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using InrFast.Imaging;

namespace InrFast.Cli;

/// <summary>The state of some work in a file: saved every half minute, gone on from with --resume, removed when the result is written.</summary>
internal sealed class Checkpoint
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);
    private readonly string path;
    private readonly Action<Stream> save;
    private readonly Func<string> position;
    private long saved = Stopwatch.GetTimestamp();

    private Checkpoint(string path, Action<Stream> save, Func<string> position) => (this.path, this.save, this.position) = (path, save, position);

    /// <summary>Null where the user asked for none; brings the work to where the file left it where they asked to resume.</summary>
    /// <param name="position">How far the work is, in words.</param>
    public static Checkpoint? Of(Session session, Action<Stream> resume, Action<Stream> save, Func<string> position)
    {
        if (session.Get(Options.Checkpoint) is not { } path)
        {
            return null;
        }
        if (session.Get(Options.Resume) && File.Exists(path))
        {
            session.ReadModel(path, stream =>
            {
                resume(stream);
                return true;
            });
            session.Say($"going on from {position()} of {path}");
        }
        return new(path, save, position);
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
        throw new CommandException(ExitCode.Interrupted, $"interrupted at {position()}; the same command with --resume goes on from {path}");
    }

    public void Remove() => File.Delete(path);

    private void Save()
    {
        AtomicFile.Write(path, force: true, save);
        saved = Stopwatch.GetTimestamp();
    }
}
