#!/usr/bin/env dotnet
// Registration of real pairs beside elastix, where that is installed: dotnet run perf/quality/registration.cs [-- NAME]
// Publishes inrfast, runs both on the same pairs, prints a table, and writes perf/results/NAME.md where a name is given. Images: shared/data/registration.
#:property PublishAot=false
#:property RestorePackagesWithLockFile=false
using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Nodes;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
string root = Path.GetFullPath(Path.Combine(Here(), "..", ".."));
string? above = root;
while (above is not null && !Directory.Exists(Path.Combine(above, "shared", "data", "registration"))) above = Path.GetDirectoryName(above);
if (above is null)
{
    Console.Error.WriteLine("shared/data/registration is not there, beside the repository or above it");
    return 1;
}
string data = Path.Combine(above, "shared", "data", "registration");
string work = Directory.CreateTempSubdirectory("inrfast-registration-").FullName, program = Path.Combine(work, "program", "inrfast");
var text = new StringBuilder();
try
{
    Execute("dotnet", "publish", "src/Cli/Cli.csproj", "-c", "Release", "-o", Path.Combine(work, "program"), "-v", "q");
    Line($"# Registration, {DateTime.Now:yyyy-MM-dd}\n\n{Environment.ProcessorCount} cores; load average at the start {File.ReadAllText("/proc/loadavg").Split(' ')[0]}. Landmarks: mean distance in mm. Labels: mean Dice. Folds: voxels of the fixed grid where the determinant, by differences, is not above 0.\n");
    Line("| pair | method | landmarks in the liver | outside | Dice | correlation | folds | seconds |\n| --- | --- | --- | --- | --- | --- | --- | --- |");
    string liver = Path.Combine(data, "liver-4dmr", "dataset18"), brain = Path.Combine(data, "brain-ptbp");
    Pair("liver, 22 mm of breathing", Path.Combine(liver, "exhMaster_unmasked.force_direction.mha"), Path.Combine(liver, "cyc_3_10.force_direction.mha"), liver, null, null, ["--initial", "none"]);
    foreach (var (a, b) in new[] { ("01", "02"), ("02", "03") })
        Pair($"brains {a} and {b}", Path.Combine(brain, $"sub{a}_t1.nii.gz"), Path.Combine(brain, $"sub{b}_t1.nii.gz"), null, Path.Combine(brain, $"sub{a}_labels.nii.gz"), Path.Combine(brain, $"sub{b}_labels.nii.gz"), []);
    if (args is [var name]) File.WriteAllText(Path.Combine(root, "perf", "results", name + ".md"), text.ToString());
    return 0;
}
finally
{
    Directory.Delete(work, recursive: true);
}

void Pair(string name, string fixedImage, string moving, string? landmarks, string? fixedLabels, string? movingLabels, string[] options)
{
    string field = Path.Combine(work, "field.nii.gz"), model = Path.Combine(work, "m.safetensors"), warped = Path.Combine(work, "w.nii.gz"), labels = Path.Combine(work, "l.nii.gz");
    double still = (double)Register("idir", "--iterations", "1", "--learning-rate", "1e-12", "--initial", "none")["metrics"]!["nccBefore"]!;
    Line($"| {name} | none | {Landmarks("LMliver", null)} | {Landmarks("LMoutside", null)} | {Dice(movingLabels)} | {still:F3} | | |");
    foreach (string method in new[] { "idir", "mirnf" })
    {
        var json = Register(method, options);
        if (movingLabels is not null) Execute(program, "register", "--apply", model, movingLabels, "-o", labels, "-f", "-q", "--interpolation", "nearest");
        Line($"| {name} | {method} | {Landmarks("LMliver", field)} | {Landmarks("LMoutside", field)} | {Dice(movingLabels is null ? null : labels)} | {(double)json["metrics"]!["ncc"]!:F3} | {Folds(field)} | {(double)json["seconds"]!["fit"]! + (double)json["seconds"]!["setup"]!:F0} |");
    }
    Elastix();

    JsonNode Register(string method, params string[] more) => Json(["register", fixedImage, moving, "-o", warped, "--field", field, "--model", model, "-f", "--method", method, .. more]);

    string Landmarks(string what, string? by)
    {
        if (landmarks is null) return "";
        string At(string image) => Path.Combine(landmarks, Path.GetFileName(image).Split('.')[0].Replace("_unmasked", "") + what + ".vtk");
        string[] through = by is null ? [] : ["--field", by];
        return ((double)Json(["compare", At(fixedImage), At(moving), .. through])["metrics"]!["tre"]!).ToString("F2");
    }

    string Dice(string? moved) => moved is null ? "" : ((double)Json(["compare", fixedLabels!, moved, "--labels"])["metrics"]!["dice"]!).ToString("F3");

    string Folds(string of) => $"{(double)Json(["compare", of, of])["metrics"]!["foldings"]!:F0}";

    void Elastix()
    {
        string folder = Directory.CreateDirectory(Path.Combine(work, "elastix")).FullName;
        string affine = Parameters("AffineTransform", ""), spline = Parameters("BSplineTransform", "(FinalGridSpacingInPhysicalUnits 16)");
        double seconds;
        try
        {
            seconds = Execute("elastix", "-f", fixedImage, "-m", moving, "-out", folder, "-p", affine, "-p", spline, "-threads", $"{Environment.ProcessorCount}");
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Line($"| {name} | elastix | not installed | | | | | |");
            return;
        }
        string transform = Path.Combine(folder, "TransformParameters.1.txt"), own = Path.Combine(folder, "deformationField.mha");
        Execute("transformix", "-def", "all", "-out", folder, "-tp", transform);
        double correlation = Correlation(Path.Combine(folder, "result.1.mha"));
        string dice = "";
        if (movingLabels is not null)
        {
            string nearest = Path.Combine(folder, "nearest.txt");
            File.WriteAllText(nearest, File.ReadAllText(transform).Replace("(FinalBSplineInterpolationOrder 3)", "(FinalBSplineInterpolationOrder 0)"));
            Execute("transformix", "-in", movingLabels, "-out", folder, "-tp", nearest);
            dice = Dice(Path.Combine(folder, "result.mha"));
        }
        Line($"| {name} | elastix, affine and B-spline of 16 mm, three levels | {Landmarks("LMliver", own)} | {Landmarks("LMoutside", own)} | {dice} | {correlation:F3} | {Folds(own)} | {seconds:F0} |");
    }

    double Correlation(string image) => (double)Json(["register", fixedImage, image, "-o", warped, "-f", "--iterations", "1", "--learning-rate", "1e-12", "--initial", "none"])["metrics"]!["nccBefore"]!;

    // elastix's manual, section 5: the usual settings for intensities of one kind.
    string Parameters(string transform, string more)
    {
        string path = Path.Combine(work, transform + ".txt");
        File.WriteAllText(path, $"""
            (FixedInternalImagePixelType "float")
            (MovingInternalImagePixelType "float")
            (UseDirectionCosines "true")
            (Registration "MultiResolutionRegistration")
            (Interpolator "BSplineInterpolator")
            (ResampleInterpolator "FinalBSplineInterpolator")
            (Resampler "DefaultResampler")
            (FixedImagePyramid "FixedRecursiveImagePyramid")
            (MovingImagePyramid "MovingRecursiveImagePyramid")
            (Optimizer "AdaptiveStochasticGradientDescent")
            (Transform "{transform}")
            (Metric "AdvancedNormalizedCorrelation")
            (AutomaticScalesEstimation "true")
            (AutomaticTransformInitialization "false")
            (HowToCombineTransforms "Compose")
            (NumberOfResolutions 3)
            (MaximumNumberOfIterations 500)
            (NumberOfSpatialSamples 4096)
            (NewSamplesEveryIteration "true")
            (ImageSampler "RandomCoordinate")
            (BSplineInterpolationOrder 1)
            (FinalBSplineInterpolationOrder 3)
            (DefaultPixelValue 0)
            (WriteResultImage "true")
            (ResultImagePixelType "float")
            (ResultImageFormat "mha")
            {more}

            """);
        return path;
    }
}

JsonNode Json(string[] command)
{
    string result = Path.Combine(work, "result.json");
    Execute(program, [.. command, "-q", "-f", "--json", result]);
    return JsonNode.Parse(File.ReadAllText(result))!;
}

double Execute(string file, params string[] arguments)
{
    long start = Stopwatch.GetTimestamp();
    using var process = Process.Start(new ProcessStartInfo(file, arguments) { WorkingDirectory = root, RedirectStandardOutput = true })!;
    string output = process.StandardOutput.ReadToEnd();
    process.WaitForExit();
    return process.ExitCode == 0 ? Stopwatch.GetElapsedTime(start).TotalSeconds : throw new InvalidOperationException($"{file} {string.Join(' ', arguments)} ended with {process.ExitCode}\n{output}");
}

void Line(string line)
{
    Console.WriteLine(line);
    text.AppendLine(line);
}

static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
