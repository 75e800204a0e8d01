using InrFast.Kernels;

namespace InrFast.Tasks.Compression;

/// <summary>Voxels first .. first + size - 1 along each axis of an image.</summary>
sealed record Box(int[] First, int[] Size)
{
    public long Voxels => Size.Aggregate(1L, (product, n) => product * n);

    public static Box Whole(int[] axes) => new(new int[axes.Length], axes);

    /// <summary>Halves along all axes that have two voxels, the first axis fastest; null where none has.</summary>
    public Box[]? Divide()
    {
        int[] divided = [.. Enumerable.Range(0, Size.Length).Where(k => Size[k] > 1)];
        if (divided.Length == 0) return null;
        return [.. Enumerable.Range(0, 1 << divided.Length).Select(child =>
        {
            int[] first = [.. First], size = [.. Size];
            for (int i = 0; i < divided.Length; i++)
            {
                int k = divided[i], half = Size[k] / 2;
                if ((child >> i & 1) == 0) size[k] = half;
                else (first[k], size[k]) = (First[k] + half, Size[k] - half);
            }
            return new Box(first, size);
        })];
    }

    /// <summary>Along one axis, of at least two voxels.</summary>
    public Box[] Halves(int axis)
    {
        int[] first = [.. First], less = [.. Size], rest = [.. Size];
        less[axis] = Size[axis] / 2;
        rest[axis] -= less[axis];
        first[axis] += less[axis];
        return [new(First, less), new(first, rest)];
    }

    /// <summary>The box's samples [voxel][channel] of an image's.</summary>
    public float[] Gather(ReadOnlySpan<float> image, int[] axes, int channels)
    {
        var values = new float[Voxels * channels];
        int row = Size[0] * channels;
        for (int line = 0; line < values.Length / row; line++) image.Slice(checked((int)(Line(line, axes) * channels)), row).CopyTo(values.AsSpan(line * row));
        return values;
    }

    /// <summary>Where the box's line of so many starts in the image, in voxels.</summary>
    public long Line(long line, int[] axes)
    {
        long at = First[0], stride = axes[0];
        for (int k = 1; k < axes.Length; k++)
        {
            at += stride * (First[k] + line % Size[k]);
            (line, stride) = (line / Size[k], stride * axes[k]);
        }
        return at;
    }
}

/// <summary>
/// An image cut into boxes by a quadtree or octree, so that their spectra are concentrated: the cut of at most so many blocks for which the sum of D(b) / 2^(n level)
/// is largest, D(b) = max |F b| / sum |F b| (Yang 2023, SCI, section "adaptive partitioning"). Found by dynamic programming, exactly; the authors call a solver.
/// </summary>
static class BlockTree
{
    /// <summary>Levels below the least that are looked at, as published.</summary>
    const int MostLevelsBelow = 2;

    /// <summary>The leaves in depth-first order, their D, and the tree's shape: for each node in the same order whether it is divided.</summary>
    public static (List<(Box Box, double Concentration)> Leaves, List<bool> Divided) Cut(float[] image, int[] axes, int channels, int mostBlocks, Device device)
    {
        int least = (int)Math.Floor(Math.Log(mostBlocks, 1 << axes.Count(n => n > 1)) + 1e-9);
        var root = new Node(Box.Whole(axes), 0, least, least + MostLevelsBelow, mostBlocks, image, axes, channels, device);
        var (leaves, divided) = (new List<(Box, double)>(), new List<bool>());
        root.Collect(mostBlocks, leaves, divided);
        return (leaves, divided);
    }

    /// <summary>A node of the tree.</summary>
    /// <param name="Parent">Its number; -1: none.</param>
    public readonly record struct Place(Box Box, int Parent, bool IsLeaf);

    /// <summary>The nodes of a tree of that shape in depth-first order; null where it is none. <paramref name="next"/> tells whether the next node is divided.</summary>
    public static List<Place>? Nodes(int[] axes, Func<bool> next, int most)
    {
        var nodes = new List<Place>();
        return Visit(Box.Whole(axes), -1, 0) ? nodes : null;

        bool Visit(Box box, int parent, int level)
        {
            int own = nodes.Count;
            bool divided = next();
            nodes.Add(new(box, parent, !divided));
            return nodes.Count <= 2 * most && (!divided || level < 24 && box.Divide() is { } children && children.All(child => Visit(child, own, level + 1)));
        }
    }

    /// <summary>The shape of a tree of so many levels, all leaves as deep as the axes allow.</summary>
    public static List<bool> Uniform(int[] axes, int levels)
    {
        var divided = new List<bool>();
        Visit(Box.Whole(axes), 1);
        return divided;

        void Visit(Box box, int level)
        {
            var children = level < levels ? box.Divide() : null;
            divided.Add(children is not null);
            foreach (var child in children ?? []) Visit(child, level + 1);
        }
    }

    /// <summary>D of a block, of the sum of its channels.</summary>
    public static unsafe double Concentration(float[] values, int[] size, Device device)
    {
        var kernels = device.Fourier(size, real: true);
        float[] spectrum = new float[2 * kernels.SpectrumCount], scratch = new float[kernels.ScratchFloats];
        fixed (float* from = values, to = spectrum, work = scratch) kernels.RealForward((nint)from, (nint)to, (nint)work);
        double sum = 0, largest = 0;
        int columns = kernels.SpectrumColumns;
        for (int i = 0; i < spectrum.Length / 2; i++)
        {
            double magnitude = Math.Sqrt((double)spectrum[2 * i] * spectrum[2 * i] + (double)spectrum[2 * i + 1] * spectrum[2 * i + 1]);
            int column = i % columns;
            sum += column == 0 || 2 * column == size[0] ? magnitude : 2 * magnitude; // the half that is not kept
            largest = Math.Max(largest, magnitude);
        }
        return sum > 0 ? largest / sum : 1;
    }

    sealed class Node
    {
        readonly Box box;
        readonly double concentration;
        readonly Node[] children = [];
        readonly double[] best; // [blocks], at most so many
        readonly bool[] divides; // [blocks]
        readonly int[][] shares = []; // [child][blocks of it and those before]: its own

        public Node(Box box, int level, int least, int deepest, int mostBlocks, float[] image, int[] axes, int channels, Device device)
        {
            this.box = box;
            best = new double[mostBlocks + 1];
            best.AsSpan().Fill(double.NegativeInfinity);
            divides = new bool[mostBlocks + 1];
            var boxes = level < deepest ? box.Divide() : null;
            if (boxes?.Length > mostBlocks) boxes = null;
            if (level >= least || boxes is null)
            {
                var values = box.Gather(image, axes, channels);
                concentration = Concentration(channels == 1 ? values : [.. values.Chunk(channels).Select(voxel => voxel.Sum())], box.Size, device);
                best.AsSpan(1).Fill(concentration / (1L << level * box.Size.Length));
            }
            if (boxes is null) return;
            children = [.. boxes.Select(child => new Node(child, level + 1, least, deepest, mostBlocks - boxes.Length + 1, image, axes, channels, device))];
            double[] together = [0];
            shares = new int[children.Length][];
            for (int c = 0; c < children.Length; c++) (together, shares[c]) = Join(together, children[c].best, mostBlocks);
            for (int count = 1; count <= mostBlocks; count++)
                if (together[Math.Min(count, together.Length - 1)] is var sum && sum > best[count]) (best[count], divides[count]) = (sum, true);
        }

        static (double[] Best, int[] Share) Join(double[] before, double[] child, int most)
        {
            int length = Math.Min(most, before.Length - 1 + child.Length - 1) + 1;
            var (best, share) = (new double[length], new int[length]);
            best.AsSpan().Fill(double.NegativeInfinity);
            for (int a = 0; a < before.Length; a++)
                for (int b = 1; b < child.Length && a + b < length; b++)
                    if (before[a] + child[b] > best[a + b]) (best[a + b], share[a + b]) = (before[a] + child[b], b);
            return (best, share);
        }

        public void Collect(int blocks, List<(Box, double)> leaves, List<bool> divided)
        {
            bool divide = divides[blocks];
            divided.Add(divide);
            if (!divide)
            {
                leaves.Add((box, concentration));
                return;
            }
            var own = new int[children.Length];
            for (int c = children.Length - 1, left = Math.Min(blocks, shares[^1].Length - 1); c >= 0; left -= own[c--]) own[c] = shares[c][left];
            for (int c = 0; c < children.Length; c++) children[c].Collect(own[c], leaves, divided);
        }
    }
}
