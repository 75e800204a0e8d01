using InrFast.Kernels.Gpu;

namespace InrFast.Kernels.Projection;

/// <summary>A thread for each voxel, through all views. Where a voxel is seen is affine in its numbers, counted from the volume's middle; maps are made on the host.</summary>
sealed class GpuBackprojection : BackprojectionKernels
{
    /// <summary>Of a view: depth, column and row at the middle and their steps along x, y, z; offsets of column and row; the axis's depth; a column's angle.</summary>
    const int MapFloats = 16;

    readonly GpuKernel<Argument> add;
    readonly nint maps;

    public GpuBackprojection(GpuDevice device, ProjectionGeometry geometry) : base(geometry)
    {
        add = device.Kernel<Argument>(Add);
        maps = device.Keep<float>([.. Enumerable.Range(0, geometry.Views.Length).SelectMany(view => MapOf(geometry, view))]);
    }

    static float[] MapOf(ProjectionGeometry geometry, int view)
    {
        ViewMap map = new(geometry, view);
        var volume = geometry.Volume;
        var from = volume.Origin + new Point3((volume.X - 1) / 2.0 * volume.Spacing.X, (volume.Y - 1) / 2.0 * volume.Spacing.Y, (volume.Z - 1) / 2.0 * volume.Spacing.Z) - map.Source;
        double angle = geometry.Shape == DetectorShape.Arc ? map.Angle : 1;
        return [.. Along(map.Normal), .. Along(map.Column * angle), .. Along(map.Row), (float)map.ColumnOffset, (float)map.RowOffset, (float)map.AxisDepth, (float)map.Angle];

        float[] Along(Point3 vector) => [(float)Point3.Dot(from, vector), (float)(vector.X * volume.Spacing.X), (float)(vector.Y * volume.Spacing.Y), (float)(vector.Z * volume.Spacing.Z)];
    }

    struct Argument
    {
        public GpuFloats Projections, Image, Maps;
        public long FirstVoxel, Voxels;
        public int X, Y, Z, Columns, Rows, FirstView, EndView, Shape;
    }

    public override void Add(nint projections, nint image, int firstView, int views, long firstRow, long rows)
    {
        var volume = Geometry.Volume;
        add.Launch(new()
        {
            Projections = new(projections), Image = new(image), Maps = new(maps), FirstVoxel = firstRow * volume.X, Voxels = rows * volume.X, X = volume.X, Y = volume.Y, Z = volume.Z, Columns = Geometry.Columns,
            Rows = Geometry.Rows, FirstView = firstView, EndView = firstView + views, Shape = (int)Geometry.Shape,
        }, rows * volume.X);
    }

    static void Add(Argument a)
    {
        if (Elements.Index >= a.Voxels) return;
        long voxel = a.FirstVoxel + Elements.Index, line = voxel / a.X, slice = line / a.Y;
        float x = voxel - line * a.X - 0.5f * (a.X - 1), y = line - slice * a.Y - 0.5f * (a.Y - 1), z = slice - 0.5f * (a.Z - 1), sum = 0;
        for (int view = a.FirstView; view < a.EndView; view++)
        {
            var map = a.Maps.At(view * MapFloats);
            float depth = At(map, 0, x, y, z), column = At(map, 4, x, y, z), row = At(map, 8, x, y, z), weight = 1;
            if (a.Shape == (int)DetectorShape.Flat)
            {
                float near = 1f / depth;
                (column, row, weight) = (column * near, row * near, map[14] * near);
            }
            else if (a.Shape == (int)DetectorShape.Arc)
            {
                float near = 1f / Intrinsics.Sqrt(Intrinsics.Fma(depth, depth, column * column));
                column = depth > 0f ? Arctangent(column / depth) / map[15] : -2f * a.Columns; // what lies behind the source is not seen
                (row, weight) = (row * near, map[14] * near);
            }
            float ofView = 0, first = Hats(column + map[12], a.Columns, out float column0, out float column1);
            if (a.Rows == 1) ofView = OfLine(a.Projections.At((long)view * a.Columns + (int)first), column0, column1);
            else
            {
                float firstRow = Hats(row + map[13], a.Rows, out float row0, out float row1);
                var from = a.Projections.At(((long)view * a.Rows + (int)firstRow) * a.Columns + (int)first);
                ofView = row0 * OfLine(from, column0, column1) + row1 * OfLine(from.At(a.Columns), column0, column1);
            }
            sum = Intrinsics.Fma(weight * weight, ofView, sum);
        }
        a.Image[voxel] += sum;
    }

    static float At(GpuFloats map, int at, float x, float y, float z) => Intrinsics.Fma(x, map[at + 1], Intrinsics.Fma(y, map[at + 2], Intrinsics.Fma(z, map[at + 3], map[at])));

    static float OfLine(GpuFloats from, float first, float second) => Intrinsics.Fma(second, from[1], first * from[0]);

    static float Hats(float x, int count, out float first, out float second)
    {
        float at = Intrinsics.Min(count - 2f, Intrinsics.Max(0f, Intrinsics.Floor(x))), beyond = x - at;
        first = Intrinsics.Max(0f, 1f - GpuFloat.Abs(beyond).Value);
        second = Intrinsics.Max(0f, 1f - GpuFloat.Abs(beyond - 1f).Value);
        return at;
    }

    /// <summary>The angle halved twice, then the series up to its 15th power: 4e-8.</summary>
    static float Arctangent(float t)
    {
        t /= 1f + Intrinsics.Sqrt(Intrinsics.Fma(t, t, 1f));
        t /= 1f + Intrinsics.Sqrt(Intrinsics.Fma(t, t, 1f));
        float u = t * t, p = Intrinsics.Fma(u, -1f / 15, 1f / 13);
        p = Intrinsics.Fma(u, p, -1f / 11);
        p = Intrinsics.Fma(u, p, 1f / 9);
        p = Intrinsics.Fma(u, p, -1f / 7);
        p = Intrinsics.Fma(u, p, 1f / 5);
        p = Intrinsics.Fma(u, p, -1f / 3);
        return 4f * Intrinsics.Fma(u * p, t, t);
    }
}
