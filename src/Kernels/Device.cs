using InrFast.Kernels.Activations;
using InrFast.Kernels.Dense;

namespace InrFast.Kernels;

/// <summary>
/// Where a plan runs: hands out the kernels of every family when a plan is bound. A family is an abstract class with one implementation per
/// device; works know the families, never the device.
/// </summary>
public abstract class Device
{
    public abstract string Name { get; }
    public abstract DenseKernels Dense<TActivation>(int inputs, int outputs, TActivation activation) where TActivation : struct, IActivation;
}
