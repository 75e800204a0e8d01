using InrFast.Kernels.Gpu;

namespace InrFast.Kernels.Sampling;

/// <summary>A thread for each row; of a series, at the image of the nearest time. The gradient of an image, in whose voxels rows meet, is summed in whole numbers.</summary>
sealed class GpuInterpolation<TInterpolant>(GpuDevice device, VoxelGrid voxels, TInterpolant interpolant) : InterpolationKernels(voxels) where TInterpolant : struct, IInterpolant
{
    /// <summary>No voxel gets more of a row's value, taps beyond the border included: 5/4 along each of three axes (cubic).</summary>
    const long MostWeight = 2;

    readonly GpuKernel<Argument> forward = device.Kernel<Argument>(Forward), backward = device.Kernel<Argument>(Backward),
        largest = device.Kernel<Argument>(Largest), scatter = device.Kernel<Argument>(Scatter), collect = device.Kernel<Argument>(Collect);

    struct Argument
    {
        public GpuFloats Image;
        public GpuMatrix Coordinates, Values, DCoordinates;
        public VoxelAxis X, Y, Z, Time;
        public long Sums, Numbers;
        public int Axes;
        public TInterpolant Interpolant;
    }

    Argument Of(nint image, in Matrix coordinates, in Matrix values) => new()
    {
        Image = new(image), Coordinates = new(coordinates), Values = new(values), X = grid[0], Y = grid[1], Z = grid[2], Time = grid[3], Axes = grid.Axes, Interpolant = interpolant,
    };

    /// <summary>Taps along one axis: the first one's voxel, weights, slopes. An axis that is not there has one tap, of weight 1 and slope 0.</summary>
    struct Taps
    {
        public int First, Size, Count;
        public TapNumbers Weights, Slopes;

        public readonly int Voxel(int tap) => First + tap < 0 ? 0 : First + tap >= Size ? Size - 1 : First + tap;
    }

    static float At(in TapNumbers numbers, int tap) => tap == 0 ? numbers.First : tap == 1 ? numbers.Second : tap == 2 ? numbers.Third : numbers.Fourth;

    static Taps Along(in Argument a, VoxelAxis axis, int number)
    {
        const int Far = 4; // beyond that all is constant
        Taps taps = default;
        taps.Size = axis.Size;
        if (number >= a.Axes)
        {
            taps.Count = 1;
            taps.Weights = new(1, 0, 0, 0);
            return taps;
        }
        taps.Count = a.Interpolant.Taps;
        float at = axis.Index(a.Coordinates[0, RowOf(), number]), low = -Far, high = axis.Size + Far;
        at = at > low ? at : low; // what is not a number too
        at = at < high ? at : high;
        float floor = Intrinsics.Floor(at);
        a.Interpolant.Weigh(at - floor, out taps.Weights, out taps.Slopes);
        taps.First = (int)floor + 1 - taps.Count / 2;
        return taps;
    }

    /// <summary>The first voxel of the image at a row's time.</summary>
    static long FirstVoxel(in Argument a)
    {
        if (a.Axes <= MaxAxes) return 0;
        long last = a.Time.Size - 1, time = Intrinsics.Round((double)a.Time.Index(a.Coordinates[0, RowOf(), MaxAxes]));
        time = time < 0 ? 0 : time > last ? last : time;
        return time * a.X.Size * a.Y.Size * a.Z.Size;
    }

    static int RowOf() => (int)Elements.Index;

    public override void Forward(nint image, in Matrix coordinates, in Matrix values) => forward.Launch(Of(image, coordinates, values), coordinates.Rows);

    static void Forward(Argument a)
    {
        int row = RowOf(), channels = a.Values.Columns;
        if (row >= a.Coordinates.Rows) return;
        Taps x = Along(a, a.X, 0), y = Along(a, a.Y, 1), z = Along(a, a.Z, 2);
        long first = FirstVoxel(a);
        for (int channel = 0; channel < channels; channel++)
        {
            float sum = 0;
            for (int k = 0; k < z.Count; k++)
                for (int j = 0; j < y.Count; j++)
                {
                    long line = first + ((long)z.Voxel(k) * y.Size + y.Voxel(j)) * x.Size;
                    float ofLine = 0;
                    for (int i = 0; i < x.Count; i++) ofLine = Intrinsics.Fma(At(x.Weights, i), a.Image[(line + x.Voxel(i)) * channels + channel], ofLine);
                    sum = Intrinsics.Fma(At(z.Weights, k) * At(y.Weights, j), ofLine, sum);
                }
            a.Values[0, row, channel] = sum;
        }
        for (int column = channels; column < a.Values.Width; column++) a.Values[0, row, column] = 0;
    }

    public override void Backward(in Matrix dValues, nint image, in Matrix coordinates, in Matrix dCoordinates)
    {
        var argument = Of(image, coordinates, dValues);
        argument.DCoordinates = new(dCoordinates);
        backward.Launch(argument, coordinates.Rows);
    }

    static void Backward(Argument a)
    {
        int row = RowOf(), channels = a.Values.Columns;
        if (row >= a.Coordinates.Rows) return;
        Taps x = Along(a, a.X, 0), y = Along(a, a.Y, 1), z = Along(a, a.Z, 2);
        long first = FirstVoxel(a);
        float dx = 0, dy = 0, dz = 0;
        for (int k = 0; k < z.Count; k++)
            for (int j = 0; j < y.Count; j++)
            {
                long line = first + ((long)z.Voxel(k) * y.Size + y.Voxel(j)) * x.Size;
                float weighted = 0, sloped = 0;
                for (int i = 0; i < x.Count; i++)
                {
                    float sample = 0;
                    for (int channel = 0; channel < channels; channel++)
                        sample = Intrinsics.Fma(a.Values[0, row, channel], a.Image[(line + x.Voxel(i)) * channels + channel], sample);
                    weighted = Intrinsics.Fma(At(x.Weights, i), sample, weighted);
                    sloped = Intrinsics.Fma(At(x.Slopes, i), sample, sloped);
                }
                dx = Intrinsics.Fma(At(z.Weights, k) * At(y.Weights, j), sloped, dx);
                dy = Intrinsics.Fma(At(z.Weights, k) * At(y.Slopes, j), weighted, dy);
                dz = Intrinsics.Fma(At(z.Slopes, k) * At(y.Weights, j), weighted, dz);
            }
        a.DCoordinates[0, row, 0] = dx * a.X.Density;
        if (a.Axes > 1) a.DCoordinates[0, row, 1] = dy * a.Y.Density;
        if (a.Axes > 2) a.DCoordinates[0, row, 2] = dz * a.Z.Density;
        if (a.Axes > MaxAxes) a.DCoordinates[0, row, MaxAxes] = 0;
    }

    public override void BackwardImage(in Matrix dValues, in Matrix coordinates, nint imageGradient)
    {
        var argument = Of(imageGradient, coordinates, dValues);
        argument.Numbers = grid.Count * dValues.Columns;
        var sums = device.Zeros((1 + argument.Numbers) * sizeof(long));
        argument.Sums = sums.Address;
        sums.Clear(0, sizeof(long));
        largest.Launch(argument, dValues.Rows);
        scatter.Launch(argument, dValues.Rows);
        collect.Launch(argument, argument.Numbers);
    }

    static void Largest(Argument a)
    {
        int row = RowOf();
        if (row >= a.Values.Rows) return;
        for (int channel = 0; channel < a.Values.Columns; channel++) Intrinsics.AtomicMax(a.Sums, FixedPoint.Magnitude(a.Values[0, row, channel]));
    }

    static void Scatter(Argument a)
    {
        int row = RowOf(), channels = a.Values.Columns;
        if (row >= a.Values.Rows || !FixedPoint.IsFinite(a.Sums)) return;
        double units = FixedPoint.UnitsOf(a.Sums, a.Values.Rows * MostWeight);
        Taps x = Along(a, a.X, 0), y = Along(a, a.Y, 1), z = Along(a, a.Z, 2);
        long first = FirstVoxel(a);
        for (int k = 0; k < z.Count; k++)
            for (int j = 0; j < y.Count; j++)
            {
                long line = first + ((long)z.Voxel(k) * y.Size + y.Voxel(j)) * x.Size;
                for (int i = 0; i < x.Count; i++)
                {
                    double weight = (double)At(z.Weights, k) * At(y.Weights, j) * At(x.Weights, i) * units;
                    for (int channel = 0; channel < channels; channel++)
                        Intrinsics.AtomicAdd(FixedPoint.At(a.Sums, (line + x.Voxel(i)) * channels + channel), Intrinsics.Round(weight * a.Values[0, row, channel]));
                }
            }
    }

    /// <summary>Adds the sums to the image's gradient and leaves zeros; gradients that are not finite make it not a number.</summary>
    static void Collect(Argument a)
    {
        long i = Elements.Index;
        if (i >= a.Numbers) return;
        long sum = Intrinsics.LoadInt64(FixedPoint.At(a.Sums, i));
        if (!FixedPoint.IsFinite(a.Sums)) a.Image[i] = float.NaN;
        if (sum == 0) return;
        a.Image[i] += (float)(sum / FixedPoint.UnitsOf(a.Sums, a.Values.Rows * MostWeight));
        Intrinsics.StoreInt64(FixedPoint.At(a.Sums, i), 0);
    }
}
