using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.TotalVariation;

/// <summary>A vector of neighbours along x at a time, the end of a row one by one.</summary>
sealed unsafe class CpuTotalVariation<V>(int x, int y, int z) : TotalVariationKernels(x, y, z) where V : struct, IVector<V>
{
    public override void Primal(nint g, nint field, float weight, nint x, long firstRow, long rows)
    {
        V factor = V.Create(weight);
        for (long row = firstRow; row < firstRow + rows; row++)
        {
            nint at = (nint)row * sizeX;
            float* from = (float*)g + at, to = (float*)x + at, px = (float*)field + Lead + at, py = px + FieldStride, pz = Axes == 3 ? py + FieldStride : null;
            nint slice = (nint)sizeX * sizeY;
            int i = 0;
            for (; i <= sizeX - V.Count; i += V.Count)
            {
                V divergence = V.Load(px + i) - V.Load(px + i - 1) + V.Load(py + i) - V.Load(py + i - sizeX);
                if (pz != null) divergence = divergence + V.Load(pz + i) - V.Load(pz + i - slice);
                V.Store(V.Max(V.Zero, V.MultiplyAdd(factor, divergence, V.Load(from + i))), to + i);
            }
            for (; i < sizeX; i++)
            {
                float divergence = px[i] - px[i - 1] + py[i] - py[i - sizeX];
                if (pz != null) divergence = divergence + pz[i] - pz[i - slice];
                to[i] = MathF.Max(0, MathF.FusedMultiplyAdd(weight, divergence, from[i]));
            }
        }
    }

    public override void Dual(nint x, float step, nint field, long firstRow, long rows)
    {
        V factor = V.Create(step), one = V.Create(1);
        nint slice = (nint)sizeX * sizeY;
        for (long row = firstRow; row < firstRow + rows; row++)
        {
            nint at = (nint)row * sizeX;
            float* from = (float*)x + at, px = (float*)field + Lead + at, py = px + FieldStride, pz = Axes == 3 ? py + FieldStride : null;
            // A neighbour beyond the border is the voxel itself: its difference is 0, and so stays the field there.
            nint below = row % sizeY < sizeY - 1 ? sizeX : 0, behind = row / sizeY < sizeZ - 1 ? slice : 0;
            int i = 0;
            for (; i < sizeX - V.Count; i += V.Count)
            {
                V here = V.Load(from + i);
                V a = V.MultiplyAdd(factor, V.Load(from + i + 1) - here, V.Load(px + i)), b = V.MultiplyAdd(factor, V.Load(from + i + below) - here, V.Load(py + i)), square = a * a + b * b, c = V.Zero;
                if (pz != null)
                {
                    c = V.MultiplyAdd(factor, V.Load(from + i + behind) - here, V.Load(pz + i));
                    square += c * c;
                }
                V shrink = one / V.Max(one, V.Sqrt(square));
                V.Store(a * shrink, px + i);
                V.Store(b * shrink, py + i);
                if (pz != null) V.Store(c * shrink, pz + i);
            }
            for (; i < sizeX; i++)
            {
                float here = from[i], a = MathF.FusedMultiplyAdd(step, from[i < sizeX - 1 ? i + 1 : i] - here, px[i]), b = MathF.FusedMultiplyAdd(step, from[i + below] - here, py[i]), square = a * a + b * b, c = 0;
                if (pz != null)
                {
                    c = MathF.FusedMultiplyAdd(step, from[i + behind] - here, pz[i]);
                    square += c * c;
                }
                float shrink = 1 / MathF.Max(1, MathF.Sqrt(square));
                (px[i], py[i]) = (a * shrink, b * shrink);
                if (pz != null) pz[i] = c * shrink;
            }
        }
    }
}
