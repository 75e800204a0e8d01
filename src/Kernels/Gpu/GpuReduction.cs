using ILGPU;

namespace InrFast.Kernels.Gpu;

/// <summary>
/// Sums whose order depends on the shape alone: each of a fixed number of blocks adds up its share in double, thread by thread and then in a tree, and
/// leaves a part; one block adds the parts. The same bits in every run.
/// </summary>
static class GpuReduction
{
    public const int Threads = 256, MostBlocks = 256, WorkspaceBytes = MostBlocks * sizeof(double);

    /// <summary>Of so many things.</summary>
    public static int BlocksFor(long count) => (int)Math.Clamp((count + Threads - 1) / Threads, 1, MostBlocks);

    /// <summary>In a kernel of 256 threads: the sum of all their values, in thread 0.</summary>
    public static double SumOfBlock(double value)
    {
        var shared = SharedMemory.Allocate<double>(Threads);
        int thread = Group.IdxX;
        shared[thread] = value;
        Group.Barrier();
        for (int half = Group.DimX / 2; half > 0; half /= 2)
        {
            if (thread < half) shared[thread] += shared[thread + half];
            Group.Barrier();
        }
        return shared[0];
    }

    public struct Parts
    {
        public Doubles From, To;
        public int Count, Adds;
        public double Factor;
    }

    /// <summary>A block for each sum, whose parts lie one after another: to = factor * sum of the parts, with <see cref="Parts.Adds"/> added to what is there.</summary>
    public static void AddParts(Parts a)
    {
        int thread = Group.IdxX, which = Grid.IdxX;
        double part = 0;
        if (thread < a.Count) part = a.From[which * a.Count + thread];
        double sum = a.Factor * SumOfBlock(part);
        if (thread == 0) a.To[which] = a.Adds != 0 ? a.To[which] + sum : sum;
    }
}
