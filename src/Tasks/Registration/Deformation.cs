using InrFast.Autodiff;
using InrFast.Autodiff.Operations;
using InrFast.Models;

namespace InrFast.Tasks.Registration;

/// <summary>A network as a map of points, in a graph: x + u(x), or the end of dx/dt = v(x).</summary>
static class Deformation
{
    /// <summary>The map of the fixed frame's coordinates; of a jet of them with its derivatives.</summary>
    /// <param name="x">Coordinates, and time of a series, as the network's inputs.</param>
    /// <param name="direction">Of a velocity field: 1, or -1 for the inverse.</param>
    public static Value Map(DeformationDescription description, Network network, Value x, float direction = 1)
    {
        int axes = description.Grid.Dimensions;
        var time = description.Times > 1 ? new Slice(x, axes, 1).Output : null;
        if (time is not null) x = new Slice(x, 0, axes).Output;
        if (description.Kind == DeformationKind.Displacement) return Plus(x, Field(x), 1);
        float step = direction / description.Steps;
        for (int i = 0; i < description.Steps; i++) x = description.Integrator == Integrator.Euler ? Plus(x, Field(x), step) : RungeKutta(x, Field, step);
        return x;

        Value Field(Value at) => network.Apply(time is null ? at : new Concatenate(at, time).Output);
    }

    /// <summary>Their classical step: an error of step⁵.</summary>
    static Value RungeKutta(Value x, Func<Value, Value> field, float step)
    {
        Value first = field(x), second = field(Plus(x, first, step / 2)), third = field(Plus(x, second, step / 2)), fourth = field(Plus(x, third, step));
        var slope = new Sum(new Sum(first, fourth).Output, new Scale(new Sum(second, third).Output, 2).Output).Output;
        return Plus(x, slope, step / 6);
    }

    static Value Plus(Value x, Value v, float factor) => new Sum(x, factor == 1 ? v : new Scale(v, factor).Output).Output;
}
