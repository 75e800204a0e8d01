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
        public GpuDoubles From, To;
        public int Count;

        /// <summary>1: the sum is added to what is there, times <see cref="Factor"/>.</summary>
        public double Keep, Factor;
    }

    /// <summary>One block: to = keep * to + factor * sum of the parts.</summary>
    public static void AddParts(Parts a)
    {
        int thread = Group.IdxX;
        double part = 0;
        if (thread < a.Count) part = a.From[thread];
        double sum = SumOfBlock(part);
        if (thread == 0) a.To[0] = (a.Keep == 0 ? 0 : a.Keep * a.To[0]) + a.Factor * sum;
    }
}
