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

/// <summary>The oracle: every kernel by its definition, scalar, in double; storage in float. Slow, and what all others are compared with.</summary>
public sealed class ReferenceDevice : Device
{
    public override string Name => "reference";

    public override DeviceMemory Allocate(long bytes) => new HostMemory(bytes);

    public override DenseKernels Dense<TActivation>(int inputs, int outputs, TActivation activation) => new ReferenceDense<TActivation>(inputs, outputs, activation);

    public override SineChainKernels SineChain(IReadOnlyList<ChainLayer> layers, bool whole) => new ReferenceSineChain(layers);

    public override GridKernels Grid(GridSettings settings) => new ReferenceGrid(settings);

    public override ComplexGaborKernels ComplexGabor(float omega, float scale) => new ReferenceComplexGabor(omega, scale);

    public override SamplerKernels Sampler<TOrder>(VoxelGrid grid, TOrder order, bool jitter = false) =>
        new ReferenceSampler<TOrder>(grid, order, jitter ? Interpolation(grid, new Linear()) : null);

    public override InterpolationKernels Interpolation<TInterpolant>(VoxelGrid grid, TInterpolant interpolant) =>
        grid.Axes > InterpolationKernels.MaxAxes ? new SeriesInterpolation(grid, Interpolation(grid.AtOneTime, interpolant)) : new ReferenceInterpolation<TInterpolant>(grid, interpolant);

    public override FourierKernels Fourier(ReadOnlySpan<int> size, bool real = false) => new ReferenceFourier(size, real);
    public override ProjectionKernels Projection(ProjectionGeometry geometry) => new ReferenceProjection(geometry);
    public override BackprojectionKernels Backprojection(ProjectionGeometry geometry) => new ReferenceBackprojection(geometry);
    public override RaySamplerKernels RaySampler<TOrder>(ProjectionGeometry geometry, VoxelGrid grid, TOrder order, int samples, bool jitter) => new ReferenceRaySampler<TOrder>(geometry, grid, order, samples, jitter);
    public override TotalVariationKernels TotalVariation(int x, int y, int z) => new ReferenceTotalVariation(x, y, z);

    public override PointwiseKernels Pointwise { get; } = new ReferencePointwise();
    public override LossKernels Loss<TLoss>(TLoss loss) => new ReferenceLoss<TLoss>(loss);
    public override JacobianPenaltyKernels FoldingPenalty<TLoss>(TLoss loss) => new ReferenceFoldingPenalty<TLoss>(loss);
    public override JacobianPenaltyKernels SurfacePenalty<TLoss>(TLoss loss) => new ReferenceSurfacePenalty<TLoss>(loss);
    public override MomentKernels Moments { get; } = new ReferenceMoments();
    public override LocalCorrelationKernels LocalCorrelation(PatchShape patch, PatchShape window) => new ReferenceLocalCorrelation(patch, window);
    public override SharedKernels Shared<TFunction>(TFunction function) => new HostShared<TFunction>(function);
    public override StandardizeKernels Standardize { get; } = new ReferenceStandardize();
    public override OptimizerKernels Optimizer<TOptimizer>(TOptimizer optimizer) => new ReferenceOptimizer<TOptimizer>(optimizer);
}
