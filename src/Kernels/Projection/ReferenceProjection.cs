namespace InrFast.Kernels.Projection;

/// <summary>The oracle: ray by ray and plane by plane, in double.</summary>
sealed unsafe class ReferenceProjection(ProjectionGeometry geometry) : ProjectionKernels(geometry)
{
    public override void Forward(nint image, nint projections, long firstLine, long lines)
    {
        for (long pixel = firstLine * Geometry.Columns; pixel < (firstLine + lines) * Geometry.Columns; pixel++)
        {
            double sum = 0;
            Visit(pixel, null, 0, int.MaxValue, (voxel, weight) => sum += weight * ((float*)image)[voxel]);
            ((float*)projections)[pixel] = (float)sum;
        }
    }

    public override void Adjoint(nint projections, nint image, long firstLine, long lines, int axis, int firstPlane, int planes)
    {
        for (long pixel = firstLine * Geometry.Columns; pixel < (firstLine + lines) * Geometry.Columns; pixel++)
        {
            double value = ((float*)projections)[pixel];
            Visit(pixel, axis, firstPlane, planes, (voxel, weight) => ((float*)image)[voxel] += (float)(weight * value));
        }
    }

    void Visit(long pixel, int? onlyAxis, int firstPlane, int planes, Action<long, double> visit)
    {
        var volume = Geometry.Volume;
        var (line, column) = Math.DivRem((int)pixel, Geometry.Columns);
        var (view, row) = Math.DivRem(line, Geometry.Rows);
        var (origin, direction) = Geometry.Ray(view, column, row);
        int axis = RayPlanes.AxisOf(volume, direction);
        if (onlyAxis is { } only && only != axis) return;
        var (axisA, axisB) = RayPlanes.Across(axis);
        double length = direction.Length * volume.Spacing[axis] / Math.Abs(direction[axis]);
        int[] index = new int[3];
        for (index[axis] = Math.Max(0, firstPlane); index[axis] < Math.Min(volume[axis], (long)firstPlane + planes); index[axis]++)
        {
            double along = (volume.Origin[axis] + index[axis] * volume.Spacing[axis] - origin[axis]) / direction[axis];
            double a = (origin[axisA] + along * direction[axisA] - volume.Origin[axisA]) / volume.Spacing[axisA];
            double b = volume.IsFlat ? 0 : (origin[axisB] + along * direction[axisB] - volume.Origin[axisB]) / volume.Spacing[axisB];
            if (Math.Abs(a) > 1e9 || Math.Abs(b) > 1e9) continue;
            for (int i = 0; i < 4; i++)
            {
                (index[axisA], index[axisB]) = ((int)Math.Floor(a) + (i & 1), (int)Math.Floor(b) + (i >> 1));
                double weight = length * (1 - Math.Abs(a - index[axisA])) * (1 - Math.Abs(b - index[axisB]));
                if (weight > 0 && index[axisA] >= 0 && index[axisA] < volume[axisA] && index[axisB] >= 0 && index[axisB] < volume[axisB])
                    visit(index[0] + (long)volume.X * (index[1] + (long)volume.Y * index[2]), weight);
            }
        }
    }
}

/// <summary>The oracle: voxel by voxel, in double.</summary>
sealed unsafe class ReferenceBackprojection(ProjectionGeometry geometry) : BackprojectionKernels(geometry)
{
    public override void Add(nint projections, nint image, int firstView, int views, long firstRow, long rows)
    {
        var volume = Geometry.Volume;
        for (long voxel = firstRow * volume.X; voxel < (firstRow + rows) * volume.X; voxel++)
        {
            var (line, x) = Math.DivRem((int)voxel, volume.X);
            double sum = 0;
            for (int view = firstView; view < firstView + views; view++)
            {
                var (column, row, weight) = Geometry.Project(view, volume.Centre(x, line % volume.Y, line / volume.Y));
                if (Geometry.Rows == 1) row = 0;
                for (int i = 0; i < 4; i++)
                {
                    double c = Math.Floor(column) + (i & 1), r = Math.Floor(row) + (i >> 1), hat = (1 - Math.Abs(column - c)) * (1 - Math.Abs(row - r));
                    if (hat > 0 && c >= 0 && c < Geometry.Columns && r >= 0 && r < Geometry.Rows)
                        sum += weight * hat * ((float*)projections)[((long)view * Geometry.Rows + (long)r) * Geometry.Columns + (long)c];
                }
            }
            ((float*)image)[voxel] += (float)sum;
        }
    }
}
