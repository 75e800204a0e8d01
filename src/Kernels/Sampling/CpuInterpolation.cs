using System.Runtime.CompilerServices;

namespace InrFast.Kernels.Sampling;

/// <summary>Row by row: the taps along each axis, then lines of x, planes of y, the sum over z.</summary>
sealed unsafe class CpuInterpolation<TInterpolant>(VoxelGrid voxels, TInterpolant interpolant) : InterpolationKernels(voxels)
    where TInterpolant : struct, IInterpolant
{
    const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining, Optimized = MethodImplOptions.AggressiveOptimization;
    const int MaxTaps = 4;

    /// <summary>Where one row reads: per axis the taps' offsets in voxels, weights and slopes. An axis that is not there has one tap of weight 1.</summary>
    struct Taps
    {
        public fixed long Offsets[MaxAxes * MaxTaps];
        public fixed float Weights[MaxAxes * MaxTaps];
        public fixed float Slopes[MaxAxes * MaxTaps];
    }

    readonly VoxelAxis x = voxels[0], y = voxels[1], z = voxels[2];
    readonly int axes = voxels.Axes, taps = interpolant.Taps;
    readonly int yTaps = voxels.Axes > 1 ? interpolant.Taps : 1, zTaps = voxels.Axes > 2 ? interpolant.Taps : 1;

    [MethodImpl(Optimized)]
    public override void Forward(nint image, in Matrix coordinates, in Matrix values)
    {
        var t = default(Taps);
        for (int r = 0; r < coordinates.Rows; r++)
        {
            Locate(coordinates.Row(r), &t);
            float* to = values.Row(r);
            for (int c = 0; c < values.Columns; c++)
            {
                float* p = (float*)image + c;
                float sum = 0;
                for (int k = 0; k < zTaps; k++)
                {
                    float plane = 0;
                    for (int j = 0; j < yTaps; j++)
                    {
                        float* line = p + (t.Offsets[2 * MaxTaps + k] + t.Offsets[MaxTaps + j]) * values.Columns;
                        float along = 0;
                        for (int i = 0; i < interpolant.Taps; i++) along += t.Weights[i] * line[t.Offsets[i] * values.Columns];
                        plane += t.Weights[MaxTaps + j] * along;
                    }
                    sum += t.Weights[2 * MaxTaps + k] * plane;
                }
                to[c] = sum;
            }
            if (values.Columns > Matrix.Packed) new Span<float>(to + values.Columns, Matrix.PadColumns(values.Columns) - values.Columns).Clear();
        }
    }

    [MethodImpl(Optimized)]
    public override void Backward(in Matrix dValues, nint image, in Matrix coordinates, in Matrix dCoordinates)
    {
        var t = default(Taps);
        int channels = dValues.Columns;
        for (int r = 0; r < coordinates.Rows; r++)
        {
            Locate(coordinates.Row(r), &t);
            float* from = dValues.Row(r), to = dCoordinates.Row(r);
            float dx = 0, dy = 0, dz = 0;
            for (int k = 0; k < zTaps; k++)
            {
                float plane = 0, planeX = 0, planeY = 0;
                for (int j = 0; j < yTaps; j++)
                {
                    float* line = (float*)image + (t.Offsets[2 * MaxTaps + k] + t.Offsets[MaxTaps + j]) * channels;
                    float along = 0, alongX = 0;
                    for (int i = 0; i < interpolant.Taps; i++)
                    {
                        float* p = line + t.Offsets[i] * channels;
                        float sample = 0;
                        for (int c = 0; c < channels; c++) sample += from[c] * p[c];
                        along += t.Weights[i] * sample;
                        alongX += t.Slopes[i] * sample;
                    }
                    plane += t.Weights[MaxTaps + j] * along;
                    planeX += t.Weights[MaxTaps + j] * alongX;
                    planeY += t.Slopes[MaxTaps + j] * along;
                }
                dx += t.Weights[2 * MaxTaps + k] * planeX;
                dy += t.Weights[2 * MaxTaps + k] * planeY;
                dz += t.Slopes[2 * MaxTaps + k] * plane;
            }
            to[0] = dx * x.Density;
            if (axes > 1) to[1] = dy * y.Density;
            if (axes > 2) to[2] = dz * z.Density;
        }
    }

    [MethodImpl(Optimized)]
    public override void BackwardImage(in Matrix dValues, in Matrix coordinates, nint imageGradient)
    {
        var t = default(Taps);
        int channels = dValues.Columns;
        for (int r = 0; r < coordinates.Rows; r++)
        {
            Locate(coordinates.Row(r), &t);
            float* from = dValues.Row(r);
            for (int k = 0; k < zTaps; k++)
                for (int j = 0; j < yTaps; j++)
                {
                    float* line = (float*)imageGradient + (t.Offsets[2 * MaxTaps + k] + t.Offsets[MaxTaps + j]) * channels;
                    float weight = t.Weights[2 * MaxTaps + k] * t.Weights[MaxTaps + j];
                    for (int i = 0; i < interpolant.Taps; i++)
                    {
                        float* p = line + t.Offsets[i] * channels;
                        for (int c = 0; c < channels; c++) p[c] += weight * t.Weights[i] * from[c];
                    }
                }
        }
    }

    [MethodImpl(Inline)]
    void Locate(float* coordinates, Taps* t)
    {
        Along(x, coordinates[0], 1, t->Offsets, t->Weights, t->Slopes);
        if (axes > 1) Along(y, coordinates[1], x.Size, t->Offsets + MaxTaps, t->Weights + MaxTaps, t->Slopes + MaxTaps);
        else t->Weights[MaxTaps] = 1;
        if (axes > 2) Along(z, coordinates[2], (long)x.Size * y.Size, t->Offsets + 2 * MaxTaps, t->Weights + 2 * MaxTaps, t->Slopes + 2 * MaxTaps);
        else t->Weights[2 * MaxTaps] = 1;
    }

    [MethodImpl(Inline)]
    void Along(in VoxelAxis axis, float coordinate, long stride, long* offsets, float* weights, float* slopes)
    {
        float at = Math.Clamp(axis.Index(coordinate), -MaxTaps, axis.Size + MaxTaps), floor = MathF.Floor(at); // beyond that all is constant
        interpolant.Weigh(at - floor, weights, slopes);
        int first = (int)floor + 1 - taps / 2;
        for (int i = 0; i < interpolant.Taps; i++) offsets[i] = Math.Clamp(first + i, 0, axis.Size - 1) * stride;
    }
}
