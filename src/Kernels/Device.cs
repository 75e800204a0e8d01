using InrFast.Kernels.Activations;
using InrFast.Kernels.ComplexGabor;
using InrFast.Kernels.Dense;
using InrFast.Kernels.Encodings;
using InrFast.Kernels.Fourier;
using InrFast.Kernels.Losses;
using InrFast.Kernels.Optimizers;
using InrFast.Kernels.Pointwise;
using InrFast.Kernels.Projection;
using InrFast.Kernels.Rendering;
using InrFast.Kernels.Sampling;
using InrFast.Kernels.TotalVariation;

namespace InrFast.Kernels;

/// <summary>
/// Where a plan runs: hands out the kernels of every family when a plan is bound. A family is an abstract class with one implementation per
/// device; works know the families, never the device.
/// </summary>
public abstract class Device
{
    public abstract string Name { get; }

    /// <summary>True where kernels compute when they are called, in the host's memory; false where they enqueue, in order.</summary>
    public virtual bool RunsOnHost => true;

    /// <summary>Of chains of dense layers.</summary>
    public virtual Precision Precision => Precision.Float32;

    /// <summary>Until all that was enqueued has run.</summary>
    public virtual void Wait() { }

    /// <summary>Cleared memory of this device. Throws <see cref="OutOfMemoryException"/> or <see cref="DeviceException"/> where there is not as much.</summary>
    public abstract DeviceMemory Allocate(long bytes);

    /// <summary>
    /// What <paramref name="enqueue"/> asks of the kernels and memories of this device, to be replayed any number of times with the same addresses and sizes.
    /// Nothing has run when this returns. It may not read, write or allocate.
    /// </summary>
    public virtual Recording Record(Action enqueue) => new HostRecording(enqueue);

    public abstract DenseKernels Dense<TActivation>(int inputs, int outputs, TActivation activation) where TActivation : struct, IActivation;

    /// <summary>A chain of dense layers in one kernel; null where this device, or its settings, leave each layer to itself.</summary>
    public virtual FusedDenseKernels? FusedDense<TActivation>(FusedShape shape, TActivation first, TActivation rest) where TActivation : struct, IActivation => null;

    /// <summary>Layers with their numbers, to be evaluated alone. Of processors: the same bits on all of them are the point.</summary>
    /// <param name="whole">In integers of 16 bits, twice as fast and off by 2e-4 a layer; else in float32.</param>
    public virtual SineChainKernels SineChain(IReadOnlyList<ChainLayer> layers, bool whole) => throw new DeviceException(DeviceError.Unsupported, $"{Name} has no kernels for chains of sine layers; use the processor");

    public abstract GridKernels Grid(GridSettings settings);
    public abstract ComplexGaborKernels ComplexGabor(float omega, float scale);
    public abstract SamplerKernels Sampler<TOrder>(VoxelGrid grid, TOrder order, bool jitter = false) where TOrder : struct, IVoxelOrder;
    public abstract InterpolationKernels Interpolation<TInterpolant>(VoxelGrid grid, TInterpolant interpolant) where TInterpolant : struct, IInterpolant;

    /// <summary>Transforms of arrays of one size; <paramref name="real"/>: whose numbers in space are real.</summary>
    public abstract FourierKernels Fourier(ReadOnlySpan<int> size, bool real = false);

    public abstract ProjectionKernels Projection(ProjectionGeometry geometry);
    public abstract BackprojectionKernels Backprojection(ProjectionGeometry geometry);
    public abstract RaySamplerKernels RaySampler<TOrder>(ProjectionGeometry geometry, VoxelGrid grid, TOrder order, int samples, bool jitter) where TOrder : struct, IVoxelOrder;
    public abstract TotalVariationKernels TotalVariation(int x, int y, int z);

    public abstract PointwiseKernels Pointwise { get; }
    public abstract LossKernels Loss<TLoss>(TLoss loss) where TLoss : struct, ILoss;
    public abstract JacobianPenaltyKernels FoldingPenalty<TLoss>(TLoss loss) where TLoss : struct, ILoss;
    public abstract JacobianPenaltyKernels SurfacePenalty<TLoss>(TLoss loss) where TLoss : struct, ILoss;
    public abstract MomentKernels Moments { get; }
    public abstract LocalCorrelationKernels LocalCorrelation(PatchShape patch, PatchShape window);
    public abstract SharedKernels Shared<TFunction>(TFunction function) where TFunction : struct, ISharedFunction;
    public abstract StandardizeKernels Standardize { get; }
    public abstract OptimizerKernels Optimizer<TOptimizer>(TOptimizer optimizer) where TOptimizer : struct, IOptimizer;
}
