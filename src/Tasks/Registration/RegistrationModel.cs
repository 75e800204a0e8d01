using System.Text.Json;
using InrFast.Autodiff;
using InrFast.Autodiff.Operations;
using InrFast.Imaging;
using InrFast.Kernels;
using InrFast.Kernels.Sampling;
using InrFast.Models;
using Grid = InrFast.Imaging.Grid;

namespace InrFast.Tasks.Registration;

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

    /// <summary>Where the fixed image's points come to lie in the moving one, or in that of a series at a time: world millimetres.</summary>
    public Vector3d[] Transform(IReadOnlyList<Vector3d> points, Device device, Workers workers, int time = 0, CancellationToken cancel = default)
    {
        using var carrier = new Carrier(this, points.Count, device, workers, time, 1);
        return carrier.Carry(points, Affine.Identity, Description.InitialMap, cancel);
    }

    /// <summary>The map as one of points; what it needs is made once and freed with it.</summary>
    public PointMap At(int time, Device device, Workers workers, CancellationToken cancel = default) => points => Transform(points, device, workers, time, cancel);

    /// <summary>The inverse: where the moving image's points come from in the fixed one, to a thousandth of a mm where there is such a point (<see cref="PointMaps.Invert"/>). A flow is followed backwards first.</summary>
    public PointMap InverseAt(int time, Device device, Workers workers, CancellationToken cancel = default) => points =>
    {
        const double Straight = 0.05; // of a voxel
        var forward = At(time, device, workers, cancel);
        var back = Description.InitialMap.Inverse();
        Vector3d[] starts;
        if (Description.Kind == DeformationKind.Displacement)
            starts = [.. points.Select(back.Apply)];
        else
        {
            using var carrier = new Carrier(this, points.Count, device, workers, time, -1);
            starts = carrier.Carry(points, back, Affine.Identity, cancel);
        }
        return forward.Invert(points, starts, Straight * Description.Grid.IndexToWorld.Spacing.X).Points;
    };

    /// <summary>Carries points of the world through the network in batches.</summary>
    sealed class Carrier : IDisposable
    {
        readonly RegistrationModel model;
        readonly Plan plan;
        readonly Runner runner;
        readonly Value input;
        readonly float[] rows, mapped;
        readonly int axes, batch;

        public Carrier(RegistrationModel model, int points, Device device, Workers workers, int time, float direction)
        {
            this.model = model;
            (axes, batch) = (model.Fixed.Axes.Length, Math.Clamp(points, 1, Rows));
            input = model.Store.Graph.Input(model.Settings.Inputs);
            plan = Plan.Evaluate(device, Deformation.Map(model.Description, model.Network, input, direction));
            runner = Runner.Create(plan, model.Store, workers, batch);
            (rows, mapped) = (new float[batch * model.Settings.Inputs], new float[batch * axes]);
            if (model.Description.Times == 1) return;
            for (int i = 0; i < batch; i++) rows[i * (axes + 1) + axes] = model.Fixed.Voxels.AtTimes(model.Description.Times)[axes].Coordinate(time);
        }

        public Vector3d[] Carry(IReadOnlyList<Vector3d> points, Affine before, Affine after, CancellationToken cancel)
        {
            var result = new Vector3d[points.Count];
            var toFrame = model.Fixed.ToWorld.Inverse();
            int inputs = model.Settings.Inputs;
            for (int first = 0; first < points.Count; first += batch)
            {
                cancel.ThrowIfCancellationRequested();
                int count = Math.Min(batch, points.Count - first);
                for (int i = 0; i < count; i++)
                {
                    var place = toFrame.Apply(before.Apply(points[first + i]));
                    for (int k = 0; k < axes; k++) rows[i * inputs + k] = (float)Frame.Component(place, k);
                }
                runner.Feed(input, rows);
                runner.Evaluate();
                runner.Read(mapped);
                for (int i = 0; i < count; i++)
                {
                    // Only what moves in single precision: a point that stays, stays where it is.
                    float Move(int k) => k < axes ? mapped[i * axes + k] - rows[i * inputs + k] : 0;
                    result[first + i] = after.Apply(before.Apply(points[first + i]) + model.Fixed.ToWorld.ApplyToDirection(new(Move(0), Move(1), Move(2))));
                }
            }
            return result;
        }

        public void Dispose()
        {
            runner.Dispose();
            plan.Dispose();
        }
    }

    /// <summary>The displacement at a grid's voxels (<see cref="PointMaps.Displacement"/>).</summary>
    public Image Displacement(Grid grid, Device device, Workers workers, int time = 0, CancellationToken cancel = default) => At(time, device, workers, cancel).Displacement(grid, cancel);

    /// <summary>det(d phi / dx) at the fixed image's voxels, without the initial map: below 0 where the field folds.</summary>
    public Image JacobianDeterminant(Device device, Workers workers, int time = 0, CancellationToken cancel = default) =>
        new(Description.Grid, Determinants(new ImageOrder(Places.Count), time * Fixed.Voxels.Count, Fixed.Voxels.Count, device, workers, cancel));

    /// <summary>The least of them at so many voxels, here and there and at any time.</summary>
    internal float LeastDeterminant(int points, Device device, Workers workers, CancellationToken cancel) =>
        Determinants(new ShuffledSweep(Places.Count), 0, Math.Min(points, Places.Count), device, workers, cancel).Min();

    /// <summary>Voxels, of a series at all times.</summary>
    VoxelGrid Places => Description.Times > 1 ? Fixed.Voxels.AtTimes(Description.Times) : Fixed.Voxels;

    float[] Determinants<TOrder>(TOrder order, long begin, long count, Device device, Workers workers, CancellationToken cancel) where TOrder : struct, IVoxelOrder
    {
        int axes = Fixed.Axes.Length, batch = (int)Math.Min(Rows, count);
        var points = new SampleVoxels<TOrder>(Store.Graph, Places, _ => order).Coordinates;
        using var plan = Plan.Evaluate(device, Deformation.Map(Description, Network, new JetSeed(points, directions: axes).Output));
        using var runner = Runner.Create(plan, Store, workers, batch);
        var (jet, determinants) = (new float[(long)batch * axes * (1 + axes)], new float[count]);
        runner.Batch = begin / batch;
        for (long first = runner.Batch * batch - begin; first < count; first += batch, runner.Batch++)
        {
            cancel.ThrowIfCancellationRequested();
            runner.Evaluate();
            runner.Read(jet);
            for (int i = (int)Math.Max(0, -first); i < Math.Min(batch, count - first); i++)
            {
                Vector3d Column(int k) => k >= axes ? new(0, 0, 1) : new(At(k, 0), At(k, 1), axes == 3 ? At(k, 2) : 0);
                float At(int direction, int component) => jet[((long)(1 + direction) * batch + i) * axes + component];
                determinants[first + i] = (float)Vector3d.Dot(Column(0), Vector3d.Cross(Column(1), Column(2)));
            }
        }
        return determinants;
    }

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
