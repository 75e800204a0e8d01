using InrFast.Autodiff;
using InrFast.Autodiff.Operations;

namespace InrFast.Models;

/// <summary>
/// NeRF (Mildenhall 2020, figure 7): of a position, the density and a feature; of the feature and the direction of view, the colour. Columns in: x, y, z, then
/// the unit direction; out: red, green, blue, density (1 / length of the coordinates).
/// </summary>
/// <param name="PositionOctaves">Of the position's <see cref="FrequencyEncoding"/>.</param>
/// <param name="DirectionOctaves">Of the direction's.</param>
/// <param name="HiddenLayers">Layers of <paramref name="Width"/> units in the first stage; the second has one of half the width.</param>
/// <param name="Skip">The encoded position joins again after so many layers; as many as there are: never.</param>
public sealed record NerfSettings(int Inputs = 6, int Outputs = 4, int PositionOctaves = 10, int DirectionOctaves = 4, int Width = 256, int HiddenLayers = 8, int Skip = 5)
    : NetworkSettings(Inputs, Outputs)
{
    public override void Validate()
    {
        Range.Check("Inputs", Inputs, 6, 6);
        Range.Check("Outputs", Outputs, 4, 4);
        Range.Check("PositionOctaves", PositionOctaves, 1, 20);
        Range.Check("DirectionOctaves", DirectionOctaves, 1, 20);
        Range.Check("Width", Width, 2, MaximumWidth);
        Range.Check("HiddenLayers", HiddenLayers, 1, MaximumLayers);
        Range.Check("Skip", Skip, 1, HiddenLayers);
    }

    internal override Network Create(NetworkParameters parameters) => new NerfNetwork(parameters, this);
}

/// <summary>Names are those of the PyTorch code that most use (yenchenlin/nerf-pytorch).</summary>
sealed class NerfNetwork : Network
{
    readonly NerfSettings settings;
    readonly Encoding encodePosition, encodeDirection;
    readonly Layer[] body;
    readonly Layer density, feature, view, colour;

    public NerfNetwork(NetworkParameters parameters, NerfSettings settings) : base(parameters)
    {
        this.settings = settings;
        EncodingSettings position = new FrequencyEncoding(settings.PositionOctaves), direction = new FrequencyEncoding(settings.DirectionOctaves);
        (encodePosition, encodeDirection) = (position.Create(parameters, "position", 3), direction.Create(parameters, "direction", 3));
        int width = settings.Width, columns = position.Columns(3);
        body = [.. Enumerable.Range(0, settings.HiddenLayers).Select(i =>
            parameters.Dense($"pts_linears.{i}", i == 0 ? columns : i == settings.Skip ? width + columns : width, width, Activation.ReLU))];
        view = parameters.Dense("views_linears.0", width + direction.Columns(3), width / 2, Activation.ReLU);
        feature = parameters.Dense("feature_linear", width, width, Activation.Identity);
        density = parameters.Dense("alpha_linear", width, 1, Activation.ReLU);
        colour = parameters.Dense("rgb_linear", width / 2, 3, Activation.Sigmoid);
    }

    public override Value Apply(Value coordinates)
    {
        Value position = encodePosition(new Slice(coordinates, 0, 3).Output, 0), direction = encodeDirection(new Slice(coordinates, 3, 3).Output, 0), value = position;
        for (int i = 0; i < body.Length; i++) value = body[i].Apply(i > 0 && i == settings.Skip ? new Concatenate(position, value).Output : value);
        var seen = view.Apply(new Concatenate(feature.Apply(value), direction).Output);
        return new Concatenate(colour.Apply(seen), density.Apply(value)).Output;
    }
}
