using InrFast.Kernels.Sampling;
using InrFast.Kernels.Vectors;

namespace InrFast.Tests;

public unsafe class VoxelOrderTests
{
    [Test]
    public void AShuffledSweepVisitsEveryVoxelOncePerEpoch([Values(1, 2, 7, 100, 1024, 5000)] int count)
    {
        var voxels = SamplingCase.Voxels(new ShuffledSweep(count), 0, 4 * count);
        for (int epoch = 0; epoch < 4; epoch++)
            Assert.That(voxels.Skip(epoch * count).Take(count).Order(), Is.EqualTo(Enumerable.Range(0, count).Select(i => (long)i)), $"epoch {epoch}");
        if (count < 100) return;
        Assert.That(voxels.Take(count), Is.Not.EqualTo(voxels.Skip(count).Take(count)), "each epoch has its order");
        Assert.That(voxels, Is.Not.EqualTo(SamplingCase.Voxels(new ShuffledSweep(count), 0, 4 * count, seed: 6)), "each seed has its order");
    }

    [Test]
    public void TheBackgroundTakesItsTurns([Values(40, 43, 47)] int backgroundCount)
    {
        const int Share = 8, ForegroundCount = 30;
        uint[] all = [.. Enumerable.Range(0, ForegroundCount + backgroundCount).Select(i => (uint)(3 * i))];
        fixed (uint* list = all)
        {
            int turn = (backgroundCount + Share - 1) / Share, epoch = ForegroundCount + turn;
            var order = new ListedSweep((nint)list, ForegroundCount, (nint)(list + ForegroundCount), backgroundCount, Share);
            var voxels = SamplingCase.Voxels(order, 0, Share * epoch);
            var seen = new HashSet<long>();
            for (int e = 0; e < Share; e++)
            {
                var now = voxels.Skip(e * epoch).Take(epoch).ToArray();
                Assert.That(now, Is.Unique);
                Assert.That(all.Take(ForegroundCount).Select(i => (long)i), Is.SubsetOf(now));
                seen.UnionWith(now);
            }
            Assert.That(seen, Is.EquivalentTo(all.Select(i => (long)i)), "all of the background came within as many epochs as the share");
        }
    }

    [Test]
    public void AMaskAloneIsSweptLikeAnImage()
    {
        uint[] mask = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31];
        fixed (uint* list = mask)
        {
            var voxels = SamplingCase.Voxels(new ListedSweep((nint)list, mask.Length), 0, 2 * mask.Length);
            Assert.That(voxels.Take(mask.Length), Is.EquivalentTo(mask));
            Assert.That(voxels.Skip(mask.Length), Is.EquivalentTo(mask));
        }
    }

    [Test]
    public void RandomVoxelsAreUniform()
    {
        var counts = new double[50];
        foreach (long voxel in SamplingCase.Voxels(new RandomVoxels(50), 0, 50_000)) counts[voxel]++;
        double chiSquare = counts.Sum(n => (n - 1000) * (n - 1000) / 1000);
        Assert.That(chiSquare, Is.InRange(20, 100)); // 49 degrees of freedom, standard deviation 9.9
    }

    [Test]
    public void ImportanceDrawsInProportionAndWeighsTheBiasAway()
    {
        float[] map = [0, 1, 2, 0.5f, 0, 10, 3, 0.25f, 0, 0];
        const int Draws = 200_000;
        var counts = new double[map.Length];
        double weighted = 0;
        var table = new AliasEntry[map.Length];
        AliasTable.Build(map, table);
        fixed (AliasEntry* entries = table)
        {
            var order = new ImportanceVoxels((nint)entries, map.Length);
            order.Start(1, 0);
            for (int i = 0; i < Draws; i++)
            {
                long voxel = order.Next(out float weight);
                counts[voxel]++;
                Assert.That(weight, Is.EqualTo(map.Sum() / map.Length / map[voxel]).Within(1e-4).Percent);
                weighted += weight * voxel / Draws;
            }
        }
        for (int i = 0; i < map.Length; i++)
        {
            double p = map[i] / map.Sum();
            Assert.That(counts[i], Is.EqualTo(Draws * p).Within(5 * Math.Sqrt(Draws * p * (1 - p))), $"voxel {i}");
        }
        double mean = Enumerable.Range(0, map.Length).Where(i => map[i] > 0).Sum() / (double)map.Length;
        Assert.That(weighted, Is.EqualTo(mean).Within(0.1), "the sum over drawable voxels / all voxels");
    }

    [Test]
    public void AnAliasTableHoldsTheMapExactly([Values(1, 2, 1000)] int count)
    {
        var random = new Random(count);
        var map = new float[count];
        for (int i = 0; i < count; i++) map[i] = i % 3 == 1 ? 0 : (float)Math.Pow(random.NextDouble(), 6);
        var table = new AliasEntry[count];
        AliasTable.Build(map, table);
        var probability = new double[count];
        for (int i = 0; i < count; i++)
        {
            double own = (double)table[i].Threshold / (1L << 32);
            probability[i] += own / count;
            probability[table[i].Alias] += (1 - own) / count;
        }
        double total = map.Sum(x => (double)x);
        for (int i = 0; i < count; i++) Assert.That(probability[i], Is.EqualTo(map[i] / total).Within(1e-9), $"voxel {i}");
        Assert.That(probability.Where((_, i) => map[i] == 0), Is.All.Zero);
    }

    [Test]
    public void NothingCannotBeSampled()
    {
        Assert.That(() => new ShuffledSweep(0), Throws.ArgumentException.With.Message.Contains("no voxels"));
        Assert.That(() => new ListedSweep(0, 0, 0, 0, 8), Throws.ArgumentException.With.Message.Contains("no voxels"));
        Assert.That(() => new ListedSweep(0, 1, 0, 1, 0), Throws.ArgumentException.With.Message.Contains("one in 0"));
    }

    [TestCase(0f, 0f)]
    [TestCase(1f, -1f)]
    [TestCase(1f, float.NaN)]
    public void AnAliasTableRefusesBadMaps(float a, float b) => Assert.That(() => AliasTable.Build([a, b], new AliasEntry[2]), Throws.ArgumentException);

    [Test]
    public void ImageOrderStopsAtTheEnd() => Assert.That(SamplingCase.Voxels(new ImageOrder(5), 3, 4), Is.EqualTo(new long[] { 3, 4, 4, 4 }));

    /// <summary>Drawing many, with any vectors, and drawing each for itself are the same.</summary>
    [Test]
    public void AnyStartAndAnyWidthGiveTheSameVoxels()
    {
        uint[] list = [.. Enumerable.Range(0, 400).Select(i => (uint)(i * 7 % 400))];
        var table = new AliasEntry[400];
        AliasTable.Build([.. Enumerable.Range(0, 400).Select(i => (float)(i % 5))], table);
        fixed (uint* l = list)
        fixed (AliasEntry* t = table)
        {
            Check(new ShuffledSweep(400));
            Check(new RandomVoxels(400));
            Check(new ImageOrder(400));
            Check(new ListedSweep((nint)l, 130, (nint)(l + 130), 270, 4));
            Check(new ImportanceVoxels((nint)t, 400));
        }

        static void Check<TOrder>(TOrder order) where TOrder : struct, IVoxelOrder
        {
            var expected = new long[900];
            for (int i = 0; i < expected.Length; i++)
            {
                var one = order;
                one.Start(5, 1000 + i);
                expected[i] = one.Next(out _);
            }
            Assert.That(Taken<F32x4>(order), Is.EqualTo(expected));
            Assert.That(Taken<F32x8>(order), Is.EqualTo(expected));
            Assert.That(Taken<F32x16>(order), Is.EqualTo(expected));
        }

        static long[] Taken<V>(IVoxelOrder order) where V : struct, IVector<V>
        {
            var voxels = new long[900];
            order.Start(5, 1000);
            order.Take<V>(voxels.AsSpan(0, 77), default);
            order.Take<V>(voxels.AsSpan(77), default);
            return voxels;
        }
    }
}
