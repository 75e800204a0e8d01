// PureHDF is left out where code is trimmed.
#pragma warning disable IL2026, IL2070, IL2075, IL2077, IL2080, IL2081, IL3050
using System.IO.Compression;
using System.Reflection;
using System.Runtime.InteropServices;
using PureHDF.Filters;
using PureHDF.VOL.Native;

namespace InrFast.Imaging;

/// <summary>Chunks of an HDF5 array: no more are made, over all, than the file can have been packed from.</summary>
internal sealed class BoundedChunks : IReadingChunkCache
{
    // What looking for a chunk takes, in bytes that could be unpacked meanwhile; one that was written takes eight in the file's index, and those bought eight times this.
    private const long Search = 1024;

    private const BindingFlags Member = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    // Only PureHDF's own array knows how long its chunks are, and that the reader belongs to.
    private static readonly Type Array = typeof(NativeFile).Assembly.GetType("PureHDF.VOL.Native.H5D_Chunk", throwOnError: true)!;

    private static readonly PropertyInfo Unpacked = Array.GetProperty("ChunkByteSize", Member)!, Context = Array.BaseType!.GetProperty("ReadContext", Member)!, Driver = Context.PropertyType.GetProperty("Driver", Member)!,
        FileLength = Driver.PropertyType.GetProperty("Length", Member)!;

    private static readonly FieldInfo HasNoIndex = Array.GetField("_readingChunkIndexAddressIsUndefined", Member)!;

    private static readonly MethodInfo Find = Array.GetMethod("GetReadChunkInfo", Member)!;

    private static readonly PropertyInfo Packed = Find.ReturnType.GetProperty("Size")!;

    private readonly SimpleReadingChunkCache cache = new();
    private long? left;

    /// <exception cref="EndOfStreamException">The chunk is longer than the file, or all so far are than what they can have been packed from.</exception>
    public Memory<byte> GetChunk(ulong chunkIndex, Func<Memory<byte>> chunkReader) => cache.GetChunk(chunkIndex, () =>
    {
        var array = chunkReader.Target!.GetType().GetFields(Member).Select(field => field.GetValue(chunkReader.Target)).First(Array.IsInstanceOfType);
        var length = (ulong)(long)FileLength.GetValue(Driver.GetValue(Context.GetValue(array)))!;
        var packed = (bool)HasNoIndex.GetValue(array)! ? 0 : (ulong)Packed.GetValue(Find.Invoke(array, BindingFlags.DoNotWrapExceptions, null, [chunkIndex], null))!;
        left = (left ?? (long)length * InputFile.MaxDeflateRatio) - (long)(ulong)Unpacked.GetValue(array)! - Search;
        return packed <= length && left >= 0 ? chunkReader() : throw BoundedDriver.TooLong();
    });
}

/// <summary>PureHDF's filter unpacks whatever comes out; this one no more than a chunk and what other filters add to it.</summary>
internal sealed class BoundedDeflate : IH5Filter
{
    private const int Checksums = 64;

    public ushort FilterId => DeflateFilter.Id;

    public string Name => "deflate";

    /// <exception cref="InvalidDataException">It unpacks to more than a chunk.</exception>
    public Memory<byte> Filter(FilterInfo info)
    {
        var packed = MemoryMarshal.TryGetArray<byte>(info.Buffer, out var segment) ? segment : info.Buffer.ToArray();
        using var unpacking = new ZLibStream(new MemoryStream(packed.Array!, packed.Offset, packed.Count, writable: false), CompressionMode.Decompress);
        var chunk = new byte[info.ChunkSize + Checksums];
        var count = unpacking.ReadAtLeast(chunk, chunk.Length, throwOnEndOfStream: false);
        return count < chunk.Length ? chunk.AsMemory(0, count) : throw new InvalidDataException("a chunk unpacks to more than its size");
    }

    public uint[] GetParameters(uint[] chunkDimensions, uint typeSize, Dictionary<string, object>? options) => throw new NotSupportedException();
}
