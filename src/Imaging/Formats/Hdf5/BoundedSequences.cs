// PureHDF is left out where code is trimmed.
#pragma warning disable IL2026, IL2060, IL2070, IL2075, IL2077, IL2080, IL2081, IL3050
using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Reflection;
using PureHDF;

namespace InrFast.Imaging;

/// <summary>Sequences in an HDF5 array of compounds: PureHDF makes room for the length that each one declares, before it looks for its numbers.</summary>
internal static class BoundedSequences
{
    private const BindingFlags Member = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;

    /// <param name="dataset">Its compounds hold sequences of four-byte numbers; its size was checked.</param>
    /// <param name="fileLength">Sequences are never packed, and no two are the same bytes.</param>
    /// <exception cref="EndOfStreamException">Together they are longer than the file.</exception>
    public static void Require(IH5Dataset dataset, long fileLength)
    {
        var type = Get(dataset, "InternalDataType")!;
        // PureHDF gives the bytes of what holds no sequences; it does so here too where it finds that decoder ready.
        var decoders = (ConcurrentDictionary<(Type, bool), Delegate>)type.GetType().GetField("_decodeInfoCache", Member)!.GetValue(type)!;
        decoders[(typeof(byte), true)] = (Delegate)type.GetType().GetMethod("GetDecodeInfoForUnmanagedMemory", Member)!.MakeGenericMethod(typeof(byte)).Invoke(null, null)!;
        var sequences = dataset.Type.Compound.Members.Where(member => member.Type.Class == H5DataTypeClass.VariableLength).ToList();
        long declared = 0;
        // What stands for an element that was never written is decoded as well.
        foreach (var elements in new[] { dataset.Read<byte[]>(), (byte[]?)Get(Get(dataset, "InternalFillValue")!, "Value") ?? [] })
        {
            for (var element = 0; element < elements.Length; element += dataset.Type.Size)
            {
                declared += sequences.Sum(member => sizeof(float) * (long)BinaryPrimitives.ReadUInt32LittleEndian(elements.AsSpan(element + member.Offset)));
            }
        }
        if (declared > fileLength)
        {
            throw BoundedDriver.TooLong();
        }
    }

    private static object? Get(object of, string property) => of.GetType().GetProperty(property, Member)!.GetValue(of);
}
