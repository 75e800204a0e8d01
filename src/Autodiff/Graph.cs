namespace InrFast.Autodiff;

/// <summary>A model and its losses, written once: values, and the operations that make them. Building it runs no arithmetic.</summary>
public sealed class Graph
{
    readonly List<Value> values = [];
    readonly List<Operation> operations = [];
    readonly List<Parameter> parameters = [];

    public IReadOnlyList<Value> Values => values;

    /// <summary>In the order of their making, which is a topological order.</summary>
    public IReadOnlyList<Operation> Operations => operations;
    public IReadOnlyList<Parameter> Parameters => parameters;

    /// <summary>Floats of the parameters whose gradients have lanes; those without follow them in the store.</summary>
    public long LanedLength { get; private set; }

    /// <summary>Floats of all parameters of one network.</summary>
    public long ParameterLength => LanedLength + directLength;
    long directLength;

    /// <summary>A value that the user feeds: <paramref name="group"/> rows of <paramref name="columns"/> numbers an item.</summary>
    public Value Input(int columns, int group = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(group, 1);
        return Add(new Shape(columns, group), null);
    }

    /// <summary>A value made by an operation; called by the operation's constructor.</summary>
    public Value Add(Shape shape, Operation? producer)
    {
        if (producer is not null)
        {
            if (producer.Inputs.Any(input => input.Graph != this) || producer.Parameters.Any(parameter => parameter.Graph != this))
                throw new ArgumentException($"{producer} joins values or parameters of different graphs");
            if (!producer.TakesShared && producer.Inputs is [{ Shape.IsShared: true }, ..])
                throw new ArgumentException($"{producer} takes rows, not a value that all rows share");
        }
        if (shape.Columns < 1) throw new ArgumentException($"a value needs at least one column, not {shape.Columns}");
        var value = new Value(this, values.Count, shape, producer);
        values.Add(value);
        if (producer is not null && (operations.Count == 0 || operations[^1] != producer)) operations.Add(producer);
        return value;
    }

    /// <summary>
    /// A trained matrix [rows][columns]. <paramref name="transposed"/>: kept column by column, where a layer with few inputs wants it so.
    /// <paramref name="lanes"/>: false for one too large to have a gradient per slice of the batch (a hash table), whose operation adds to
    /// the one gradient after the stage.
    /// </summary>
    public Parameter Parameter(string name, int rows, int columns, bool transposed = false, bool lanes = true)
    {
        if (parameters.Exists(other => other.Name == name)) throw new ArgumentException($"two parameters are called {name}");
        var (outer, inner) = transposed ? (columns, rows) : (rows, columns);
        int stride = lanes ? (inner + 15) / 16 * 16 : inner;
        long length = lanes ? (long)((outer + 7) / 8 * 8) * stride : ((long)outer * stride + 15) / 16 * 16;
        var parameter = new Parameter(this, parameters.Count, name, rows, columns, lanes ? LanedLength : directLength, length, transposed ? 1 : stride, transposed ? stride : 1, lanes);
        if (lanes) LanedLength += length;
        else directLength += length;
        parameters.Add(parameter);
        return parameter;
    }
}

/// <summary>A matrix in the graph: what an operation makes and others use. Holds no numbers.</summary>
public sealed class Value(Graph graph, int id, Shape shape, Operation? producer)
{
    public Graph Graph => graph;
    public int Id => id;
    public Shape Shape => shape;

    /// <summary>Null for an input that the user feeds.</summary>
    public Operation? Producer => producer;
}

/// <summary>What one row of a value holds, and how many rows one item of the batch has.</summary>
/// <param name="Columns">Features of a row.</param>
/// <param name="Group">Rows per item: 1 for a coordinate, 64 for the samples of a ray; an item is never split between tiles. 0: a shared
/// value, one row of doubles for the whole batch.</param>
/// <param name="Directions">Of a jet: directions of its tangents.</param>
/// <param name="Order">0: plain; 1: a jet with first derivatives; 2: with second derivatives too.</param>
public readonly record struct Shape(int Columns, int Group = 1, int Directions = 0, int Order = 0)
{
    public static Shape Shared(int columns) => new(columns, 0);
    public bool IsShared => Group == 0;

    /// <summary>Blocks of rows: the value, its first and its second derivatives.</summary>
    public int Blocks => Order switch { 0 => 1, 1 => 1 + Directions, _ => 1 + Directions + Directions * (Directions + 1) / 2 };
}

/// <summary>A trained matrix: a place among the graph's parameters.</summary>
public sealed class Parameter
{
    readonly long offset;

    internal Parameter(Graph graph, int number, string name, int rows, int columns, long offset, long length, int rowStride, int columnStride, bool lanes)
    {
        (Graph, Number, Name, Rows, Columns, this.offset, Length) = (graph, number, name, rows, columns, offset, length);
        (RowStride, ColumnStride, HasLanes) = (rowStride, columnStride, lanes);
    }

    public Graph Graph { get; }

    /// <summary>Among the graph's parameters.</summary>
    internal int Number { get; }
    public string Name { get; }
    public int Rows { get; }
    public int Columns { get; }
    public int RowStride { get; }
    public int ColumnStride { get; }
    public bool HasLanes { get; }

    /// <summary>Floats it takes, padding included.</summary>
    public long Length { get; }

    /// <summary>False: a constant of the model. Read when a plan is made.</summary>
    public bool IsTrained { get; set; } = true;

    /// <summary>Which settings of the optimiser apply to it. Read when a plan is made.</summary>
    public int Group { get; set; }

    /// <summary>Floats from the start of a network's parameters. Known once the graph is complete.</summary>
    public long Offset => HasLanes ? offset : Graph.LanedLength + offset;
    public long Index(int row, int column) => Offset + (long)row * RowStride + (long)column * ColumnStride;
}
