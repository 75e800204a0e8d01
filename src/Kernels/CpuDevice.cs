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
using InrFast.Kernels.Vectors;

namespace InrFast.Kernels;

/// <summary>The processor, by its widest vectors.</summary>
public static class CpuDevice
{
    /// <summary>Width of this machine's widest vectors that kernels are written for.</summary>
    public static int VectorBits => F32x16.IsSupported ? 512 : F32x8.IsSupported ? 256 : 128;

    /// <summary>The device for this machine's widest vectors.</summary>
    public static Device Best { get; } =
        F32x16.IsSupported ? new CpuDevice<F32x16>() : F32x8.IsSupported ? new CpuDevice<F32x8>() : new CpuDevice<F32x4>();
}

/// <summary>The processor, with vectors of one width.</summary>
public sealed class CpuDevice<V> : Device where V : struct, IVector<V>
{
    public override string Name => $"cpu ({32 * V.Count}-bit vectors)";

    public override DeviceMemory Allocate(long bytes) => new HostMemory(bytes);

    public override DenseKernels Dense<TActivation>(int inputs, int outputs, TActivation activation) =>
        DenseKernels.IsNarrowInput(inputs, outputs) ? new NarrowInputDense<V, TActivation>(inputs, outputs, activation)
        : inputs <= Matrix.Packed ? new TinyDense<V, TActivation>(inputs, outputs, activation)
        : outputs <= Matrix.Packed ? new NarrowOutputDense<V, TActivation>(inputs, outputs, activation)
        : new WideDense<V, TActivation>(inputs, outputs, activation);

    public override SineChainKernels SineChain(IReadOnlyList<ChainLayer> layers, bool whole) => !whole ? new CpuSineChain<V>(layers) : V.Count switch
    {
        16 => new CpuPhaseChain<I16x32>(layers),
        8 => new CpuPhaseChain<I16x16>(layers),
        _ => new CpuPhaseChain<I16x8>(layers),
    };

    public override ComplexGaborKernels ComplexGabor(float omega, float scale) => new CpuComplexGabor<V>(omega, scale);

    public override GridKernels Grid(GridSettings settings) => settings.Dimensions switch
    {
        1 => Grid<One>(settings),
        2 => Grid<Two>(settings),
        3 => Grid<Three>(settings),
        _ => Grid<Four>(settings),
    };

    static GridKernels Grid<TDimensions>(GridSettings settings) where TDimensions : struct, IDimensions => settings.Features switch
    {
        1 => new CpuGrid<V, TDimensions, Node1, Node2>(settings),
        2 => new CpuGrid<V, TDimensions, Node2, Node4>(settings),
        4 => new CpuGrid<V, TDimensions, Node4, Node8>(settings),
        _ => new CpuGrid<V, TDimensions, Node8, Node16>(settings),
    };

    public override SamplerKernels Sampler<TOrder>(VoxelGrid grid, TOrder order, bool jitter = false)
    {
        var centres = new CpuSampler<V, TOrder>(grid, order);
        return jitter ? new CpuJitteredSampler(grid, centres, Interpolation(grid, new Linear())) : centres;
    }

    public override InterpolationKernels Interpolation<TInterpolant>(VoxelGrid grid, TInterpolant interpolant) =>
        grid.Axes > InterpolationKernels.MaxAxes ? new SeriesInterpolation(grid, Interpolation(grid.AtOneTime, interpolant)) : new CpuInterpolation<TInterpolant>(grid, interpolant);

    public override FourierKernels Fourier(ReadOnlySpan<int> size, bool real = false) => new CpuFourier<V>(size, real);
    public override ProjectionKernels Projection(ProjectionGeometry geometry) => geometry.Volume.IsFlat ? new CpuPictureProjection<V>(geometry) : new CpuProjection<V>(geometry);
    public override BackprojectionKernels Backprojection(ProjectionGeometry geometry) => new CpuBackprojection<V>(geometry);
    public override RaySamplerKernels RaySampler<TOrder>(ProjectionGeometry geometry, VoxelGrid grid, TOrder order, int samples, bool jitter) => new CpuRaySampler<TOrder>(geometry, grid, order, samples, jitter);
    public override TotalVariationKernels TotalVariation(int x, int y, int z) => new CpuTotalVariation<V>(x, y, z);

    public override PointwiseKernels Pointwise { get; } = new CpuPointwise<V>();
    public override LossKernels Loss<TLoss>(TLoss loss) => new CpuLoss<V, TLoss>(loss);
    public override JacobianPenaltyKernels FoldingPenalty<TLoss>(TLoss loss) => new CpuJacobianPenalty<V, VolumeMeasure<V>, TLoss>(loss);
    public override JacobianPenaltyKernels SurfacePenalty<TLoss>(TLoss loss) => new CpuJacobianPenalty<V, SurfaceMeasure<V>, TLoss>(loss);
    public override MomentKernels Moments { get; } = new CpuMoments<V>();
    public override LocalCorrelationKernels LocalCorrelation(PatchShape patch, PatchShape window) => new CpuLocalCorrelation(patch, window);
    public override SharedKernels Shared<TFunction>(TFunction function) => new HostShared<TFunction>(function);
    public override StandardizeKernels Standardize { get; } = new CpuStandardize<V>();
    public override OptimizerKernels Optimizer<TOptimizer>(TOptimizer optimizer) => new CpuOptimizer<V, TOptimizer>(optimizer);
}
