using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Reflection;
using InrFast.Cli.Commands;

namespace InrFast.Cli;

/// <summary>The command inrfast: parses, runs, and ends every failure in one line on standard error and its exit code.</summary>
internal static class Application
{
    private static readonly RootCommand Root = Build();

    // Names are taken as they are: an argument that begins with @ is no response file.
    private static readonly ParserConfiguration Parser = new() { ResponseFileTokenReplacer = null };

    public static string Version { get; } = typeof(Application).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    public static int Run(IReadOnlyList<string> arguments, TextWriter output, TextWriter error)
    {
        var isVerbose = false;
        try
        {
            var parsed = Parse(arguments);
            isVerbose = parsed.GetValue(Options.Verbose);
            if (WhatIsWrong(parsed) is { } wrong)
            {
                throw new CommandException(ExitCode.WrongUse, $"{wrong}; {Name(parsed)} -h shows the use");
            }
            return parsed.Invoke(new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false });
        }
        catch (Exception e)
        {
            var (exitCode, message) = Failure.Describe(e);
            error.WriteLine($"inrfast: {message}");
            if (isVerbose)
            {
                error.WriteLine(e);
            }
            return exitCode;
        }
    }

    private static ParseResult Parse(IReadOnlyList<string> arguments)
    {
        var parsed = Root.Parse(arguments, Parser);
        return parsed.GetValue(Options.Config) is { } file
            ? Root.Parse(Configuration.Load(file).AddTo(arguments, parsed), Parser)
            : parsed;
    }

    private static RootCommand Build()
    {
        var root = new RootCommand("Implicit neural representations of medical images.")
        {
            FitCommand.Create(), RenderCommand.Create(), InfoCommand.Create(), CompareCommand.Create(), ConvertCommand.Create(), RegisterCommand.Create(),
            CompressCommand.Create(), DecompressCommand.Create(), ReconstructCommand.Create(), SimulateCommand.Create(), DevicesCommand.Create(), BenchCommand.Create(), SelfTestCommand.Create(),
        };
        root.Options.Clear();
        root.Directives.Clear();
        root.Add(new HelpOption("--help", "-h") { Description = "Show what a command does and its options" });
        root.Add(new VersionOption("--version") { Action = new ShowVersion() });
        foreach (var option in Options.OfEveryCommand)
        {
            option.Recursive = true;
            root.Add(option);
        }
        return root;
    }

    private static string? WhatIsWrong(ParseResult parsed)
    {
        if (parsed.CommandResult.Command == Root && parsed.UnmatchedTokens.Count > 0)
        {
            return $"'{parsed.UnmatchedTokens[0]}' is no command; there are {string.Join(", ", Root.Subcommands.Select(command => command.Name))}";
        }
        // The parser takes a misspelt option for a file; whoever has a file of such a name writes -- before it.
        if (parsed.Tokens.All(token => token.Type != TokenType.DoubleDash)
            && parsed.Tokens.FirstOrDefault(token => token.Type == TokenType.Argument && token.Value is ['-', not (>= '0' and <= '9' or '.'), ..]) is { } misspelt)
        {
            return $"'{misspelt.Value}' is no option of this command";
        }
        return parsed.UnmatchedTokens.Count > 0 ? $"'{parsed.UnmatchedTokens[0]}' is one argument too many"
            : parsed.Errors.Count > 0 ? parsed.Errors[0].Message.TrimEnd('.')
            : null;
    }

    private static string Name(ParseResult parsed) => parsed.CommandResult.Command == Root ? "inrfast" : $"inrfast {NameOf(parsed.CommandResult)}";

    /// <summary>fit, or reconstruct ct.</summary>
    public static string NameOf(CommandResult command) =>
        command.Parent is CommandResult { Command: not RootCommand } parent ? $"{NameOf(parent)} {command.Command.Name}" : command.Command.Name;

    private sealed class ShowVersion : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            parseResult.InvocationConfiguration.Output.WriteLine($"inrfast {Version}");
            return ExitCode.Done;
        }
    }
}
