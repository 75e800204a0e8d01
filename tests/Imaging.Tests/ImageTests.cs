using InrFast.Imaging;

namespace InrFast.Tests;

/// <summary>What an image says of its samples, wherever among them the odd ones are.</summary>
internal sealed class ImageTests
{
    [Test]
    public void RangeAndCountLeaveOutWhatIsNotFinite([Values(1, 7, 8, 33, 1000)] int count, [Values(0, 3, 500)] int place)
    {
        var samples = Enumerable.Range(0, count).Select(i => (float)(i * 37 % 101 - 40)).ToArray();
        var at = place % count;
        foreach (var odd in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
        {
            samples[at] = odd;
            var image = new Image(Grid.Plain(count, 1), samples);
            var finite = samples.Where(float.IsFinite).ToArray();
            Assert.That(image.Range(), Is.EqualTo(finite.Length == 0 ? (float.NaN, float.NaN) : (finite.Min(), finite.Max())));
            Assert.That(image.NonFiniteCount(), Is.EqualTo(1));
        }
    }
}
