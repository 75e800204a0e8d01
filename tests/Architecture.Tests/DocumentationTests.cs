using System.Text.RegularExpressions;

namespace InrFast.Tests;

/// <summary>What the documentation says of the repository is there.</summary>
public sealed partial class DocumentationTests
{
    [Test]
    public void EveryTestThatDicomPromisesNameIsThere()
    {
        var tests = Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests"), "*Tests.cs", SearchOption.AllDirectories)
            .SelectMany(file => Method().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value)).ToHashSet();
        var named = Name().Matches(File.ReadAllText(Path.Combine(Repository.Root, "docs", "dicom.md"))).Select(match => match.Groups[1].Value).ToArray();
        Assert.That(named, Has.Length.GreaterThan(80));
        Assert.That(named.Where(name => !tests.Contains(name)), Is.Empty);
    }

    [GeneratedRegex(@"public void (\w+)\(")]
    private static partial Regex Method();

    // Names of tests are the only long words in code style without a blank.
    [GeneratedRegex(@"`([A-Z]\w{15,})`")]
    private static partial Regex Name();
}
