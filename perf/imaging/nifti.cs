#!/usr/bin/env dotnet
// Reading and writing of .nii.gz beside nibabel: dotnet run -c Release perf/imaging/nifti.cs [-- ROUNDS [FILE...]]
// Both keep their process; files lie in /dev/shm (no disk in the way). nibabel reads into float32, as the library does, and writes what it read, both with the file's own type.
#:project ../../src/Imaging/Imaging.csproj
#:project ../Reporting/Reporting.csproj
#:property PublishAot=false
#:property RestorePackagesWithLockFile=false
using System.Diagnostics;
using InrFast.Imaging;
using InrFast.Reporting;

const string Script = """
import sys, time, nibabel, numpy
for line in sys.stdin:
    source, target = line.split()
    start = time.perf_counter()
    image = nibabel.load(source)
    values = image.get_fdata(dtype=numpy.float32)
    read = time.perf_counter()
    nibabel.save(nibabel.Nifti1Image(numpy.asarray(values, image.get_data_dtype()), image.affine, image.header), target)
    print(read - start, time.perf_counter() - read, flush=True)
""";
var rounds = args.Length > 0 ? int.Parse(args[0]) : 9;
var files = args.Length > 1 ? args[1..] : [Path.Combine(Report.Root, "samples", "brain-t1.nii.gz")];
using var report = new Report(null, memory: true);
using var peer = Process.Start(new ProcessStartInfo("/usr/bin/python3", ["-c", Script]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
try
{
    Console.WriteLine($"{Report.Machine}, {DateTime.Now:yyyy-MM-dd}: medians of {rounds} rounds\n");
    Console.WriteLine("| file | voxels | read, ms | nibabel / it | write, ms | nibabel / it | bytes / nibabel's |\n| --- | --- | --- | --- | --- | --- | --- |");
    foreach (var file in files)
    {
        string source = Path.Combine(report.Work, "source.nii.gz"), ours = Path.Combine(report.Work, "ours.nii.gz"), theirs = Path.Combine(report.Work, "theirs.nii.gz");
        File.Copy(file, source, overwrite: true);
        var (reads, writes, peerReads, peerWrites) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
        var size = default(GridSize);
        for (var round = -3; round < rounds; round++)
        {
            var start = Stopwatch.GetTimestamp();
            var image = ImageFile.Read(source);
            var read = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            start = Stopwatch.GetTimestamp();
            ImageFile.Write(ours, image, new WriteOptions { Force = true });
            var write = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            peer.StandardInput.WriteLine($"{source} {theirs}");
            var seconds = Array.ConvertAll(peer.StandardOutput.ReadLine()!.Split(' '), double.Parse);
            size = image.Size;
            if (round >= 0)
            {
                reads.Add(read);
                writes.Add(write);
                peerReads.Add(1000 * seconds[0]);
                peerWrites.Add(1000 * seconds[1]);
            }
        }
        Console.WriteLine($"| {Path.GetFileName(file)} | {size} | {Report.Median(reads):F1} | {Ratio(peerReads, reads):F2} | {Report.Median(writes):F1} | {Ratio(peerWrites, writes):F2} | {(double)new FileInfo(ours).Length / new FileInfo(theirs).Length:F2} |");
    }
}
finally
{
    peer.StandardInput.Close();
}

double Ratio(List<double> peers, List<double> own) => Report.Median(peers.Zip(own, (a, b) => a / b));
