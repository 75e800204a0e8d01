using System.Numerics;

namespace InrFast.Tasks.Compression;

/// <summary>
/// What a block's next value will be, from those before it and from the network's: guesses of the values themselves, and of what the network misses, JPEG-LS's median (Weinberger 2000) among them, each weighted by one over
/// what it was off by in the neighbourhood (Seemann and Tischer 1997, Generalized locally adaptive DPCM); of noise, to which neighbours only add theirs, the network's value alone. In IEEE doubles, in one order: the same on every processor.
/// Part of the file format.
/// </summary>
sealed class ResidualPredictor
{
    public const int Contexts = 41; // of a channel
    const int InPlane = 7, Behind = 4; // guesses
    const double LeastMiss = 0.1; // squared steps
    const double Pace = 1.0 / 256, Preference = 0.99; // of choices

    readonly double step;
    readonly int width, height, channels, row, plane;
    readonly bool isDeep;
    readonly double[] values, network, guesses; // [voxel][channel] twice
    readonly int[] numbers;
    readonly float[] misses; // squared steps, [value][guess], of as many values as neighbours lie back
    readonly double[][] choices; // root of what the mean of guesses, the network's value and their middle are off by, of each context
    int at, slot, x, y, z, channel, count, context;
    double mean;

    /// <param name="network">The network's values, [voxel][channel].</param>
    /// <param name="step">What a number of the residual counts.</param>
    public ResidualPredictor(double[] network, int[] size, int channels, double step)
    {
        (this.network, this.channels, this.step) = (network, channels, step);
        (width, height, isDeep) = (size[0], size[1], size.Length > 2 && size[2] > 1);
        (row, plane) = (width * channels, width * height * channels);
        (values, numbers, guesses) = (new double[network.Length], new int[network.Length], new double[InPlane + 2 * Behind]);
        choices = [.. Enumerable.Range(0, Contexts * channels).Select(_ => new double[3])];
        misses = new float[(Math.Max(isDeep ? plane : 0, row + channels) + 1) * guesses.Length];
    }

    /// <summary>The next value and the context of what it is off by.</summary>
    public (double Value, int Context) Next()
    {
        bool w = x > 0, n = y > 0, ne = n && x + 1 < width, b = z > 0;
        double own = network[at], west = Value(channels, w), north = Value(row, n), northWest = Value(row + channels, w && n), northEast = Value(row - channels, ne);
        guesses[0] = own;
        guesses[1] = west;
        guesses[2] = north;
        guesses[3] = Median(west, north, northWest);
        guesses[4] = own + Median(Missing(channels, w), Missing(row, n), Missing(row + channels, w && n));
        guesses[5] = west + northEast - north;
        guesses[6] = north + northEast - Value(2 * row - channels, ne && y > 1);
        count = InPlane;
        if (isDeep) GuessFrom(plane, b);
        if (channel > 0) GuessFrom(1, true);
        double sum = 0, weights = 0;
        for (int guess = 0; guess < count; guess++)
        {
            double miss = LeastMiss + Miss(channels, w, guess) + Miss(row, n, guess) + Miss(row + channels, w && n, guess) + Miss(row - channels, ne, guess) + Miss(plane, b, guess), weight = 1 / miss;
            (sum, weights) = (sum + weight * guesses[guess], weights + weight);
        }
        long size = 4 * (Size(channels, w) + Size(row, n)) + 2 * (Size(row + channels, w && n) + Size(row - channels, ne)) + Size(2 * channels, x > 1) + Size(2 * row, y > 1) + 6 * Size(plane, b) + 4 * Size(1, channel > 0);
        context = channel * Contexts + HalfOctave(size);
        mean = sum / weights;
        if (!double.IsFinite(mean)) mean = own;
        double[] off = choices[context];
        return (Math.Min(off[1], off[2]) >= Preference * off[0] ? mean : off[1] < off[2] ? own : Middle, context);

        // West, north and what lies behind, in the slice or the channel before.
        void GuessFrom(int back, bool there)
        {
            double behind = Value(back, there), behindWest = Value(back + channels, there && w), behindNorth = Value(back + row, there && n), behindNorthWest = Value(back + row + channels, there && w && n);
            guesses[count++] = behind;
            guesses[count++] = own + Missing(back, there);
            guesses[count++] = behind + (west - behindWest + (north - behindNorth)) / 2;
            guesses[count++] = behind + Median(west - behindWest, north - behindNorth, northWest - behindNorthWest);
        }
    }

    /// <summary>Tells what the value is, and by how many steps it was off.</summary>
    public void Add(double value, int number)
    {
        (values[at], numbers[at]) = (value, number);
        for (int guess = 0; guess < count; guess++)
        {
            double off = (value - guesses[guess]) / step;
            misses[slot * guesses.Length + guess] = (float)(off * off);
        }
        Learn(0, mean);
        Learn(1, network[at]);
        Learn(2, Middle);
        at++;
        if (++slot * guesses.Length == misses.Length) slot = 0;
        if (++channel < channels) return;
        channel = 0;
        if (++x < width) return;
        x = 0;
        if (++y < height) return;
        (y, z) = (0, z + 1);

        void Learn(int choice, double guess) => choices[context][choice] += (Math.Sqrt(Math.Abs(value - guess) / step) - choices[context][choice]) * Pace;
    }

    double Middle => (mean + network[at]) / 2;

    // So many values back; where there is none, the network's value here.
    double Value(int back, bool there) => there ? values[at - back] : network[at];

    double Missing(int back, bool there) => there ? values[at - back] - network[at - back] : 0;

    double Miss(int back, bool there, int guess)
    {
        if (!there) return 0;
        int there0 = slot - back;
        return misses[(there0 < 0 ? there0 + misses.Length / guesses.Length : there0) * guesses.Length + guess];
    }

    long Size(int back, bool there) => there ? Math.Abs((long)numbers[at - back]) : 0;

    static double Median(double west, double north, double northWest)
    {
        double least = Math.Min(west, north), most = Math.Max(west, north);
        return northWest >= most ? least : northWest <= least ? most : west + north - northWest;
    }

    /// <summary>0, 1, then two for each further binary digit.</summary>
    static int HalfOctave(long size)
    {
        int digits = 64 - BitOperations.LeadingZeroCount((ulong)size);
        return digits < 2 ? digits : Math.Min(Contexts - 1, 2 * digits - 2 + (int)(size >> (digits - 2) & 1));
    }
}
