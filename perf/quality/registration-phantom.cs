#!/usr/bin/env dotnet
// Registration of an analytic pair with a known field, beside figures that others measured: dotnet run -c Release perf/quality/registration-phantom.cs [-- NAME]
// Publishes inrfast, registers 48 x 48 x 48 voxels, prints a table, and writes perf/results/NAME.md where a name is given. Minutes.
#:project ../Reporting/Reporting.csproj
#:project ../../src/Imaging/Imaging.csproj
#:property PublishAot=false
#:property RestorePackagesWithLockFile=false
using System.Globalization;
using InrFast.Imaging;
using InrFast.Reporting;

const int Side = 48;
const double Half = (Side - 1) / 2.0;
using var report = new Report(args is [var name] ? name : null);
string fixedImage = Path.Combine(report.Work, "fixed.npy"), moving = Path.Combine(report.Work, "moving.npy"), from = Path.Combine(report.Work, "from.csv"), to = Path.Combine(report.Work, "to.csv");
// The same pair as in tests/Tasks.Tests/Registration/Phantom48.cs, where its sums are held against the published ones.
(Vector3d Centre, double Deviation, double Height)[] blobs =
[
    .. Enumerable.Range(1, 60).Select(k => (At(1.7, k, .7548777, .5698403, .4301597), .10 + .10 * Frac(.6180340 * k), (.5 + .5 * Frac(.3247180 * k)) * (k % 3 == 0 ? -1 : 1))),
    .. Enumerable.Range(1, 400).Select(k => (At(1.8, k, .8566749, .7338919, .6287067), .05 + .03 * Frac(.6180340 * k), k % 2 == 0 ? -.6 : .6)),
];
Write(moving, Value);
Write(fixedImage, p => Value(p + Displacement(p)));
Vector3d[] points = [.. Enumerable.Range(1, 300).Select(k => At(1.6, k, .8191725, .6710436, .5497005))];
List(from, points);
List(to, points.Select(p => p + Displacement(p)));
report.Line($"# Registration of a phantom, {DateTime.Now:yyyy-MM-dd}\n\n{Report.Machine} at the start. 300 landmarks, 1.87 voxels apart on average. Others: a SIREN of three layers of 128 units, 2,000 points at 1e-4, without a pyramid, and what is asked for.\n");
report.Line("| options | mean error, voxels | others (asked) | folds | seconds |\n| --- | --- | --- | --- | --- |");
string[] published = ["--similarity", "ncc", "--folding-weight", "0", "--points", "2000", "--learning-rate", "1e-4"];
Row("0.25 (0.35)", [.. published, "--iterations", "1500", "--regularizer", "none"]);
Row("0.30 (0.40)", [.. published, "--iterations", "1000", "--regularizer-weight", "0.05"]);
Row("", []);
Row("(0.2 above idir's)", ["--method", "mirnf", "--similarity", "ncc"]);
Row("(0.40)", ["--method", "mirnf", "--similarity", "ncc", "--deformation", "displacement"]);
report.Save();

void Row(string others, string[] options)
{
    var (json, seconds) = report.Run(["register", fixedImage, moving, "-o", Path.Combine(report.Work, "w.nii"), "--initial", "none", "--landmarks", from, to, .. options]);
    report.Line($"| `{(options.Length == 0 ? "(the defaults)" : string.Join(' ', options))}` | {(double)json["metrics"]!["tre"]!:F3} | {others} | {json["metrics"]!["foldings"]} | {seconds:F0} |");
}

static double Frac(double x) => x - Math.Floor(x);
static Vector3d At(double side, int k, double x, double y, double z) => new(side * (Frac(x * k) - .5), side * (Frac(y * k) - .5), side * (Frac(z * k) - .5));

double Value(Vector3d p) => blobs.Sum(blob => blob.Height * Math.Exp(-Vector3d.Dot(p - blob.Centre, p - blob.Centre) / (2 * blob.Deviation * blob.Deviation)));

static Vector3d Displacement(Vector3d p)
{
    double w = (1 - p.X * p.X) * (1 - p.Y * p.Y) * (1 - p.Z * p.Z);
    double Wave(double a, double b) => .15 * w * Math.Sin(Math.PI * a) * Math.Cos(Math.PI * b / 2);
    return new(Wave(p.Y, p.Z), Wave(p.Z, p.X), Wave(p.X, p.Y) + .04 * w);
}

static void Write(string path, Func<Vector3d, double> value)
{
    var values = new float[Side * Side * Side];
    Parallel.For(0, values.Length, i => values[i] = (float)value(new(i % Side / Half - 1, i / Side % Side / Half - 1, i / Side / Side / Half - 1)));
    ImageFile.Write(path, new Image(Grid.Plain(Side, Side, Side), values), new WriteOptions());
}

// The world's unit is a voxel.
static void List(string path, IEnumerable<Vector3d> points) =>
    File.WriteAllLines(path, ["x,y,z", .. points.Select(p => string.Create(CultureInfo.InvariantCulture, $"{(p.X + 1) * Half},{(p.Y + 1) * Half},{(p.Z + 1) * Half}"))]);
