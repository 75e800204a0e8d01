namespace InrFast.Kernels.Losses;

sealed unsafe class ReferenceStandardize : StandardizeKernels
{
    public override void Forward(in Matrix x, nint statistics, in Matrix y)
    {
        double* s = (double*)statistics;
        for (int b = 0; b < y.Blocks; b++)
            for (int r = 0; r < y.Rows; r++)
                for (int c = 0; c < y.Columns; c++) y.Row(b, r)[c] = (float)((x.Row(b, r)[c] - (b == 0 ? s[0] : 0)) * s[1]);
        y.ClearPadding();
    }

    public override void Backward(in Matrix dy, in Matrix x, nint statistics, in Matrix dx, nint accumulators)
    {
        double* s = (double*)statistics, to = (double*)accumulators;
        for (int b = 0; b < dy.Blocks; b++)
            for (int r = 0; r < dy.Rows; r++)
                for (int c = 0; c < dy.Columns; c++)
                {
                    double g = dy.Row(b, r)[c];
                    if (!dx.IsEmpty) dx.Row(b, r)[c] = (float)(g * s[1]);
                    if (to == null) continue;
                    if (b == 0) to[0] -= g * s[1];
                    to[1] += g * (x.Row(b, r)[c] - (b == 0 ? s[0] : 0));
                }
        if (!dx.IsEmpty) dx.ClearPadding();
    }
}
