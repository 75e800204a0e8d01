using InrFast.Imaging;
using InrFast.Tests.Formats;

namespace InrFast.Tests.LandmarkTests;

internal sealed class LandmarkTests : FormatTests
{
    [TestCase("a.csv", "x,y,z,t,label\n1,2,3,0,apex\n-4.5,5e1,6,0,\"base\"\n")]
    [TestCase("b.csv", "label;x;y;z\napex;1;2;3\nbase;-4.5;50;6")]
    [TestCase("a.fcsv", "# Markups fiducial file version = 4.11\n# CoordinateSystem = LPS\n# columns = id,x,y,z,ow,ox,oy,oz,vis,sel,lock,label,desc\n1,1,2,3,0,0,0,1,1,1,0,apex,\n2,-4.5,50,6,0,0,0,1,1,1,0,base,\n")]
    [TestCase("b.fcsv", "# CoordinateSystem = 0\n# columns = id,x,y,z,label\n1,-1,-2,3,apex\n2,4.5,-50,6,base\n")]
    public void NamedPointsAreInLpsMillimetres(string name, string text)
    {
        File.WriteAllText(In(name), text);
        var list = LandmarkFile.Read(In(name));
        Assert.That(list.Points, Is.EqualTo(new[] { new Vector3d(1, 2, 3), new Vector3d(-4.5, 50, 6) }));
        Assert.That((list.Names, list.FirstVoxel), Is.EqualTo((new[] { "apex", "base" }, (int?)null)));
    }

    [TestCase("a.txt", "1 2 3\n-4.5\t50 6\n\n", null)]
    [TestCase("b.txt", "point\n2\n1 2 3\n-4.5 50 6\n", null)]
    [TestCase("c.txt", "index\n2\n1 2 3\n-4.5 50 6\n", 0)]
    [TestCase("a.vtk", "# vtk DataFile Version 3.0\nx\nASCII\nDATASET POLYDATA\nPOINTS 2 float\n1 2 3 -4.5\n50 6 \nVERTICES 1 2\n1 0\n", null)]
    public void PlainPointsAreRead(string name, string text, int? firstVoxel)
    {
        File.WriteAllText(In(name), text);
        var list = LandmarkFile.Read(In(name));
        Assert.That(list.Points, Is.EqualTo(new[] { new Vector3d(1, 2, 3), new Vector3d(-4.5, 50, 6) }));
        Assert.That(list.FirstVoxel, Is.EqualTo(firstVoxel));
    }

    [TestCase("")]
    [TestCase("x,y,z\n")]
    [TestCase("1\n")]
    [TestCase("1 2 three\n")]
    [TestCase("1 2 NaN\n")]
    [TestCase("a,b,c\n1,2,3\n")]
    [TestCase("point\n3\n1 2 3\n")]
    [TestCase("# vtk DataFile Version 3.0\nx\nASCII\nPOINTS 2000000000 float\n1 2 3\n")]
    [TestCase("# vtk DataFile Version 3.0\nx\nBINARY\nPOINTS 1 float\n1 2 3\n")]
    public void WhatIsNoListIsRefused(string text)
    {
        File.WriteAllText(In("a.txt"), text);
        Assert.That(TestData.Throws(() => LandmarkFile.Read(In("a.txt"))).Kind, Is.EqualTo(ImagingError.Malformed));
    }

    // The distances that the data's own description names.
    [TestCase("cyc_1_10LMliver", "exhMasterLMliver", 32, 20.1)]
    [TestCase("cyc_3_10LMliver", "exhMasterLMliver", 32, 22.1)]
    [TestCase("cyc_1_10LMoutside", "exhMasterLMoutside", 20, 6.5)]
    [TestCase("cyc_3_10LMoutside", "exhMasterLMoutside", 20, 7.1)]
    public void RealLandmarksLieAsFarApartAsTheirOwnersSay(string moving, string fixedList, int count, double millimetres)
    {
        const string Folder = "registration/liver-4dmr/dataset18/";
        var distances = LandmarkFile.Read(TestData.Shared(Folder + fixedList + ".vtk")).DistancesTo(LandmarkFile.Read(TestData.Shared(Folder + moving + ".vtk")));
        Assert.That((distances.Length, distances.Average()), Is.EqualTo((count, millimetres)).Using<(int, double)>((a, b) => a.Item1 == b.Item1 && Math.Abs(a.Item2 - b.Item2) < 0.05));
    }

    [Test]
    public void ElastixPointsAreRead()
    {
        var list = LandmarkFile.Read(TestData.Shared("lung-4dct/human_lung_baseline_landmarks.txt"));
        Assert.That((list.Points.Count, list.Points[0]), Is.EqualTo((100, new Vector3d(-36.351, -36.974, -1204.5))));
    }

    [Test]
    public void NumbersOfVoxelsBecomePlaces()
    {
        var grid = TestData.Oblique(9, 9, 9).Grid;
        var list = new LandmarkList([new(1, 1, 1), new(3, 4, 5)]) { FirstVoxel = 1 };
        Assert.That(list.InWorld(grid).Points, Is.EqualTo(new[] { grid.IndexToWorld.Origin, grid.ToWorld(new(2, 3, 4)) }));
        Assert.That(TestData.Throws(() => list.DistancesTo(list)).Kind, Is.EqualTo(ImagingError.WrongUse));
        Assert.That(TestData.Throws(() => list.InWorld(grid).DistancesTo(new LandmarkList([new(0, 0, 0)]))).Kind, Is.EqualTo(ImagingError.WrongUse));
    }

    [Test]
    public void WhatIsWrittenComesBack()
    {
        var list = new LandmarkList([new(1.25, -2, 1e-7), new(0.1, 4, 5)]) { Names = ["a", "b"] };
        LandmarkFile.Write(In("a.csv"), list);
        var back = LandmarkFile.Read(In("a.csv"));
        Assert.That((back.Points, back.Names), Is.EqualTo((list.Points, list.Names)));
    }
}
