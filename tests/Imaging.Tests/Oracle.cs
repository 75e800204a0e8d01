using System.Diagnostics;

namespace InrFast.Tests;

/// <summary>Other programs that say what a file holds; tests are skipped where they are not installed.</summary>
internal static class Oracle
{
    /// <summary>Runs a script with Debian's Python and gives back what it printed.</summary>
    /// <param name="modules">What the script imports, separated by commas; the test is skipped where one is missing.</param>
    public static string Python(string modules, string script, params string[] arguments)
    {
        if (!File.Exists("/usr/bin/python3") || Run("/usr/bin/python3", ["-c", $"import {modules}"]).ExitCode != 0)
        {
            Assert.Ignore($"python3 with {modules} is not installed");
        }
        var (exitCode, output, error) = Run("/usr/bin/python3", ["-c", $"import {modules}\nimport sys\n{script}", .. arguments]);
        Assert.That(exitCode, Is.Zero, error);
        return output.Trim();
    }

    /// <summary>Runs a program that the search path finds; the test is skipped where it is missing.</summary>
    public static string Program(string name, params string[] arguments)
    {
        Need(name);
        var (exitCode, output, error) = Run(name, arguments);
        Assert.That(exitCode, Is.Zero, output + error);
        return output.Trim();
    }

    /// <summary>What a program says of a file, whatever its exit code.</summary>
    public static string Report(string name, params string[] arguments)
    {
        Need(name);
        var (_, output, error) = Run(name, arguments);
        return output + error;
    }

    /// <summary>Skips the test where a program is not installed.</summary>
    public static void Need(string name)
    {
        if (!Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(folder => File.Exists(Path.Combine(folder, name))))
        {
            Assert.Ignore($"{name} is not installed");
        }
    }

    private static (int ExitCode, string Output, string Error) Run(string program, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }
}
