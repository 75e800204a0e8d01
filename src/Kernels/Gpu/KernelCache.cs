using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace InrFast.Kernels.Gpu;

/// <summary>
/// PTX of kernels compiled before, one file each in a folder of the user: compiling takes a fifth of a second a kernel, reading none. A file's name is the hash of all
/// that its text follows from (the kernel, the builds of the code it is made of, ILGPU's version); its first line is the hash of the rest, so that what is torn
/// or changed is compiled anew. Files appear whole or not at all. Where nothing can be written, nothing is kept.
/// </summary>
sealed class KernelCache(string? folder)
{
    /// <summary>$XDG_CACHE_HOME/inrfast/kernels or ~/.cache/inrfast/kernels; none where the user has no home.</summary>
    public static KernelCache OfUser { get; } = new(UserFolder());

    static string? UserFolder()
    {
        string? cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        if (string.IsNullOrEmpty(cache))
        {
            string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
            if (home.Length == 0) return null;
            cache = Path.Combine(home, ".cache");
        }
        return Path.Combine(cache, "inrfast", "kernels");
    }

    /// <summary>The kernel's PTX: kept, or compiled and kept.</summary>
    public Ptx Get(MethodInfo method, string settings, Func<Ptx> compile)
    {
        if (folder is null) return compile();
        string path = Path.Combine(folder, Hash($"{Describe(method)} {settings} {typeof(ILGPU.Context).Assembly.GetName().Version}") + ".ptx");
        if (Read(path) is { } known) return known;
        var ptx = compile();
        Write(path, ptx);
        return ptx;
    }

    /// <summary>A method and the builds of all code that it is made of: its own module's and those of its type arguments.</summary>
    static string Describe(MethodInfo method)
    {
        var text = new StringBuilder($"{method} of {method.Module.ModuleVersionId}");
        Add(method.DeclaringType!);
        foreach (var argument in method.GetGenericArguments()) Add(argument);
        return text.ToString();

        void Add(Type type)
        {
            text.Append($" {type.Namespace}.{type.Name} of {type.Module.ModuleVersionId}");
            foreach (var argument in type.GetGenericArguments()) Add(argument);
        }
    }

    static string Hash(string text) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    static Ptx? Read(string path)
    {
        try
        {
            string[] parts = File.ReadAllText(path).Split('\n', 3);
            return parts is [var hash, var entry, var text] && hash == Hash(entry + text) ? new Ptx(text, entry) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // not there, or not ours to read: compiled
        }
    }

    void Write(string path, Ptx ptx)
    {
        string unfinished = $"{path}.{Environment.ProcessId}.{Environment.CurrentManagedThreadId}";
        try
        {
            Directory.CreateDirectory(folder!);
            File.WriteAllText(unfinished, $"{Hash(ptx.Entry + ptx.Text)}\n{ptx.Entry}\n{ptx.Text}");
            File.Move(unfinished, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (File.Exists(unfinished)) File.Delete(unfinished); // a full or read-only disk: the next start compiles again
        }
    }
}
