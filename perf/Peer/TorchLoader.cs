using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace InrFast.Perf.Peer;

/// <summary>Makes TorchSharp's native half load, and takes a brake off the MKL inside libtorch. Call before the first use of TorchSharp.</summary>
static unsafe class TorchLoader
{
    const string Wrapper = "libLibTorchSharp.so", Version = "GLIBCXX_3.4.32", Symbol = "_ZSt21ios_base_library_initv";

    /// <summary>
    /// TorchSharp 0.107.0 asks for libstdc++ of GCC 13 (<c>GLIBCXX_3.4.32</c>) on account of one symbol, a marker without effect;
    /// Debian 12 has that of GCC 12. Where the wrapper does not load, this program's own copy of it is replaced by one that does.
    /// </summary>
    public static void Load()
    {
        string path = Path.Combine(AppContext.BaseDirectory, Wrapper);
        if (NativeLibrary.TryLoad(path, out _)) return;
        byte[] library = File.ReadAllBytes(path);
        DropNewestLibstdcxx(library);
        // A new file under the old name: a hard link into the package cache stays what it was.
        File.WriteAllBytes(path + ".new", library);
        File.Move(path + ".new", path, overwrite: true);
        NativeLibrary.Load(path);
    }

    /// <summary>
    /// Lets MKL choose its AVX-512 code on processors that are not Intel's: <c>mkl_serv_intel_cpu_true</c> returns 1.
    /// A known workaround that changes a vendor's library in memory: for benchmarks alone, and labelled "tuned" wherever it is shown.
    /// </summary>
    public static void LiftVendorCheck()
    {
        nint torch = NativeLibrary.Load(Path.Combine(AppContext.BaseDirectory, "libtorch_cpu.so"));
        ReadOnlySpan<byte> returnOne = [0xB8, 1, 0, 0, 0, 0xC3]; // mov eax, 1; ret
        foreach (string name in new[] { "mkl_serv_intel_cpu_true", "mkl_serv_intel_cpu" })
        {
            nint address = NativeLibrary.GetExport(torch, name), page = address & ~4095;
            if (Protect(page, 8192, 7) != 0) throw new InvalidOperationException($"{name}: cannot write to libtorch's code (mprotect, errno {Marshal.GetLastPInvokeError()})");
            returnOne.CopyTo(new Span<byte>((void*)address, returnOne.Length));
            _ = Protect(page, 8192, 5);
        }
    }

    [DllImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    static extern int Protect(nint address, nuint length, int protection);

    /// <summary>Edits an ELF64 image: the version need becomes weak, and the symbol's entry names <c>ceil</c>, unversioned, which any libm has.</summary>
    static void DropNewestLibstdcxx(Span<byte> elf)
    {
        const int NeededVersions = 0x6ffffffe, SymbolVersions = 0x6fffffff, DynamicSymbols = 11; // section types
        var needed = Find(elf, NeededVersions);
        var versions = Find(elf, SymbolVersions);
        var symbols = Find(elf, DynamicSymbols);
        var names = elf.Slice(At(elf, symbols.Link).Offset, At(elf, symbols.Link).Size);
        int ceil = names.IndexOf("ceil\0"u8); // as the end of a longer name: the linker shares tails
        if (ceil < 0) throw new InvalidDataException($"{Wrapper}: no name 'ceil' to stand in for {Symbol}; another version of TorchSharp than 0.107.0?");

        for (int i = 0; i < symbols.Size / 24; i++)
        {
            var symbol = elf.Slice(symbols.Offset + 24 * i, 24);
            if (Name(names, symbol) != Symbol) continue;
            BinaryPrimitives.WriteInt32LittleEndian(symbol, ceil);
            BinaryPrimitives.WriteInt16LittleEndian(elf[(versions.Offset + 2 * i)..], 1); // global, no version
        }

        // Elf64_Verneed { version, count: u16; file, aux, next: u32 }, each with a chain of Elf64_Vernaux { hash: u32; flags, other: u16; name, next: u32 }.
        for (int need = needed.Offset, next = 1; next != 0; need += next)
        {
            next = Int(elf, need + 12);
            for (int aux = need + Int(elf, need + 8), step = 1; step != 0; aux += step)
            {
                step = Int(elf, aux + 12);
                if (Name(names, elf[(aux + 8)..]) == Version) elf[aux + 4] |= 2; // VER_FLG_WEAK
            }
        }
    }

    readonly record struct Section(int Offset, int Size, int Link);

    static int Int(ReadOnlySpan<byte> elf, int at) => BinaryPrimitives.ReadInt32LittleEndian(elf[at..]);

    static string Name(ReadOnlySpan<byte> names, ReadOnlySpan<byte> entry)
    {
        var name = names[Int(entry, 0)..];
        return Encoding.ASCII.GetString(name[..name.IndexOf((byte)0)]);
    }

    /// <summary>Section header i: 64 bytes from e_shoff (at 0x28), with sh_offset at 24, sh_size at 32, sh_link at 40.</summary>
    static Section At(ReadOnlySpan<byte> elf, int i)
    {
        int header = Int(elf, 0x28) + 64 * i;
        return new(Int(elf, header + 24), Int(elf, header + 32), Int(elf, header + 40));
    }

    static Section Find(ReadOnlySpan<byte> elf, int type)
    {
        int count = BinaryPrimitives.ReadUInt16LittleEndian(elf[0x3C..]);
        for (int i = 0; i < count; i++)
            if (Int(elf, Int(elf, 0x28) + 64 * i + 4) == type) return At(elf, i);
        throw new InvalidDataException($"{Wrapper}: no ELF section of type {type:x}");
    }
}
