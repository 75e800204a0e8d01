using InrFast.Kernels.Activations;

namespace InrFast.Kernels.Dense;

/// <summary>The oracle: the definition, one row after another, products in double, storage in float.</summary>
sealed unsafe class ReferenceDense<TActivation>(int inputs, int outputs, TActivation activation) : DenseKernels where TActivation : struct, IActivation
{
    // Prepared: weights [output][input], biases.
    public override long PreparedFloats => (long)outputs * inputs + outputs;

    public override void Prepare(ParameterView weight, nint bias, nint prepared)
    {
        float* to = (float*)prepared, from = (float*)weight.Data, b = (float*)bias;
        for (int o = 0; o < outputs; o++)
        {
            for (int i = 0; i < inputs; i++) to[o * inputs + i] = from[(long)o * weight.RowStride + (long)i * weight.ColumnStride];
            to[outputs * inputs + o] = b == null ? 0 : b[o];
        }
    }

    public override void Forward(in Matrix x, nint prepared, in Matrix y, in Matrix saved)
    {
        float* w = (float*)prepared;
        var z = new double[y.Blocks];
        int directions = y.Directions;
        for (int r = 0; r < y.Rows; r++)
        {
            for (int o = 0; o < outputs; o++)
            {
                for (int b = 0; b < y.Blocks; b++)
                {
                    z[b] = b == 0 ? w[outputs * inputs + o] : 0;
                    for (int i = 0; i < inputs; i++) z[b] += (double)w[o * inputs + i] * x.Row(b, r)[i];
                }
                activation.Evaluate(z[0], out double value, out double slope, out double curvature, out double third);
                y.Row(r)[o] = (float)value;
                for (int i = 0; i < directions; i++) y.Row(1 + i, r)[o] = (float)(slope * z[1 + i]);
                if (y.IsSecondOrder)
                    for (int i = 0, b = 1 + directions; i < directions; i++)
                        for (int j = i; j < directions; j++, b++) y.Row(b, r)[o] = (float)(curvature * z[1 + i] * z[1 + j] + slope * z[b]);
                if (saved.IsEmpty) continue;
                int at = 0;
                saved.Row(at++, r)[o] = (float)slope;
                if (y.Blocks > 1) saved.Row(at++, r)[o] = (float)curvature;
                if (y.IsSecondOrder) saved.Row(at++, r)[o] = (float)third;
                for (int b = 1; b < y.Blocks; b++) saved.Row(at++, r)[o] = (float)z[b];
            }
            Pad(y, r);
        }
    }

    public override void Backward(in Matrix dy, in Matrix saved, in Matrix x, nint prepared, in Matrix dx, ParameterView weightGradient, nint biasGradient)
    {
        float* w = (float*)prepared, gw = (float*)weightGradient.Data, gb = (float*)biasGradient;
        int blocks = dy.Blocks, directions = dy.Directions;
        double[] g = new double[blocks], d = new double[blocks];
        var input = new double[blocks * inputs];
        for (int r = 0; r < dy.Rows; r++)
        {
            Array.Clear(input);
            for (int o = 0; o < outputs; o++)
            {
                for (int b = 0; b < blocks; b++) d[b] = g[b] = dy.Row(b, r)[o];
                if (!activation.IsLinear)
                {
                    double slope = saved.Row(0, r)[o];
                    for (int b = 0; b < blocks; b++) d[b] *= slope;
                    if (blocks > 1)
                    {
                        int t = dy.IsSecondOrder ? 2 : 1; // tangent of block b lies in block b + t
                        double curvature = saved.Row(1, r)[o];
                        for (int b = 1; b < blocks; b++) d[0] += curvature * g[b] * saved.Row(b + t, r)[o];
                        if (dy.IsSecondOrder)
                            for (int i = 0, b = 1 + directions; i < directions; i++)
                                for (int j = i; j < directions; j++, b++)
                                {
                                    double ti = saved.Row(1 + i + t, r)[o], tj = saved.Row(1 + j + t, r)[o];
                                    d[0] += saved.Row(2, r)[o] * g[b] * ti * tj;
                                    d[1 + i] += curvature * g[b] * tj;
                                    d[1 + j] += curvature * g[b] * ti;
                                }
                    }
                }
                if (gb != null) gb[o] += (float)d[0];
                for (int b = 0; b < blocks; b++)
                    for (int i = 0; i < inputs; i++)
                    {
                        if (gw != null) gw[(long)o * weightGradient.RowStride + (long)i * weightGradient.ColumnStride] += (float)(d[b] * x.Row(b, r)[i]);
                        input[b * inputs + i] += d[b] * w[o * inputs + i];
                    }
            }
            if (dx.IsEmpty) continue;
            for (int b = 0; b < blocks; b++)
                for (int i = 0; i < inputs; i++) dx.Row(b, r)[i] = (float)input[b * inputs + i];
            Pad(dx, r);
        }
    }

    static void Pad(in Matrix m, int row)
    {
        if (m.Columns <= Matrix.Packed) return;
        for (int b = 0; b < m.Blocks; b++)
            for (int c = m.Columns; c < Matrix.PadColumns(m.Columns); c++) m.Row(b, row)[c] = 0;
    }
}
