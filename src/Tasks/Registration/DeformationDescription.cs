using System.Text.Json;
using System.Text.Json.Serialization;
using InrFast.Imaging;
using InrFast.Models;
using InrFast.Tasks.Fitting;

namespace InrFast.Tasks.Registration;

/// <summary>How a network's values become a map of the fixed image's frame.</summary>
/// <param name="Steps">Of the integration of a velocity field.</param>
/// <param name="Size">Voxels of the fixed image.</param>
/// <param name="IndexToWorld">Its place: twelve numbers as in <see cref="SignalDescription"/>.</param>
/// <param name="Initial">The map of the world that follows: twelve numbers.</param>
/// <param name="Times">Of a series of moving images: the network's last input is time, from -1 to 1.</param>
public sealed record DeformationDescription(DeformationKind Kind, int Steps, int[] Size, double[] IndexToWorld, double[] Initial, Integrator Integrator = Integrator.RungeKutta, int Times = 1)
{
    [JsonIgnore]
    public Grid Grid => new(new(Size[0], Size[1], Size[2]), Unflatten(IndexToWorld));

    [JsonIgnore]
    public Affine InitialMap => Unflatten(Initial);

    /// <summary>Throws <see cref="JsonException"/> where the numbers do not fit.</summary>
    internal void Check(NetworkSettings network)
    {
        bool numbers = Size is { Length: 3 } && Size.All(n => n is > 0 and < 1 << 23) && IndexToWorld is { Length: 12 } && Initial is { Length: 12 } && Steps is > 0 and <= 1000 && Times is > 0 and < 1 << 20
            && Enum.IsDefined(Kind) && Enum.IsDefined(Integrator);
        if (!numbers || !Grid.IndexToWorld.IsInvertible || !InitialMap.IsInvertible) throw new JsonException("its geometry is none");
        if (network.Inputs != Grid.Dimensions + (Times > 1 ? 1 : 0) || network.Outputs != Grid.Dimensions || network.Members != 1) throw new JsonException("its network is no field of its geometry");
    }

    static Affine Unflatten(double[] a) => new(new(a[0], a[1], a[2]), new(a[3], a[4], a[5]), new(a[6], a[7], a[8]), new(a[9], a[10], a[11]));
}

[JsonSerializable(typeof(DeformationDescription))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, RespectNullableAnnotations = true)]
sealed partial class RegistrationJson : JsonSerializerContext;
