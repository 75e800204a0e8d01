using InrFast.Kernels;

namespace InrFast.Autodiff;

/// <summary>
/// Values, gradients and optimiser states of all parameters of a graph, once per network of a bank, in a device's memory. The graph is
/// complete when a store is made.
/// </summary>
public sealed class ParameterStore : IDisposable
{
    readonly Device device;
    readonly DeviceMemory?[] states = new DeviceMemory?[2];

    public ParameterStore(Device device, Graph graph, int members = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(members, 1);
        (this.device, Graph, Length, Members) = (device, graph, graph.ParameterLength, members);
        Values = device.Allocate(Length * members * sizeof(float));
        Gradients = device.Allocate(Length * members * sizeof(float));
    }

    public Graph Graph { get; }

    /// <summary>Floats of one network, padding included.</summary>
    public long Length { get; }
    public int Members { get; }
    public DeviceMemory Values { get; }
    public DeviceMemory Gradients { get; }

    /// <summary>Steps taken.</summary>
    public long Step { get; set; }

    /// <summary>An optimiser's first or second state; allocated when asked for.</summary>
    public DeviceMemory State(int index) => states[index] ??= device.Allocate(Length * Members * sizeof(float));
    public bool HasState(int index) => states[index] is not null;

    /// <summary>Exponential moving average of the values; null where the optimiser keeps none.</summary>
    public DeviceMemory? Average { get; private set; }

    /// <summary>The average starts as the values are.</summary>
    internal void BeginAverage()
    {
        var values = new float[Length * Members];
        Values.Read<float>(values);
        Average = device.Allocate(Length * Members * sizeof(float));
        Average.Write<float>(values);
    }

    /// <summary>Gradients without lanes are added to. True: they are not zero; an update leaves them zero.</summary>
    internal bool HoldsDirectGradients { get; set; }

    internal void ClearDirectGradients()
    {
        if (!HoldsDirectGradients) return;
        for (int member = 0; member < Members; member++)
            Gradients.Clear((member * Length + Graph.LanedLength) * sizeof(float), (Length - Graph.LanedLength) * sizeof(float));
        HoldsDirectGradients = false;
    }

    /// <summary>A parameter's numbers, row by row.</summary>
    public float[] Read(Parameter parameter, int member = 0) => Read(Values, parameter, member);
    public float[] ReadGradient(Parameter parameter, int member = 0) => Read(Gradients, parameter, member);

    float[] Read(DeviceMemory memory, Parameter parameter, int member)
    {
        var all = new float[parameter.Length];
        memory.Read<float>(all, (member * Length + parameter.Offset) * sizeof(float));
        var values = new float[(long)parameter.Rows * parameter.Columns];
        for (int r = 0, i = 0; r < parameter.Rows; r++)
            for (int c = 0; c < parameter.Columns; c++, i++) values[i] = all[(long)r * parameter.RowStride + (long)c * parameter.ColumnStride];
        return values;
    }

    /// <summary>Sets a parameter, row by row. Throws <see cref="ArgumentException"/> where the count is another.</summary>
    public void Write(Parameter parameter, ReadOnlySpan<float> values, int member = 0)
    {
        if (values.Length != (long)parameter.Rows * parameter.Columns)
            throw new ArgumentException($"{parameter.Name} has {parameter.Rows} x {parameter.Columns} numbers, not {values.Length}");
        var all = new float[parameter.Length];
        for (int r = 0, i = 0; r < parameter.Rows; r++)
            for (int c = 0; c < parameter.Columns; c++, i++) all[(long)r * parameter.RowStride + (long)c * parameter.ColumnStride] = values[i];
        Values.Write<float>(all, (member * Length + parameter.Offset) * sizeof(float));
    }

    public void Dispose()
    {
        Values.Dispose();
        Gradients.Dispose();
        Average?.Dispose();
        foreach (var state in states) state?.Dispose();
    }
}
