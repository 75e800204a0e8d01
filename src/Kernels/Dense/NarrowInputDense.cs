using System.Runtime.CompilerServices;
using InrFast.Kernels.Activations;
using InrFast.Kernels.Vectors;

namespace InrFast.Kernels.Dense;

/// <summary>1 to 4 coordinates in: one vector of units at a time, weights [input][unit] in registers.</summary>
sealed unsafe class NarrowInputDense<V, TActivation>(int inputs, int outputs, TActivation activation) : CpuDense<V, TActivation>(inputs, outputs, activation)
    where V : struct, IVector<V> where TActivation : struct, IActivation
{
    // Prepared: four rows of weights (absent ones zero), bias.
    public override long PreparedFloats => 5L * paddedOutputs;

    public override void Prepare(ParameterView weight, nint bias, nint prepared)
    {
        float* to = (float*)prepared, b = (float*)bias;
        for (int i = 0; i < Matrix.Packed; i++)
            for (int n = 0; n < paddedOutputs; n++)
                to[i * paddedOutputs + n] = i < inputs && n < outputs ? ((float*)weight.Data)[i * weight.ColumnStride + n] * activation.InputScale : 0;
        for (int n = 0; n < paddedOutputs; n++) to[4 * paddedOutputs + n] = b != null && n < outputs ? b[n] * activation.InputScale : 0;
    }

    [MethodImpl(Optimized)]
    public override void Forward(in Matrix x, nint prepared, in Matrix y, in Matrix saved)
    {
        int inputs = this.inputs;
        var f = activation;
        bool plain = y.Blocks == 1 && !f.IsLinear, save = !saved.IsEmpty;
        nint stride = y.Stride, savedStride = saved.Stride;
        for (int n = 0; n < paddedOutputs; n += V.Count)
        {
            float* w = (float*)prepared + n;
            V w0 = V.Load(w), w1 = V.Load(w + paddedOutputs), w2 = V.Load(w + 2 * paddedOutputs), w3 = V.Load(w + 3 * paddedOutputs), bias = V.Load(w + 4 * paddedOutputs);
            var mask = f.KeepsZero ? V.AllBitsSet : Mask(outputs - n);
            for (int b = 0; b < y.Blocks; b++, bias = V.Zero)
            {
                float* row = x.Block(b), to = y.Block(b) + n, slope = (float*)saved.Data + n;
                for (int r = 0; r < y.Rows; r++, row += inputs, to += stride, slope += savedStride)
                {
                    var z = V.MultiplyAdd(V.Create(row[0]), w0, bias);
                    if (inputs > 1) z = V.MultiplyAdd(V.Create(row[1]), w1, z);
                    if (inputs > 2) z = V.MultiplyAdd(V.Create(row[2]), w2, z);
                    if (inputs > 3) z = V.MultiplyAdd(V.Create(row[3]), w3, z);
                    if (plain)
                    {
                        if (save)
                        {
                            f.Evaluate(z, out z, out var s);
                            V.Store(s, slope);
                        }
                        else z = f.Evaluate(z);
                        z &= mask;
                    }
                    V.Store(z, to);
                }
            }
            if (y.Blocks > 1 && !f.IsLinear) Activate(y, saved, n);
        }
    }

    public override void Backward(in Matrix dy, in Matrix saved, in Matrix x, nint prepared, in Matrix dx, ParameterView weightGradient, nint biasGradient)
    {
        // One pass where nothing upstream wants dz: the slope is then never multiplied in memory.
        bool onePass = dy.Blocks == 1 && dx.IsEmpty && !saved.IsEmpty && !weightGradient.IsEmpty;
        if (!onePass) BackwardActivation(dy, saved, (float*)biasGradient);
        if (!weightGradient.IsEmpty) BackwardWeight(dy, x, (float*)weightGradient.Data, weightGradient.ColumnStride, onePass ? saved : default, (float*)biasGradient);
        if (!dx.IsEmpty) BackwardInput(dy, (float*)prepared, dx);
    }

    [MethodImpl(Optimized)]
    void BackwardWeight(in Matrix dz, in Matrix x, float* weightGradient, int stride, in Matrix slope, float* biasGradient)
    {
        int inputs = this.inputs, second = Math.Min(1, inputs - 1), third = Math.Min(2, inputs - 1), last = inputs - 1;
        bool multiply = !slope.IsEmpty;
        nint ldz = dz.Stride, lds = slope.Stride;
        for (int n = 0; n < paddedOutputs; n += V.Count)
        {
            float* w = weightGradient + n, s = (float*)slope.Data + n;
            V g0 = V.Zero, g1 = g0, g2 = g0, g3 = g0, sum = g0;
            for (int b = 0; b < dz.Blocks; b++)
            {
                float* d = dz.Block(b) + n, row = x.Block(b);
                if (inputs <= 2)
                    for (int r = 0; r < dz.Rows; r++, d += ldz, row += inputs, s += lds)
                    {
                        var z = V.Load(d);
                        if (multiply) sum += z *= V.Load(s);
                        g0 = V.MultiplyAdd(z, V.Create(row[0]), g0);
                        g1 = V.MultiplyAdd(z, V.Create(row[second]), g1);
                    }
                else
                    for (int r = 0; r < dz.Rows; r++, d += ldz, row += inputs, s += lds)
                    {
                        var z = V.Load(d);
                        if (multiply) sum += z *= V.Load(s);
                        g0 = V.MultiplyAdd(z, V.Create(row[0]), g0);
                        g1 = V.MultiplyAdd(z, V.Create(row[second]), g1);
                        g2 = V.MultiplyAdd(z, V.Create(row[third]), g2);
                        g3 = V.MultiplyAdd(z, V.Create(row[last]), g3);
                    }
            }
            V.Store(V.Load(w) + g0, w);
            if (inputs > 1) V.Store(V.Load(w + stride) + g1, w + stride);
            if (inputs > 2) V.Store(V.Load(w + 2 * stride) + g2, w + 2 * stride);
            if (inputs > 3) V.Store(V.Load(w + 3 * stride) + g3, w + 3 * stride);
            if (multiply && biasGradient != null) V.Store(V.Load(biasGradient + n) + sum, biasGradient + n);
        }
    }

    [MethodImpl(Optimized)]
    void BackwardInput(in Matrix dz, float* prepared, in Matrix dx)
    {
        float unscale = 1 / activation.InputScale;
        for (int b = 0; b < dz.Blocks; b++)
            for (int r = 0; r < dz.Rows; r++)
            {
                float* d = dz.Row(b, r), to = dx.Row(b, r);
                for (int i = 0; i < inputs; i++)
                {
                    var sum = V.Zero;
                    for (int n = 0; n < paddedOutputs; n += V.Count) sum = V.MultiplyAdd(V.Load(d + n), V.Load(prepared + i * paddedOutputs + n), sum);
                    to[i] = V.Sum(sum) * unscale;
                }
            }
    }
}
