#!/usr/bin/env dotnet
// Rate and distortion of compress beside JPEG 2000, JPEG XL and HEVC, where they are installed (Debian: libopenjp2-tools, libjxl-tools, ffmpeg): dotnet run perf/quality/compression.cs [-- NAME [ITERATIONS]]
// Publishes inrfast, compresses parts of real volumes at several ratios, prints a table, and writes perf/results/NAME.md where a name is given. Images: shared/data.
#:project ../Reporting/Reporting.csproj
#:property PublishAot=false
#:property RestorePackagesWithLockFile=false
using System.Text;
using InrFast.Reporting;

if (Report.Data() is not { } data)
{
    Console.Error.WriteLine("shared/data is not there, beside the repository or above it");
    return 1;
}
int[] ratios = [16, 64, 128, 256];
string iterations = args.Length > 1 ? args[1] : "600";
using var report = new Report(args.Length > 0 ? args[0] : null);
report.Line($"# Compression, {DateTime.Now:yyyy-MM-dd}\n\n{Report.Machine} at the start. Parts of 96 x 96 x 96 voxels of 8 bits from the middle of each volume.");
report.Line($"PSNR (dB, peak the part's range) and SSIM against the bytes of whole files, headers included. Ours: {iterations} iterations and a quarter more with rounded numbers; siren is one network for the volume, coded as sci's are, plain SIREN the same without: 16 bits a number, as many updates. HEVC: x265, slow, tuned for PSNR, 12 bits, slices as frames; JPEG 2000 and JPEG XL: a mosaic of all slices.");
report.Line("HEVC and JPEG XL have steps of quality: values between two are interpolated over the logarithm of the size. -: no setting makes so small a file.\n");
Volume("chest CT", Path.Combine(data, "ct", "lidc_chest.nii.gz"));
Volume("brain MR", Path.Combine(data, "brain-mr", "colin27_ch2.nii.gz"));
Volume("embryo, confocal microscopy", Path.Combine(data, "microscopy", "arabidopsis_embryo.tif"));
report.Line("""
    ## Reading it

    - HEVC is better up to 64x (on the brain up to 16x): it predicts every block from the slices before and spends bits where the residual is, while a network's numbers are spread over its block, and the noise of CT and microscopy, which takes most of the bits at 16x, is what a smooth function fits worst and last.
    - JPEG 2000 and JPEG XL are better at 16x on CT and microscopy for the same reason; they know nothing of the third axis, which is why they fall behind with the ratio.
    - sci and siren are the same from 128x on: so few numbers are not cut into blocks. tinc falls behind at 256x, on the embryo from 128x on: networks of a few units have mostly weights that any block needs.
    - More iterations are better (2500 is the command's default): these are short, so that the whole table ends within twenty minutes.

    """);
report.Save();
return 0;

void Volume(string name, string path)
{
    string whole = Path.Combine(report.Work, "whole.npy"), part = Path.Combine(report.Work, "part.npy");
    Report.Execute(report.Inrfast, "convert", path, "-o", whole, "-q", "-f", "--lossy");
    var (size, samples) = ReadNpy(whole);
    var volume = Volumes.Middle(samples, size, 96);
    WriteNpy(part, volume);
    report.Line($"## {name}\n\n| codec | {string.Join(" | ", ratios.Select(ratio => $"{ratio}x"))} | seconds |\n| --- |{string.Concat(ratios.Select(_ => " --- |"))} --- |");
    foreach (string method in new[] { "siren", "sci", "tinc" })
    {
        double seconds = 0;
        var cells = ratios.Select(ratio =>
        {
            string file = Path.Combine(report.Work, "c.inrz"), decoded = Path.Combine(report.Work, "decoded.npy");
            seconds += (double)report.Run("compress", part, "-o", file, "--method", method, "--ratio", $"{ratio}", "--iterations", iterations).Json["seconds"]!["fit"]!;
            Report.Execute(report.Inrfast, "decompress", file, "-o", decoded, "-q", "-f");
            return Cell(Quality(volume, ReadNpy(decoded).Samples, part));
        }).ToArray();
        report.Line($"| {method} | {string.Join(" | ", cells)} | {seconds:F0} |");
    }
    Plain(volume, part);
    Peer("HEVC", volume, part, [.. Enumerable.Range(4, 16).Select(i => Math.Min(3 * i, 51))], quality => Codecs.Hevc(report.Work, volume, (int)quality));
    Peer("JPEG XL", volume, part, [1, 2, 3, 4, 6, 8, 10, 12, 15, 18, 21, 25], quality => Codecs.JpegXl(report.Work, volume, quality));
    Peer("JPEG 2000", volume, part, [.. ratios.Select(ratio => (double)ratio)], quality => Codecs.Jpeg2000(report.Work, volume, quality));
    report.Line("");
    Exact(volume, part);
}

// Every voxel as it was; peers likewise.
void Exact(Voxels volume, string part)
{
    string file = Path.Combine(report.Work, "exact.inrz");
    report.Run("compress", part, "-o", file, "--max-error", "0", "--iterations", iterations);
    string Peer(Func<(long Bytes, byte[] Decoded)> codec)
    {
        try
        {
            var (bytes, decoded) = codec();
            return decoded.SequenceEqual(volume.Samples) ? $"{bytes}" : throw new InvalidOperationException("a lossless peer lost something");
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "not installed";
        }
    }
    report.Line($"Exact, bytes of {volume.Samples.Length}: `--max-error 0` {new FileInfo(file).Length}, JPEG XL {Peer(() => Codecs.JpegXl(report.Work, volume, 0))}, JPEG 2000 {Peer(() => Codecs.Jpeg2000(report.Work, volume, 1))}.\n");
}

// As published: numbers of 16 bits, which take the whole file, nothing coded. Widths are multiples of 8: up to an eighth more numbers than the bytes hold.
void Plain(Voxels volume, string part)
{
    string model = Path.Combine(report.Work, "m.safetensors"), decoded = Path.Combine(report.Work, "decoded.npy");
    var cells = ratios.Select(ratio =>
    {
        report.Run("fit", part, "-o", model, "--method", "siren", "--parameters", $"{volume.Samples.Length / ratio / 2 * 9 / 8}", "--iterations", $"{int.Parse(iterations) * 5 / 4}");
        Report.Execute(report.Inrfast, "render", model, "-o", decoded, "-q", "-f");
        return Cell(Quality(volume, ReadNpy(decoded).Samples, part));
    });
    report.Line($"| plain SIREN | {string.Join(" | ", cells)} | |");
}

void Peer(string name, Voxels volume, string part, double[] settings, Func<double, (long Bytes, byte[] Decoded)> codec)
{
    try
    {
        var curve = settings.Distinct().Select(codec).Select(result => (Bits: Math.Log2((double)volume.Samples.Length / result.Bytes), Quality: Quality(volume, result.Decoded, part))).OrderBy(point => point.Bits).ToArray();
        report.Line($"| {name} | {string.Join(" | ", ratios.Select(ratio => At(Math.Log2(ratio))))} | |");

        string At(double bits)
        {
            const double Near = 0.03;
            int after = Array.FindIndex(curve, point => point.Bits >= bits - Near);
            if (after < 0) return "-";
            var (b, q) = (curve[after].Bits, curve[after].Quality);
            if (after == 0 || Math.Abs(b - bits) < Near) return Cell(q);
            var (a, p) = (curve[after - 1].Bits, curve[after - 1].Quality);
            double t = (bits - a) / (b - a);
            return Cell((p.Psnr + t * (q.Psnr - p.Psnr), p.Ssim + t * (q.Ssim - p.Ssim)));
        }
    }
    catch (System.ComponentModel.Win32Exception)
    {
        report.Line($"| {name} | not installed |{string.Concat(Enumerable.Repeat(" |", ratios.Length))}");
    }
}

static string Cell((double Psnr, double Ssim) quality) => $"{quality.Psnr:F1} / {quality.Ssim:F3}";

(double Psnr, double Ssim) Quality(Voxels volume, byte[] decoded, string part)
{
    double sum = 0, range = volume.Samples.Max() - volume.Samples.Min();
    for (int i = 0; i < decoded.Length; i++) sum += (decoded[i] - (double)volume.Samples[i]) * (decoded[i] - (double)volume.Samples[i]);
    string other = Path.Combine(report.Work, "other.npy");
    WriteNpy(other, volume with { Samples = decoded });
    return (10 * Math.Log10(range * range * decoded.Length / sum), (double)report.Run("compare", part, other).Json["metrics"]!["ssim"]!);
}

// NPY of unsigned bytes, [z][y][x], as inrfast writes it.
static (int[] Size, byte[] Samples) ReadNpy(string path)
{
    byte[] bytes = File.ReadAllBytes(path);
    int start = 10 + BitConverter.ToUInt16(bytes, 8);
    string header = Encoding.ASCII.GetString(bytes, 10, start - 10);
    int[] shape = [.. header.Split('(')[1].Split(')')[0].Split(',', StringSplitOptions.RemoveEmptyEntries).Select(n => int.Parse(n.Trim()))];
    if (!header.Contains("|u1")) throw new InvalidOperationException($"{path} has no 8-bit values: {header}");
    return ([.. shape.Reverse()], bytes[start..]);
}

static void WriteNpy(string path, Voxels volume)
{
    string header = $"{{'descr': '|u1', 'fortran_order': False, 'shape': ({volume.Z}, {volume.Y}, {volume.X}), }}".PadRight(117) + "\n";
    File.WriteAllBytes(path, [0x93, .. "NUMPY\u0001\0"u8, .. BitConverter.GetBytes((ushort)header.Length), .. Encoding.ASCII.GetBytes(header), .. volume.Samples]);
}

sealed record Voxels(int X, int Y, int Z, byte[] Samples);

static class Volumes
{
    public static Voxels Middle(byte[] samples, int[] size, int side)
    {
        int[] n = [.. size.Select(all => Math.Min(all, side))], first = [.. size.Zip(n, (all, own) => (all - own) / 2)];
        var part = new byte[n[0] * n[1] * n[2]];
        for (int z = 0; z < n[2]; z++)
            for (int y = 0; y < n[1]; y++) Array.Copy(samples, first[0] + size[0] * (first[1] + y + (long)size[1] * (first[2] + z)), part, n[0] * (y + n[1] * z), n[0]);
        return new(n[0], n[1], n[2], part);
    }

    /// <summary>All slices beside and below each other, and back.</summary>
    public static Voxels Mosaic(Voxels volume)
    {
        int across = (int)Math.Ceiling(Math.Sqrt(volume.Z)), down = (volume.Z + across - 1) / across;
        var mosaic = new Voxels(across * volume.X, down * volume.Y, 1, new byte[across * volume.X * down * volume.Y]);
        Copy(volume, mosaic, across, toMosaic: true);
        return mosaic;
    }

    public static byte[] Slices(Voxels like, byte[] mosaic)
    {
        int across = (int)Math.Ceiling(Math.Sqrt(like.Z));
        var volume = like with { Samples = new byte[like.Samples.Length] };
        Copy(volume, new(across * like.X, mosaic.Length / (across * like.X), 1, mosaic), across, toMosaic: false);
        return volume.Samples;
    }

    static void Copy(Voxels volume, Voxels mosaic, int across, bool toMosaic)
    {
        for (int z = 0; z < volume.Z; z++)
            for (int y = 0; y < volume.Y; y++)
            {
                int a = volume.X * (y + volume.Y * z), b = z % across * volume.X + mosaic.X * (z / across * volume.Y + y);
                if (toMosaic) Array.Copy(volume.Samples, a, mosaic.Samples, b, volume.X);
                else Array.Copy(mosaic.Samples, b, volume.Samples, a, volume.X);
            }
    }
}

static class Codecs
{
    public static (long, byte[]) Jpeg2000(string work, Voxels volume, double ratio)
    {
        string image = Path.Combine(work, "m.pgm"), file = Path.Combine(work, "m.j2k"), back = Path.Combine(work, "b.pgm");
        var mosaic = Volumes.Mosaic(volume);
        WritePgm(image, mosaic);
        Report.Execute("opj_compress", "-i", image, "-o", file, "-r", $"{ratio * mosaic.Samples.Length / volume.Samples.Length}", "-I");
        Report.Execute("opj_decompress", "-i", file, "-o", back);
        return (new FileInfo(file).Length, Volumes.Slices(volume, File.ReadAllBytes(back)[^mosaic.Samples.Length..]));
    }

    public static (long, byte[]) JpegXl(string work, Voxels volume, double distance)
    {
        string image = Path.Combine(work, "m.pgm"), file = Path.Combine(work, "m.jxl"), back = Path.Combine(work, "b.pgm");
        var mosaic = Volumes.Mosaic(volume);
        WritePgm(image, mosaic);
        Report.Execute("cjxl", image, file, "-d", $"{distance}", "-e", "7", "--quiet");
        Report.Execute("djxl", file, back, "--quiet");
        return (new FileInfo(file).Length, Volumes.Slices(volume, File.ReadAllBytes(back)[^mosaic.Samples.Length..]));
    }

    /// <summary>Values of 8 bits in the upper bits of 12.</summary>
    public static (long, byte[]) Hevc(string work, Voxels volume, int quantizer)
    {
        string raw = Path.Combine(work, "i.raw"), file = Path.Combine(work, "v.hevc"), back = Path.Combine(work, "b.raw");
        var words = volume.Samples.SelectMany(value => BitConverter.GetBytes((ushort)(value << 4))).ToArray();
        File.WriteAllBytes(raw, words);
        Report.Execute("ffmpeg", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "gray12le", "-s", $"{volume.X}x{volume.Y}", "-r", "25", "-i", raw, "-c:v", "libx265", "-preset", "slow", "-tune", "psnr", "-x265-params", $"qp={quantizer}:log-level=none", "-pix_fmt", "gray12le", "-f", "hevc", file);
        Report.Execute("ffmpeg", "-v", "error", "-y", "-i", file, "-f", "rawvideo", "-pix_fmt", "gray12le", back);
        byte[] decoded = File.ReadAllBytes(back);
        return (new FileInfo(file).Length, [.. Enumerable.Range(0, volume.Samples.Length).Select(i => (byte)Math.Clamp((BitConverter.ToUInt16(decoded, 2 * i) + 8) >> 4, 0, 255))]);
    }

    static void WritePgm(string path, Voxels image) => File.WriteAllBytes(path, [.. Encoding.ASCII.GetBytes($"P5\n{image.X} {image.Y}\n255\n"), .. image.Samples]);
}
