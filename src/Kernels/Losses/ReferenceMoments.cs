namespace InrFast.Kernels.Losses;

sealed unsafe class ReferenceMoments : MomentKernels
{
    public override void Forward(in Matrix p, in Matrix t, in Matrix weights, nint accumulators)
    {
        double* to = (double*)accumulators;
        for (int r = 0; r < p.Rows; r++)
        {
            double a = *p.Row(r), b = t.IsEmpty ? 0 : *t.Row(r), w = weights.IsEmpty ? 1 : *weights.Row(r);
            to[0] += w;
            to[1] += w * a;
            to[2] += w * b;
            to[3] += w * a * a;
            to[4] += w * b * b;
            to[5] += w * a * b;
        }
    }

    public override void Backward(in Matrix p, in Matrix t, in Matrix weights, nint gradients, in Matrix dp, in Matrix dt)
    {
        double* g = (double*)gradients;
        for (int r = 0; r < p.Rows; r++)
        {
            double a = *p.Row(r), b = t.IsEmpty ? 0 : *t.Row(r), w = weights.IsEmpty ? 1 : *weights.Row(r);
            if (!dp.IsEmpty) *dp.Row(r) = (float)(w * (g[1] + 2 * a * g[3] + b * g[5]));
            if (!dt.IsEmpty) *dt.Row(r) = (float)(w * (g[2] + 2 * b * g[4] + a * g[5]));
        }
        dp.ClearBlocks(1);
        dt.ClearBlocks(1);
    }
}
