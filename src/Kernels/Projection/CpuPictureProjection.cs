using System.Buffers;
using System.Runtime.CompilerServices;
using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Projection;

/// <summary>
/// Projections of a picture. In a plane, a line of pixels, neighbouring rays pass at places that rise or fall with the column. So a vector of rays takes the few pixels about it one after another, each weighted by its hat function at the rays' places, and in the adjoint
/// a vector of pixels the few rays about it: no gathers, no scatters. Where these fit two vectors, each ray picks its two pixels of them, and each pixel its few rays. Planes across x are columns of the picture, which are turned into rows first.
/// </summary>
sealed unsafe class CpuPictureProjection<V> : ProjectionKernels where V : struct, IVector<V>
{
    /// <summary>Neighbouring columns of a view whose rays share an axis; their numbers begin at Start, a multiple of a vector's length. Candidates: of so many rays, in order, none but some can be within a pixel of a given one (<see cref="CandidatesOf"/>); 0: of more than are worth it.</summary>
    readonly record struct Run(int Axis, int FirstColumn, int Count, int Start, int Candidates);

    /// <summary>A vector of rays: the planes in which they pass pixels, and how many pixels of one plane at most.</summary>
    readonly record struct Group(int First, int End, int Pixels);

    readonly Run[][] runs; // of each view
    readonly Group[] groups;

    /// <summary>Of each ray: its place in the middle plane, the step to the next one, and the length between two. After the last ray of a run follow copies of it.</summary>
    readonly float[] a, slope, weight;

    public CpuPictureProjection(ProjectionGeometry geometry) : base(geometry)
    {
        var (views, rays) = (new List<Run[]>(), new List<RayPlanes>());
        for (int view = 0; view < geometry.Views.Length; view++)
        {
            var ofView = new List<Run>();
            var made = Enumerable.Range(0, geometry.Columns).Select(column => RayOf(view, column)).ToArray();
            for (int first = 0, end; first < made.Length; first = end)
            {
                for (end = first + 1; end < made.Length && made[end].Axis == made[first].Axis;) end++;
                ofView.Add(new(made[first].Axis, first, end - first, rays.Count, CandidatesOf(made[first..end])));
                rays.AddRange(made[first..end]);
                while (rays.Count % V.Count != 0) rays.Add(made[end - 1]);
            }
            views.Add([.. ofView]);
        }
        runs = [.. views];
        (a, slope, weight) = ([.. rays.Select(ray => (float)ray.A)], [.. rays.Select(ray => (float)ray.SlopeA)], [.. rays.Select(ray => (float)ray.Weight)]);
        groups = [.. rays.Chunk(V.Count).Select(Of)];
    }

    RayPlanes RayOf(int view, int column)
    {
        var (origin, direction) = Geometry.Ray(view, column, 0);
        return RayPlanes.Of(Geometry.Volume, RayPlanes.AxisOf(Geometry.Volume, direction), origin, direction);
    }

    /// <summary>
    /// How many rays a pixel need look at, from one before the first that a chord of two vectors of rays says to be beyond the pixel before it: at least two pixels' worth, and one to each side. Rays of a chord that bends by more than half their distance, or lie too close for
    /// two vectors to hold those of a vector of pixels, have none.
    /// </summary>
    int CandidatesOf(RayPlanes[] rays)
    {
        const int Most = 6;
        double farthest = (Geometry.Volume[rays[0].Axis] - 1) / 2.0, nearest = double.PositiveInfinity, bend = 0;
        for (int i = 1; i < rays.Length; i++)
        {
            nearest = Math.Min(nearest, Math.Abs(rays[i].A - rays[i - 1].A) - farthest * Math.Abs(rays[i].SlopeA - rays[i - 1].SlopeA));
            if (i > 1) bend = Math.Max(bend, Math.Abs(rays[i].A - 2 * rays[i - 1].A + rays[i - 2].A) + farthest * Math.Abs(rays[i].SlopeA - 2 * rays[i - 1].SlopeA + rays[i - 2].SlopeA));
        }
        // A chord of n steps is at most n^2 / 8 second differences away.
        bool isStraight = bend * V.Count * V.Count / 2 < nearest / 2;
        double candidates = Math.Ceiling(2 / nearest) + 2;
        return rays.Length > 2 * V.Count && isStraight && candidates <= Most && (V.Count + 1) / nearest + 3 <= 2 * V.Count ? (int)candidates : 0;
    }

    Group Of(RayPlanes[] rays)
    {
        var crossing = rays.Where(ray => ray.End > ray.First).ToArray();
        if (crossing.Length == 0) return default;
        int first = crossing.Min(ray => ray.First), end = crossing.Max(ray => ray.End), axis = rays[0].Axis, across = Geometry.Volume[1 - axis];
        double centre = (Geometry.Volume[axis] - 1) / 2.0;
        double Span(int plane) => Math.Abs(rays[^1].A - rays[0].A + (plane - centre) * (rays[^1].SlopeA - rays[0].SlopeA));
        // From the pixel before the first place to the one after the last.
        return new(first, end, (int)Math.Min(across, Math.Ceiling(Math.Max(Span(first), Span(end - 1))) + 2));
    }

    public override void Forward(nint image, nint projections, long firstLine, long lines)
    {
        float[]? turned = null;
        for (int view = (int)firstLine; view < firstLine + lines; view++)
            foreach (var run in runs[view])
            {
                if (run.Axis == 0) turned ??= Turned((float*)image);
                fixed (float* columns = turned) Forward(run, run.Axis == 1 ? (float*)image : columns, run.Axis == 1 ? Geometry.Volume.X : Stride(Geometry.Volume.Y), (float*)projections + (long)view * Geometry.Columns);
            }
        if (turned is not null) ArrayPool<float>.Shared.Return(turned);
    }

    void Forward(in Run run, float* rows, int stride, float* to)
    {
        float centre = 0.5f * (Geometry.Volume[run.Axis] - 1);
        int across = Geometry.Volume[1 - run.Axis];
        V one = V.Create(1);
        float* values = stackalloc float[V.Count];
        fixed (float* places = a, slopes = slope, weights = weight)
            for (int ray = 0; ray < run.Count; ray += V.Count)
            {
                int at = run.Start + ray, last = at + V.Count - 1;
                var group = groups[at / V.Count];
                V start = V.Load(places + at), step = V.Load(slopes + at), sum = V.Zero;
                bool fits = group.Pixels <= 2 * V.Count && across >= 2 * V.Count;
                int window = fits ? 2 * V.Count : group.Pixels;
                for (int plane = group.First; plane < group.End; plane++)
                {
                    float offset = plane - centre;
                    int pixel = Math.Clamp((int)MathF.Floor(float.MinNative(places[at] + slopes[at] * offset, places[last] + slopes[last] * offset)), 0, across - window);
                    float* row = rows + (nint)plane * stride + pixel;
                    V beyond = V.MultiplyAdd(step, V.Create(offset), start) - V.Create(pixel);
                    sum += fits ? Interpolated(row, beyond, one) : Summed(row, beyond, one, window);
                }
                V.Store(sum * V.Load(weights + at), values);
                new Span<float>(values, Math.Min(V.Count, run.Count - ray)).CopyTo(new(to + run.FirstColumn + ray, V.Count));
            }
    }

    /// <summary>Of two vectors of pixels, at places counted from the first one; beyond them nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V Interpolated(float* row, V place, V one)
    {
        V low = V.Load(row), high = V.Load(row + V.Count), first = V.Min(V.Create(2 * V.Count - 2), V.Max(V.Zero, V.Floor(place))), beyond = place - first, at = V.ToInteger(first);
        return V.MultiplyAdd(V.Max(V.Zero, one - V.Abs(beyond)), V.Pick(low, high, at), V.Max(V.Zero, one - V.Abs(beyond - one)) * V.Pick(low, high, V.AddInteger(at, V.CreateInteger(1))));
    }

    /// <summary>The same of any number of pixels.</summary>
    static V Summed(float* row, V place, V one, int pixels)
    {
        V sum = V.Zero;
        for (int i = 0; i < pixels; i++, place -= one) sum = V.MultiplyAdd(V.Max(V.Zero, one - V.Abs(place)), V.Create(row[i]), sum);
        return sum;
    }

    public override void Adjoint(nint projections, nint image, long firstLine, long lines, int axis, int firstPlane, int planes)
    {
        if (axis == 2) return;
        int across = Geometry.Volume[1 - axis], stride = Stride(across), padded = Geometry.Columns + 2 * V.Count;
        float[] sums = ArrayPool<float>.Shared.Rent(planes * stride), places = ArrayPool<float>.Shared.Rent(padded), values = ArrayPool<float>.Shared.Rent(padded);
        sums.AsSpan(0, planes * stride).Clear();
        for (int view = (int)firstLine; view < firstLine + lines; view++)
            foreach (var run in runs[view])
                if (run.Axis == axis) Adjoint(run, (float*)projections + (long)view * Geometry.Columns, firstPlane, planes, sums, places, values);
        float* to = (float*)image;
        int x = Geometry.Volume.X;
        if (axis == 1)
            for (int plane = 0; plane < planes; plane++)
                for (int i = 0; i < across; i++) to[(nint)(firstPlane + plane) * x + i] += sums[plane * stride + i];
        else
            for (int i = 0; i < across; i++)
                for (int plane = 0; plane < planes; plane++) to[(nint)i * x + firstPlane + plane] += sums[plane * stride + i];
        ArrayPool<float>.Shared.Return(sums);
        ArrayPool<float>.Shared.Return(places);
        ArrayPool<float>.Shared.Return(values);
    }

    /// <param name="sums">To which rows of pixels are added, <see cref="Stride"/> apart.</param>
    void Adjoint(in Run run, float* from, int firstPlane, int planes, float[] sums, float[] places, float[] values)
    {
        float centre = 0.5f * (Geometry.Volume[run.Axis] - 1);
        int across = Geometry.Volume[1 - run.Axis], stride = Stride(across), count = run.Count, firstInside = 0;
        for (int i = 0; i < count; i++) values[i] = from[run.FirstColumn + i] * weight[run.Start + i];
        // Behind the last ray nothing counts.
        values.AsSpan(count, V.Count).Clear();
        bool rises = true;
        V one = V.Create(1);
        fixed (float* starts = a, slopes = slope, sum = sums, place = places, value = values)
            for (int plane = 0; plane < planes; plane++)
            {
                V offset = V.Create(firstPlane + plane - centre);
                for (int i = 0; i < count; i += V.Count) V.Store(V.MultiplyAdd(V.Load(slopes + run.Start + i), offset, V.Load(starts + run.Start + i)), place + i);
                bool falls = place[0] > place[count - 1];
                if (falls) places.AsSpan(0, count).Reverse();
                if (falls == rises) values.AsSpan(0, count).Reverse();
                rises = !falls;
                places.AsSpan(count, V.Count).Fill(float.PositiveInfinity);
                // end: the first ray at or beyond the vector's first pixel; in the loop, beyond its last one. From plane to plane and vector to vector it moves by nearly the same number of rays.
                int end = Find(place, count, firstInside, 0), rays = 0;
                firstInside = end;
                for (int pixel = 0; pixel < across; pixel += V.Count)
                {
                    int begin = end;
                    while (begin > 0 && place[begin - 1] > pixel - 1) begin--;
                    int next = Find(place, count, end + rays, pixel + V.Count);
                    (rays, end) = (next - end, next);
                    V pixels = V.Create(pixel) + V.Indices, part = V.Zero;
                    if (run.Candidates > 0 && end > begin) part = Picked(place, value, Math.Clamp(begin - 1, 0, count - 2 * V.Count), pixels, one, run.Candidates);
                    else
                        for (int i = begin; i < end; i += 4)
                        {
                            part = V.MultiplyAdd(Hat(pixels, place[i], one), V.Create(value[i]), part);
                            part = V.MultiplyAdd(Hat(pixels, place[i + 1], one), V.Create(value[i + 1]), part);
                            part = V.MultiplyAdd(Hat(pixels, place[i + 2], one), V.Create(value[i + 2]), part);
                            part = V.MultiplyAdd(Hat(pixels, place[i + 3], one), V.Create(value[i + 3]), part);
                        }
                    float* to = sum + (nint)plane * stride + pixel;
                    V.Store(V.Load(to) + part, to);
                }
            }
    }

    /// <summary>What two vectors of rays from a first one on add to pixels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V Picked(float* places, float* values, int first, V pixels, V one, int candidates)
    {
        V low = V.Load(places + first), high = V.Load(places + first + V.Count), lowValues = V.Load(values + first), highValues = V.Load(values + first + V.Count), sum = V.Zero;
        float steps = (2 * V.Count - 1) / (places[first + 2 * V.Count - 1] - places[first]);
        // The first ray that the chord has beyond the pixel before, less one, so that the last candidate is in the two vectors.
        V guess = V.Floor((pixels - one - V.Create(places[first])) * V.Create(steps)), at = V.ToInteger(V.Max(V.Zero, V.Min(V.Create(2 * V.Count - candidates), guess)));
        for (int i = 0; i < candidates; i++, at = V.AddInteger(at, V.CreateInteger(1)))
            sum = V.MultiplyAdd(V.Max(V.Zero, one - V.Abs(pixels - V.Pick(low, high, at))), V.Pick(lowValues, highValues, at), sum);
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static V Hat(V pixels, float place, V one) => V.Max(V.Zero, one - V.Abs(pixels - V.Create(place)));

    /// <summary>The first of rising places that is not below a limit, sought from a guess on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static int Find(float* places, int count, int guess, float limit)
    {
        int at = Math.Min(guess, count);
        while (at < count && places[at] < limit) at++;
        while (at > 0 && places[at - 1] >= limit) at--;
        return at;
    }

    /// <summary>From row to row of so many pixels: whole vectors, and not a power of two, at which rows would share a place in the cache.</summary>
    static int Stride(int pixels) => (pixels + 15) / 16 * 16 + 16;

    /// <summary>[x][y].</summary>
    float[] Turned(float* image)
    {
        var (width, height) = (Geometry.Volume.X, Geometry.Volume.Y);
        int stride = Stride(height);
        var turned = ArrayPool<float>.Shared.Rent(width * stride);
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++) turned[x * stride + y] = image[(nint)y * width + x];
        return turned;
    }
}
