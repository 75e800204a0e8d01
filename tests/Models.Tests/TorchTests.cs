using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using InrFast.Autodiff;
using InrFast.Autodiff.Operations;
using InrFast.Kernels;
using InrFast.Models;

namespace InrFast.Tests;

/// <summary>
/// A SIREN of 2-5-5-1 that PyTorch 1.13 trained for 300 steps of Adam, and what it gave in double precision at six points: values, and derivatives
/// by autograd.
/// </summary>
public sealed class TorchTests
{
    static readonly (string Name, int[] Shape, float[] Values)[] Trained =
    [
        ("layers.0.weight", [5, 2], [-0.2750265f, 0.258144438f, -0.181096062f, 0.351715654f, 0.366257221f, -0.194822252f, -0.374414712f, 0.320354909f, 0.18165797f, -0.293485194f]),
        ("layers.0.bias", [5], [0.200139925f, 0.042400308f, 0.272086233f, -0.270474374f, -0.0425269082f]),
        ("layers.1.weight", [5, 5],
        [
            0.0833533108f, 0.0687172115f, -0.000712346751f, -0.0179823264f, 0.112943061f, -0.0446900576f, -0.00697167683f, 0.00520819658f, -0.0287324078f,
            0.0123081841f, -0.045217175f, -0.00761662796f, 0.0291965269f, -0.0237497613f, -0.00415430823f, -0.0410366207f, -0.00531121949f, 0.00485023484f,
            -0.0254952703f, 0.0117090885f, -0.101997949f, 0.022820713f, -0.023626605f, -0.00270170276f, 0.000972870155f,
        ]),
        ("layers.1.bias", [5], [0.466985673f, -0.157452807f, 0.366186321f, 0.0506380461f, -0.265197098f]),
        ("layers.2.weight", [1, 5], [-0.229498893f, 0.179926574f, -0.151843324f, 0.196799129f, 0.22686334f]),
        ("layers.2.bias", [1], [-0.300058365f]),
    ];

    static readonly float[] Rows = [-1, -1, -0.6f, 0.3f, 0, 0, 0.25f, -0.75f, 0.9f, 0.1f, 1, 1];
    static readonly double[] Values = [-0.0190653464, -0.815088342, -0.211329073, 0.185562976, 0.379286389, -0.0500895489];
    static readonly double[] Derivatives =
        [0.196490104, 0.0551432991, 3.27811409, -2.47579789, 5.48104486, -4.22166605, 2.86686715, -2.68879824, 10.5144051, -10.9502375, -7.40786717, 10.1467732];

    static readonly SirenSettings Siren = new(2, 1, 5, 1);

    /// <summary>As torch's own tools write it, in any of the number types.</summary>
    static MemoryStream Saved(string type, int size, Action<byte[], int, float> write)
    {
        var header = new StringBuilder("{");
        int at = 0;
        foreach (var (name, shape, values) in Trained)
        {
            header.Append(CultureInfo.InvariantCulture, $"{(at > 0 ? "," : "")}\"{name}\":{{\"dtype\":\"{type}\",\"shape\":[{string.Join(',', shape)}],\"data_offsets\":[{at},{at + size * values.Length}]}}");
            at += size * values.Length;
        }
        byte[] text = Encoding.UTF8.GetBytes(header.Append('}').ToString()), data = new byte[at];
        at = 0;
        foreach (float value in Trained.SelectMany(tensor => tensor.Values))
        {
            write(data, at, value);
            at += size;
        }
        var length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, text.Length);
        return new MemoryStream([.. length, .. text, .. data]);
    }

    static double[] Result(Stream file, Func<Value, Value> seed, int blocks)
    {
        var graph = new Graph();
        var network = Siren.Build(graph);
        Value x = graph.Input(2), y = network.Apply(seed(x));
        using var store = new ParameterStore(CpuDevice.Best, graph);
        ModelFile.Read(file, Siren).Load(network, store);
        using var workers = new Workers(1);
        using var plan = Plan.Evaluate(CpuDevice.Best, y);
        using var runner = new HostRunner(plan, store, workers, 6);
        runner.Feed(x, Rows);
        runner.Evaluate();
        var values = new float[6 * blocks];
        runner.Read(values);
        return [.. values.Select(value => (double)value)];
    }

    static MemoryStream Single() => Saved("F32", 4, (data, at, value) => BinaryPrimitives.WriteSingleLittleEndian(data.AsSpan(at), value));

    [Test]
    public void Its_weights_give_its_outputs() => Assert.That(Result(Single(), x => x, 1), Is.EqualTo(Values).Within(2e-6));

    [Test]
    public void And_its_derivatives()
    {
        var jet = Result(Single(), x => new JetSeed(x).Output, 3);
        Assert.That(jet.Take(6), Is.EqualTo(Values).Within(2e-6));
        Assert.That(Enumerable.Range(0, 12).Select(i => jet[6 + i % 2 * 6 + i / 2]), Is.EqualTo(Derivatives).Within(1e-4));
    }

    [Test]
    public void Doubles_are_read_too() =>
        Assert.That(Result(Saved("F64", 8, (data, at, value) => BinaryPrimitives.WriteDoubleLittleEndian(data.AsSpan(at), value)), x => x, 1), Is.EqualTo(Values).Within(2e-6));

    [Test]
    public void And_half_precision_in_both_forms()
    {
        // Weights off by 2^-11 and 2^-8 of themselves, phases by 30 times that.
        Assert.That(Result(Saved("F16", 2, (data, at, value) => BinaryPrimitives.WriteHalfLittleEndian(data.AsSpan(at), (Half)value)), x => x, 1), Is.EqualTo(Values).Within(0.03));
        Assert.That(Result(Saved("BF16", 2, (data, at, value) => BinaryPrimitives.WriteUInt16LittleEndian(data.AsSpan(at), (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16))), x => x, 1),
            Is.EqualTo(Values).Within(0.3));
    }
}
