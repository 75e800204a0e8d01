using InrFast.Autodiff;
using InrFast.Imaging;
using InrFast.Kernels;
using InrFast.Kernels.Vectors;
using InrFast.Models;
using InrFast.Tasks.Compression;
using InrFast.Tasks.Fitting;
using InrFast.Tests.Fitting;

namespace InrFast.Tests.Compression;

/// <summary>From an image to a file and back: sizes, errors, parts, damage, and the same bytes everywhere.</summary>
sealed class CompressorTests
{
    static readonly Workers workers = new(2);

    /// <summary>16-bit values, smooth in one half and rough in the other, constant in a corner.</summary>
    static readonly Image volume = Volume(24, 20, 16);

    static Image Volume(int x, int y, int z)
    {
        var samples = new float[x * y * z];
        for (int i = 0; i < samples.Length; i++)
        {
            int a = i % x, b = i / x % y, c = i / (x * y);
            samples[i] = a < x / 2 && b < y / 2 && c < z / 2 ? -1000 : MathF.Round(300 * MathF.Sin(a / 4f) * MathF.Cos(b / 5f) + 10 * c + (a >= x / 2 ? i * 7919 % 31 : 0));
        }
        return new(AnalyticImages.Turned(x, y, z), samples) { Unit = "HU", Stored = new(SampleType.Int16) };
    }

    static CompressionResult Compress(Image image, CompressionOptions options, Workers? by = null) =>
        Compressor.Run(image, options with { Iterations = options.Iterations == new CompressionOptions().Iterations ? 60 : options.Iterations }, CpuDevice.Best, by ?? workers);

    static Decompressed Decode(byte[] bytes, int[]? first = null, int[]? size = null, double factor = 1) => Decompressor.Run(CompressedFile.Read(bytes), CpuDevice.Best, workers, first, size, factor);

    [TestCase(1200, CompressionMethod.Sci)]
    [TestCase(4000, CompressionMethod.Siren)]
    [TestCase(9000, CompressionMethod.Sci)]
    [TestCase(4000, CompressionMethod.Tinc)]
    public void A_file_has_the_size_that_was_asked_for(int bytes, CompressionMethod method)
    {
        var result = Compress(volume, new() { Bytes = bytes, Method = method });
        Assert.That(result.File, Has.Length.InRange(0.98 * bytes, bytes));
        Assert.That(result.Psnr, Is.EqualTo(AnalyticImages.Psnr(volume, result.Decoded)).Within(1e-3).And.GreaterThan(15));
    }

    [Test]
    public void More_bytes_and_more_updates_are_less_error()
    {
        double few = Compress(volume, new() { Bytes = 1500 }).Psnr, many = Compress(volume, new() { Bytes = 9000 }).Psnr, longer = Compress(volume, new() { Bytes = 9000, Iterations = 400 }).Psnr;
        Assert.That(many, Is.GreaterThan(few + 1));
        Assert.That(longer, Is.GreaterThan(many + 1));
    }

    /// <summary>Numbers rounded little by little, the others making up for it, cost much less than numbers rounded at once.</summary>
    [Test]
    public void Rounding_is_made_up_for()
    {
        var options = new CompressionOptions { Bytes = 3000, Method = CompressionMethod.Siren, Iterations = 400 };
        var (header, groups, region) = NetworkPlan.Of(volume, options, 3000, CpuDevice.Best);
        var fitted = new FittedBlocks(header, groups, region, new(options, new(volume, options), CpuDevice.Best, workers, _ => { }, default));
        double Psnr(CompressedFile file) => AnalyticImages.Psnr(volume, Decompressor.Run(file, CpuDevice.Best, workers).Image);
        double fine = Psnr(fitted.Within(10_000)), atOnce = Psnr(fitted.Within(3000)), tuned = Psnr(fitted.TunedWithin(3000));
        Assert.That(fine, Is.GreaterThan(atOnce + 0.3));
        Assert.That(tuned, Is.GreaterThan(atOnce + (fine - atOnce) / 2));
    }

    [Test]
    public void An_image_comes_back_in_its_place_its_unit_and_its_type()
    {
        var back = Compress(volume, new() { Bytes = 2000 }).Decoded;
        Assert.That((back.Grid, back.Unit, back.Stored, back.Channels), Is.EqualTo((volume.Grid, volume.Unit, volume.Stored, volume.Channels)));
        Assert.That(back.Samples.ToArray(), Is.All.Matches<float>(value => value == MathF.Round(value)));
    }

    [TestCase(SampleType.UInt8, 1, 0)]
    [TestCase(SampleType.Int16, 1, 0)]
    [TestCase(SampleType.UInt16, 0.5, -1024)]
    [TestCase(SampleType.Int32, -2, 7)]
    public void Integers_come_back_exactly(SampleType type, double slope, double intercept)
    {
        var stored = new StoredScale(type, slope, intercept);
        var random = new Random(2);
        var image = new Image(AnalyticImages.Turned(15, 14, 6), [.. Enumerable.Range(0, 15 * 14 * 6).Select(i => stored.ValueOf(type == SampleType.UInt8 ? random.Next(256) : random.Next(200) + 1000))]) { Stored = stored };
        var result = Compress(image, new() { MaxError = 0 });
        Assert.That(result.Decoded.Samples.ToArray(), Is.EqualTo(image.Samples.ToArray()));
        Assert.That(result.Psnr, Is.EqualTo(double.PositiveInfinity));
    }

    [Test]
    public void Colours_come_back_exactly()
    {
        var random = new Random(3);
        var image = new Image(Grid.Plain(64, 64), [.. Enumerable.Range(0, 64 * 64).SelectMany(i => { float grey = random.Next(200); return new[] { grey, grey + 20, grey + random.Next(40) }; })], 3) { Stored = new(SampleType.UInt8) };
        var result = Compress(image, new() { MaxError = 0, Iterations = 20 });
        Assert.That(result.Decoded.Samples.ToArray(), Is.EqualTo(image.Samples.ToArray()));
        Assert.That(result.File, Has.Length.LessThan(0.75 * 3 * 64 * 64), "of 7.6 + 7.6 + 8 bits a pixel, red and what blue adds are 7.6 + 5.3");
    }

    [TestCase(0.5)]
    [TestCase(2.0)]
    [TestCase(40.0)]
    public void No_integer_is_off_by_more_than_allowed(double most)
    {
        var result = Compress(volume, new() { MaxError = most });
        double largest = volume.Samples.ToArray().Zip(result.Decoded.Samples.ToArray(), (a, b) => Math.Abs(a - b)).Max();
        Assert.That(largest, Is.LessThanOrEqualTo(most));
        Assert.That(result.File, Has.Length.LessThan(2 * volume.Samples.Length), "less than raw");
    }

    [Test]
    public void No_floating_point_value_is_off_by_more_than_allowed()
    {
        var image = new Image(Grid.Plain(30, 20), [.. Enumerable.Range(0, 600).Select(i => MathF.Sin(i * 0.37f) * 1e3f)]);
        var result = Compress(image, new() { MaxError = 0.01 });
        Assert.That(image.Samples.ToArray().Zip(result.Decoded.Samples.ToArray(), (a, b) => Math.Abs((double)a - b)).Max(), Is.LessThanOrEqualTo(0.01));
    }

    [Test]
    public void A_goal_of_dB_is_reached()
    {
        var result = Compress(volume, new() { TargetPsnr = 24, Iterations = 200 });
        Assert.That(result.Psnr, Is.InRange(24, 26));
    }

    /// <summary>1, 1 + 8, 1 + 8 + 64 networks (TINC); more than one share what lies above them.</summary>
    [TestCase(1, 1, 1)]
    [TestCase(2, 9, 8)]
    [TestCase(3, 73, 64)]
    public void A_tree_has_a_network_in_every_node(int levels, int networks, int leaves)
    {
        foreach (var allocation in Enum.GetValues<TreeAllocation>())
        {
            var result = Compress(volume, new() { Bytes = 8000, Method = CompressionMethod.Tinc, Levels = levels, Allocation = allocation, Iterations = 20 });
            Assert.That((result.Networks, result.Blocks), Is.EqualTo((networks, leaves)));
            var header = CompressedFile.Read(result.File).Header;
            Assert.That(header.Networks().Sum(place => BlockNetwork.Parameters(place.Inputs, header.Widths[place.Path[^1]], header.HiddenLayers, place.Outputs)), Is.EqualTo(result.Parameters));
        }
    }

    [TestCase(24, 1500, CompressionMethod.Siren, 10)]
    [TestCase(96, 6000, CompressionMethod.Tinc, 14)]
    [TestCase(130, 1500, CompressionMethod.Siren, 20)]
    public void The_first_omega_falls_with_the_blocks_sides(int side, int bytes, CompressionMethod method, int omega) =>
        Assert.That(CompressedFile.Read(Compress(Volume(side, 20, 16), new() { Bytes = bytes, Method = method, Iterations = 2 }).File).Header.FirstOmega, Is.EqualTo(omega));

    /// <summary>One level is one network of five layers (TINC's setting of a plain SIREN).</summary>
    [Test]
    public void A_tree_of_one_level_is_a_plain_network() =>
        Assert.That(Compress(volume, new() { Bytes = 3000, Method = CompressionMethod.Tinc, Levels = 1 }).Psnr, Is.EqualTo(Compress(volume, new() { Bytes = 3000, Method = CompressionMethod.Siren }).Psnr).Within(0.2));

    /// <summary>An image four times: what the quadrants have in common is kept once. Of such small networks one is luckier than the other: means of four.</summary>
    [Test]
    public void Blocks_that_are_alike_share()
    {
        var samples = new float[32 * 32];
        for (int i = 0; i < samples.Length; i++)
        {
            double x = i % 32 % 16, y = i / 32 % 16;
            samples[i] = (float)Math.Round(100 + 80 * Math.Sin(0.05 * x * x) * Math.Cos(0.7 * y - 0.2 * x));
        }
        var image = new Image(Grid.Plain(32, 32), samples) { Stored = new(SampleType.UInt8) };
        double Of(int levels) => new ulong[] { 0, 1, 2, 3 }.Average(seed => Compress(image, new() { Bytes = 700, Method = CompressionMethod.Tinc, Levels = levels, Iterations = 500, Seed = seed }).Psnr);
        Assert.That(Of(2), Is.GreaterThan(Of(1) + 0.5));
    }

    [TestCase(false)]
    [TestCase(true)]
    public void A_region_is_a_part_of_the_whole(bool residual)
    {
        byte[] bytes = Compress(volume, residual ? new() { MaxError = 3 } : new() { Bytes = 5000 }).File;
        var whole = Decode(bytes).Image;
        var part = Decode(bytes, [3, 7, 2], [18, 9, 12]).Image;
        for (int z = 0; z < 12; z++)
            for (int y = 0; y < 9; y++)
                for (int x = 0; x < 18; x++)
                    Assert.That(part.Samples.Span[x + 18 * (y + 9 * z)], Is.EqualTo(whole.Samples.Span[x + 3 + 24 * (y + 7 + 20 * (z + 2))]));
        Assert.That((part.Grid.IndexToWorld.Origin - volume.Grid.ToWorld(new(3, 7, 2))).Length, Is.LessThan(1e-9));
    }

    /// <summary>Of an odd side the halves differ: a thread that draws one block after another takes each in its own coordinates.</summary>
    [TestCase(CompressionMethod.Sci)]
    [TestCase(CompressionMethod.Tinc)]
    public void Blocks_of_different_sizes_are_drawn_alike_alone_and_together(CompressionMethod method)
    {
        byte[] bytes = Compress(Volume(27, 21, 15), new() { Bytes = 32_000, Method = method, Levels = 2, Iterations = 10 }).File;
        var leaves = CompressedFile.Read(bytes).Header.Networks().Where(place => place.Box is not null).Select(place => place.Box!).ToArray();
        Assert.That(leaves.Select(box => box.Voxels).Distinct().Count(), Is.GreaterThan(2));
        var whole = Decode(bytes).Image.Samples.ToArray();
        foreach (var box in leaves) Assert.That(Decode(bytes, box.First, box.Size).Image.Samples.ToArray(), Is.EqualTo(box.Gather(whole, [27, 21, 15], 1)), box.ToString());
    }

    [Test]
    public void A_smooth_image_is_drawn_at_any_resolution()
    {
        var image = AnalyticImages.Of(AnalyticImages.Turned(40, 30), AnalyticImages.Waves);
        byte[] bytes = Compress(image, new() { Bytes = 1500, Iterations = 1500 }).File;
        var large = Decode(bytes, factor: 2).Image;
        Assert.That(large.Size, Is.EqualTo(new GridSize(80, 60, 1)));
        Assert.That(AnalyticImages.Psnr(AnalyticImages.Of(large.Grid, AnalyticImages.Waves), large), Is.GreaterThan(28));
    }

    [Test]
    public void The_seed_alone_decides_the_bytes()
    {
        using var one = new Workers(1);
        byte[] bytes = Compress(volume, new() { Bytes = 3000 }).File;
        Assert.That(Compress(volume, new() { Bytes = 3000 }, one).File, Is.EqualTo(bytes));
        Assert.That(Compress(volume, new() { Bytes = 3000, Seed = 1 }).File, Is.Not.EqualTo(bytes));
    }

    /// <summary>Files of every version are read for ever: their values, hashed as float32, when they were written.</summary>
    [TestCase("version1-sci", "754843B1936F3339D25E85C982B1096CD83B0BFDA5D8A70028F29503FA08DE75")]
    [TestCase("version1-tinc", "B2A066BC9D199979B00B535BC0BBA02F5239D7296CF61BACE76386FE17D445AC")]
    [TestCase("version1-exact", "3BA13A7E79BCFEF62C2785DCD42E0DEB54CB9B8DD670DFA0FD95F00E9B183C34")]
    [TestCase("version2-sci", "5D5EB123616FEDFED332A70CD89ABBC99518A498E1F1FB55CF75670CADDB88FC")]
    [TestCase("version2-tinc", "5E069FBEEBD0015936D8533A130CD7678E5D61ACA7A9F76F73935FB6378AB8EF")]
    [TestCase("version2-exact", "3BA13A7E79BCFEF62C2785DCD42E0DEB54CB9B8DD670DFA0FD95F00E9B183C34")]
    [TestCase("version3-sci", "8357A03A54D88E392D735B39826B8C4C8286753CAD2A2025431ACD1F8D172FD3")]
    [TestCase("version3-tinc", "9CF71CAA108E9BB1A83D0889A8143E32FF90B4BDDE162CA63E37FB34FE1514C8")]
    [TestCase("version3-exact", "3BA13A7E79BCFEF62C2785DCD42E0DEB54CB9B8DD670DFA0FD95F00E9B183C34")]
    public void Files_of_every_version_are_read(string name, string hash)
    {
        var image = Decode(File.ReadAllBytes(Path.Combine(TestContext.CurrentContext.TestDirectory, "Compression", "Golden", name + ".inrz"))).Image;
        Assert.That(image.Size, Is.EqualTo(new GridSize(16, 14, 9)));
        Assert.That(Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(System.Runtime.InteropServices.MemoryMarshal.AsBytes(image.Samples.Span))), Is.EqualTo(hash));
    }

    /// <summary>Small discs, faint beside the rest: the region's term brings them back (SINCO); without weight it changes nothing.</summary>
    [TestCase(CompressionMethod.Siren)]
    [TestCase(CompressionMethod.Tinc)]
    public void A_region_is_found_again_where_it_is_asked_for(CompressionMethod method)
    {
        float[] samples = new float[48 * 40], mask = new float[48 * 40];
        for (int i = 0; i < samples.Length; i++)
        {
            int x = i % 48, y = i / 48;
            mask[i] = (x % 16 - 8) * (x % 16 - 8) + (y % 13 - 6) * (y % 13 - 6) < 9 ? 1 : 0;
            samples[i] = MathF.Round(80 + 20 * mask[i] + 25 * MathF.Sin(x * 1.7f) * MathF.Cos(y * 1.3f));
        }
        var image = new Image(Grid.Plain(48, 40), samples) { Stored = new(SampleType.UInt8) };
        var options = new CompressionOptions { Bytes = 420, Method = method, Iterations = 300 };
        double Dice(CompressionOptions with) => Metrics.Dice(mask, [.. Compress(image, with).Decoded.Samples.ToArray().Select(value => value > 90 ? 1f : 0)]);
        double without = Dice(options), with = Dice(options with { Region = new Image(image.Grid, mask), RegionWeight = 1 });
        Assert.That(with, Is.GreaterThan(without + 0.01));
        Assert.That(Compress(image, options with { Region = new Image(image.Grid, mask), RegionWeight = 0 }).Decoded.Samples.ToArray(), Is.EqualTo(Compress(image, options).Decoded.Samples.ToArray()));
    }

    /// <summary>Cancelled in the fit or the tuning, saved, read and gone on from: the bytes of a run that was not.</summary>
    [TestCase(CompressionMethod.Sci, 0.3)]
    [TestCase(CompressionMethod.Sci, 0.9)]
    [TestCase(CompressionMethod.Tinc, 0.9)]
    public void An_interrupted_run_goes_on_to_the_same_bytes(CompressionMethod method, double until)
    {
        var options = new CompressionOptions { Bytes = 30_000, Method = method, Iterations = 24 };
        using var cancel = new CancellationTokenSource();
        var state = new CompressionState(volume, options);
        Assert.That(() => Compressor.Run(volume, options, CpuDevice.Best, workers, now =>
        {
            if (now.Iteration >= until * now.Iterations) cancel.Cancel();
        }, state, cancel.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(state.Done, Is.GreaterThan(0));
        using var saved = new MemoryStream();
        state.Save(saved);
        var next = new CompressionState(volume, options);
        next.Resume(new MemoryStream(saved.ToArray()));
        Assert.That(next.Done, Is.EqualTo(state.Done));
        byte[] resumed = Compressor.Run(volume, options, CpuDevice.Best, workers, state: next).File;
        Assert.That(resumed, Is.EqualTo(Compressor.Run(volume, options, CpuDevice.Best, workers).File));
        Assert.That(() => new CompressionState(volume, options with { Seed = 1 }).Resume(new MemoryStream(saved.ToArray())), Throws.TypeOf<ModelFileException>().With.Message.Contains("other options"));
        var random = new Random(8);
        for (int i = 0; i < 1000; i++)
        {
            byte[] mutated = saved.ToArray();
            if (i % 2 == 0) mutated[random.Next(mutated.Length)] ^= (byte)(1 << random.Next(8));
            else mutated = mutated[..random.Next(mutated.Length)];
            Assert.That(() => new CompressionState(volume, options).Resume(new MemoryStream(mutated)), Throws.TypeOf<ModelFileException>());
        }
    }

    /// <summary>Processors differ in their widest vector: decoding has one order of sums on all.</summary>
    [TestCase(false, CompressionMethod.Sci)]
    [TestCase(true, CompressionMethod.Sci)]
    [TestCase(false, CompressionMethod.Tinc)]
    [TestCase(true, CompressionMethod.Tinc)]
    public void A_file_decodes_to_the_same_bytes_with_vectors_of_any_width(bool residual, CompressionMethod method)
    {
        var options = new CompressionOptions { Method = method, Levels = 2, Bytes = residual ? null : 6000, MaxError = residual ? 0 : null };
        var file = CompressedFile.Read(Compress(volume, options).File);
        float[][] decoded = [.. new Device[] { new CpuDevice<F32x4>(), new CpuDevice<F32x8>(), new CpuDevice<F32x16>() }.Select(device => Decompressor.Run(file, device, workers).Image.Samples.ToArray())];
        Assert.That(decoded[1], Is.EqualTo(decoded[0]));
        Assert.That(decoded[2], Is.EqualTo(decoded[0]));
    }

    [Test]
    public void A_damaged_block_leaves_the_others()
    {
        byte[] bytes = Compress(volume, new() { Bytes = 32_000, Iterations = 10 }).File;
        var whole = Decode(bytes);
        Assert.That(CompressedFile.Read(bytes).Blocks, Has.Count.GreaterThan(1));
        bytes[^30] ^= 4; // in the last block
        var (image, damaged) = Decode(bytes);
        Assert.That(damaged, Has.Count.EqualTo(1));
        var ((fx, fy, fz), (sx, sy, sz)) = ((damaged[0].First[0], damaged[0].First[1], damaged[0].First[2]), (damaged[0].Size[0], damaged[0].Size[1], damaged[0].Size[2]));
        for (int i = 0; i < image.Samples.Length; i++)
        {
            var (x, y, z) = (i % 24, i / 24 % 20, i / 480);
            bool inside = x >= fx && x < fx + sx && y >= fy && y < fy + sy && z >= fz && z < fz + sz;
            Assert.That(image.Samples.Span[i], Is.EqualTo(inside ? -1000 : whole.Image.Samples.Span[i]));
        }
    }

    /// <summary>What lies below a damaged node is lost, and nothing else.</summary>
    [TestCase(0, 8)]
    [TestCase(5, 1)]
    public void A_damaged_node_of_a_tree_takes_what_is_below(int node, int lost)
    {
        var file = CompressedFile.Read(Compress(volume, new() { Bytes = 6000, Method = CompressionMethod.Tinc, Levels = 2, Iterations = 5 }).File);
        var damaged = new CompressedFile(file.Header, [.. file.Blocks.Select((block, i) => i == node ? block with { Network = null } : block)]);
        Assert.That(Decompressor.Run(damaged, CpuDevice.Best, workers).Damaged, Has.Count.EqualTo(lost));
    }

    /// <summary>Whatever is done to a file, it is read, in part, or refused in one line; nothing else is thrown.</summary>
    [TestCase(CompressionMethod.Sci)]
    [TestCase(CompressionMethod.Tinc)]
    public void Mutated_files_are_refused_or_read_in_part(CompressionMethod method)
    {
        byte[] bytes = Compress(new Image(Grid.Plain(12, 10), [.. Enumerable.Range(0, 120).Select(i => (float)(i * i % 50))]) { Stored = new(SampleType.UInt8) }, new() { Bytes = 700, Iterations = 5, Method = method, Levels = method == CompressionMethod.Tinc ? 2 : null }).File;
        int refused = 0, partial = 0, whole = 0;
        Parallel.For(0, 100, part =>
        {
            var random = new Random(6 + part);
            using Workers alone = new(1);
            for (int i = 0; i < 1000; i++)
            {
                byte[] mutated = [.. bytes];
                for (int k = random.Next(1, 4); k > 0; k--) mutated[random.Next(mutated.Length)] ^= (byte)(1 << random.Next(8));
                if (i % 10 == 0) mutated = mutated[..random.Next(mutated.Length)];
                try
                {
                    var file = CompressedFile.Read(mutated);
                    if (file.Blocks.All(block => block.Network is not null)) Interlocked.Increment(ref whole);
                    else
                    {
                        Interlocked.Increment(ref partial);
                        if (i % 100 == 1) Assert.That(Decompressor.Run(file, CpuDevice.Best, alone).Damaged, Is.Not.Empty);
                    }
                }
                catch (FitException e) when (e.Kind == FitError.Input)
                {
                    Interlocked.Increment(ref refused);
                }
            }
        });
        Assert.That(whole, Is.LessThan(100), "a checksum of 32 bits misses none of these; two flips of one bit do nothing");
        Assert.That(Math.Min(refused, partial), Is.GreaterThan(10_000));
    }

    /// <summary>Whoever writes hostile files gets their checksums right.</summary>
    [TestCase(CompressionMethod.Sci)]
    [TestCase(CompressionMethod.Tinc)]
    public void Hostile_headers_are_refused_or_decoded_within_bounds(CompressionMethod method)
    {
        byte[] bytes = Compress(volume, new() { Bytes = 3000, Iterations = 5, Method = method, Levels = 2 }).File;
        int length = bytes[5] & 127 | bytes[6] << 7, start = 7; // magic, version, length in two bytes
        var random = new Random(7);
        int decoded = 0;
        for (int i = 0; i < 3000; i++)
        {
            byte[] mutated = [.. bytes];
            for (int k = random.Next(1, 4); k > 0; k--) mutated[start + random.Next(length)] = (byte)random.Next(256);
            BitConverter.TryWriteBytes(mutated.AsSpan(start + length), Crc32.Compute(mutated.AsSpan(start, length)));
            BitConverter.TryWriteBytes(mutated.AsSpan(mutated.Length - 4), Crc32.Compute(mutated.AsSpan(0, mutated.Length - 4)));
            try
            {
                var file = CompressedFile.Read(mutated);
                if (file.Header.Grid.Size.Voxels > 20_000) continue;
                Decompressor.Run(file, CpuDevice.Best, workers);
                decoded++;
            }
            catch (FitException e) when (e.Kind == FitError.Input) { }
        }
        Assert.That(decoded, Is.InRange(100, 2900));
    }

    [Test]
    public void What_cannot_be_is_refused()
    {
        Refused(FitError.WrongUse, volume, new() { Bytes = 100 }, "100 bytes");
        Refused(FitError.WrongUse, volume, new(), "one goal");
        Refused(FitError.WrongUse, volume, new() { Bytes = 5000, MaxError = 1 }, "one goal");
        Refused(FitError.WrongUse, new Image(Grid.Plain(8, 8), [.. Enumerable.Range(0, 64).Select(i => i * 0.1f)]), new() { MaxError = 0 }, "floating point");
        Refused(FitError.WrongUse, AnalyticImages.FourAxes, new() { Bytes = 5000 }, "5 times");
        Refused(FitError.Input, new Image(Grid.Plain(8, 8), new float[64]), new() { Bytes = 500 }, "constant");
        Refused(FitError.WrongUse, volume, new() { Bytes = 5000, Region = new Image(Grid.Plain(8, 8), new float[64]) }, "region");
        Refused(FitError.WrongUse, volume, new() { Bytes = 5000, Region = new Image(volume.Grid, new float[volume.Samples.Length]) }, "no voxel");
        Refused(FitError.WrongUse, volume, new() { TargetPsnr = 150, Iterations = 1 }, "150");

        static void Refused(FitError kind, Image image, CompressionOptions options, string words)
        {
            var exception = Assert.Throws<FitException>(() => Compress(image, options));
            Assert.That(exception!.Kind, Is.EqualTo(kind));
            Assert.That(exception.Message, Does.Contain(words));
        }
    }
}
