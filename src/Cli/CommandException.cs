namespace InrFast.Cli;

/// <summary>Ends the command with an exit code and one line that says what, where and what to do.</summary>
internal sealed class CommandException(int exitCode, string message) : Exception(message)
{
    public int ExitCode => exitCode;
}
