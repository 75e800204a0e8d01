using InrFast.Kernels;

namespace InrFast.Tests;

public sealed class ComplexGaborTests
{
    static readonly Device Reference = new ReferenceDevice();

    /// <summary>Packed and wide values, of all orders; the gradient also in place.</summary>
    [Test]
    public void WaveletsAgreeWithTheDefinition([Values(2, 4, 22)] int columns, [Values(1, 3, 6, 10)] int blocks)
    {
        const int Count = 11;
        int directions = blocks switch { 1 => 0, 10 => 3, _ => 2 };
        Rows New(Random? random = null) => new(Count, columns, blocks, directions, random);
        var random = new Random(columns);
        using Rows z = New(random), dy = New(random), y = New(), dz = New();
        foreach (bool onCard in new[] { true, false })
        {
            var kernels = (onCard ? Gpu.Device : Reference).ComplexGabor(4, 1.5f);
            Matrix Of(Rows rows) => onCard ? rows.OnCard : rows.OnHost;
            kernels.Forward(Of(z), Of(y));
            kernels.Backward(Of(dy), Of(z), Of(dz));
            kernels.Backward(Of(dy), Of(z), Of(dy));
        }
        y.MustAgree(2e-5, "y");
        dz.MustAgree(2e-5, "dz");
        dy.MustAgree(2e-5, "dz in place");
    }
}
