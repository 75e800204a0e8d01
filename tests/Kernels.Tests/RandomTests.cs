using InrFast.Kernels.Random;
using InrFast.Kernels.Vectors;

namespace InrFast.Tests;

public class RandomTests
{
    // Random123, tests/kat_vectors, lines "philox4x32 10": counter, key, result.
    [TestCase(0ul, 0ul, 0ul, 0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u)]
    [TestCase(ulong.MaxValue, ulong.MaxValue, ulong.MaxValue, 0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu)]
    [TestCase(0x85a308d3_243f6a88ul, 0x03707344_13198a2eul, 0x299f31d0_a4093822ul, 0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u)]
    public void PhiloxGivesThePublishedNumbers(ulong low, ulong high, ulong key, uint x, uint y, uint z, uint w) =>
        Assert.That(new Philox(key)[low, high], Is.EqualTo(new RandomBits(x, y, z, w)));

    [Test]
    public void UniformNumbersStayInTheirRange()
    {
        Assert.That(RandomBits.Uniform(0), Is.Zero);
        Assert.That(RandomBits.Uniform(uint.MaxValue), Is.EqualTo(1 - 1f / (1 << 24)));
        Assert.That(RandomBits.Signed(0), Is.EqualTo(-1 + 1f / (1 << 24)));
        Assert.That(RandomBits.Signed(uint.MaxValue), Is.EqualTo(1 - 1f / (1 << 24)));
    }

    [Test]
    public void NumbersHaveTheMomentsOfTheirDistributions()
    {
        const int N = 100_000;
        double uniform = 0, squares = 0, mean = 0, variance = 0, product = 0, fourth = 0;
        for (ulong i = 0; i < N; i++)
        {
            var bits = new Philox(1)[i, RandomStream.Voxel];
            double u = RandomBits.Signed(bits.X);
            (uniform, squares) = (uniform + u / N, squares + u * u / N);
            var (a, b) = RandomBits.Normal(bits.Z, bits.W);
            mean += (a + b) / (2 * N);
            variance += (a * a + b * b) / (2 * N);
            fourth += (Math.Pow(a, 4) + Math.Pow(b, 4)) / (2 * N);
            product += a * b / N;
        }
        // Within five standard deviations of each mean.
        Assert.That(uniform, Is.EqualTo(0).Within(5 / Math.Sqrt(3.0 * N)));
        Assert.That(squares, Is.EqualTo(1 / 3.0).Within(5 * Math.Sqrt(4 / 45.0 / N)));
        Assert.That(mean, Is.EqualTo(0).Within(5 / Math.Sqrt(2.0 * N)));
        Assert.That(variance, Is.EqualTo(1).Within(5 / Math.Sqrt(N)));
        Assert.That(fourth, Is.EqualTo(3).Within(5 * Math.Sqrt(96.0 / (2 * N))));
        Assert.That(product, Is.EqualTo(0).Within(5 / Math.Sqrt(N)));
    }

    [Test]
    public void ASequenceGivesTheSameNumbersFromAnyStart()
    {
        var whole = new RandomSequence(3, RandomStream.Voxel, 0);
        for (ulong i = 0; i < 9; i++) Assert.That(whole.Next(), Is.EqualTo(new RandomSequence(3, RandomStream.Voxel, i).Next()), $"number {i}");
        Assert.That(new RandomSequence(3, RandomStream.Voxel, 1).Next(), Is.EqualTo(new Philox(3)[0, RandomStream.Voxel].High));
    }

    [Test]
    public void APermutationIsABijection()
    {
        int[] counts = [.. Enumerable.Range(1, 300), 1000, 1023, 1024, 1025, 65_537, 99_999, 262_144, 1_000_003];
        foreach (int count in counts)
            foreach (ulong key in new ulong[] { 0, ulong.MaxValue })
            {
                var permutation = new Permutation((ulong)count, key);
                var seen = new bool[count];
                for (int i = 0; i < count; i++)
                {
                    ulong to = permutation[(ulong)i];
                    if (to >= (ulong)count || seen[to]) Assert.Fail($"Of {count}: {i} goes to {to}, which is taken or outside.");
                    seen[to] = true;
                }
            }
        Assert.That(() => new Permutation(0, 1), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => new Permutation(Permutation.MaxCount + 1, 1), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void VectorsPermuteLikeScalars([Values(5ul, 100ul, 257ul, 1000ul, 262_144ul, 2_777_600ul, 1_000_000_007ul, 1ul << 40)] ulong count)
    {
        Check<F32x4>();
        Check<F32x8>();
        Check<F32x16>();

        void Check<V>() where V : struct, IVector<V>
        {
            var permutation = new Permutation(count, 11);
            foreach (ulong first in new ulong[] { 0, count / 3, count - Math.Min(count, 200) })
            {
                var elements = new long[Math.Min(200, count - first)];
                permutation.Fill<V>(first, elements);
                for (int i = 0; i < elements.Length; i++)
                {
                    Assert.That(elements[i], Is.EqualTo((long)permutation[first + (uint)i]), $"{count}, {first} + {i}");
                    Assert.That(elements[i], Is.InRange(0, (long)count - 1));
                }
            }
        }
    }

    /// <summary>Chi-square of 64 equally likely bins: mean 63, standard deviation 11.2; 140 is exceeded once in 10^7.</summary>
    [Test]
    public void PermutationsLookRandom([Values(4096ul, 65_536ul, 262_144ul, 2_777_600ul)] ulong count)
    {
        const int Samples = 4096;
        for (ulong key = 1; key <= 5; key++)
        {
            var p = new Permutation(count, key);
            double[] differences = new double[64], far = new double[64], targets = new double[64];
            ulong stride = (ulong)Math.Sqrt(count);
            for (ulong i = 0; i < Samples; i++)
            {
                ulong at = i * 13 % count, to = p[at];
                differences[Bin(p[(at + 1) % count], to)]++;
                far[Bin(p[(at + stride) % count], to)]++;
                if (count >= 65_536) targets[to * 64 / count]++;
            }
            Assert.That(ChiSquare(differences), Is.LessThan(140), $"neighbours, key {key}");
            Assert.That(ChiSquare(far), Is.LessThan(140), $"one row of the pairs' table apart, key {key}");
            if (count >= 65_536) Assert.That(ChiSquare(targets), Is.LessThan(140), $"the first indices, key {key}");
        }

        int Bin(ulong a, ulong b) => (int)((a + count - b) % count * 64 / count);
    }

    [Test]
    public void KeysGiveIndependentPermutations([Values(64ul, 1000ul)] ulong count)
    {
        double[] first = new double[64], difference = new double[63];
        for (ulong key = 0; key < 12_000; key++)
        {
            var p = new Permutation(count, key);
            first[p[0] * 64 / count]++;
            difference[((p[1] + count - p[0]) % count - 1) * 63 / (count - 1)]++;
        }
        Assert.That(ChiSquare(first), Is.LessThan(140), "where the first element goes");
        Assert.That(ChiSquare(difference), Is.LessThan(140), "the second, seen from the first");
    }

    static double ChiSquare(double[] counts)
    {
        double expected = counts.Sum() / counts.Length;
        return counts.Sum(n => (n - expected) * (n - expected) / expected);
    }
}
