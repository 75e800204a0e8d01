using System.Reflection;

namespace InrFast.Tests;

/// <summary>Arrows between the rooms point down only (ARCHITECTURE.md).</summary>
public sealed class RoomTests
{
    static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["InrFast.Kernels"] = [],
        ["InrFast.Imaging"] = [],
        ["InrFast.Autodiff"] = ["InrFast.Kernels"],
        ["InrFast.Models"] = ["InrFast.Autodiff", "InrFast.Kernels"],
        ["InrFast.Tasks"] = ["InrFast.Models", "InrFast.Autodiff", "InrFast.Kernels", "InrFast.Imaging"],
        ["inrfast"] = ["InrFast.Tasks", "InrFast.Imaging", "InrFast.Models", "InrFast.Autodiff", "InrFast.Kernels"],
    };

    static IEnumerable<string> Rooms => Allowed.Keys;

    [TestCaseSource(nameof(Rooms))]
    public void A_room_uses_only_the_rooms_below_it(string room)
    {
        var used = Assembly.Load(room).GetReferencedAssemblies().Select(name => name.Name!).Where(name => name.StartsWith("InrFast.", StringComparison.Ordinal));
        Assert.That(used, Is.SubsetOf(Allowed[room]));
    }

    [TestCaseSource(nameof(Rooms))]
    public void Its_project_refers_to_no_other_either(string room)
    {
        string name = room == "inrfast" ? "Cli" : room["InrFast.".Length..];
        string text = File.ReadAllText(Path.Combine(Repository.Root, "src", name, name + ".csproj"));
        var references = System.Text.RegularExpressions.Regex.Matches(text, "ProjectReference Include=\"[^\"]*/([A-Za-z]+)\\.csproj\"").Select(match => "InrFast." + match.Groups[1].Value);
        Assert.That(references, Is.SubsetOf(Allowed[room]));
    }
}

static class Repository
{
    /// <summary>The folder of the solution.</summary>
    public static string Root { get; } = Find();

    static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "InrFast.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("the tests run inside the repository");
    }
}
