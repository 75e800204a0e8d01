using System.Reflection;
using InrFast.Kernels.Gpu;

namespace InrFast.Tests;

public sealed class KernelCacheTests
{
    string folder = "";
    int compiled;

    [SetUp]
    public void Begin() => (folder, compiled) = (Path.Combine(Path.GetTempPath(), "inrfast-" + Guid.NewGuid().ToString("N")), 0);

    [TearDown]
    public void End()
    {
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }

    static void First<T>(T argument) { }

    static MethodInfo Method<T>() => ((Action<T>)First).Method;

    string Get(MethodInfo method, int threads = 256) => new KernelCache(folder).Get(method, $"{threads}", () => new($"text\n{++compiled}", "entry")).Text;

    [Test]
    public void AKernelIsCompiledOnce()
    {
        Assert.That(Get(Method<int>()), Is.EqualTo("text\n1"));
        Assert.That(Get(Method<int>()), Is.EqualTo("text\n1"));
        Assert.That(new KernelCache(folder).Get(Method<int>(), "256", () => throw new InvalidOperationException()).Entry, Is.EqualTo("entry"));
        Assert.That(Directory.GetFiles(folder), Has.Length.EqualTo(1), "nothing unfinished stays");
    }

    [Test]
    public void WhatDiffersIsAnother()
    {
        Get(Method<int>());
        Assert.That(Get(Method<float>()), Is.EqualTo("text\n2"), "its type argument");
        Assert.That(Get(Method<int>(), 128), Is.EqualTo("text\n3"), "its threads");
        Assert.That(Get(Method<List<int>>()), Is.EqualTo("text\n4"));
        Assert.That(Get(Method<List<float>>()), Is.EqualTo("text\n5"), "an argument of its argument");
    }

    [TestCase(0)]
    [TestCase(40)]
    [TestCase(70)]
    public void WhatIsTornOrChangedIsCompiledAnew(int length)
    {
        Get(Method<int>());
        string file = Directory.GetFiles(folder).Single(), text = File.ReadAllText(file);
        File.WriteAllText(file, text[..length]);
        Assert.That(Get(Method<int>()), Is.EqualTo("text\n2"));
        File.WriteAllText(file, text.Replace("text\n1", "text\n7", StringComparison.Ordinal));
        Assert.That(Get(Method<int>()), Is.EqualTo("text\n3"));
    }

    [Test]
    public void WithoutAFolderNothingIsKept()
    {
        File.WriteAllText(folder, "a file where the folder should be");
        try
        {
            Assert.That((Get(Method<int>()), Get(Method<int>())), Is.EqualTo(("text\n1", "text\n2")));
        }
        finally
        {
            File.Delete(folder);
        }
        Assert.That(new KernelCache(null).Get(Method<int>(), "256", () => new("text", "entry")).Text, Is.EqualTo("text"));
    }
}
