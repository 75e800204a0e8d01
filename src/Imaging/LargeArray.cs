using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace InrFast.Imaging;

/// <summary>Arrays of the size of a volume. The kernel hands out memory page by page at the first touch, which for a volume takes longer than filling it; Linux gives 2 MiB pages where it is asked.</summary>
internal static partial class LargeArray
{
    private const int HugePage = 1 << 21, AdviseHugePage = 14;

    /// <summary>An array whose values are whatever the memory held: for a caller that writes every one of them.</summary>
    public static unsafe T[] Allocate<T>(long count) where T : unmanaged
    {
        var array = GC.AllocateUninitializedArray<T>(checked((int)count));
        if (OperatingSystem.IsLinux() && count * Unsafe.SizeOf<T>() >= 2 * HugePage)
        {
            // The array is on the heap of large objects, which is not moved; a kernel without such pages says no, and nothing is lost.
            var start = ((nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(array)) + HugePage - 1) & ~(HugePage - 1);
            var end = ((nint)Unsafe.AsPointer(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(array), array.Length - 1))) & ~(HugePage - 1);
            _ = madvise(start, end - start, AdviseHugePage);
        }
        return array;
    }

    [LibraryImport("libc")]
    private static partial int madvise(nint address, nint length, int advice);
}
