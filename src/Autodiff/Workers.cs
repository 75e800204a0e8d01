using System.Runtime.ExceptionServices;

namespace InrFast.Autodiff;

/// <summary>
/// Threads that wait for work by spinning some microseconds, then by yielding to whoever else wants the processor, then asleep; the caller is
/// worker 0. Half a microsecond to fork and join (Parallel.For: ten). Where jobs throw, the run ends, when all have ended, with the exception
/// that came first.
/// </summary>
public sealed class Workers : IDisposable
{
    // A spin takes about 0.4 microseconds. Yielding costs as much where nobody else runs, and lets a descheduled partner finish where somebody does.
    const int Spins = 50, Yields = 2000;
    readonly AutoResetEvent[] wake;
    readonly int[] asleep;
    volatile int generation;
    volatile bool ending;
    int pending;
    Action<int> job = static _ => { };
    Exception? failure;

    public Workers(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        Count = count;
        (wake, asleep) = (new AutoResetEvent[count], new int[count]);
        for (int i = 1; i < count; i++)
        {
            int id = i;
            wake[i] = new AutoResetEvent(false);
            new Thread(() => Loop(id)) { IsBackground = true, Name = $"worker {id}" }.Start();
        }
    }

    public int Count { get; }

    /// <summary>Runs the action once on every worker and returns when all have ended.</summary>
    public void Run(Action<int> action)
    {
        job = action;
        if (Count > 1)
        {
            pending = Count - 1;
            Interlocked.Increment(ref generation);
            for (int i = 1; i < Count; i++)
                if (Interlocked.Exchange(ref asleep[i], 0) == 1) wake[i].Set();
        }
        Do(0);
        for (int s = 0; Volatile.Read(ref pending) != 0; s++) Pause(s);
        if (Interlocked.Exchange(ref failure, null) is { } exception) ExceptionDispatchInfo.Throw(exception);
    }

    void Do(int id)
    {
        try
        {
            job(id);
        }
        catch (Exception exception)
        {
            Interlocked.CompareExchange(ref failure, exception, null);
        }
    }

    void Loop(int id)
    {
        for (int seen = 0; ;)
        {
            for (int s = 0; generation == seen; s++)
            {
                if (s < Spins + Yields)
                {
                    Pause(s);
                    continue;
                }
                Volatile.Write(ref asleep[id], 1);
                Interlocked.MemoryBarrier();
                if (generation == seen) wake[id].WaitOne();
                Volatile.Write(ref asleep[id], 0);
            }
            seen = generation;
            if (ending) return;
            Do(id);
            Interlocked.Decrement(ref pending);
        }
    }

    static void Pause(int s)
    {
        if (s < Spins) Thread.SpinWait(10);
        else Thread.Yield();
    }

    public void Dispose()
    {
        if (ending) return;
        ending = true;
        Interlocked.Increment(ref generation);
        for (int i = 1; i < Count; i++) wake[i].Set();
    }
}
