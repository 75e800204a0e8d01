using System.Reflection;
using System.Runtime.CompilerServices;
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

namespace InrFast.Kernels.Gpu;

/// <summary>A card and the kernels compiled for it so far. Used by one thread at a time.</summary>
public sealed class GpuDevice : Device, IDisposable
{
    readonly Dictionary<MethodInfo, object> kernels = [];
    readonly KernelCache cache;
    DeviceMemory? workspace, zeros;
    readonly List<DeviceMemory> kept = [];

    /// <param name="card">Disposed with the device.</param>
    /// <param name="precision">What is asked for; a card without matrix units gives float32.</param>
    public GpuDevice(Card card, Precision precision = Precision.Float32) : this(card, KernelCache.OfUser, precision) { }

    internal GpuDevice(Card card, KernelCache cache, Precision precision = Precision.Float32)
    {
        (Card, this.cache, Precision) = (card, cache, card.HasMatrixUnits ? precision : Precision.Float32);
        Pointwise = new GpuPointwise(this);
    }

    public override string Name => Precision == Precision.Half ? Card.Name[..^1] + ", half precision)" : Card.Name;
    public override bool RunsOnHost => false;
    public override Precision Precision { get; }
    internal Card Card { get; }

    public override void Wait()
    {
        Card.EnterOutsideRecording();
        Card.Synchronize();
    }

    public override DeviceMemory Allocate(long bytes)
    {
        Card.EnterOutsideRecording();
        var memory = new GpuMemory(Card, Card.Allocate(Math.Max(bytes, 1)), bytes);
        memory.Clear();
        return memory;
    }

    /// <summary>
    /// Memory that holds nothing from one call of a kernel family to the next: partial sums. Asked for when a plan is bound; of all who ask, the largest wish counts.
    /// </summary>
    internal nint Workspace(long bytes)
    {
        if (workspace is null || workspace.Bytes < bytes)
        {
            if (workspace is not null) kept.Add(workspace); // kernels bound before know its address
            workspace = Allocate(bytes);
        }
        return workspace.Address;
    }

    /// <summary>Fixed data of a kernel family, for as long as the device is there.</summary>
    internal unsafe nint Keep<T>(ReadOnlySpan<T> data) where T : unmanaged
    {
        var memory = Allocate((long)data.Length * sizeof(T));
        memory.Write(data);
        kept.Add(memory);
        return memory.Address;
    }

    /// <summary>
    /// As <see cref="Workspace"/>, but all zero: whoever uses it leaves zeros, but for the first 8 bytes.
    /// </summary>
    internal DeviceMemory Zeros(long bytes)
    {
        if (zeros is null || zeros.Bytes < bytes)
        {
            if (zeros is not null) kept.Add(zeros);
            zeros = Allocate(bytes);
        }
        return zeros;
    }

    /// <summary>The compiled form of a static method; compiled when first asked for.</summary>
    /// <param name="threads">The most that a block may have.</param>
    /// <param name="blocks">At least so many should fit a multiprocessor; null: no matter.</param>
    /// <param name="sharedBytes">Shared memory that a launch asks for, beside what the kernel declares.</param>
    internal GpuKernel<TArgument> Kernel<TArgument>(Action<TArgument> method, int threads = 256, int? blocks = null, int sharedBytes = 0) where TArgument : struct
    {
        if (RuntimeHelpers.IsReferenceOrContainsReferences<TArgument>()) throw new ArgumentException($"{typeof(TArgument).Name} holds references");
        if (kernels.TryGetValue(method.Method, out object? known)) return (GpuKernel<TArgument>)known;
        Card.EnterOutsideRecording();
        var ptx = cache.Get(method.Method, $"{threads} {blocks}", () => KernelCompiler.Compile(method.Method, threads, blocks));
        if (ptx.ArgumentBytes != Unsafe.SizeOf<TArgument>()) throw new InvalidOperationException($"{ptx.Entry} takes {ptx.ArgumentBytes} bytes, {typeof(TArgument).Name} has {Unsafe.SizeOf<TArgument>()}");
        var kernel = new GpuKernel<TArgument>(Card, Card.Load(ptx, sharedBytes), sharedBytes);
        kernels.Add(method.Method, kernel);
        return kernel;
    }

    public override Recording Record(Action enqueue) => Card.Record(enqueue);

    public override DenseKernels Dense<TActivation>(int inputs, int outputs, TActivation activation) => new GpuDense<TActivation>(this, inputs, outputs, activation);

    /// <summary>Of 16 to 256 columns, padded to 64, 128 or 256, whose inputs are coordinates or no wider.</summary>
    public override FusedDenseKernels? FusedDense<TActivation>(FusedShape shape, TActivation first, TActivation rest)
    {
        const int LeastWidth = 16, MostOutputs = 64;
        if (Precision != Precision.Half || shape.Width < LeastWidth || shape.Outputs > MostOutputs || shape.HiddenLayers < (shape.IsNarrow ? 2 : 1)) return null;
        return Math.Max(shape.Width, shape.Inputs) switch
        {
            <= 64 => new GpuFusedDense<TActivation, Width64>(this, shape, first, rest),
            <= 128 => new GpuFusedDense<TActivation, Width128>(this, shape, first, rest),
            <= 256 => new GpuFusedDense<TActivation, Width256>(this, shape, first, rest),
            _ => null,
        };
    }

    public override PointwiseKernels Pointwise { get; }
    public override LossKernels Loss<TLoss>(TLoss loss) => new GpuLoss<TLoss>(this, loss);
    public override OptimizerKernels Optimizer<TOptimizer>(TOptimizer optimizer) => new GpuOptimizer<TOptimizer>(this, optimizer);
    public override SamplerKernels Sampler<TOrder>(VoxelGrid grid, TOrder order, bool jitter = false) =>
        new GpuSampler<TOrder>(this, grid, order, jitter ? Interpolation(grid, new Linear()) : null);

    public override GridKernels Grid(GridSettings settings) => settings.Features switch
    {
        1 => new GpuGrid<OneFeature>(this, settings),
        2 => new GpuGrid<TwoFeatures>(this, settings),
        4 => new GpuGrid<FourFeatures>(this, settings),
        _ => new GpuGrid<EightFeatures>(this, settings),
    };

    public override ComplexGaborKernels ComplexGabor(float omega, float scale) => new GpuComplexGabor(this, omega, scale);
    public override InterpolationKernels Interpolation<TInterpolant>(VoxelGrid grid, TInterpolant interpolant) => new GpuInterpolation<TInterpolant>(this, grid, interpolant);
    public override FourierKernels Fourier(ReadOnlySpan<int> size, bool real = false) => new GpuFourier(this, size, real);
    public override ProjectionKernels Projection(ProjectionGeometry geometry) => new GpuProjection(this, geometry);
    public override BackprojectionKernels Backprojection(ProjectionGeometry geometry) => new GpuBackprojection(this, geometry);
    public override RaySamplerKernels RaySampler<TOrder>(ProjectionGeometry geometry, VoxelGrid grid, TOrder order, int samples, bool jitter) =>
        new GpuRaySampler<TOrder>(this, geometry, grid, order, samples, jitter);
    public override TotalVariationKernels TotalVariation(int x, int y, int z) => new GpuTotalVariation(this, x, y, z);
    public override JacobianPenaltyKernels FoldingPenalty<TLoss>(TLoss loss) => new GpuJacobianPenalty<GpuVolumeMeasure, TLoss>(this, loss);
    public override JacobianPenaltyKernels SurfacePenalty<TLoss>(TLoss loss) => new GpuJacobianPenalty<GpuSurfaceMeasure, TLoss>(this, loss);
    public override LocalCorrelationKernels LocalCorrelation(PatchShape patch, PatchShape window) => new GpuLocalCorrelation(this, patch, window);
    public override MomentKernels Moments => new GpuMoments(this);
    public override SharedKernels Shared<TFunction>(TFunction function) => new GpuShared<TFunction>(this, function);
    public override StandardizeKernels Standardize => new GpuStandardize(this);

    /// <summary>After all that uses it.</summary>
    public void Dispose()
    {
        if (Card.IsDisposed) return;
        workspace?.Dispose();
        zeros?.Dispose();
        foreach (var memory in kept) memory.Dispose();
        Card.Dispose();
    }
}
