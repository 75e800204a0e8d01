using ILGPU;
using InrFast.Kernels.Gpu;

namespace InrFast.Kernels.Losses;

/// <summary>A thread takes rows; the sums are those of <see cref="GpuReduction"/>.</summary>
sealed class GpuMoments(GpuDevice device) : MomentKernels
{
    readonly GpuKernel<Argument> sums = device.Kernel<Argument>(Sums), gradients = device.Kernel<Argument>(Gradients);
    readonly GpuKernel<GpuReduction.Parts> addParts = device.Kernel<GpuReduction.Parts>(GpuReduction.AddParts);
    readonly nint parts = device.Workspace(Count * GpuReduction.WorkspaceBytes);

    struct Argument
    {
        public GpuMatrix P, T, W, DP, DT;
        public Doubles Numbers;
    }

    public override void Forward(in Matrix p, in Matrix t, in Matrix weights, nint accumulators)
    {
        int blocks = GpuReduction.BlocksFor(p.Rows);
        sums.Launch(new() { P = new(p), T = new(t), W = new(weights), Numbers = new(parts) }, (blocks, 1, 1), (GpuReduction.Threads, 1));
        addParts.Launch(new() { From = new(parts), To = new(accumulators), Count = blocks, Adds = 1, Factor = 1 }, (Count, 1, 1), (GpuReduction.Threads, 1));
    }

    static void Sums(Argument a)
    {
        var sums = new GpuMomentSums();
        for (int row = (int)Elements.Index; row < a.P.Rows; row += Grid.DimX * Group.DimX) sums.Add(a.P, a.T, a.W, row);
        Leave(a, 0, GpuReduction.SumOfBlock(sums.Rows));
        Leave(a, 1, GpuReduction.SumOfBlock(sums.P));
        Leave(a, 2, GpuReduction.SumOfBlock(sums.T));
        Leave(a, 3, GpuReduction.SumOfBlock(sums.PP));
        Leave(a, 4, GpuReduction.SumOfBlock(sums.TT));
        Leave(a, 5, GpuReduction.SumOfBlock(sums.PT));
    }

    static void Leave(in Argument a, int which, double sum)
    {
        var parts = a.Numbers;
        if (Group.IdxX == 0) parts[which * Grid.DimX + Grid.IdxX] = sum;
    }

    public override void Backward(in Matrix p, in Matrix t, in Matrix weights, nint gradients, in Matrix dp, in Matrix dt)
    {
        Argument argument = new() { P = new(p), T = new(t), W = new(weights), DP = new(dp), DT = new(dt), Numbers = new(gradients) };
        if (!dp.IsEmpty || !dt.IsEmpty) this.gradients.Launch(argument, dp.IsEmpty ? dt : dp, Math.Max(dp.Blocks, dt.Blocks));
    }

    static void Gradients(Argument a)
    {
        int row = Elements.Row, block = Elements.Block;
        if (row >= a.P.Rows || Elements.Column > 0) return;
        float dp = 0, dt = 0;
        if (block == 0)
        {
            double p = a.P[0, row, 0], t = 0, w = 1.0;
            if (!a.T.IsEmpty) t = a.T[0, row, 0];
            if (!a.W.IsEmpty) w = a.W[0, row, 0];
            dp = (float)(w * (a.Numbers[1] + 2 * p * a.Numbers[3] + t * a.Numbers[5]));
            dt = (float)(w * (a.Numbers[2] + 2 * t * a.Numbers[4] + p * a.Numbers[5]));
        }
        if (!a.DP.IsEmpty && block < a.DP.Blocks) a.DP[block, row, 0] = dp;
        if (!a.DT.IsEmpty && block < a.DT.Blocks) a.DT[block, row, 0] = dt;
    }
}

/// <summary>The sums of <see cref="MomentKernels"/> over some rows.</summary>
struct GpuMomentSums
{
    public double Rows, P, T, PP, TT, PT;

    /// <param name="t">Empty: 0.</param>
    /// <param name="weights">Empty: 1.</param>
    public void Add(in GpuMatrix p, in GpuMatrix t, in GpuMatrix weights, int row)
    {
        double x = p[0, row, 0], y = 0, w = 1.0;
        if (!t.IsEmpty) y = t[0, row, 0];
        if (!weights.IsEmpty) w = weights[0, row, 0];
        Rows += w;
        P += w * x;
        T += w * y;
        PP += w * x * x;
        TT += w * y * y;
        PT += w * x * y;
    }
}
