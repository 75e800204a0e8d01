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
        ref var f = ref activation;
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
                        if (!f.KeepsZero) z &= mask;
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
        bool onePass = dy.Blocks == 1 && !weightGradient.IsEmpty && (dx.IsEmpty || saved.IsEmpty);
        if (!onePass) BackwardActivation(dy, saved, (float*)biasGradient);
        if (!weightGradient.IsEmpty) BackwardWeight(dy, x, (float*)weightGradient.Data, weightGradient.ColumnStride, onePass ? saved : default, onePass ? (float*)biasGradient : null);
        if (!dx.IsEmpty) BackwardInput(dy, (float*)prepared, dx);
    }

    [MethodImpl(Optimized)]
    void BackwardWeight(in Matrix dz, in Matrix x, float* weightGradient, int stride, in Matrix slope, float* biasGradient)
    {
        int inputs = this.inputs, second = Math.Min(1, inputs - 1), third = Math.Min(2, inputs - 1), last = inputs - 1;
        bool multiply = !slope.IsEmpty;
        nint ldz = dz.Stride, lds = slope.Stride;
        for (int n = 0; n < paddedOutputs; n += 2 * V.Count)
        {
            // Two vectors at a time, since each sum is one chain of additions; at an odd end the same one twice.
            nint beside = n + V.Count < paddedOutputs ? V.Count : 0;
            float* s = (float*)slope.Data + n;
            V a0 = V.Zero, a1 = a0, a2 = a0, a3 = a0, aSum = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0, bSum = a0;
            for (int b = 0; b < dz.Blocks; b++)
            {
                float* d = dz.Block(b) + n, row = x.Block(b);
                for (int r = 0; r < dz.Rows; r++, d += ldz, row += inputs, s += lds)
                {
                    V zA = V.Load(d), zB = V.Load(d + beside);
                    if (multiply) (zA, zB) = (zA * V.Load(s), zB * V.Load(s + beside));
                    aSum += zA;
                    bSum += zB;
                    V x0 = V.Create(row[0]), x1 = V.Create(row[second]);
                    a0 = V.MultiplyAdd(zA, x0, a0);
                    b0 = V.MultiplyAdd(zB, x0, b0);
                    a1 = V.MultiplyAdd(zA, x1, a1);
                    b1 = V.MultiplyAdd(zB, x1, b1);
                    if (inputs <= 2) continue;
                    V x2 = V.Create(row[third]), x3 = V.Create(row[last]);
                    a2 = V.MultiplyAdd(zA, x2, a2);
                    b2 = V.MultiplyAdd(zB, x2, b2);
                    a3 = V.MultiplyAdd(zA, x3, a3);
                    b3 = V.MultiplyAdd(zB, x3, b3);
                }
            }
            float* w = weightGradient + n;
            Add(w, a0, b0, beside);
            if (inputs > 1) Add(w + stride, a1, b1, beside);
            if (inputs > 2) Add(w + 2 * stride, a2, b2, beside);
            if (inputs > 3) Add(w + 3 * stride, a3, b3, beside);
            if (biasGradient != null) Add(biasGradient + n, aSum, bSum, beside);
        }
    }

    /// <summary>Adds a to one vector and b to the one beside it, which may be the same, with the same to add.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Add(float* to, V a, V b, nint beside)
    {
        b += V.Load(to + beside);
        V.Store(V.Load(to) + a, to);
        V.Store(b, to + beside);
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
