using System.Runtime.ExceptionServices;

namespace InrFast.Imaging.Dicom;

/// <summary>A loop on all cores that fails as the plain one would: with the exception of the first index that failed.</summary>
internal static class Concurrently
{
    public static void For(int count, Action<int> body)
    {
        var failures = new Exception?[count];
        Parallel.For(0, count, (i, state) =>
        {
            try
            {
                body(i);
            }
            catch (Exception e)
            {
                // Whatever it is, it is thrown below; smaller indices still run.
                failures[i] = e;
                state.Break();
            }
        });
        if (Array.Find(failures, failure => failure is not null) is { } first)
        {
            ExceptionDispatchInfo.Throw(first);
        }
    }
}
