using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;
using InrFast.Imaging;
using InrFast.Imaging.Dicom;

namespace InrFast.Tests.Fuzzing;

/// <summary>Damaged inputs of every parser are read, or refused in one line with the room's own exception, in a second and within the limits.</summary>
internal sealed class FuzzTests
{
    private const int Inputs = 200_000, Batch = 50, Workers = 2, StackBytes = 1 << 19;

    // Of the clock: on a slow machine fewer inputs are tried.
    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(58);

    // Half of the parsers read files by their path; on a disk they would wait for it most of the time.
    private static readonly string Memory = Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();

    private static IEnumerable<Parser> All => Parsers.All;

    [TestCaseSource(nameof(All))]
    public void SeedsAreRead(Parser parser)
    {
        foreach (var seed in parser.Seeds)
        {
            Run(folder => parser.Read(seed, folder));
        }
    }

    [Test]
    public void DamagedInputsAreReadOrRefused()
    {
        // A batch of each parser, then another, with random numbers of their own: what is tried is the same on every machine, up to where time runs out.
        var rounds = (int)Math.Ceiling(Inputs / Parsers.All.Sum(parser => (double)Batch / parser.Cost));
        var (next, tried, start) = (-1, 0, Stopwatch.GetTimestamp());
        var trials = new ConcurrentDictionary<string, Trial>();
        void Work() => Run(folder =>
        {
            for (int job; (job = Interlocked.Increment(ref next)) < rounds * Parsers.All.Count;)
            {
                var (round, parser) = (job / Parsers.All.Count, Parsers.All[job % Parsers.All.Count]);
                if (round > 0 && Stopwatch.GetElapsedTime(start) > MaxTime)
                {
                    return;
                }
                var random = new Random(job);
                for (var i = round % parser.Cost; i < Batch; i += parser.Cost)
                {
                    var trial = Trial.Of(parser, Mutator.Mutate(parser, random), folder);
                    trials.AddOrUpdate(parser.Name, trial, (_, before) => before.With(trial));
                    Interlocked.Increment(ref tried);
                }
            }
        });
        var threads = Enumerable.Range(0, Workers).Select(_ => new Thread(Work, StackBytes)).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        TestContext.Out.WriteLine($"{tried} inputs in {Stopwatch.GetElapsedTime(start).TotalSeconds:f0} s");
        foreach (var (name, trial) in trials.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            TestContext.Out.WriteLine($"{name}: {trial}");
        }
        Assert.Multiple(() =>
        {
            foreach (var (name, trial) in trials)
            {
                Assert.That(trial.Faults, Is.Empty, name);
                Assert.That(trial.Refused, Is.Positive, name);
            }
        });
    }

    /// <summary>Inputs that once were neither read nor refused as they should: PARSER.WHAT.</summary>
    [TestCaseSource(nameof(Regressions))]
    public void RegressionsStayMended(string file)
    {
        var parser = Parsers.All.Single(parser => parser.Name == Path.GetFileName(file).Split('.')[0]);
        Run(folder => Assert.That(Trial.Of(parser, File.ReadAllBytes(file), folder).Faults, Is.Empty));
    }

    [Test]
    public void EveryPublicReaderHasAParser()
    {
        string[] verbs = ["Read", "Load", "List", "Is", "FormatOf", "FromJson", "Parse"];
        string[] rooms = ["InrFast.Imaging", "InrFast.Models", "InrFast.Tasks"];
        var readers = rooms.SelectMany(room => Assembly.Load(room).GetExportedTypes()).SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly))
            .Where(method => Array.Exists(verbs, verb => method.Name.StartsWith(verb, StringComparison.Ordinal)) && method.GetParameters() is [{ Name: "path" or "paths" or "name" or "stream" or "bytes" or "json" or "text" }, ..])
            .Select(method => $"{method.DeclaringType!.Name}.{method.Name}").Distinct();
        // What asks for a name alone opens nothing.
        Assert.That(readers.Except(["FitMethod.Parse", "Intensities.Parse"]), Is.SubsetOf(Parsers.All.SelectMany(parser => parser.Covers)));
    }

    [Test]
    public void EveryImageFormatHasAParser()
    {
        var formats = typeof(Image).Assembly.GetTypes().Where(type => type is { IsClass: true, IsAbstract: false } && type.IsAssignableTo(typeof(IImageFormat))).Select(type => type.Name[..^"Format".Length].ToLowerInvariant());
        Assert.That(formats, Is.SubsetOf(Parsers.All.Select(parser => parser.Name)));
    }

    [Test]
    public void EveryKindOfPixelCompressionHasASeed()
    {
        var seeds = Parsers.All.Where(parser => parser.Name.StartsWith("dicom-", StringComparison.Ordinal) || parser.Name == "dicom").SelectMany(parser => parser.Seeds).Select(seed =>
        {
            using var file = InputFile.FromBytes("a.dcm", seed, ReadLimits.Default);
            return DicomReader.Recognises(file.Head, file.Length) ? DicomReader.Read(file).Syntax.Compression : PixelCompression.None;
        });
        Assert.That(Enum.GetValues<PixelCompression>().Except([PixelCompression.Unknown]), Is.SubsetOf(seeds.ToHashSet()));
    }

    private static IEnumerable<TestCaseData> Regressions() =>
        Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Regressions")).Where(file => Path.GetFileName(file)[0] != '.').Order(StringComparer.Ordinal).Select(file => new TestCaseData(file).SetArgDisplayNames(Path.GetFileName(file)));

    private static void Run(Action<string> action)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Memory, $"inrfast-fuzz-{Guid.NewGuid():N}")).FullName;
        try
        {
            action(folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
