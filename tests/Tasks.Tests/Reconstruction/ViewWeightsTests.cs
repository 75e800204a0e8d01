using InrFast.Tasks.Reconstruction;

namespace InrFast.Tests;

public sealed class ViewWeightsTests
{
    const double Degree = Math.PI / 180;

    [Test]
    public void Views_stand_for_the_angles_about_them()
    {
        Assert.That(new ViewWeights([0, 1 * Degree, 90 * Degree], true, 0).Steps.Sum(), Is.EqualTo(Math.PI).Within(1e-12).Or.LessThan(Math.PI));
        Assert.That(new ViewWeights([.. Enumerable.Range(0, 60).Select(i => i * 3 * Degree)], true, 0).Steps, Is.All.EqualTo(3 * Degree).Within(1e-12));
        // Both ends of a half turn are the same view: half for each.
        var both = new ViewWeights([.. Enumerable.Range(0, 61).Select(i => i * 3 * Degree)], true, 0).Steps;
        Assert.That((both[0], both[60], both[30]), Is.EqualTo((1.5 * Degree, 1.5 * Degree, 3 * Degree)).Using<double>((a, b) => Math.Abs(a - b) < 1e-9));
        // A full turn of a parallel beam measures everything twice.
        Assert.That(new ViewWeights([.. Enumerable.Range(0, 120).Select(i => i * 3 * Degree)], true, 0).Steps.Sum(), Is.EqualTo(Math.PI).Within(1e-9));
        // A view that is missing is shared by its neighbours; a quarter turn is not.
        Assert.That(new ViewWeights([.. Enumerable.Range(0, 60).Where(i => i != 20).Select(i => i * 3 * Degree)], true, 0).Steps.Sum(), Is.EqualTo(Math.PI).Within(1e-9));
        Assert.That(new ViewWeights([.. Enumerable.Range(0, 30).Select(i => i * 3 * Degree)], true, 0).Steps, Is.All.EqualTo(3 * Degree).Within(1e-9));
    }

    /// <summary>The shares of the two rays that measure one line add up to 1; where there is only one it has all.</summary>
    [TestCase(200, 10)]
    [TestCase(240, 10)]
    [TestCase(190, 20)]
    [TestCase(120, 20)]
    public void Lines_measured_twice_are_shared(double coverage, double fan)
    {
        double[] angles = [.. Enumerable.Range(0, (int)(coverage * 4)).Select(i => (37 + i / 4.0) * Degree)];
        var weights = new ViewWeights(angles, false, fan * Degree);
        Assert.That(weights.IsFullTurn, Is.False);
        Assert.That(weights.Coverage, Is.EqualTo(coverage * Degree).Within(1e-6));
        int pairs = 0, singles = 0;
        for (int view = 3; view < angles.Length - 3; view += 7)
            for (int g = -8; g <= 8; g++)
            {
                double gamma = g / 8.0 * fan;
                // Whole quarters of a degree, so that the other ray's view is there.
                gamma = Math.Round(gamma * 8) / 8;
                double share = weights.Share(view, gamma * Degree);
                Assert.That(share, Is.InRange(0.0, 1.0));
                int[] others = [.. new[] { 180 - 2 * gamma, -180 - 2 * gamma }.Select(shift => (int)Math.Round(view + 4 * shift)).Where(other => other >= 0 && other < angles.Length)];
                if (others.Length == 0) singles++;
                else pairs++;
                if (others.Length <= 1) Assert.That(share + others.Sum(other => weights.Share(other, -gamma * Degree)), Is.EqualTo(1).Within(0.02), $"view {view}, {gamma} degrees");
            }
        Assert.That(singles, Is.Positive);
        if (coverage > 180) Assert.That(pairs, Is.Positive);
    }
}
