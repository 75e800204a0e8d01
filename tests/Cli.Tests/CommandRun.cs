using System.Diagnostics;
using InrFast.Cli;
using InrFast.Imaging;

namespace InrFast.Tests;

/// <summary>What one run of the command left: exit code, standard output, standard error.</summary>
internal sealed record CommandRun(int ExitCode, string Output, string Error)
{
    public string[] ErrorLines => Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>In this process.</summary>
    public static CommandRun Of(params string[] arguments)
    {
        using StringWriter output = new(), error = new();
        var exitCode = Application.Run(arguments, output, error);
        return new(exitCode, output.ToString(), error.ToString());
    }

    /// <summary>The built program in a process of its own.</summary>
    public static CommandRun OfProcess(params string[] arguments) => OfProcess([], arguments);

    /// <summary>The same with variables of the environment.</summary>
    public static CommandRun OfProcess(Dictionary<string, string> environment, params string[] arguments)
    {
        using var process = Start(environment, arguments);
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new(process.ExitCode, output, error.Result);
    }

    public static Process Start(params string[] arguments) => Start([], arguments);

    private static Process Start(Dictionary<string, string> environment, string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "inrfast.dll"), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }
        return Process.Start(start)!;
    }
}

/// <summary>A folder of its own for each test, and images to put there.</summary>
internal abstract class CommandTests
{
    private string folder = "";

    [SetUp]
    public void MakeFolder() => folder = Directory.CreateTempSubdirectory("inrfast-cli-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(folder, recursive: true);

    protected static string Sample(string name)
    {
        var parent = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(parent.FullName, "InrFast.sln")))
        {
            parent = parent.Parent ?? throw new DirectoryNotFoundException("the tests run inside the repository");
        }
        return Path.Combine(parent.FullName, "samples", name);
    }

    /// <summary>A file of the test data that lies beside the repository; the test is skipped where it is absent.</summary>
    protected static string SharedFile(string name)
    {
        for (var parent = new DirectoryInfo(AppContext.BaseDirectory); parent is not null; parent = parent.Parent)
        {
            var path = Path.Combine(parent.FullName, "shared", "data", name);
            if (File.Exists(path))
            {
                return path;
            }
        }
        Assert.Ignore($"shared/data/{name} is not there");
        return "";
    }

    /// <summary>A name in the test's folder.</summary>
    protected string In(string name) => Path.Combine(folder, name);

    protected string[] FilesThere => [.. Directory.GetFileSystemEntries(folder).Select(path => Path.GetFileName(path)).Order()];

    protected string WriteText(string name, string text)
    {
        File.WriteAllText(In(name), text);
        return In(name);
    }

    protected string WriteImage(string name, Image image)
    {
        ImageFile.Write(In(name), image, new WriteOptions { Force = true });
        return In(name);
    }

    /// <summary>A plain 2-D image of floats; the value of each pixel from its index.</summary>
    protected string WriteImage(string name, int width, int height, Func<int, float> value) =>
        WriteImage(name, new Image(Grid.Plain(width, height), [.. Enumerable.Range(0, width * height).Select(value)]));

    /// <summary>A failure is its exit code, one line on standard error that holds the words, and nothing else.</summary>
    protected static void AssertRefused(CommandRun run, int exitCode, params string[] words)
    {
        Assert.That((run.ExitCode, run.Output, run.ErrorLines.Length), Is.EqualTo((exitCode, "", 1)), run.Output + run.Error);
        Assert.That(run.Error, Does.StartWith("inrfast: "));
        foreach (var word in words)
        {
            Assert.That(run.Error, Does.Contain(word));
        }
    }
}
