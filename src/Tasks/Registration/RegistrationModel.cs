using System.Text.Json;
using System.Text.Json.Serialization;
using InrFast.Autodiff;
using InrFast.Autodiff.Operations;
using InrFast.Imaging;
using InrFast.Kernels;
using InrFast.Kernels.Sampling;
using InrFast.Models;
using InrFast.Tasks.Fitting;
using Grid = InrFast.Imaging.Grid;

namespace InrFast.Tasks.Registration;

/// <summary>How a network's values become a map of the fixed image's frame.</summary>
/// <param name="Size">Voxels of the fixed image.</param>
/// <param name="IndexToWorld">Its place: twelve numbers as in <see cref="SignalDescription"/>.</param>
/// <param name="Initial">The map of the world that follows: twelve numbers.</param>
/// <param name="Steps">Of the integration of a velocity field.</param>
public sealed record DeformationDescription(DeformationKind Kind, int Steps, int[] Size, double[] IndexToWorld, double[] Initial)
{
    [JsonIgnore]
    public Grid Grid => new(new(Size[0], Size[1], Size[2]), Unflatten(IndexToWorld));

    [JsonIgnore]
    public Affine InitialMap => Unflatten(Initial);

    /// <summary>Throws <see cref="JsonException"/> where the numbers do not fit.</summary>
    internal void Check(NetworkSettings network)
    {
        bool numbers = Size is { Length: 3 } && Size.All(n => n is > 0 and < 1 << 23) && IndexToWorld is { Length: 12 } && Initial is { Length: 12 } && Steps is > 0 and <= 1000 && Enum.IsDefined(Kind);
        if (!numbers || !Grid.IndexToWorld.IsInvertible || !InitialMap.IsInvertible) throw new JsonException("its geometry is none");
        if (network.Inputs != Grid.Dimensions || network.Outputs != Grid.Dimensions || network.Members != 1) throw new JsonException("its network is no field of its geometry");
    }

    static Affine Unflatten(double[] a) => new(new(a[0], a[1], a[2]), new(a[3], a[4], a[5]), new(a[6], a[7], a[8]), new(a[9], a[10], a[11]));
}

[JsonSerializable(typeof(DeformationDescription))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, RespectNullableAnnotations = true)]
sealed partial class RegistrationJson : JsonSerializerContext;

/// <summary>
/// A map phi from a fixed image's points to a moving one's, as a network: world millimetres to world millimetres. Of the fixed frame's coordinates it is
/// x + u(x), or the flow of v; then the initial map of the world.
/// </summary>
public sealed class RegistrationModel : IDisposable
{
    const string DeformationKey = "inrfast.deformation";
    const int Rows = 65536;

    internal RegistrationModel(DeformationDescription description, NetworkSettings settings, Network network, ParameterStore store) =>
        (Description, Settings, Network, Store, Fixed) = (description, settings, network, store, new Frame(description.Grid));

    public DeformationDescription Description { get; }
    public NetworkSettings Settings { get; }
    internal Network Network { get; }
    internal ParameterStore Store { get; }
    internal Frame Fixed { get; }
    public long ParameterCount => Network.ParameterCount;

    /// <summary>The map in the fixed frame's coordinates; of a jet of them with its derivatives.</summary>
    /// <param name="time">Of a velocity field: 1, or -1 for the inverse.</param>
    internal static Value Map(DeformationDescription description, Network network, Value x, float time = 1)
    {
        if (description.Kind == DeformationKind.Displacement) return new Sum(x, network.Apply(x)).Output;
        // Runge and Kutta's classical step of dx/dt = v(x).
        float step = time / description.Steps;
        for (int i = 0; i < description.Steps; i++)
        {
            Value first = network.Apply(x), second = network.Apply(Plus(x, first, step / 2)), third = network.Apply(Plus(x, second, step / 2)), fourth = network.Apply(Plus(x, third, step));
            var slope = new Sum(new Sum(first, fourth).Output, new Scale(new Sum(second, third).Output, 2).Output).Output;
            x = Plus(x, slope, step / 6);
        }
        return x;

        static Value Plus(Value x, Value v, float factor) => new Sum(x, new Scale(v, factor).Output).Output;
    }

    /// <summary>Where the fixed image's points come to lie in the moving one: world millimetres.</summary>
    public Vector3d[] Transform(IReadOnlyList<Vector3d> points, Device device, Workers workers, CancellationToken cancel = default)
    {
        int axes = Fixed.Axes.Length, batch = Math.Clamp(points.Count, 1, Rows);
        var toFrame = Fixed.ToWorld.Inverse();
        var x = Store.Graph.Input(axes);
        using var plan = Plan.Evaluate(device, Map(Description, Network, x));
        using var runner = Runner.Create(plan, Store, workers, batch);
        var (rows, mapped, result) = (new float[batch * axes], new float[batch * axes], new Vector3d[points.Count]);
        for (int first = 0; first < points.Count; first += batch)
        {
            cancel.ThrowIfCancellationRequested();
            int count = Math.Min(batch, points.Count - first);
            for (int i = 0; i < count; i++)
            {
                var place = toFrame.Apply(points[first + i]);
                for (int k = 0; k < axes; k++) rows[i * axes + k] = (float)Frame.Component(place, k);
            }
            runner.Feed(x, rows);
            runner.Evaluate();
            runner.Read(mapped);
            for (int i = 0; i < count; i++)
            {
                // Only what moves in single precision: a point that stays, stays where it is.
                float Move(int k) => k < axes ? mapped[i * axes + k] - rows[i * axes + k] : 0;
                result[first + i] = Description.InitialMap.Apply(points[first + i] + Fixed.ToWorld.ApplyToDirection(new(Move(0), Move(1), Move(2))));
            }
        }
        return result;
    }

    /// <summary>The displacement at a grid's voxels, world millimetres, as ITK has it: channels are the vector's components (two of a picture).</summary>
    public Image Displacement(Grid grid, Device device, Workers workers, CancellationToken cancel = default)
    {
        const int Chunk = 1 << 20; // points in double take their room
        int axes = Fixed.Axes.Length;
        var field = new float[grid.Size.Voxels * axes];
        for (long first = 0; first < grid.Size.Voxels; first += Chunk)
        {
            var points = new Vector3d[Math.Min(Chunk, grid.Size.Voxels - first)];
            for (int i = 0; i < points.Length; i++) points[i] = grid.ToWorld(IndexOf(grid, first + i));
            var moved = Transform(points, device, workers, cancel);
            for (int i = 0; i < points.Length; i++)
                for (int k = 0; k < axes; k++) field[(first + i) * axes + k] = (float)(Frame.Component(moved[i], k) - Frame.Component(points[i], k));
        }
        return new Image(grid, field, axes) { Unit = "mm" };
    }

    /// <summary>det(d phi / dx) at the fixed image's voxels, without the initial map: below 0 where the field folds.</summary>
    public Image JacobianDeterminant(Device device, Workers workers, CancellationToken cancel = default)
    {
        int axes = Fixed.Axes.Length;
        long count = Fixed.Voxels.Count;
        int batch = (int)Math.Min(Rows, count);
        var points = new SampleVoxels<ImageOrder>(Store.Graph, Fixed.Voxels, _ => new ImageOrder(count)).Coordinates;
        using var plan = Plan.Evaluate(device, Map(Description, Network, new JetSeed(points).Output));
        using var runner = Runner.Create(plan, Store, workers, batch);
        var (jet, determinants) = (new float[(long)batch * axes * (1 + axes)], new float[count]);
        for (long first = 0; first < count; first += batch, runner.Batch++)
        {
            cancel.ThrowIfCancellationRequested();
            runner.Evaluate();
            runner.Read(jet);
            for (int i = 0; i < Math.Min(batch, count - first); i++)
            {
                Vector3d Column(int k) => k >= axes ? new(0, 0, 1) : new(At(k, 0), At(k, 1), axes == 3 ? At(k, 2) : 0);
                float At(int direction, int component) => jet[((long)(1 + direction) * batch + i) * axes + component];
                determinants[first + i] = (float)Vector3d.Dot(Column(0), Vector3d.Cross(Column(1), Column(2)));
            }
        }
        return new Image(Description.Grid, determinants);
    }

    internal static Vector3d IndexOf(Grid grid, long voxel) => new(voxel % grid.Size.X, voxel / grid.Size.X % grid.Size.Y, voxel / grid.Size.X / grid.Size.Y);

    /// <summary>Writes a safetensors file.</summary>
    public void Save(Stream stream) => ModelFile.Write(stream, Settings, Network, Store,
        new Dictionary<string, string> { [DeformationKey] = JsonSerializer.Serialize(Description, RegistrationJson.Default.DeformationDescription) });

    /// <summary>Throws <see cref="ModelFileException"/> where the file is damaged or holds no registration.</summary>
    public static RegistrationModel Load(Stream stream, Device device)
    {
        var file = ModelFile.Read(stream);
        var description = file.Describe(DeformationKey, RegistrationJson.Default.DeformationDescription, "registration", description => description.Check(file.Network));
        var (network, store) = file.Build(device);
        return new(description, file.Network, network, store);
    }

    public void Dispose() => Store.Dispose();
}
