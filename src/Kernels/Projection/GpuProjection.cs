using ILGPU;
using InrFast.Kernels.Gpu;

namespace InrFast.Kernels.Projection;

/// <summary>A thread for each ray, from plane to plane. The adjoint adds in whole numbers, where rays meet in any order, and those to the image.</summary>
sealed class GpuProjection : ProjectionKernels
{
    readonly GpuDevice device;
    readonly GpuScan scan;
    readonly GpuKernel<Argument> forward, largest, scatter;
    readonly GpuKernel<Sums> collect;
    readonly DeviceMemory sums;

    /// <summary>No ray's length between two planes is more.</summary>
    readonly double longest;

    public GpuProjection(GpuDevice device, ProjectionGeometry geometry) : base(geometry)
    {
        (this.device, scan, longest) = (device, GpuScan.Of(device, geometry), geometry.Volume.Spacing.Length);
        (forward, largest, scatter, collect) = (device.Kernel<Argument>(Forward), device.Kernel<Argument>(Largest), device.Kernel<Argument>(Scatter), device.Kernel<Sums>(Collect));
        sums = device.Zeros((1 + geometry.Volume.Count) * sizeof(long));
    }

    struct Argument
    {
        public GpuScan Scan;
        public GpuFloats Image, Projections;
        public long FirstPixel, Pixels, Sums;
        public double Longest;
        public int Axis, FirstPlane, EndPlane;
    }

    struct Sums
    {
        public GpuFloats Image;
        public long Address, Voxels, Terms;
        public double Longest;
    }

    Argument Of(nint image, nint projections, long firstLine, long lines) => new()
    {
        Scan = scan, Image = new(image), Projections = new(projections), FirstPixel = firstLine * Geometry.Columns, Pixels = lines * Geometry.Columns, Sums = sums.Address, Longest = longest,
    };

    /// <summary>Where a ray passes one plane: the first of 2 or 4 voxels, steps to the others, and their weights along a and b.</summary>
    readonly struct Taps
    {
        public readonly long Voxel, StepA, StepB;
        public readonly float A0, A1, B0, B1;

        public Taps(ScanVolume volume, RayPlanes ray, int plane)
        {
            int axisA = ray.Axis == 0 ? 1 : 0, axisB = ray.Axis == 2 ? 1 : 2;
            float offset = plane - 0.5f * (volume[ray.Axis] - 1);
            (StepA, StepB) = (Step(volume, axisA), volume.IsFlat ? 0 : Step(volume, axisB));
            int a = Hats(Intrinsics.Fma((float)ray.SlopeA, offset, (float)ray.A), volume[axisA], out A0, out A1), b = 0;
            (B0, B1) = (1f, 0f);
            if (!volume.IsFlat) b = Hats(Intrinsics.Fma((float)ray.SlopeB, offset, (float)ray.B), volume[axisB], out B0, out B1);
            Voxel = plane * Step(volume, ray.Axis) + a * StepA + b * StepB;
        }

        static long Step(ScanVolume volume, int axis) => axis == 0 ? 1 : axis == 1 ? volume.X : (long)volume.X * volume.Y;

        /// <summary>The first of two neighbours within the volume, and their weights: max(0, 1 - |x - neighbour|).</summary>
        static int Hats(float x, int count, out float first, out float second)
        {
            float at = Intrinsics.Min(count - 2f, Intrinsics.Max(0f, Intrinsics.Floor(x))), beyond = x - at;
            first = Intrinsics.Max(0f, 1f - GpuFloat.Abs(beyond).Value);
            second = Intrinsics.Max(0f, 1f - GpuFloat.Abs(beyond - 1f).Value);
            return (int)at;
        }
    }

    static RayPlanes PlanesOf(Argument a, long pixel)
    {
        a.Scan.Ray(pixel, out var origin, out var direction);
        return RayPlanes.Of(a.Scan.Volume, RayPlanes.AxisOf(a.Scan.Volume, direction), origin, direction);
    }

    public override void Forward(nint image, nint projections, long firstLine, long lines) => forward.Launch(Of(image, projections, firstLine, lines), lines * Geometry.Columns);

    static void Forward(Argument a)
    {
        if (Elements.Index >= a.Pixels) return;
        long pixel = a.FirstPixel + Elements.Index;
        var ray = PlanesOf(a, pixel);
        float sum = 0;
        for (int plane = ray.First; plane < ray.End; plane++)
        {
            Taps taps = new(a.Scan.Volume, ray, plane);
            float near = Intrinsics.Fma(taps.A1, a.Image[taps.Voxel + taps.StepA], taps.A0 * a.Image[taps.Voxel]);
            sum = Intrinsics.Fma(taps.B0, near, sum);
            if (taps.StepB != 0) sum = Intrinsics.Fma(taps.B1, Intrinsics.Fma(taps.A1, a.Image[taps.Voxel + taps.StepB + taps.StepA], taps.A0 * a.Image[taps.Voxel + taps.StepB]), sum);
        }
        a.Projections[pixel] = sum * (float)ray.Weight;
    }

    public override void Adjoint(nint projections, nint image, long firstLine, long lines, int axis, int firstPlane, int planes)
    {
        var argument = Of(image, projections, firstLine, lines);
        (argument.Axis, argument.FirstPlane, argument.EndPlane) = (axis, firstPlane, firstPlane + planes);
        sums.Clear(0, sizeof(long));
        largest.Launch(argument, argument.Pixels);
        scatter.Launch(argument, argument.Pixels);
        collect.Launch(new() { Image = new(image), Address = sums.Address, Voxels = Geometry.Volume.Count, Terms = argument.Pixels, Longest = longest }, Geometry.Volume.Count);
    }

    static void Largest(Argument a)
    {
        if (Elements.Index < a.Pixels) Intrinsics.AtomicMax(a.Sums, FixedPoint.Magnitude(a.Projections[a.FirstPixel + Elements.Index]));
    }

    static void Scatter(Argument a)
    {
        if (Elements.Index >= a.Pixels || !FixedPoint.IsFinite(a.Sums)) return;
        long pixel = a.FirstPixel + Elements.Index;
        var ray = PlanesOf(a, pixel);
        if (ray.Axis != a.Axis) return;
        double value = a.Projections[pixel] * (ray.Weight / a.Longest) * FixedPoint.UnitsOf(a.Sums, a.Pixels);
        int first = ray.First > a.FirstPlane ? ray.First : a.FirstPlane, end = ray.End < a.EndPlane ? ray.End : a.EndPlane;
        for (int plane = first; plane < end; plane++)
        {
            Taps taps = new(a.Scan.Volume, ray, plane);
            Add(a, taps.Voxel, taps.A0 * taps.B0 * value);
            Add(a, taps.Voxel + taps.StepA, taps.A1 * taps.B0 * value);
            if (taps.StepB != 0)
            {
                Add(a, taps.Voxel + taps.StepB, taps.A0 * taps.B1 * value);
                Add(a, taps.Voxel + taps.StepB + taps.StepA, taps.A1 * taps.B1 * value);
            }
        }
    }

    static void Add(Argument a, long voxel, double value)
    {
        if (value != 0) Intrinsics.AtomicAdd(FixedPoint.At(a.Sums, voxel), Intrinsics.Round(value));
    }

    /// <summary>Leaves zeros; projections that are not finite make the image not a number.</summary>
    static void Collect(Sums a)
    {
        long i = Elements.Index;
        if (i >= a.Voxels) return;
        long sum = Intrinsics.LoadInt64(FixedPoint.At(a.Address, i));
        if (!FixedPoint.IsFinite(a.Address)) a.Image[i] = float.NaN;
        if (sum == 0) return;
        a.Image[i] += (float)(sum / FixedPoint.UnitsOf(a.Address, a.Terms) * a.Longest);
        Intrinsics.StoreInt64(FixedPoint.At(a.Address, i), 0);
    }
}
