using System.Runtime.CompilerServices;
using InrFast.Kernels.Activations;
using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Dense;

/// <summary>1 to 4 values out of many: one dot product each; the activation (a sigmoid, say) runs over the packed results.</summary>
sealed unsafe class NarrowOutputDense<V, TActivation>(int inputs, int outputs, TActivation activation) : CpuDense<V, TActivation>(inputs, outputs, activation)
    where V : struct, IVector<V> where TActivation : struct, IActivation
{
    // Prepared: weights [4][padded inputs], scaled by the input scale; bias [4]; the input scale's inverse.
    public override long PreparedFloats => 4L * paddedInputs + 16;

    public override void Prepare(ParameterView weight, nint bias, nint prepared)
    {
        float* to = (float*)prepared, from = (float*)weight.Data, b = (float*)bias;
        for (int o = 0; o < Matrix.Packed; o++)
        {
            for (int k = 0; k < paddedInputs; k++) to[o * paddedInputs + k] = o < outputs && k < inputs ? from[o * weight.RowStride + k] * activation.InputScale : 0;
            to[4 * paddedInputs + o] = b != null && o < outputs ? b[o] * activation.InputScale : 0;
        }
    }

    [MethodImpl(Optimized)]
    public override void Forward(in Matrix x, nint prepared, in Matrix y, in Matrix saved)
    {
        nint ld = x.Stride;
        for (int b = 0; b < y.Blocks; b++)
            for (int o = 0; o < outputs; o++)
            {
                float* w = (float*)prepared + o * paddedInputs, to = y.Block(b) + o;
                float bias = b == 0 ? ((float*)prepared)[4 * paddedInputs + o] : 0;
                for (int r = 0; r < y.Rows; r += 4)
                {
                    float* h = x.Row(b, r);
                    V s0 = V.Zero, s1 = s0, s2 = s0, s3 = s0;
                    for (int k = 0; k < paddedInputs; k += V.Count)
                    {
                        var v = V.Load(w + k);
                        s0 = V.MultiplyAdd(v, V.Load(h + k), s0);
                        s1 = V.MultiplyAdd(v, V.Load(h + ld + k), s1);
                        s2 = V.MultiplyAdd(v, V.Load(h + 2 * ld + k), s2);
                        s3 = V.MultiplyAdd(v, V.Load(h + 3 * ld + k), s3);
                    }
                    float* q = to + r * outputs;
                    (q[0], q[outputs], q[2 * outputs], q[3 * outputs]) = (V.Sum(s0) + bias, V.Sum(s1) + bias, V.Sum(s2) + bias, V.Sum(s3) + bias);
                }
            }
        if (!activation.IsLinear) PackedActivation<V, TActivation>.Forward(y, saved, activation);
    }

    public override bool TakesSlopes => true;

    public override void Backward(in Matrix dy, in Matrix saved, in Matrix x, nint prepared, in Matrix dx, ParameterView weightGradient, nint biasGradient) =>
        Backward(dy, saved, x, prepared, dx, weightGradient, biasGradient, default);

    public override void Backward(in Matrix dy, in Matrix saved, in Matrix x, nint prepared, in Matrix dx, ParameterView weightGradient, nint biasGradient, in Matrix slopes)
    {
        if (!activation.IsLinear) PackedActivation<V, TActivation>.Backward(dy, saved);
        if (biasGradient != 0)
            for (int o = 0; o < outputs; o++)
            {
                float sum = 0;
                for (int r = 0; r < dy.Rows; r++) sum += ((float*)dy.Data)[r * outputs + o];
                ((float*)biasGradient)[o] += sum;
            }
        float* unused = stackalloc float[weightGradient.IsEmpty ? 4 * paddedInputs : 0];
        var gradient = weightGradient.IsEmpty ? unused : (float*)weightGradient.Data;
        int stride = weightGradient.IsEmpty ? paddedInputs : weightGradient.RowStride;
        if (outputs == 1) Backward1(dy, x, (float*)prepared, dx, gradient, slopes);
        else Backward4(dy, x, (float*)prepared, dx, gradient, stride, slopes);
    }

    [MethodImpl(Optimized)]
    void Backward1(in Matrix dy, in Matrix x, float* prepared, in Matrix dx, float* weightGradient, in Matrix slopes)
    {
        nint ldx = x.Stride, ldd = dx.Stride;
        var unscale = V.Create(1 / activation.InputScale);
        bool input = !dx.IsEmpty, scaled = !slopes.IsEmpty;
        for (int n = 0; n < paddedInputs; n += 2 * V.Count)
        {
            // Two vectors at a time, since each sum is one chain of additions; at an odd end the same one twice.
            nint beside = n + V.Count < paddedInputs ? V.Count : 0;
            float* g = weightGradient + n;
            V w0 = V.Load(prepared + n) * unscale, w1 = V.Load(prepared + n + beside) * unscale, g0 = V.Load(g), g1 = V.Load(g + beside);
            for (int b = 0; b < dy.Blocks; b++)
            {
                float* d = dy.Block(b), h = x.Block(b) + n, to = dx.Block(b) + n, s = (float*)slopes.Data + n;
                for (int r = 0; r < dy.Rows; r++, d++, h += ldx, to += ldd, s += slopes.Stride)
                {
                    var y = V.Create(*d);
                    g0 = V.MultiplyAdd(y, V.Load(h), g0);
                    g1 = V.MultiplyAdd(y, V.Load(h + beside), g1);
                    if (!input) continue;
                    V first = y * w0, second = y * w1;
                    if (scaled) (first, second) = (first * V.Load(s), second * V.Load(s + beside));
                    V.Store(first, to);
                    V.Store(second, to + beside);
                }
            }
            V.Store(g0, g);
            V.Store(g1, g + beside);
        }
    }

    [MethodImpl(Optimized)]
    void Backward4(in Matrix dy, in Matrix x, float* prepared, in Matrix dx, float* weightGradient, int stride, in Matrix slopes)
    {
        int outputs = this.outputs;
        nint ldx = x.Stride, ldd = dx.Stride;
        var unscale = V.Create(1 / activation.InputScale);
        bool input = !dx.IsEmpty, scaled = !slopes.IsEmpty;
        for (int n = 0; n < paddedInputs; n += V.Count)
        {
            float* p = prepared + n;
            V w0 = V.Load(p) * unscale, w1 = V.Load(p + paddedInputs) * unscale, w2 = V.Load(p + 2 * paddedInputs) * unscale, w3 = V.Load(p + 3 * paddedInputs) * unscale;
            V g0 = V.Zero, g1 = g0, g2 = g0, g3 = g0;
            for (int b = 0; b < dy.Blocks; b++)
            {
                float* d = dy.Block(b), h = x.Block(b) + n, to = dx.Block(b) + n, s = (float*)slopes.Data + n;
                for (int r = 0; r < dy.Rows; r++, d += outputs, h += ldx, to += ldd, s += slopes.Stride)
                {
                    V v = V.Load(h), y0 = V.Create(d[0]), y1 = V.Create(d[1]), sum = V.MultiplyAdd(y0, w0, y1 * w1);
                    g0 = V.MultiplyAdd(y0, v, g0);
                    g1 = V.MultiplyAdd(y1, v, g1);
                    if (outputs > 2) { var y = V.Create(d[2]); g2 = V.MultiplyAdd(y, v, g2); sum = V.MultiplyAdd(y, w2, sum); }
                    if (outputs > 3) { var y = V.Create(d[3]); g3 = V.MultiplyAdd(y, v, g3); sum = V.MultiplyAdd(y, w3, sum); }
                    if (scaled) sum *= V.Load(s);
                    if (input) V.Store(sum, to);
                }
            }
            float* w = weightGradient + n;
            V.Store(V.Load(w) + g0, w);
            V.Store(V.Load(w + stride) + g1, w + stride);
            if (outputs > 2) V.Store(V.Load(w + 2 * stride) + g2, w + 2 * stride);
            if (outputs > 3) V.Store(V.Load(w + 3 * stride) + g3, w + 3 * stride);
        }
    }
}
