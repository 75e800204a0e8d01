using System.Numerics;
using System.Runtime.InteropServices;
using InrFast.Kernels;
using InrFast.Kernels.Dense;

namespace InrFast.Tasks.Compression;

/// <summary>Draws leaves of a compressed image, one after another, on one thread; the last one's network is kept.</summary>
sealed class BlockPainter(CompressedFile file, Device device) : IDisposable
{
    const int Points = SineChainKernels.Points;
    const int MostAlongAxis = 4096; // of a grid, for which a chain may keep numbers of every unit at every position
    readonly CompressedHeader header = file.Header;
    readonly IReadOnlyList<NetworkPlace> networks = file.Header.Networks();
    readonly int[]? span = file.Header.SharedSpan(file.Header.Networks()); // of all leaves; null: each its own
    readonly float[] results = GC.AllocateArray<float>(4 * Points, pinned: true);
    NetworkPlace? loaded;
    BlockWeights? weights; // of the leaf that is loaded; null: damaged
    SineChainKernels? chain; // null: constant
    DeviceMemory? scratch;

    /// <summary>All of a leaf's block on its own voxels; null where the bytes of one of its networks are damaged.</summary>
    public float[]? Whole(NetworkPlace leaf)
    {
        var box = leaf.Box!;
        var values = new float[box.Voxels * header.Channels];
        double[][] positions = [.. box.First.Zip(box.Size, (from, count) => Enumerable.Range(from, count).Select(i => (double)i).ToArray())];
        var all = Box.Whole(box.Size);
        return TryPaint(leaf, positions, all, all, values) ? values : null;
    }

    /// <summary>Draws a part of a region that lies in a leaf's block. False where the bytes of one of its networks are damaged.</summary>
    /// <param name="positions">Of the region's voxels along each axis, in voxels of the image.</param>
    /// <param name="values">Of the region, [voxel][channel].</param>
    public bool TryPaint(NetworkPlace leaf, double[][] positions, Box part, Box region, float[] values)
    {
        if (leaf != loaded) Load(leaf);
        if (weights is null) return false;
        int longest = Enumerable.Range(0, part.Size.Length).MaxBy(k => part.Size[k]);
        if (part.Size[longest] > MostAlongAxis) return part.Halves(longest).All(half => TryPaint(leaf, positions, half, region, values));
        var box = leaf.Box!;
        int channels = header.Channels, row = part.Size[0];
        int[] size = span ?? box.Size;
        float[][] coordinates = [.. positions.Select((all, k) => Enumerable.Range(part.First[k], part.Size[k]).Select(i => (float)((2 * (all[i] - box.First[k]) + 1 - size[k]) / size[k])).ToArray())];
        float range = header.High - header.Low, offset = header.Low + range * (float)weights.Offset, scale = range * (float)weights.Scale;
        chain?.SetGrid(coordinates);
        for (long from = 0; from < part.Voxels; from += Points)
        {
            int count = (int)Math.Min(Points, part.Voxels - from);
            chain?.Evaluate(from, Address(results), scratch!.Address);
            for (int i = 0, run; i < count; i += run)
            {
                (long line, long x) = Math.DivRem(from + i, row);
                run = (int)Math.Min(count - i, row - x);
                var to = values.AsSpan((int)((part.Line(line, region.Size) + x) * channels), run * channels);
                for (int c = 0; c < channels; c++) Scale(results.AsSpan(c * Points + i, run), offset, scale, to[c..], channels);
            }
        }
        return true;
    }

    static void Scale(ReadOnlySpan<float> from, float offset, float scale, Span<float> to, int step)
    {
        int i = 0;
        if (step == 1)
            for (; i <= from.Length - Vector<float>.Count; i += Vector<float>.Count) (new Vector<float>(offset) + new Vector<float>(scale) * new Vector<float>(from[i..])).CopyTo(to[i..]);
        for (; i < from.Length; i++) to[i * step] = offset + scale * from[i];
    }

    void Load(NetworkPlace leaf)
    {
        (loaded, weights, chain) = (leaf, null, null);
        try
        {
            BlockWeights[] path = [.. leaf.Path.Select(network => WeightCoder.Decode(file.Blocks[network].Network ?? throw new FormatException("a block is damaged"), networks[network].Tensors(header)))];
            weights = path[^1];
            if (weights.Tensors.Length == 0)
            {
                results.AsSpan().Clear();
                return;
            }
            var tensors = path.SelectMany(network => network.Tensors.Zip(network.Steps!)).ToArray();
            chain = device.SineChain([.. tensors.Chunk(2).Select((layer, i) => new ChainLayer(layer[0].First, layer[1].First, 2 * i == tensors.Length - 2 ? null : i == 0 ? header.FirstOmega : header.HiddenOmega, file.Version > 2 ? layer[0].Second : null))], whole: file.Version > 1);
        }
        catch (FormatException)
        {
            weights = null;
            return;
        }
        if (scratch?.Bytes >= 4 * chain.ScratchFloats) return;
        scratch?.Dispose();
        scratch = device.Allocate(4 * chain.ScratchFloats);
    }

    /// <summary>Of a pinned array.</summary>
    static unsafe nint Address(float[] pinned) => (nint)System.Runtime.CompilerServices.Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(pinned));

    public void Dispose() => scratch?.Dispose();
}
