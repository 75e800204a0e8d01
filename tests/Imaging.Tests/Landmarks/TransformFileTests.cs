using InrFast.Imaging;

namespace InrFast.Tests.LandmarkTests;

/// <summary>Affine maps of other programs. The expected places are those of elastix's transformix 5.0.1.</summary>
public sealed class TransformFileTests
{
    private static readonly Vector3d[] points = [new(1, 2, 3), new(-40, 7.5, 100)];

    private static readonly Vector3d[] turned = [new(5.013710, 6.051244, 9.652491), new(-13.536302, -4.744300, 112.897846)];

    private static readonly Vector3d[] sheared = [new(3.2, 0.25, 3.6), new(-50.5, 32.25, 128.75)];

    private const string Matrix = "1.1 0.2 -0.1 0.05 0.9 0.3 -0.2 0.1 1.2 4 5 6";

    private string folder = "";

    [SetUp]
    public void CreateFolder() => folder = Directory.CreateTempSubdirectory("inrfast-transform-").FullName;

    [TearDown]
    public void DeleteFolder() => Directory.Delete(folder, recursive: true);

    private string In(string text)
    {
        var path = Path.Combine(folder, "t.txt");
        File.WriteAllText(path, text);
        return path;
    }

    private static string Itk(string type, string parameters, string centre = "10 20 30") => $"#Insight Transform File V1.0\n#Transform 0\nTransform: {type}_double_3_3\nParameters: {parameters}\nFixedParameters: {centre}\n";

    private static string Elastix(string type, string parameters) =>
        $"(Transform \"{type}\")\n(NumberOfParameters 12)\n(TransformParameters {parameters})\n(InitialTransformParameterFileName \"NoInitialTransform\")\n(CenterOfRotationPoint 10 20 30)\n";

    private static object[] Known =>
    [
        new object[] { Itk("Euler3DTransform", "0.1 0.2 0.3 4 5 6"), turned }, new object[] { Elastix("EulerTransform", "0.1 0.2 0.3 4 5 6"), turned },
        new object[] { Itk("MatrixOffsetTransformBase", Matrix), sheared }, new object[] { Itk("AffineTransform", Matrix).Replace("\n", "\r\n", StringComparison.Ordinal), sheared }, new object[] { Elastix("AffineTransform", Matrix), sheared },
    ];

    [TestCaseSource(nameof(Known))]
    public void PointsComeToLieWhereTransformixHasThem(string text, Vector3d[] expected)
    {
        var map = TransformFile.Read(In(text));
        Assert.That(points.Zip(expected, (p, e) => (map.Apply(p) - e).Length).Max(), Is.LessThan(1e-5));
    }

    [Test]
    public void WhatIsWrittenIsRead()
    {
        var map = new Affine(new(1.1, 0.2, 0.1), new(-0.3, 0.9, 0), new(0, 0.1, 1.0 / 3), new(-4.5, 1e-7, 300));
        var path = Path.Combine(folder, "w.txt");
        TransformFile.Write(path, map);
        Assert.That(TransformFile.Read(path), Is.EqualTo(map));
        Assert.That(() => TransformFile.Write(path, map), Throws.InstanceOf<ImagingException>());
    }

    [TestCase("1 2 3\n", "it holds no transform")]
    [TestCase("#Transform 0\nTransform: BSplineTransform_double_3_3\nParameters: 1 2\n", "no affine transform")]
    [TestCase("#Transform 0\nTransform: AffineTransform_double_3_3\nParameters: 1 0 0 0 1 0 0 0 1 a 0 0\n", "'a' is no number")]
    [TestCase("#Transform 0\nTransform: AffineTransform_double_3_3\nParameters: 1 0 0 1 0 0 0 0 1 0 0 0\n", "cannot be inverted")]
    [TestCase("#Transform 0\nTransform: TranslationTransform_double_3_3\nParameters: 1 2 3\n#Transform 1\nTransform: TranslationTransform_double_3_3\nParameters: 1 2 3\n", "several transforms")]
    [TestCase("(Transform \"AffineTransform\")\n(TransformParameters 1 0 0 0 1 0 0 0 1 0 0 0)\n(InitialTransformParametersFileName \"other.txt\")\n", "several transforms")]
    public void WhatIsNoneIsSaid(string text, string words) =>
        Assert.That(() => TransformFile.Read(In(text)), Throws.InstanceOf<ImagingException>().With.Message.Contains(words));
}
