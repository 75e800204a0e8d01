using CsCheck;
using InrFast.Imaging;

namespace InrFast.Tests.Geometry;

internal sealed class GridTests
{
    private static readonly Gen<Vector3d> AnyPoint = Gen.Select(Gen.Double[-200, 200], Gen.Double[-200, 200], Gen.Double[-200, 200], (x, y, z) => new Vector3d(x, y, z));

    private static readonly Gen<Affine> AnyAffine = Gen.Select(AnyPoint, AnyPoint, AnyPoint, AnyPoint, (x, y, z, o) => new Affine(x / 100, y / 100, z / 100, o))
        .Where(a => a.IsInvertible && Math.Abs(a.Determinant) > 0.01);

    private static readonly Gen<Grid> AnyGrid = Gen.Select(Gen.Int[1, 60], Gen.Int[1, 60], Gen.Int[2, 60], AnyAffine, (x, y, z, a) => new Grid(new GridSize(x, y, z), a));

    [Test]
    public void LpsAndRasDifferInTheSignsOfXAndY() =>
        Gen.Select(AnyAffine, AnyPoint).Sample((map, index) =>
        {
            var (lps, ras) = (map.Apply(index), map.BetweenLpsAndRas().Apply(index));
            return Close(new(-lps.X, -lps.Y, lps.Z), ras) && map.BetweenLpsAndRas().BetweenLpsAndRas() == map;
        });

    [Test]
    public void IndexToWorldAndBackIsTheSamePlace() =>
        Gen.Select(AnyGrid, AnyPoint).Sample((grid, index) => Close(grid.ToIndex(grid.ToWorld(index)), index));

    [Test]
    public void ReversingAnAxisKeepsEveryVoxelInItsPlace() =>
        Gen.Select(AnyGrid, Gen.Int[0, 59]).Sample((grid, i) =>
        {
            var map = grid.IndexToWorld;
            var reversed = map with { StepX = map.StepX * -1, Origin = map.Apply(new(grid.Size.X - 1, 0, 0)) };
            return Close(reversed.Apply(new(grid.Size.X - 1 - i, 3, 4)), map.Apply(new(i, 3, 4))) && Math.Abs(reversed.Determinant + map.Determinant) < 1e-9 * Math.Abs(map.Determinant) + 1e-12;
        });

    [Test]
    public void AxesInAnyOrderAndDirectionAreWalkedTowardsLeftBackAndHead() =>
        Gen.Select(Gen.Int[0, 5], Gen.Bool.Array[3], Gen.Double[0.3, 5].Array[3], Gen.Double[-0.2, 0.2].Array[3], Gen.Double[0, 1].Array[3]).Sample((order, isReversed, spacing, turn, place) =>
        {
            // Index axis n leads along world axis axes[n], forwards or backwards, turned by less than a sixth of a right angle in all.
            int[] axes = [order / 2, (order / 2 + 1 + order % 2) % 3, (order / 2 + 2 - order % 2) % 3];
            Vector3d Along(int n)
            {
                double[] v = [0, 0, 0];
                (v[axes[n]], v[(axes[n] + 1) % 3]) = (isReversed[n] ? -spacing[n] : spacing[n], turn[n] * spacing[n]);
                return new(v[0], v[1], v[2]);
            }
            int[] counts = [5, 7, 9];
            var grid = new Grid(new GridSize(counts[0], counts[1], counts[2]), new Affine(Along(0), Along(1), Along(2), new(1, -2, 3)));
            var letters = string.Concat(axes.Select((axis, n) => (isReversed[n] ? "RAI" : "LPS")[axis]));
            var walk = PatientAxes.Of(grid);
            IndexAxis[] walked = [walk.LeftRight, walk.FrontBack, walk.FootHead];
            return grid.Orientation == letters && walked.Select((axis, world) => axes[axis.Axis] == world && axis.Count == counts[axis.Axis] && axis.IsReversed == isReversed[axis.Axis]
                && axis.Nearest(0) == (axis.IsReversed ? axis.Count - 1 : 0) && axis.Reversed.Nearest(place[world] * 0.999) == axis.Count - 1 - axis.Nearest(place[world] * 0.999)).All(isTrue => isTrue);
        });

    [Test]
    public void AnotherSizeKeepsTheEdgesOfTheFieldOfView() =>
        Gen.Select(AnyGrid, Gen.Int[1, 90], Gen.Int[1, 90], Gen.Int[2, 90]).Sample((grid, x, y, z) =>
        {
            var other = grid.WithSize(new GridSize(x, y, z));
            return Close(FirstCorner(grid), FirstCorner(other)) && Close(LastCorner(grid), LastCorner(other));
        });

    [Test]
    public void ASpacingIsMetExactlyAboutTheSameCentre() =>
        Gen.Select(AnyGrid, Gen.Double[0.5, 3]).Sample((grid, ratio) =>
        {
            var other = grid.WithSpacing(grid.Spacing * ratio);
            var centres = (FirstCorner(grid) + LastCorner(grid)) - (FirstCorner(other) + LastCorner(other));
            return (other.Spacing - grid.Spacing * ratio).Length < 1e-9 && centres.Length < 1e-6
                && (other.Size.X == 1 && grid.Size.X <= 1.5 * ratio || Math.Abs(other.Size.X * ratio - grid.Size.X) <= ratio / 2 + 1e-9);
        }, iter: 50);

    [Test]
    public void TwiceAsManyVoxelsShiftTheOriginByAQuarterOfAVoxel()
    {
        var grid = new Grid(new GridSize(4, 5), Affine.FromSpacing(2, 4, 5) with { Origin = new(10, 20, 30) }).Scaled(2);
        Assert.That(grid.Size, Is.EqualTo(new GridSize(8, 10)));
        Assert.That(grid.Spacing, Is.EqualTo(new Vector3d(1, 2, 5)));
        Assert.That(grid.IndexToWorld.Origin, Is.EqualTo(new Vector3d(9.5, 19, 30)));
    }

    [Test]
    public void AGridMatchesItselfAndNotAShiftedOne()
    {
        var grid = new Grid(new GridSize(4, 5, 6), Affine.FromSpacing(2, 4, 5));
        Assert.That(grid.Matches(grid with { IndexToWorld = grid.IndexToWorld with { Origin = new(0.001, 0, 0) } }), Is.True);
        Assert.That(grid.Matches(grid with { IndexToWorld = grid.IndexToWorld with { Origin = new(0.1, 0, 0) } }), Is.False);
        Assert.That(grid.Matches(grid.WithSize(new GridSize(4, 5, 7))), Is.False);
    }

    [Test]
    public void SizesAreCheckedAndNeverWrap()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => _ = new GridSize(3, 0, 1));
        Assert.Throws<OverflowException>(() => _ = new GridSize(int.MaxValue, int.MaxValue, int.MaxValue).Voxels);
        Assert.That(TestData.Throws(() => Grid.Plain(1000, 1000).Scaled(1e9)).Kind, Is.EqualTo(ImagingError.LimitExceeded));
    }

    [Test]
    public void AFieldOfViewReachesHalfAVoxelBeyondTheOutermostCentres()
    {
        var volume = new Grid(new GridSize(4, 5, 6), Affine.FromSpacing(2, 4, 5));
        Assert.That(volume.Contains(new(-0.99, 17.9, 27.4)), Is.True);
        Assert.That(volume.Contains(new(-1.01, 0, 0)) || volume.Contains(new(0, 18.1, 0)) || volume.Contains(new(0, 0, 27.6)), Is.False);
        Assert.That(Grid.Plain(4, 5).Contains(new(0, 0, 100)), Is.True);
    }

    private static Vector3d FirstCorner(Grid grid) => grid.ToWorld(new(-0.5, -0.5, -0.5));

    private static Vector3d LastCorner(Grid grid) => grid.ToWorld(new(grid.Size.X - 0.5, grid.Size.Y - 0.5, grid.Size.Z - 0.5));

    private static bool Close(Vector3d a, Vector3d b) => (a - b).Length < 1e-6 * (1 + a.Length);
}
