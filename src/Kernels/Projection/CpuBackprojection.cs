using System.Runtime.CompilerServices;
using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Projection;

/// <summary>A chunk of a row of voxels through all views: places and weights as vectors (on an arc one by one), then the projections' values one by one.</summary>
sealed unsafe class CpuBackprojection<V>(ProjectionGeometry geometry) : BackprojectionKernels(geometry) where V : struct, IVector<V>
{
    const int Chunk = 64;
    readonly ViewMap[] maps = [.. Enumerable.Range(0, geometry.Views.Length).Select(view => new ViewMap(geometry, view))];

    struct Taps
    {
        public fixed float Column[Chunk], Row[Chunk], Weight[Chunk];
        public fixed int Pixel[Chunk];
        public fixed float Column0[Chunk], Column1[Chunk], Row0[Chunk], Row1[Chunk];
    }

    public override void Add(nint projections, nint image, int firstView, int views, long firstRow, long rows)
    {
        var volume = Geometry.Volume;
        Taps taps = default; // its unused lanes are read
        float* sums = stackalloc float[Chunk];
        long viewStride = (long)Geometry.Rows * Geometry.Columns;
        for (long row = firstRow; row < firstRow + rows; row++)
            for (int first = 0; first < volume.X; first += Chunk)
            {
                int count = Math.Min(Chunk, volume.X - first);
                new Span<float>(sums, count).Clear();
                var start = volume.Centre(first, (int)(row % volume.Y), (int)(row / volume.Y));
                for (int view = firstView; view < firstView + views; view++)
                {
                    float* from = (float*)projections + view * viewStride;
                    ref readonly var map = ref maps[view];
                    switch (Geometry.Shape)
                    {
                        case DetectorShape.Parallel: Parallel(map, start, count, ref taps); break;
                        case DetectorShape.Flat: Flat(map, start, count, ref taps); break;
                        default: Arc(map, start, count, ref taps); break;
                    }
                    Place(count, ref taps);
                    if (Geometry.Rows == 1) Gather(from, ref taps, count, sums);
                    else Gather(from, Geometry.Columns, ref taps, count, sums);
                }
                float* to = (float*)image + row * volume.X + first;
                for (int i = 0; i < count; i++) to[i] += sums[i];
            }
    }

    void Parallel(in ViewMap map, Point3 start, int count, ref Taps taps)
    {
        var from = start - map.Source;
        double step = Geometry.Volume.Spacing.X;
        V column = V.Create((float)(map.ColumnOffset + Point3.Dot(from, map.Column))), columnStep = V.Create((float)(step * map.Column.X));
        V row = V.Create((float)(map.RowOffset + Point3.Dot(from, map.Row))), rowStep = V.Create((float)(step * map.Row.X));
        fixed (Taps* to = &taps)
            for (int i = 0; i < count; i += V.Count)
            {
                V x = V.Indices + V.Create(i);
                V.Store(V.MultiplyAdd(x, columnStep, column), to->Column + i);
                V.Store(V.MultiplyAdd(x, rowStep, row), to->Row + i);
                V.Store(V.Create(1), to->Weight + i);
            }
    }

    void Flat(in ViewMap map, Point3 start, int count, ref Taps taps)
    {
        var from = start - map.Source;
        double step = Geometry.Volume.Spacing.X;
        V depth = V.Create((float)Point3.Dot(from, map.Normal)), depthStep = V.Create((float)(step * map.Normal.X)), axisDepth = V.Create((float)map.AxisDepth);
        V column = V.Create((float)Point3.Dot(from, map.Column)), columnStep = V.Create((float)(step * map.Column.X)), columnOffset = V.Create((float)map.ColumnOffset);
        V row = V.Create((float)Point3.Dot(from, map.Row)), rowStep = V.Create((float)(step * map.Row.X)), rowOffset = V.Create((float)map.RowOffset);
        fixed (Taps* to = &taps)
            for (int i = 0; i < count; i += V.Count)
            {
                V x = V.Indices + V.Create(i), near = V.Create(1) / V.MultiplyAdd(x, depthStep, depth), weight = axisDepth * near;
                V.Store(V.MultiplyAdd(V.MultiplyAdd(x, columnStep, column), near, columnOffset), to->Column + i);
                V.Store(V.MultiplyAdd(V.MultiplyAdd(x, rowStep, row), near, rowOffset), to->Row + i);
                V.Store(weight * weight, to->Weight + i);
            }
    }

    void Arc(in ViewMap map, Point3 start, int count, ref Taps taps)
    {
        var first = start - map.Source;
        double step = Geometry.Volume.Spacing.X;
        for (int i = 0; i < count; i++)
        {
            var r = first with { X = first.X + i * step };
            double depth = Point3.Dot(r, map.Normal), across = Point3.Dot(r, map.Column) * map.Angle, square = depth * depth + across * across;
            taps.Column[i] = (float)(map.ColumnOffset + Math.Atan2(across, depth) / map.Angle);
            taps.Row[i] = (float)(map.RowOffset + Point3.Dot(r, map.Row) / Math.Sqrt(square));
            taps.Weight[i] = (float)(map.AxisDepth * map.AxisDepth / square);
        }
    }

    void Place(int count, ref Taps taps)
    {
        V one = V.Create(1), lastColumn = V.Create(Geometry.Columns - 2), lastRow = V.Create(Geometry.Rows - 2), columns = V.CreateInteger(Geometry.Columns);
        fixed (Taps* to = &taps)
            for (int i = 0; i < count; i += V.Count)
            {
                V x = V.Load(to->Column + i), first = V.Min(lastColumn, V.Max(V.Zero, V.Floor(x))), beyond = x - first, weight = V.Load(to->Weight + i);
                V.Store(weight * V.Max(V.Zero, one - V.Abs(beyond)), to->Column0 + i);
                V.Store(weight * V.Max(V.Zero, one - V.Abs(beyond - one)), to->Column1 + i);
                V pixel = V.ToInteger(first);
                if (Geometry.Rows > 1)
                {
                    x = V.Load(to->Row + i);
                    first = V.Min(lastRow, V.Max(V.Zero, V.Floor(x)));
                    beyond = x - first;
                    V.Store(V.Max(V.Zero, one - V.Abs(beyond)), to->Row0 + i);
                    V.Store(V.Max(V.Zero, one - V.Abs(beyond - one)), to->Row1 + i);
                    pixel = V.AddInteger(pixel, V.MultiplyInteger(V.ToInteger(first), columns));
                }
                V.Store(pixel, (float*)to->Pixel + i);
            }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Gather(float* from, ref Taps taps, int count, float* sums)
    {
        for (int i = 0; i < count; i++)
        {
            float* at = from + taps.Pixel[i];
            sums[i] += taps.Column0[i] * at[0] + taps.Column1[i] * at[1];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Gather(float* from, int columns, ref Taps taps, int count, float* sums)
    {
        for (int i = 0; i < count; i++)
        {
            float* at = from + taps.Pixel[i], next = at + columns;
            float c0 = taps.Column0[i], c1 = taps.Column1[i];
            sums[i] += taps.Row0[i] * (c0 * at[0] + c1 * at[1]) + taps.Row1[i] * (c0 * next[0] + c1 * next[1]);
        }
    }
}
