using ILGPU;
using InrFast.Kernels.Gpu;
using InrFast.Kernels.Sampling;

namespace InrFast.Kernels.Losses;

/// <summary>
/// A thread for each window, and for the gradient one for each point, which adds up the windows around it anew: nothing is kept between, at the cost of window² reads a point (729 at the usual 27 points).
/// </summary>
sealed class GpuLocalCorrelation(GpuDevice device, PatchShape patch, PatchShape window) : LocalCorrelationKernels(patch, window)
{
    readonly GpuKernel<Argument> sum = device.Kernel<Argument>(Sum), slopes = device.Kernel<Argument>(Slopes);
    readonly GpuKernel<GpuReduction.Parts> addParts = device.Kernel<GpuReduction.Parts>(GpuReduction.AddParts);
    readonly nint parts = device.Workspace(GpuReduction.WorkspaceBytes);

    struct Argument
    {
        public GpuMatrix P, T, W, DP;
        public Doubles Numbers;
        public double Factor;
        public PatchShape Patch, Window;
    }

    public override void Forward(in Matrix p, in Matrix t, in Matrix weights, double factor, nint accumulator)
    {
        int blocks = GpuReduction.BlocksFor((long)p.Rows / patch.Count * window.PlacesIn(patch));
        sum.Launch(new() { P = new(p), T = new(t), W = new(weights), Numbers = new(parts), Patch = patch, Window = window }, (blocks, 1, 1), (GpuReduction.Threads, 1));
        addParts.Launch(new() { From = new(parts), To = new(accumulator), Count = blocks, Adds = 1, Factor = -factor }, (1, 1, 1), (GpuReduction.Threads, 1));
    }

    static void Sum(Argument a)
    {
        int x = a.Patch.X - a.Window.X + 1, y = a.Patch.Y - a.Window.Y + 1, z = a.Patch.Z - a.Window.Z + 1, patchRows = a.Patch.X * a.Patch.Y * a.Patch.Z;
        double total = 0;
        for (int place = (int)Elements.Index; place < a.P.Rows / patchRows * x * y * z; place += Grid.DimX * Group.DimX)
        {
            int row = place / (x * y * z) * patchRows + place % x + a.Patch.X * (place / x % y + a.Patch.Y * (place / (x * y) % z));
            Statistics(a, row, out double weight, out _, out _, out double varianceT, out double covariance, out double denominator);
            total += weight * covariance * covariance / denominator;
        }
        double sum = GpuReduction.SumOfBlock(total);
        if (Group.IdxX == 0) a.Numbers[Grid.IdxX] = sum;
    }

    public override void Backward(in Matrix p, in Matrix t, in Matrix weights, double factor, nint outputGradient, in Matrix dp) =>
        slopes.Launch(new() { P = new(p), T = new(t), W = new(weights), DP = new(dp), Numbers = new(outputGradient), Factor = factor, Patch = patch, Window = window }, dp, dp.Blocks);

    static void Slopes(Argument a)
    {
        int row = Elements.Row, block = Elements.Block;
        if (row >= a.P.Rows || Elements.Column > 0) return;
        double slope = 0;
        if (block == 0)
        {
            int patchRows = a.Patch.X * a.Patch.Y * a.Patch.Z, first = row / patchRows * patchRows, at = row - first;
            int x = at % a.Patch.X, y = at / a.Patch.X % a.Patch.Y, z = at / a.Patch.X / a.Patch.Y;
            double p = a.P[0, row, 0], t = a.T[0, row, 0];
            for (int k = First(z, a.Window.Z); k <= Last(z, a.Patch.Z, a.Window.Z); k++)
                for (int j = First(y, a.Window.Y); j <= Last(y, a.Patch.Y, a.Window.Y); j++)
                    for (int i = First(x, a.Window.X); i <= Last(x, a.Patch.X, a.Window.X); i++)
                    {
                        Statistics(a, first + i + a.Patch.X * (j + a.Patch.Y * k), out _, out double meanP, out double meanT, out double varianceT, out double covariance, out double denominator);
                        double c = covariance / denominator;
                        slope += 2 * c * (t - meanT - c * varianceT * (p - meanP));
                    }
            if (!a.W.IsEmpty) slope *= a.W[0, row, 0];
            slope *= -a.Factor * a.Numbers[0] / (a.Window.X * a.Window.Y * a.Window.Z);
        }
        a.DP[block, row, 0] = (float)slope;
    }

    /// <summary>The windows along one axis that a point at this place is within.</summary>
    static int First(int place, int window) => place < window ? 0 : place - window + 1;

    static int Last(int place, int patch, int window) => place < patch - window ? place : patch - window;

    /// <summary>Of the window that begins at a row; without weight, a correlation of 0.</summary>
    static void Statistics(in Argument a, int begin, out double weight, out double meanP, out double meanT, out double varianceT, out double covariance, out double denominator)
    {
        var s = new GpuMomentSums();
        for (int k = 0; k < a.Window.Z; k++)
            for (int j = 0; j < a.Window.Y; j++)
                for (int i = 0; i < a.Window.X; i++) s.Add(a.P, a.T, a.W, begin + i + a.Patch.X * (j + a.Patch.Y * k));
        double share = s.Rows > 0 ? 1 / s.Rows : 0;
        weight = s.Rows / (a.Window.X * a.Window.Y * a.Window.Z);
        (meanP, meanT) = (s.P * share, s.T * share);
        varianceT = Math.Max(0, s.TT * share - meanT * meanT);
        covariance = s.PT * share - meanP * meanT;
        denominator = Math.Max(0, s.PP * share - meanP * meanP) * varianceT + Epsilon;
    }
}
