#!/usr/bin/env dotnet
// Time to quality of the command line on real images: dotnet run perf/quality/quality.cs [-- NAME]
// Publishes inrfast, runs it, prints tables, and writes perf/results/NAME.md and .json where a name is given. Half an hour; no libtorch.
#:project ../Reporting/Reporting.csproj
#:property PublishAot=false
#:property RestorePackagesWithLockFile=false
using System.Text.Json.Nodes;
using InrFast.Reporting;

const string Slice = "samples/ct.dcm", Brain = "samples/brain-t1.nii.gz", Camera = "samples/camera.png";
using var report = new Report(args is [var name] ? name : null);
var runs = new JsonArray();
string model = Path.Combine(report.Work, "m.safetensors");
report.Line($"# Time to quality, {DateTime.Now:yyyy-MM-dd}\n\n{Report.Machine} at the start, and beside each run.\n");
Targets();
AfterSeconds();
ColdStart();
report.Save(new JsonObject { ["date"] = DateTime.Now.ToString("yyyy-MM-dd"), ["cores"] = Environment.ProcessorCount, ["runs"] = runs });

// The goals are for two quiet cores.
void Targets()
{
    report.Line("## To a target\n\nFitting seconds are those of updates and of measuring PSNR between them; the command's are of the whole process.\n");
    report.Line("| image, parameters per voxel at most | to dB | goal, s | fit, s | command, s | iterations | million rows | dB | parameters per voxel | peak MiB | load |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    (string What, string? Image, double Target, double Goal, string[] Options)[] cases =
    [
        ("CT slice 512 x 512, 1/2", Slice, 40, 0.3, ["--bits-per-voxel", "16"]),
        ("CT slice, 1/16", Slice, 40, 1.5, ["--bits-per-voxel", "2"]),
        ("CT slice, SIREN 64 x 3", Slice, 40, 6, ["--preset", "smooth"]),
        ("brain MR 124 x 160 x 140, 0.65", Brain, 40, 10, ["--bits-per-voxel", "20.8"]),
        ("chest CT 256 x 256 x 133, 1/8", Report.Data("ct", "lidc_chest.nii.gz"), 38, 10, ["--bits-per-voxel", "4"]),
    ];
    foreach (var c in cases)
    {
        if (c.Image is null)
        {
            report.Line($"| {c.What} | {c.Target} | {c.Goal} | the image is not there | | | | | | | |");
            continue;
        }
        var (json, seconds, load) = Fit(c.What, c.Image, [.. c.Options, "--target-psnr", $"{c.Target}"]);
        report.Line($"| {c.What} | {c.Target} | {c.Goal} | {Number(json, "seconds", "fit"):F2} | {seconds:F2} | {json["iterations"]} | {Rows(json):F1} | {Number(json, "metrics", "psnr"):F2} | {Number(json, "metrics", "parametersPerVoxel"):F3} | {Peak(json)} | {load} |");
    }
}

void AfterSeconds()
{
    string[] methods = ["grid", "siren", "finer", "wire", "fourier", "frequency", "relu", "multi-head", "levels-of-experts", "ensemble", "miner"];
    report.Line("\n## After 1, 5 and 30 seconds of fitting\n\nOne run each (--time-limit). A fit that is done earlier says after how long.\n");
    report.Line("| image | method | parameters per voxel | 1 s | 5 s | 30 s | peak MiB | load |\n| --- | --- | --- | --- | --- | --- | --- | --- |");
    foreach (string image in new[] { Slice, Camera, Brain })
        foreach (string method in methods)
        {
            var done = new[] { 1, 5, 30 }.Select(limit => (Limit: limit, Run: Fit($"{image} {method} {limit} s", image, ["--method", method, "--time-limit", $"{limit}", "--iterations", method == "miner" ? "500" : "1000000"]))).ToArray();
            var last = done[^1].Run;
            report.Line($"| {Path.GetFileName(image)} | {method} | {Number(last.Json, "metrics", "parametersPerVoxel"):F3} | {string.Join(" | ", done.Select(d => Decibel(d.Limit, d.Run.Json)))} | {Peak(last.Json)} | {last.Load} |");
        }
}

void ColdStart()
{
    report.Line("\n## Cold start\n\nThe fastest of five processes.\n\n| command | s |\n| --- | --- |");
    foreach (string[] command in new[] { new[] { "--version" }, ["info", Slice], ["fit", Slice, "-o", model, "-f", "-q", "--iterations", "1"] })
    {
        double best = Enumerable.Range(0, 5).Min(_ => Report.Execute(report.Inrfast, command));
        report.Line($"| inrfast {string.Join(' ', command.Select(word => word.StartsWith(report.Work, StringComparison.Ordinal) ? "m.safetensors" : word))} | {best:F2} |");
        runs.Add(new JsonObject { ["run"] = "cold start: " + command[0], ["commandSeconds"] = best });
    }
}

(JsonNode Json, double Seconds, string Load) Fit(string what, string image, string[] options)
{
    string load = Report.Load;
    var (json, seconds) = report.Run(["fit", image, "-o", model, .. options]);
    foreach (string needless in new[] { "input", "output", "warnings", "history" }) json.AsObject().Remove(needless);
    runs.Add(new JsonObject { ["run"] = what, ["load"] = load, ["commandSeconds"] = seconds, ["result"] = json });
    return (json, seconds, load);
}

static double Number(JsonNode json, string group, string name) => (double)json[group]![name]!;

static double Rows(JsonNode json) => (double)json["rowsPerSecond"]! * Number(json, "seconds", "fit") * 1e-6;

static long Peak(JsonNode json) => (long)json["peakMemoryBytes"]! >> 20;

static string Decibel(int limit, JsonNode json) =>
    $"{Number(json, "metrics", "psnr"):F1} dB" + (Number(json, "seconds", "fit") < 0.95 * limit ? $" ({Number(json, "seconds", "fit"):F1} s)" : "");
