using InrFast.Autodiff;
using InrFast.Kernels;

namespace InrFast.Tasks.Reconstruction;

/// <summary>Work on a range of lines, in parts that workers claim. Who does which part must not matter.</summary>
static class Parts
{
    /// <param name="count">Lines.</param>
    /// <param name="length">Of a part, at most.</param>
    /// <param name="work">First line and number of lines; the worker's number.</param>
    public static void Run(Workers workers, long count, long length, Action<long, long, int> work)
    {
        long next = 0;
        workers.Run(worker =>
        {
            for (long first; (first = Interlocked.Add(ref next, length) - length) < count;) work(first, Math.Min(length, count - first), worker);
        });
    }

    /// <summary>Kernels of a device: a card is given all lines at once.</summary>
    public static void Run(Device device, Workers workers, long count, long length, Action<long, long, int> work)
    {
        if (device.RunsOnHost) Run(workers, count, length, work);
        else work(0, count, 0);
    }
}
