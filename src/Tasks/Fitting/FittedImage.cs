using System.Text.Json;
using System.Text.Json.Serialization;
using InrFast.Autodiff;
using InrFast.Autodiff.Operations;
using InrFast.Imaging;
using InrFast.Kernels;
using InrFast.Kernels.Activations;
using InrFast.Kernels.Sampling;
using InrFast.Models;
using Grid = InrFast.Imaging.Grid;

namespace InrFast.Tasks.Fitting;

/// <summary>What an image's network needs to become an image again: where its voxels lay, and what its numbers mean.</summary>
/// <param name="Axes">Voxels along the network's axes: x, y, (z,) (time).</param>
/// <param name="Spacing">What a step along each counts in the network's coordinates.</param>
/// <param name="Offset">Value at the network's 0.</param>
/// <param name="Scale">Value range from the network's 0 to its 1.</param>
public sealed record SignalDescription(int[] Axes, double[] Spacing, double Offset, double Scale, int[] Size, double[] IndexToWorld, int Times, double TimeSpacing, string Unit,
    SampleType StoredType, double StoredSlope, double StoredIntercept, ulong Seed)
{
    [JsonIgnore]
    public Grid Grid
    {
        get
        {
            var a = IndexToWorld;
            return new(new(Size[0], Size[1], Size[2]), new(new(a[0], a[1], a[2]), new(a[3], a[4], a[5]), new(a[6], a[7], a[8]), new(a[9], a[10], a[11])));
        }
    }

    /// <summary>Throws <see cref="JsonException"/> where the numbers fit neither each other nor the network.</summary>
    internal void Check(NetworkSettings network)
    {
        bool sizes = Size is { Length: 3 } && Size.All(n => n > 0) && Times > 0 && IndexToWorld is { Length: 12 } && Axes is { Length: >= 2 and <= 4 } && Spacing?.Length == Axes.Length;
        if (!sizes || network.Inputs != Axes!.Length) throw new JsonException("its sizes contradict each other");
        int[] space = Axes.Length - (Times > 1 ? 1 : 0) == 2 ? [Size![0], Size[1]] : Size!;
        if (!Axes.SequenceEqual(Times > 1 ? [.. space, Times] : space)) throw new JsonException("its axes are not those of its size");
        if (network is MinerSettings pyramid && !pyramid.Size.SequenceEqual(Axes)) throw new JsonException("its axes are not those of its pyramid");
        if (!Spacing!.All(step => step > 0 && double.IsFinite(step)) || !IndexToWorld!.All(double.IsFinite) || !Grid.IndexToWorld.IsInvertible) throw new JsonException("its geometry is no geometry");
        try
        {
            _ = new VoxelGrid(Axes, Spacing);
        }
        catch (ArgumentException e)
        {
            throw new JsonException(e.Message, e);
        }
        if (!double.IsFinite(Offset) || !double.IsFinite(Scale) || !double.IsFinite(TimeSpacing)) throw new JsonException("its value scale is no number");
    }

    internal static SignalDescription Of(Image image, int[] axes, double[] spacing, float low, float scale, ulong seed) =>
        new(axes, spacing, low, scale, [image.Size.X, image.Size.Y, image.Size.Z], Flatten(image.Grid.IndexToWorld), image.Times, image.TimeSpacing, image.Unit,
            image.Stored.Type, image.Stored.Slope, image.Stored.Intercept, seed);

    public static double[] Flatten(Affine map) =>
        [map.StepX.X, map.StepX.Y, map.StepX.Z, map.StepY.X, map.StepY.Y, map.StepY.Z, map.StepZ.X, map.StepZ.Y, map.StepZ.Z, map.Origin.X, map.Origin.Y, map.Origin.Z];
}

[JsonSerializable(typeof(SignalDescription))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, RespectNullableAnnotations = true)]
sealed partial class FittingJson : JsonSerializerContext;

/// <summary>An image as a network: saved as a model file, rendered on any grid.</summary>
public sealed class FittedImage : IDisposable
{
    const string SignalKey = "inrfast.signal";
    const int RenderRows = 65536;

    internal FittedImage(SignalDescription signal, NetworkSettings settings, Network network, ParameterStore store) => (Signal, Settings, Network, Store) = (signal, settings, network, store);

    public SignalDescription Signal { get; }
    public NetworkSettings Settings { get; }
    public Network Network { get; }
    internal ParameterStore Store { get; }
    public int Channels => Settings is MultiHeadSettings { Heads: var heads } ? Settings.Outputs / heads.Aggregate(1, (product, n) => product * n) : Settings.Outputs;

    /// <summary>Trained numbers, of all networks.</summary>
    public long ParameterCount => Network.ParameterCount * Settings.Members;

    /// <summary>Writes a safetensors file.</summary>
    public void Save(Stream stream) => ModelFile.Write(stream, Settings, Network, Store,
        new Dictionary<string, string> { [SignalKey] = JsonSerializer.Serialize(Signal, FittingJson.Default.SignalDescription) });

    /// <summary>Throws <see cref="ModelFileException"/> where the file is damaged or holds no image.</summary>
    public static FittedImage Load(Stream stream, Device device)
    {
        var file = ModelFile.Read(stream);
        var signal = file.Describe(SignalKey, FittingJson.Default.SignalDescription, "image", signal => signal.Check(file.Network));
        var (network, store) = file.Build(device);
        return new(signal, file.Network, network, store);
    }

    /// <summary>The image on its own grid, at all its times.</summary>
    public Image Render(Device device, Workers workers, CancellationToken cancel = default) => Render(Signal.Grid, device, workers, cancel);

    /// <summary>The image on any grid of the world, at all its times, in its unit.</summary>
    public Image Render(Grid grid, Device device, Workers workers, CancellationToken cancel = default)
    {
        var size = Settings.Inputs - (Signal.Times > 1 ? 1 : 0) == 2 ? new[] { grid.Size.X, grid.Size.Y } : [grid.Size.X, grid.Size.Y, grid.Size.Z];
        if (size.Length == 2 && grid.Size.Z > 1) throw new FitException(FitError.WrongUse, $"the model is of one slice; it cannot be rendered on {grid.Size.Z}");
        int[] axes = Signal.Times > 1 ? [.. size, Signal.Times] : size;
        var values = new float[checked(grid.Size.Voxels * Signal.Times * Channels)];
        Evaluate(device, workers, axes, PlacementOf(grid, size.Length), values, cancel);
        float offset = (float)Signal.Offset, scale = (float)Signal.Scale;
        for (int i = 0; i < values.Length; i++) values[i] = offset + scale * values[i];
        return new Image(grid, values, Channels, Signal.Times)
        {
            TimeSpacing = Signal.TimeSpacing, Unit = Signal.Unit, Stored = new(Signal.StoredType, Signal.StoredSlope, Signal.StoredIntercept),
        };
    }

    /// <summary>The network's own values at all points of its own grid.</summary>
    internal void Evaluate(Device device, Workers workers, float[] values, CancellationToken cancel = default) =>
        Evaluate(device, workers, Signal.Axes, null, values, cancel);

    void Evaluate(Device device, Workers workers, int[] axes, float[][]? placement, float[] values, CancellationToken cancel)
    {
        using var renderer = new Renderer(this, device, workers, axes, placement);
        renderer.Render(values, cancel);
    }

    /// <summary>
    /// Rows [weights | offset] that take the sampler's coordinates of the grid to the network's; null where they are the same.
    /// </summary>
    float[][]? PlacementOf(Grid grid, int dimensions)
    {
        var own = Signal.Grid;
        if (grid == own) return null;
        int[] size = [grid.Size.X, grid.Size.Y, grid.Size.Z];
        var sampler = new VoxelGrid(Signal.Times > 1 ? [.. size[..dimensions], Signal.Times] : size[..dimensions]);
        var network = new VoxelGrid(Signal.Axes, Signal.Spacing);
        var toIndex = own.IndexToWorld.Inverse();
        var steps = new[] { grid.IndexToWorld.StepX, grid.IndexToWorld.StepY, grid.IndexToWorld.StepZ }.Select(toIndex.ApplyToDirection).ToArray();
        var origin = toIndex.Apply(grid.IndexToWorld.Origin);
        int inputs = Signal.Axes.Length;
        var rows = new float[inputs][];
        for (int k = 0; k < inputs; k++)
        {
            rows[k] = new float[inputs + 1];
            if (k >= dimensions) // time: the same instants in both
            {
                rows[k][k] = network[k].HalfStep / sampler[k].HalfStep;
                continue;
            }
            // index' = sum of steps * index + origin; index = coordinate * density + (n - 1) / 2.
            double at = Component(origin, k);
            for (int j = 0; j < dimensions; j++)
            {
                double step = Component(steps[j], k);
                at += step * (size[j] - 1) / 2.0;
                rows[k][j] = (float)(step * sampler[j].Density * 2 * network[k].HalfStep);
            }
            rows[k][inputs] = (float)((2 * at + 1 - Signal.Axes[k]) * network[k].HalfStep);
        }
        return rows;

        static double Component(Vector3d v, int k) => k switch { 0 => v.X, 1 => v.Y, _ => v.Z };
    }

    public void Dispose() => Store.Dispose();

    /// <summary>A network at all points of a grid, batch by batch.</summary>
    internal sealed class Renderer : IDisposable
    {
        readonly Plan plan;
        readonly Runner runner;
        readonly float[] rows, values; // what the plan makes, and what the network says: the same but for blocks
        readonly ParameterStore? noParameters;
        readonly BlockRenderer? blocks;

        public Renderer(FittedImage image, Device device, Workers workers, int[] axes, float[][]? placement)
        {
            if (BlockScale.All(image.Settings, image.Signal.Axes, image.Signal.Spacing, image.Channels) is { } scales)
            {
                noParameters = new ParameterStore(device, new Graph());
                blocks = new BlockRenderer(image, scales, device, workers);
            }
            var store = noParameters ?? image.Store;
            var grid = placement is null ? new VoxelGrid(axes, image.Signal.Spacing) : new VoxelGrid(axes);
            long count = grid.Count;
            var points = new SampleVoxels<ImageOrder>(store.Graph, grid, _ => new ImageOrder(count)).Coordinates;
            if (placement is not null) points = new AffineMap(points, placement).Output;
            var output = blocks is null ? image.Network.Apply(points) : points;
            int batch = (int)Math.Min(RenderRows, count);
            rows = new float[(long)batch * output.Shape.Columns];
            values = blocks is null ? rows : new float[(long)batch * image.Channels];
            plan = Plan.Evaluate(device, output);
            runner = Runner.Create(plan, store, workers, batch);
        }

        public void Render(float[] all, CancellationToken cancel = default)
        {
            runner.Batch = 0;
            for (long first = 0; first < all.LongLength; first += values.Length, runner.Batch++)
            {
                cancel.ThrowIfCancellationRequested();
                runner.Evaluate();
                runner.Read(rows);
                blocks?.Render(rows, values);
                values.AsSpan(0, (int)Math.Min(values.Length, all.LongLength - first)).CopyTo(all.AsSpan((int)first));
            }
        }

        public void Dispose()
        {
            runner.Dispose();
            plan.Dispose();
            blocks?.Dispose();
            noParameters?.Dispose();
        }
    }
}
