using InrFast.Autodiff;
using InrFast.Autodiff.Operations;
using InrFast.Kernels.Activations;

namespace InrFast.Models;

/// <summary>What a layer applies to x W^T + b; some take a number.</summary>
public enum Activation
{
    Identity,
    ReLU,

    /// <summary>Number: the slope below 0; 0.01.</summary>
    LeakyReLU,

    /// <summary>Number: alpha; 1.</summary>
    ELU,

    /// <summary>Number: beta; 1.</summary>
    Softplus,
    Tanh,
    Sigmoid,
    GELU,
    SiLU,

    /// <summary>Number: omega; 30.</summary>
    Sine,

    /// <summary>Number: the scale s of exp(-(s x)²); 1.</summary>
    Gaussian,

    /// <summary>Number: omega; 30.</summary>
    Finer,
}

/// <summary>From the name of an activation to the operation that has it compiled in.</summary>
static class Activations
{
    public static double DefaultNumber(this Activation activation) => activation switch
    {
        Activation.LeakyReLU => 0.01,
        Activation.Sine or Activation.Finer => 30,
        _ => 1,
    };

    public static Value Dense(this Activation activation, float number, Value input, Parameter weight, Parameter? bias)
    {
        return activation switch
        {
            Activation.Identity => With(new Identity()),
            Activation.ReLU => With(new ReLU()),
            Activation.LeakyReLU => With(new LeakyReLU(number)),
            Activation.ELU => With(new ELU(number)),
            Activation.Softplus => With(new Softplus(number)),
            Activation.Tanh => With(new Tanh()),
            Activation.Sigmoid => With(new Sigmoid()),
            Activation.GELU => With(new GELU()),
            Activation.SiLU => With(new SiLU()),
            Activation.Sine => With(new Sine(number)),
            Activation.Gaussian => With(new Gaussian(number)),
            Activation.Finer => With(new Finer(number)),
            _ => throw new ArgumentException($"There is no activation {activation}."),
        };
        Value With<TActivation>(TActivation f) where TActivation : struct, IActivation => new Dense<TActivation>(input, weight, bias, f).Output;
    }
}
