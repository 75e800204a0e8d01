#!/usr/bin/env dotnet
// Registration of real pairs beside elastix, where that is installed: dotnet run perf/quality/registration.cs [-- NAME]
// Publishes inrfast, runs both on the same pairs, prints a table, and writes perf/results/NAME.md where a name is given. Images: shared/data/registration and lung-4dct.
#:project ../Reporting/Reporting.csproj
#:property PublishAot=false
#:property RestorePackagesWithLockFile=false
using System.Text.Json.Nodes;
using InrFast.Reporting;

if (Report.Data("registration") is not { } data)
{
    Console.Error.WriteLine("shared/data/registration is not there, beside the repository or above it");
    return 1;
}
using var report = new Report(args is [var name] ? name : null);
report.Line($"# Registration, {DateTime.Now:yyyy-MM-dd}\n\n{Report.Machine} at the start. Landmarks: mean distance in mm. Labels: mean Dice. Folds: voxels of the fixed grid where the determinant, by differences, is not above 0.\n");
report.Line("| pair | method | landmarks in the liver | outside | Dice | correlation | SSIM | folds | seconds |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
string liver = Path.Combine(data, "liver-4dmr", "dataset18"), brain = Path.Combine(data, "brain-ptbp");
Pair("liver, 22 mm of breathing", Path.Combine(liver, "exhMaster_unmasked.force_direction.mha"), Path.Combine(liver, "cyc_3_10.force_direction.mha"), liver, null, null, ["--initial", "none"]);
foreach (var (a, b) in new[] { ("01", "02"), ("02", "03") })
    Pair($"brains {a} and {b}", Path.Combine(brain, $"sub{a}_t1.nii.gz"), Path.Combine(brain, $"sub{b}_t1.nii.gz"), null, Path.Combine(brain, $"sub{a}_labels.nii.gz"), Path.Combine(brain, $"sub{b}_labels.nii.gz"), []);
if (Report.Data("lung-4dct") is { } lungs)
{
    Pair("rat's thorax, gates 1 and 4 of breathing, one slice", Gate(lungs, 0), Gate(lungs, 3), null, null, null, []);
    Pair("lungs, 3-D, a second scan already moved near the first", Path.Combine(lungs, "human_lung_baseline_small.mha"), Path.Combine(lungs, "human_lung_followup_warped.mha"), null, null, null, ["--similarity", "ncc"]);
}
report.Save();
return 0;

// One of four slices of 350 x 350, 16 bits, one after another at the file's end, as a picture that elastix reads.
string Gate(string lungs, int gate)
{
    const int Side = 350, Bytes = 2 * Side * Side, Gates = 4;
    string path = Path.Combine(report.Work, $"gate{gate}.mha");
    byte[] all = File.ReadAllBytes(Path.Combine(lungs, "rodent_4gates_highdose.npy")), header = System.Text.Encoding.ASCII.GetBytes(
        $"ObjectType = Image\nNDims = 2\nBinaryData = True\nBinaryDataByteOrderMSB = False\nOffset = 0 0\nElementSpacing = 1 1\nDimSize = {Side} {Side}\nElementType = MET_USHORT\nElementDataFile = LOCAL\n");
    File.WriteAllBytes(path, [.. header, .. all[^((Gates - gate) * Bytes)..][..Bytes]]);
    return path;
}

void Pair(string name, string fixedImage, string moving, string? landmarks, string? fixedLabels, string? movingLabels, string[] options)
{
    string field = Path.Combine(report.Work, "field.nii.gz"), model = Path.Combine(report.Work, "m.safetensors"), warped = Path.Combine(report.Work, "w.nii.gz"), labels = Path.Combine(report.Work, "l.nii.gz");
    double still = (double)Register("idir", "--iterations", "1", "--learning-rate", "1e-12", "--initial", "none")["metrics"]!["nccBefore"]!;
    report.Line($"| {name} | none | {Landmarks("LMliver", null)} | {Landmarks("LMoutside", null)} | {Dice(movingLabels)} | {still:F4} | | | |");
    foreach (string method in new[] { "idir", "mirnf" })
    {
        var json = Register(method, options);
        if (movingLabels is not null) Report.Execute(report.Inrfast, "register", "--apply", model, movingLabels, "-o", labels, "-f", "-q", "--interpolation", "nearest");
        report.Line($"| {name} | {string.Join(' ', [method, .. options.Contains("--similarity") ? options : []])} | {Landmarks("LMliver", field)} | {Landmarks("LMoutside", field)} | {Dice(movingLabels is null ? null : labels)} | {(double)json["metrics"]!["ncc"]!:F4} | {Similarity(warped)} | {Folds(field)} | {(double)json["seconds"]!["fit"]! + (double)json["seconds"]!["setup"]!:F0} |");
    }
    Elastix();

    JsonNode Register(string method, params string[] more) => report.Run(["register", fixedImage, moving, "-o", warped, "--field", field, "--model", model, "-f", "--method", method, .. more]).Json;

    string Landmarks(string what, string? by)
    {
        if (landmarks is null) return "";
        string At(string image) => Path.Combine(landmarks, Path.GetFileName(image).Split('.')[0].Replace("_unmasked", "") + what + ".vtk");
        string[] through = by is null ? [] : ["--field", by];
        return ((double)report.Run(["compare", At(fixedImage), At(moving), .. through]).Json["metrics"]!["tre"]!).ToString("F2");
    }

    string Dice(string? moved) => moved is null ? "" : ((double)report.Run("compare", fixedLabels!, moved, "--labels").Json["metrics"]!["dice"]!).ToString("F3");

    string Similarity(string image) => ((double)report.Run("compare", fixedImage, image).Json["metrics"]!["ssim"]!).ToString("F3");

    string Folds(string of) => $"{(double)report.Run("compare", of, of).Json["metrics"]!["foldings"]!:F0}";

    void Elastix()
    {
        string folder = Directory.CreateDirectory(Path.Combine(report.Work, "elastix")).FullName;
        string affine = Parameters("AffineTransform", ""), spline = Parameters("BSplineTransform", "(FinalGridSpacingInPhysicalUnits 16)");
        double seconds;
        try
        {
            seconds = Report.Execute("elastix", "-f", fixedImage, "-m", moving, "-out", folder, "-p", affine, "-p", spline, "-threads", $"{Environment.ProcessorCount}");
        }
        catch (System.ComponentModel.Win32Exception)
        {
            report.Line($"| {name} | elastix | not installed | | | | | | |");
            return;
        }
        string transform = Path.Combine(folder, "TransformParameters.1.txt"), own = Path.Combine(folder, "deformationField.mha");
        Report.Execute("transformix", "-def", "all", "-out", folder, "-tp", transform);
        double correlation = Correlation(Path.Combine(folder, "result.1.mha"));
        string dice = "";
        if (movingLabels is not null)
        {
            string nearest = Path.Combine(folder, "nearest.txt");
            File.WriteAllText(nearest, File.ReadAllText(transform).Replace("(FinalBSplineInterpolationOrder 3)", "(FinalBSplineInterpolationOrder 0)"));
            Report.Execute("transformix", "-in", movingLabels, "-out", folder, "-tp", nearest);
            dice = Dice(Path.Combine(folder, "result.mha"));
        }
        report.Line($"| {name} | elastix, affine and B-spline of 16 mm, three levels | {Landmarks("LMliver", own)} | {Landmarks("LMoutside", own)} | {dice} | {correlation:F4} | {Similarity(Path.Combine(folder, "result.1.mha"))} | {Folds(own)} | {seconds:F0} |");
    }

    double Correlation(string image) => (double)report.Run("register", fixedImage, image, "-o", warped, "-f", "--iterations", "1", "--learning-rate", "1e-12", "--initial", "none").Json["metrics"]!["nccBefore"]!;

    // elastix's manual, section 5: the usual settings for intensities of one kind.
    string Parameters(string transform, string more)
    {
        string path = Path.Combine(report.Work, transform + ".txt");
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
