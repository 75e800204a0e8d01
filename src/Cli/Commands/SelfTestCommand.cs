using System.CommandLine;
using System.Globalization;
using InrFast.Cli.Output;
using InrFast.Tasks.Benchmarks;

namespace InrFast.Cli.Commands;

/// <summary>Holds every part of the engine on a device against its definition.</summary>
internal static class SelfTestCommand
{
    public static Command Create()
    {
        var command = new Command("selftest", "Check what a device computes against definitions in double; for a machine or a card that is new.") { Options.Device, Options.Precision, Options.Threads };
        command.SetAction(parsed => Run(new Session(parsed)));
        return command;
    }

    private static int Run(Session session)
    {
        var device = session.OpenDevice();
        using var cancellation = new Cancellation();
        using var workers = session.StartWorkers();
        session.Result.Device = device.Name;
        session.Result.SelfTest = [];
        session.Write([device.Name, "", $"{"part",-34}{"difference",12}{"at most",10}"]);
        foreach (var result in new SelfTest(device, workers).Run())
        {
            session.Result.SelfTest.Add(new(result.Name, result.Passed, double.IsNaN(result.Difference) ? null : result.Difference, result.Bound, result.Repeats));
            session.Write([Line(result)]);
            cancellation.Token.ThrowIfCancellationRequested();
        }
        var failed = session.Result.SelfTest.Count(part => !part.Passed);
        session.Write(["", failed == 0 ? $"all {session.Result.SelfTest.Count} parts agree" : $"{failed} of {session.Result.SelfTest.Count} parts FAILED: do not use this device"]);
        return session.Finish(failed == 0 ? ExitCode.Done : ExitCode.Defect);
    }

    private static string Line(SelfTestResult result) => string.Create(CultureInfo.InvariantCulture,
        $"{result.Name,-34}{result.Difference,12:0.0e-0}{result.Bound,10:0e-0}  {(result.Passed ? "ok" : result.Repeats ? "FAILED" : "FAILED: other bits the second time")}");
}
