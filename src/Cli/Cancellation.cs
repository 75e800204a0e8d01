using System.Runtime.InteropServices;

namespace InrFast.Cli;

/// <summary>
/// Ctrl-C (SIGINT) and SIGTERM, while this lives, ask the work to stop at its next safe place. A second one ends the process at once.
/// </summary>
internal sealed class Cancellation : IDisposable
{
    private readonly CancellationTokenSource source = new();
    private readonly PosixSignalRegistration interrupt, terminate;

    public Cancellation() => (interrupt, terminate) = (PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop), PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop));

    public CancellationToken Token => source.Token;

    public void Dispose()
    {
        interrupt.Dispose();
        terminate.Dispose();
        source.Dispose();
    }

    private void Stop(PosixSignalContext context)
    {
        context.Cancel = !source.IsCancellationRequested;
        source.Cancel();
    }
}
