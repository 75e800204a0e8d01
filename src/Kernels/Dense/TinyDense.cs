using InrFast.Kernels.Activations;
using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Dense;

/// <summary>At most 4 inputs and 4 outputs, both packed: an affine map of coordinates. Scalar.</summary>
sealed unsafe class TinyDense<V, TActivation>(int inputs, int outputs, TActivation activation) : CpuDense<V, TActivation>(inputs, outputs, activation)
    where V : struct, IVector<V> where TActivation : struct, IActivation
{
    // Prepared: weights [output][input] and biases, scaled.
    public override long PreparedFloats => 32;

    public override void Prepare(ParameterView weight, nint bias, nint prepared)
    {
        float* to = (float*)prepared, from = (float*)weight.Data, b = (float*)bias;
        for (int o = 0; o < outputs; o++)
        {
            for (int i = 0; i < inputs; i++) to[o * inputs + i] = from[o * weight.RowStride + i * weight.ColumnStride] * activation.InputScale;
            to[16 + o] = b == null ? 0 : b[o] * activation.InputScale;
        }
    }

    public override void Forward(in Matrix x, nint prepared, in Matrix y, in Matrix saved)
    {
        float* w = (float*)prepared;
        for (int b = 0; b < y.Blocks; b++)
            for (int r = 0; r < y.Rows; r++)
            {
                float* from = x.Row(b, r), to = y.Row(b, r);
                for (int o = 0; o < outputs; o++)
                {
                    float z = b == 0 ? w[16 + o] : 0;
                    for (int i = 0; i < inputs; i++) z += w[o * inputs + i] * from[i];
                    to[o] = z;
                }
            }
        if (!activation.IsLinear) PackedActivation<V, TActivation>.Forward(y, saved, activation);
    }

    public override void Backward(in Matrix dy, in Matrix saved, in Matrix x, nint prepared, in Matrix dx, ParameterView weightGradient, nint biasGradient)
    {
        if (!activation.IsLinear) PackedActivation<V, TActivation>.Backward(dy, saved);
        float* w = (float*)prepared, g = (float*)weightGradient.Data, gb = (float*)biasGradient;
        float unscale = 1 / activation.InputScale;
        for (int b = 0; b < dy.Blocks; b++)
            for (int r = 0; r < dy.Rows; r++)
            {
                float* d = dy.Row(b, r), from = x.Row(b, r), to = dx.IsEmpty ? null : dx.Row(b, r);
                for (int o = 0; o < outputs; o++)
                {
                    if (gb != null && b == 0) gb[o] += d[o];
                    if (g != null)
                        for (int i = 0; i < inputs; i++) g[o * weightGradient.RowStride + i * weightGradient.ColumnStride] += d[o] * from[i];
                }
                if (to == null) continue;
                for (int i = 0; i < inputs; i++)
                {
                    float sum = 0;
                    for (int o = 0; o < outputs; o++) sum += d[o] * w[o * inputs + i];
                    to[i] = sum * unscale;
                }
            }
    }
}
