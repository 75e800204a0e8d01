using System.Text;
using InrFast.Imaging;
using InrFast.Tasks.Fitting;

namespace InrFast.Tasks.Compression;

/// <summary>How a file was made.</summary>
public enum CompressionMethod : byte
{
    /// <summary>One network for the whole image.</summary>
    Siren,

    /// <summary>Blocks by the concentration of their spectra (Yang 2023).</summary>
    Sci,

    /// <summary>A tree of networks, each a function of its parent's features (Yang 2023): all nodes have one, and leaves draw.</summary>
    Tinc,
}

/// <summary>A network of a compressed image.</summary>
/// <param name="Box">What it draws; null: it gives features to others.</param>
/// <param name="Path">The networks from the root's to itself, whose functions are composed.</param>
/// <param name="Inputs">Columns that it takes.</param>
/// <param name="Outputs">Columns of its linear layer; 0: it has none.</param>
sealed record NetworkPlace(Box? Box, int[] Path, int Inputs, int Outputs)
{
    /// <summary>Numbers of each of its tensors; none where it is constant.</summary>
    public int[] Tensors(CompressedHeader header) => header.Widths[Path[^1]] is 0 ? [] : BlockNetwork.Tensors(Inputs, header.Widths[Path[^1]], header.HiddenLayers, Outputs);
}

/// <summary>What a compressed file says before its blocks: docs/inrz.md.</summary>
/// <param name="Low">Least value of the image, which is a network's 0.</param>
/// <param name="High">Greatest value, a network's 1.</param>
/// <param name="MaxError">With a coded residual: no value is further off. 0: exact. Null: no residual.</param>
/// <param name="HiddenLayers">Of every block's network.</param>
/// <param name="Divided">The tree of blocks in depth-first order: which nodes are divided.</param>
/// <param name="Widths">Units of each leaf's network, 0: the block is constant; of a tree that shares, of each node's.</param>
public sealed record CompressedHeader(CompressionMethod Method, Grid Grid, int Channels, string Unit, StoredScale Stored, float Low, float High, double? MaxError,
    int HiddenLayers, int FirstOmega, int HiddenOmega, IReadOnlyList<bool> Divided, IReadOnlyList<int> Widths)
{
    public const int MostBlocks = 1 << 16, MostWidth = 1024, LeastWidth = 5, MostLayers = 16;
    const int MostUnit = 64;
    const byte HasGeometry = 1, HasScale = 2, HasUnit = 4, HasResidual = 8, AllFlags = 15;

    /// <summary>Voxels along the networks' axes: x, y and, in volumes, z.</summary>
    public int[] Axes => Grid.Dimensions == 2 ? [Grid.Size.X, Grid.Size.Y] : [Grid.Size.X, Grid.Size.Y, Grid.Size.Z];

    /// <summary>Whether leaves share the networks above them.</summary>
    bool IsShared => Method == CompressionMethod.Tinc;

    /// <summary>The networks in the order of the file.</summary>
    internal IReadOnlyList<NetworkPlace> Networks()
    {
        int node = 0;
        var places = new List<NetworkPlace>();
        var networkOf = new List<int>(); // of each node
        foreach (var (box, parent, isLeaf) in BlockTree.Nodes(Axes, () => node < Divided.Count && Divided[node++], MostBlocks)!)
        {
            networkOf.Add(places.Count);
            if (!isLeaf && !IsShared) continue;
            bool first = !IsShared || parent < 0;
            places.Add(new(isLeaf ? box : null, [.. first ? [] : places[networkOf[parent]].Path, places.Count], first ? Axes.Length : Widths[networkOf[parent]], isLeaf ? Channels : 0));
        }
        return places;
    }

    /// <summary>Voxels along each axis that the coordinates of all leaves that share span: those of the largest; null: each its own.</summary>
    internal int[]? SharedSpan(IReadOnlyList<NetworkPlace> networks) =>
        IsShared ? [.. Enumerable.Range(0, Axes.Length).Select(k => networks.Max(place => place.Box?.Size[k] ?? 0))] : null;

    /// <summary>Bytes of the image as its file kept it.</summary>
    public long RawBytes => Grid.Size.Voxels * Channels * Stored.Type.Bytes();

    internal void Write(BinaryWriter writer)
    {
        bool geometry = Grid.IndexToWorld != Affine.Identity, scale = !Stored.IsPlain;
        writer.Write((byte)Method);
        writer.Write((byte)Stored.Type);
        writer.Write((byte)((geometry ? HasGeometry : 0) | (scale ? HasScale : 0) | (Unit.Length > 0 ? HasUnit : 0) | (MaxError is null ? 0 : HasResidual)));
        foreach (int number in new[] { Channels, Grid.Size.X, Grid.Size.Y, Grid.Size.Z }) writer.Write7BitEncodedInt(number);
        if (geometry) foreach (double number in SignalDescription.Flatten(Grid.IndexToWorld)) writer.Write(number);
        if (scale)
        {
            writer.Write(Stored.Slope);
            writer.Write(Stored.Intercept);
        }
        if (Unit.Length > 0)
        {
            byte[] unit = Encoding.UTF8.GetBytes(Unit);
            writer.Write((byte)unit.Length);
            writer.Write(unit);
        }
        if (MaxError is { } error) writer.Write(error);
        writer.Write(Low);
        writer.Write(High);
        foreach (int number in new[] { HiddenLayers, FirstOmega, HiddenOmega }) writer.Write((byte)number);
        for (int i = 0; i < Divided.Count; i += 8) writer.Write((byte)Enumerable.Range(i, Math.Min(8, Divided.Count - i)).Sum(j => Divided[j] ? 1 << (j - i) : 0));
        foreach (int width in Widths) writer.Write7BitEncodedInt(width);
    }

    /// <summary>Throws <see cref="FormatException"/> or <see cref="EndOfStreamException"/> where a number is out of bounds.</summary>
    internal static CompressedHeader Read(BinaryReader reader)
    {
        var method = (CompressionMethod)reader.ReadByte();
        var type = (SampleType)reader.ReadByte();
        byte flags = reader.ReadByte();
        Require(Enum.IsDefined(method) && Enum.IsDefined(type) && flags <= AllFlags, "its method, type or flags are unknown");
        int channels = reader.Read7BitEncodedInt(), x = reader.Read7BitEncodedInt(), y = reader.Read7BitEncodedInt(), z = reader.Read7BitEncodedInt();
        Require(channels is >= 1 and <= 4 && x >= 1 && y >= 1 && z >= 1 && (Int128)x * y * z * channels <= Array.MaxLength, $"{x} x {y} x {z} voxels of {channels} channels are out of bounds");
        var size = new GridSize(x, y, z);
        var map = Affine.Identity;
        if ((flags & HasGeometry) != 0)
        {
            var a = new double[12];
            for (int i = 0; i < a.Length; i++) a[i] = reader.ReadDouble();
            Require(a.All(double.IsFinite), "its geometry is no geometry");
            map = new(new(a[0], a[1], a[2]), new(a[3], a[4], a[5]), new(a[6], a[7], a[8]), new(a[9], a[10], a[11]));
            Require(map.IsInvertible, "its geometry is no geometry");
        }
        var stored = (flags & HasScale) != 0 ? new StoredScale(type, reader.ReadDouble(), reader.ReadDouble()) : new StoredScale(type);
        Require(double.IsFinite(stored.Slope) && stored.Slope != 0 && double.IsFinite(stored.Intercept), "its value scale is no scale");
        string unit = "";
        if ((flags & HasUnit) != 0)
        {
            int length = reader.ReadByte();
            Require(length is >= 1 and <= MostUnit, "its unit is too long");
            unit = new string([.. Encoding.UTF8.GetString(reader.ReadBytes(length)).Select(c => char.IsControl(c) ? '?' : c)]);
        }
        double? error = (flags & HasResidual) != 0 ? reader.ReadDouble() : null;
        Require(error is null or (>= 0 and < double.PositiveInfinity), "its error is no error");
        float low = reader.ReadSingle(), high = reader.ReadSingle();
        Require(float.IsFinite(low) && float.IsFinite(high) && low <= high && float.IsFinite(high - low), "its range of values is no range");
        int layers = reader.ReadByte(), first = reader.ReadByte(), hidden = reader.ReadByte();
        Require(layers <= MostLayers && first >= 1 && hidden >= 1, "its networks are out of bounds");
        var grid = new Grid(size, map);
        var divided = new List<bool>();
        int bits = 0;
        int[] axes = grid.Dimensions == 2 ? [x, y] : [x, y, z];
        var nodes = BlockTree.Nodes(axes, () =>
        {
            if (divided.Count % 8 == 0) bits = reader.ReadByte();
            divided.Add((bits >> divided.Count % 8 & 1) != 0);
            return divided[^1];
        }, MostBlocks);
        Require(nodes is not null, "its blocks are no tree");
        bool shared = method == CompressionMethod.Tinc;
        int[] widths = [.. nodes!.Where(node => node.IsLeaf || shared).Select(_ => reader.Read7BitEncodedInt())];
        Require(widths.All(width => width == 0 && !shared || width is >= LeastWidth and <= MostWidth), "its networks are out of bounds");
        return new(method, grid, channels, unit, stored, low, high, error, layers, first, hidden, divided, widths);
    }

    static void Require(bool condition, string what)
    {
        if (!condition) throw new FormatException(what);
    }
}
