using InrFast.Autodiff;
using InrFast.Kernels;
using InrFast.Kernels.Projection;

namespace InrFast.Tasks.Reconstruction;

/// <summary>
/// Filtered backprojection of parallel and fan beams, and of cone beams of a circular gantry (Feldkamp, Davis and Kress: Practical cone-beam algorithm, J. Opt. Soc. Am. A 1, 1984).
/// </summary>
public static class FilteredBackprojection
{
    /// <param name="geometry">Of a gantry that turns about z (<see cref="View.Circular"/>).</param>
    /// <param name="angles">Radians of its views.</param>
    /// <param name="projections">[view][row][column], line integrals; left as they are.</param>
    /// <returns>The image, [z][y][x], per unit of length.</returns>
    public static float[] Run(ProjectionGeometry geometry, IReadOnlyList<double> angles, float[] projections, RampWindow window, Device device, Workers workers)
    {
        var first = geometry.Views[0];
        bool isParallel = geometry.Shape == DetectorShape.Parallel, isArc = geometry.Shape == DetectorShape.Arc;
        double columnSpacing = first.ColumnStep.Length, rowSpacing = first.RowStep.Length, toAxis = first.Source.Length, toDetector = (first.Detector - first.Source).Length;
        double Gamma(double column) => isParallel ? 0 : isArc ? (column - geometry.CentreColumn) * columnSpacing / toDetector : Math.Atan((column - geometry.CentreColumn) * columnSpacing / toDetector);
        var weights = new ViewWeights(angles, isParallel, Math.Max(Math.Abs(Gamma(0)), Math.Abs(Gamma(geometry.Columns - 1))));
        // Filtered as if the detector stood in the plane of the axis; on an arc by angle, and then per source distance.
        var filter = new RampFilter(geometry.Columns, isParallel ? columnSpacing : isArc ? columnSpacing / toDetector : columnSpacing * toAxis / toDetector, isArc, window, device.RunsOnHost ? device : CpuDevice.Best); // a card backprojects; lines are filtered where they are
        var filtered = (float[])projections.Clone();
        var scratch = Enumerable.Range(0, workers.Count).Select(_ => new float[filter.ScratchFloats]).ToArray();
        Parts.Run(workers, (long)geometry.Views.Length * geometry.Rows, 8, (firstLine, lines, worker) =>
        {
            for (int line = (int)firstLine; line < firstLine + lines; line++)
            {
                var (view, row) = Math.DivRem(line, geometry.Rows);
                var values = filtered.AsSpan(line * geometry.Columns, geometry.Columns);
                double v = geometry.Rows == 1 ? 0 : (row - geometry.CentreRow) * rowSpacing;
                for (int column = 0; column < values.Length; column++)
                {
                    double gamma = Gamma(column), u = toDetector * Math.Tan(gamma);
                    double obliquity = isParallel ? 1
                        : isArc ? Math.Cos(gamma) * toDetector / Math.Sqrt(toDetector * toDetector + v * v) / toAxis
                        : toDetector / Math.Sqrt(toDetector * toDetector + u * u + v * v);
                    values[column] *= (float)(weights.Steps[view] * weights.Share(view, gamma) * obliquity);
                }
                filter.Apply(values, scratch[worker]);
            }
        });
        var image = new float[geometry.Volume.Count];
        var kernels = device.Backprojection(geometry);
        using DeviceMemory from = device.Allocate(geometry.Count * sizeof(float)), to = device.Allocate(geometry.Volume.Count * sizeof(float));
        from.Write<float>(filtered);
        Parts.Run(device, workers, (long)geometry.Volume.Y * geometry.Volume.Z, 4, (firstRow, rows, _) => kernels.Add(from.Address, to.Address, 0, geometry.Views.Length, firstRow, rows));
        to.Read<float>(image);
        return image;
    }
}
