using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace InrFast.Kernels.Sampling;

/// <summary>
/// A chunk of rows is located first, asking for the lines (of x) that it will read; then each row sums its lines, weighted along y and z, as
/// one vector of the taps along x, and that vector last.
/// </summary>
sealed unsafe class CpuInterpolation<TInterpolant>(VoxelGrid voxels, TInterpolant interpolant) : InterpolationKernels(voxels)
    where TInterpolant : struct, IInterpolant
{
    const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining, Optimized = MethodImplOptions.AggressiveOptimization;
    const int Chunk = 32, MaxTaps = 4;

    /// <summary>The taps along one axis: offsets in voxels, weights, slopes; zero beyond the interpolant's.</summary>
    struct Taps
    {
        public fixed long Offsets[MaxTaps];
        public fixed float Weights[MaxTaps];
        public fixed float Slopes[MaxTaps];
    }

    /// <summary>Where a row reads. An axis that is not there has one tap of weight 1 and slope 0.</summary>
    struct Place
    {
        public Taps X, Y, Z;
        public bool IsRun; // the taps along x are neighbours in memory
    }

    readonly VoxelAxis x = voxels[0], y = voxels[1], z = voxels[2];
    readonly int axes = voxels.Axes, yTaps = voxels.Axes > 1 ? interpolant.Taps : 1, zTaps = voxels.Axes > 2 ? interpolant.Taps : 1;

    [MethodImpl(Optimized)]
    public override void Forward(nint image, in Matrix coordinates, in Matrix values)
    {
        var places = stackalloc Place[Chunk];
        int channels = values.Columns;
        for (int first = 0; first < values.Rows; first += Chunk)
        {
            int rows = Locate(coordinates, first, (float*)image, channels, places);
            for (int r = 0; r < rows; r++)
            {
                var p = places + r;
                float* to = values.Row(first + r);
                for (int c = 0; c < channels; c++)
                {
                    var sum = Vector128<float>.Zero;
                    for (int k = 0; k < zTaps; k++)
                        for (int j = 0; j < yTaps; j++)
                            sum += p->Z.Weights[k] * p->Y.Weights[j] * Read((float*)image + (p->Z.Offsets[k] + p->Y.Offsets[j]) * channels + c, p, channels);
                    to[c] = Vector128.Dot(sum, Vector128.Load(p->X.Weights));
                }
                if (channels > Matrix.Packed) new Span<float>(to + channels, Matrix.PadColumns(channels) - channels).Clear();
            }
        }
    }

    [MethodImpl(Optimized)]
    public override void Backward(in Matrix dValues, nint image, in Matrix coordinates, in Matrix dCoordinates)
    {
        var places = stackalloc Place[Chunk];
        int channels = dValues.Columns;
        for (int first = 0; first < dValues.Rows; first += Chunk)
        {
            int rows = Locate(coordinates, first, (float*)image, channels, places);
            for (int r = 0; r < rows; r++)
            {
                var p = places + r;
                float* from = dValues.Row(first + r), to = dCoordinates.Row(first + r);
                Vector128<float> sum = default, alongY = default, alongZ = default;
                for (int k = 0; k < zTaps; k++)
                    for (int j = 0; j < yTaps; j++)
                    {
                        float* line = (float*)image + (p->Z.Offsets[k] + p->Y.Offsets[j]) * channels;
                        var sample = from[0] * Read(line, p, channels);
                        for (int c = 1; c < channels; c++) sample += from[c] * Read(line + c, p, channels);
                        sum += p->Z.Weights[k] * p->Y.Weights[j] * sample;
                        alongY += p->Z.Weights[k] * p->Y.Slopes[j] * sample;
                        alongZ += p->Z.Slopes[k] * p->Y.Weights[j] * sample;
                    }
                var weights = Vector128.Load(p->X.Weights);
                to[0] = Vector128.Dot(sum, Vector128.Load(p->X.Slopes)) * x.Density;
                if (axes > 1) to[1] = Vector128.Dot(alongY, weights) * y.Density;
                if (axes > 2) to[2] = Vector128.Dot(alongZ, weights) * z.Density;
            }
        }
    }

    [MethodImpl(Optimized)]
    public override void BackwardImage(in Matrix dValues, in Matrix coordinates, nint imageGradient)
    {
        var places = stackalloc Place[Chunk];
        int channels = dValues.Columns;
        for (int first = 0; first < dValues.Rows; first += Chunk)
        {
            int rows = Locate(coordinates, first, (float*)imageGradient, channels, places);
            for (int r = 0; r < rows; r++)
            {
                var p = places + r;
                float* from = dValues.Row(first + r);
                for (int k = 0; k < zTaps; k++)
                    for (int j = 0; j < yTaps; j++)
                    {
                        float* line = (float*)imageGradient + (p->Z.Offsets[k] + p->Y.Offsets[j]) * channels;
                        float weight = p->Z.Weights[k] * p->Y.Weights[j];
                        for (int c = 0; c < channels; c++) Add(weight * from[c] * Vector128.Load(p->X.Weights), line + c, p, channels);
                    }
            }
        }
    }

    /// <summary>One channel at the taps along x.</summary>
    [MethodImpl(Inline)]
    Vector128<float> Read(float* line, Place* p, int channels)
    {
        if (p->IsRun) return interpolant.Taps == 4 ? Vector128.Load(line + p->X.Offsets[0]) : Vector128.CreateScalar(*(double*)(line + p->X.Offsets[0])).AsSingle();
        float first = line[p->X.Offsets[0] * channels], second = line[p->X.Offsets[1] * channels];
        return interpolant.Taps == 4
            ? Vector128.Create(first, second, line[p->X.Offsets[2] * channels], line[p->X.Offsets[3] * channels])
            : Vector128.Create(first, second, 0, 0);
    }

    [MethodImpl(Inline)]
    void Add(Vector128<float> terms, float* line, Place* p, int channels)
    {
        if (p->IsRun && interpolant.Taps == 4)
        {
            line += p->X.Offsets[0];
            (Vector128.Load(line) + terms).Store(line);
            return;
        }
        for (int i = 0; i < interpolant.Taps; i++) line[p->X.Offsets[i] * channels] += terms[i]; // taps beyond the border share a voxel
    }

    /// <summary>Places of up to a chunk of rows; how many.</summary>
    [MethodImpl(Inline)]
    int Locate(in Matrix coordinates, int first, float* image, int channels, Place* places)
    {
        int rows = Math.Min(Chunk, coordinates.Rows - first);
        for (int r = 0; r < rows; r++)
        {
            float* at = coordinates.Row(first + r);
            var p = places + r;
            Along(x, at[0], 1, &p->X);
            p->Y.Weights[0] = p->Z.Weights[0] = 1;
            if (axes > 1) Along(y, at[1], x.Size, &p->Y);
            if (axes > 2) Along(z, at[2], (long)x.Size * y.Size, &p->Z);
            p->IsRun = channels == 1 && p->X.Offsets[interpolant.Taps - 1] - p->X.Offsets[0] == interpolant.Taps - 1;
            if (Sse.IsSupported)
                for (int k = 0; k < zTaps; k++)
                    for (int j = 0; j < yTaps; j++) Sse.Prefetch0(image + (p->X.Offsets[0] + p->Y.Offsets[j] + p->Z.Offsets[k]) * channels);
        }
        return rows;
    }

    [MethodImpl(Inline)]
    void Along(in VoxelAxis axis, float coordinate, long stride, Taps* taps)
    {
        float at = Math.Clamp(axis.Index(coordinate), -MaxTaps, axis.Size + MaxTaps), floor = MathF.Floor(at); // beyond that all is constant
        interpolant.Weigh(at - floor, out *(TapNumbers*)taps->Weights, out *(TapNumbers*)taps->Slopes);
        int first = (int)floor + 1 - interpolant.Taps / 2;
        for (int i = 0; i < interpolant.Taps; i++) taps->Offsets[i] = Math.Clamp(first + i, 0, axis.Size - 1) * stride;
    }
}
