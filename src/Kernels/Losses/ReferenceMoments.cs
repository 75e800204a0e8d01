namespace InrFast.Kernels.Losses;

sealed unsafe class ReferenceMoments : MomentKernels
{
    public override void Forward(in Matrix p, in Matrix t, nint accumulators)
    {
        double* to = (double*)accumulators;
        for (int r = 0; r < p.Rows; r++)
        {
            double a = *p.Row(r), b = t.IsEmpty ? 0 : *t.Row(r);
            to[0]++;
            to[1] += a;
            to[2] += b;
            to[3] += a * a;
            to[4] += b * b;
            to[5] += a * b;
        }
    }

    public override void Backward(in Matrix p, in Matrix t, nint gradients, in Matrix dp, in Matrix dt)
    {
        double* g = (double*)gradients;
        for (int r = 0; r < p.Rows; r++)
        {
            double a = *p.Row(r), b = t.IsEmpty ? 0 : *t.Row(r);
            if (!dp.IsEmpty) *dp.Row(r) = (float)(g[1] + 2 * a * g[3] + b * g[5]);
            if (!dt.IsEmpty) *dt.Row(r) = (float)(g[2] + 2 * b * g[4] + a * g[5]);
        }
        dp.ClearBlocks(1);
        dt.ClearBlocks(1);
    }
}
