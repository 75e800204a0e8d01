namespace InrFast.Tasks.Reconstruction;

/// <summary>
/// Simultaneous algebraic reconstruction: x = max(0, x + relaxation C A^T R (b - A x)), R and C the inverse sums of the rays' and the voxels' weights. All views at once it is SIRT (Gilbert 1972), subset by subset
/// ordered-subset SIRT, view by view SART (Andersen and Kak 1984).
/// </summary>
public static class Simultaneous
{
    /// <param name="projections">[view][row][column], line integrals.</param>
    /// <param name="subsets">Of neighbouring views, taken in an order that keeps successive ones far apart; 1: SIRT, as many as views: SART.</param>
    /// <param name="report">After each iteration: its number, from 1, and |A x - b| / |b| before it. False ends the run.</param>
    public static float[] Run(Projector projector, float[] projections, int iterations, int subsets = 1, double relaxation = 1, Func<int, double, bool>? report = null)
    {
        var geometry = projector.Geometry;
        int views = geometry.Views.Length, line = geometry.Rows * geometry.Columns;
        float[] image = new float[geometry.Volume.Count], update = new float[image.Length], columnSums = new float[image.Length];
        float[] residual = new float[geometry.Count], ones = new float[geometry.Count];
        var rowSums = projector.Forward([.. Enumerable.Repeat(1f, image.Length)]);
        Array.Fill(ones, 1);
        if (subsets == 1) projector.Adjoint(ones, columnSums);
        double norm = Math.Sqrt(projections.Sum(value => (double)value * value));
        // Multiples of the golden section leave successive subsets far apart.
        int[] order = [.. Enumerable.Range(0, subsets).OrderBy(subset => subset * 0.6180339887498949 % 1)];
        for (int iteration = 1; iteration <= iterations; iteration++)
        {
            double square = 0;
            foreach (int subset in order)
            {
                int first = (int)((long)views * subset / subsets), some = (int)((long)views * (subset + 1) / subsets) - first;
                projector.Forward(image, residual, first, some);
                for (int i = first * line; i < (first + some) * line; i++)
                {
                    double difference = (double)projections[i] - residual[i];
                    square += difference * difference;
                    residual[i] = rowSums[i] > 0 ? (float)(difference / rowSums[i]) : 0;
                }
                projector.Adjoint(residual, update, first, some);
                if (subsets > 1) projector.Adjoint(ones, columnSums, first, some);
                for (int i = 0; i < image.Length; i++)
                    if (columnSums[i] > 0) image[i] = MathF.Max(0, image[i] + (float)relaxation * update[i] / columnSums[i]);
            }
            if (report?.Invoke(iteration, norm > 0 ? Math.Sqrt(square) / norm : 0) == false) break;
        }
        return image;
    }
}
