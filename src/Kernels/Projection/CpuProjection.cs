using System.Runtime.CompilerServices;
using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Projection;

/// <summary>
/// Of a volume: neighbouring rays of a line with one axis, a chunk at a time, from plane to plane: places and weights of all of them as vectors, then the image's
/// values one by one. Weights are hat functions at the clamped place, so that what lies outside weighs nothing.
/// </summary>
sealed unsafe class CpuProjection<V>(ProjectionGeometry geometry) : ProjectionKernels(geometry) where V : struct, IVector<V>
{
    const int Chunk = 64;
    readonly ScanVolume volume = geometry.Volume;

    /// <summary>Rays of a chunk that share an axis.</summary>
    struct Rays
    {
        public int Count, First, End;
        public fixed float A[Chunk], SlopeA[Chunk], B[Chunk], SlopeB[Chunk], Weight[Chunk];
        public fixed int Column[Chunk];

        public void Clear() => (Count, First, End) = (0, int.MaxValue, 0);

        public void Add(in RayPlanes ray, int column)
        {
            if (ray.End <= ray.First) return;
            (A[Count], SlopeA[Count], B[Count], SlopeB[Count], Weight[Count], Column[Count]) = ((float)ray.A, (float)ray.SlopeA, (float)ray.B, (float)ray.SlopeB, (float)ray.Weight, column);
            (First, End) = (Math.Min(First, ray.First), Math.Max(End, ray.End));
            Count++;
        }

        /// <summary>Lanes after the last ray, so that vectors there hold numbers.</summary>
        public void Pad()
        {
            for (int r = Count; r < Chunk && r % V.Count != 0; r++) A[r] = SlopeA[r] = B[r] = SlopeB[r] = 0;
        }
    }

    /// <summary>In one plane: the first of the four voxels of each ray, and weights along a and b.</summary>
    struct Taps
    {
        public fixed int Voxel[Chunk];
        public fixed float A0[Chunk], A1[Chunk], B0[Chunk], B1[Chunk];
    }

    public override void Forward(nint image, nint projections, long firstLine, long lines)
    {
        Rays* rays = stackalloc Rays[3];
        Taps taps = default;
        float* sums = stackalloc float[Chunk];
        for (long line = firstLine; line < firstLine + lines; line++)
        {
            float* to = (float*)projections + line * Geometry.Columns;
            for (int first = 0; first < Geometry.Columns; first += Chunk)
            {
                for (int axis = 0; axis < 3; axis++) rays[axis].Clear();
                for (int column = first; column < Math.Min(first + Chunk, Geometry.Columns); column++)
                {
                    to[column] = 0;
                    var ray = RayOf(line, column);
                    rays[ray.Axis].Add(ray, column);
                }
                for (int axis = 0; axis < 3; axis++)
                {
                    ref var some = ref rays[axis];
                    if (some.Count == 0) continue;
                    some.Pad();
                    new Span<float>(sums, some.Count).Clear();
                    var (strideA, strideB) = StridesAcross(axis);
                    for (int plane = some.First; plane < some.End; plane++)
                    {
                        Place(ref some, axis, plane, ref taps);
                        Gather((float*)image, ref taps, some.Count, strideA, strideB, sums);
                    }
                    for (int r = 0; r < some.Count; r++) to[some.Column[r]] = sums[r] * some.Weight[r];
                }
            }
        }
    }

    public override void Adjoint(nint projections, nint image, long firstLine, long lines, int axis, int firstPlane, int planes)
    {
        Rays rays = default;
        Taps taps = default;
        float* values = stackalloc float[Chunk];
        var (strideA, strideB) = StridesAcross(axis);
        for (long line = firstLine; line < firstLine + lines; line++)
        {
            float* from = (float*)projections + line * Geometry.Columns;
            for (int first = 0; first < Geometry.Columns; first += Chunk)
            {
                rays.Clear();
                for (int column = first; column < Math.Min(first + Chunk, Geometry.Columns); column++)
                    if (RayOf(line, column) is var ray && ray.Axis == axis) rays.Add(ray, column);
                if (rays.Count == 0) continue;
                rays.Pad();
                for (int r = 0; r < rays.Count; r++) values[r] = from[rays.Column[r]] * rays.Weight[r];
                for (int plane = Math.Max(firstPlane, rays.First); plane < Math.Min(firstPlane + planes, rays.End); plane++)
                {
                    Place(ref rays, axis, plane, ref taps);
                    Scatter(values, ref taps, rays.Count, strideA, strideB, (float*)image);
                }
            }
        }
    }

    RayPlanes RayOf(long line, int column)
    {
        var (view, row) = Math.DivRem((int)line, Geometry.Rows);
        var (origin, direction) = Geometry.Ray(view, column, row);
        return RayPlanes.Of(volume, RayPlanes.AxisOf(volume, direction), origin, direction);
    }

    int Stride(int axis) => axis switch { 0 => 1, 1 => volume.X, _ => volume.X * volume.Y };

    (int A, int B) StridesAcross(int axis) => RayPlanes.Across(axis) is var (a, b) ? (Stride(a), Stride(b)) : default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    void Place(ref Rays rays, int axis, int plane, ref Taps taps)
    {
        var (axisA, axisB) = RayPlanes.Across(axis);
        V offset = V.Create(plane - 0.5f * (volume[axis] - 1)), start = V.CreateInteger(plane * Stride(axis)), strideA = V.CreateInteger(Stride(axisA)), strideB = V.CreateInteger(Stride(axisB));
        V lastA = V.Create(volume[axisA] - 2), lastB = V.Create(volume[axisB] - 2);
        fixed (Rays* from = &rays)
        fixed (Taps* to = &taps)
            for (int r = 0; r < rays.Count; r += V.Count)
            {
                V voxel = V.AddInteger(start, V.MultiplyInteger(Hats(V.MultiplyAdd(V.Load(from->SlopeA + r), offset, V.Load(from->A + r)), lastA, to->A0 + r, to->A1 + r), strideA));
                voxel = V.AddInteger(voxel, V.MultiplyInteger(Hats(V.MultiplyAdd(V.Load(from->SlopeB + r), offset, V.Load(from->B + r)), lastB, to->B0 + r, to->B1 + r), strideB));
                V.Store(voxel, (float*)to->Voxel + r);
            }
    }

    /// <summary>The first of two neighbours, an integer, and their weights: max(0, 1 - |x - neighbour|).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V Hats(V x, V last, float* weight0, float* weight1)
    {
        V one = V.Create(1), first = V.Min(last, V.Max(V.Zero, V.Floor(x))), beyond = x - first;
        V.Store(V.Max(V.Zero, one - V.Abs(beyond)), weight0);
        V.Store(V.Max(V.Zero, one - V.Abs(beyond - one)), weight1);
        return V.ToInteger(first);
    }

    static void Gather(float* image, ref Taps taps, int count, int strideA, int strideB, float* sums)
    {
        for (int r = 0; r < count; r++)
        {
            float* at = image + taps.Voxel[r], beyond = at + strideB;
            float a0 = taps.A0[r], a1 = taps.A1[r];
            sums[r] += taps.B0[r] * (a0 * at[0] + a1 * at[strideA]) + taps.B1[r] * (a0 * beyond[0] + a1 * beyond[strideA]);
        }
    }

    static void Scatter(float* values, ref Taps taps, int count, int strideA, int strideB, float* image)
    {
        for (int r = 0; r < count; r++)
        {
            float* at = image + taps.Voxel[r], beyond = at + strideB;
            float v0 = taps.B0[r] * values[r], v1 = taps.B1[r] * values[r], a0 = taps.A0[r], a1 = taps.A1[r];
            at[0] += a0 * v0;
            at[strideA] += a1 * v0;
            beyond[0] += a0 * v1;
            beyond[strideA] += a1 * v1;
        }
    }
}
