#!/usr/bin/env dotnet
// Rate and distortion of compress beside JPEG 2000, JPEG XL and HEVC, where they are installed (Debian: libopenjp2-tools, libjxl-tools, ffmpeg): dotnet run perf/quality/compression.cs [-- NAME [ITERATIONS]]
// Publishes inrfast, compresses parts of real volumes at several ratios, prints a table, and writes perf/results/NAME.md where a name is given. Images: shared/data.
#:property PublishAot=false
#:property RestorePackagesWithLockFile=false
using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Nodes;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
string root = Path.GetFullPath(Path.Combine(Here(), "..", ".."));
string? above = root;
while (above is not null && !Directory.Exists(Path.Combine(above, "shared", "data", "ct"))) above = Path.GetDirectoryName(above);
if (above is null)
{
    Console.Error.WriteLine("shared/data is not there, beside the repository or above it");
    return 1;
}
string data = Path.Combine(above, "shared", "data"), work = Directory.CreateTempSubdirectory("inrfast-compression-").FullName, program = Path.Combine(work, "program", "inrfast");
int[] ratios = [16, 64, 128, 256];
string iterations = args.Length > 1 ? args[1] : "600";
var text = new StringBuilder();
try
{
    Execute("dotnet", "publish", "src/Cli/Cli.csproj", "-c", "Release", "-o", Path.Combine(work, "program"), "-v", "q");
    Line($"# Compression, {DateTime.Now:yyyy-MM-dd}\n\n{Processor()}, {Environment.ProcessorCount} cores; load average at the start {File.ReadAllText("/proc/loadavg").Split(' ')[0]}. Parts of 96 x 96 x 96 voxels of 8 bits from the middle of each volume.");
    Line($"PSNR (dB, peak the part's range) and SSIM against the bytes of whole files, headers included. Ours: {iterations} iterations and a quarter more with rounded numbers. HEVC: x265, slow, tuned for PSNR, 12 bits, slices as frames; JPEG 2000 and JPEG XL: a mosaic of all slices.");
    Line("HEVC and JPEG XL have steps of quality: values between two are interpolated over the logarithm of the size. -: no setting makes so small a file.\n");
    Volume("chest CT", Path.Combine(data, "ct", "lidc_chest.nii.gz"));
    Volume("brain MR", Path.Combine(data, "brain-mr", "colin27_ch2.nii.gz"));
    Volume("embryo, confocal microscopy", Path.Combine(data, "microscopy", "arabidopsis_embryo.tif"));
    Line("""
        ## Reading it

        - HEVC is better up to 64x: it predicts every block from the slices before and spends bits where the residual is, while a network's numbers are spread over its block, and the noise of CT and microscopy, which takes most of the bits at 16x, is what a smooth function fits worst and last.
        - JPEG 2000 and JPEG XL are better at 16x on CT and microscopy for the same reason; they know nothing of the third axis, which is why they fall behind with the ratio.
        - sci and siren are the same from 128x on: so few numbers are not cut into blocks. tinc falls behind there: networks of a few units have mostly weights that any block needs.
        - More iterations are better (2500 is the command's default): these are short, so that the whole table ends within twenty minutes.

        """);
    if (args.Length > 0) File.WriteAllText(Path.Combine(root, "perf", "results", args[0] + ".md"), text.ToString());
    return 0;
}
finally
{
    Directory.Delete(work, recursive: true);
}

void Volume(string name, string path)
{
    string whole = Path.Combine(work, "whole.npy"), part = Path.Combine(work, "part.npy");
    Execute(program, "convert", path, "-o", whole, "-q", "-f", "--lossy");
    var (size, samples) = ReadNpy(whole);
    var volume = Volumes.Middle(samples, size, 96);
    WriteNpy(part, volume);
    Line($"## {name}\n\n| codec | {string.Join(" | ", ratios.Select(ratio => $"{ratio}x"))} | seconds |\n| --- |{string.Concat(ratios.Select(_ => " --- |"))} --- |");
    foreach (string method in new[] { "siren", "sci", "tinc" })
    {
        double seconds = 0;
        var cells = ratios.Select(ratio =>
        {
            string file = Path.Combine(work, "c.inrz"), decoded = Path.Combine(work, "decoded.npy");
            seconds += (double)Json(["compress", part, "-o", file, "--method", method, "--ratio", $"{ratio}", "--iterations", iterations])["seconds"]!["fit"]!;
            Execute(program, "decompress", file, "-o", decoded, "-q", "-f");
            return Cell(Quality(volume, ReadNpy(decoded).Samples, part));
        }).ToArray();
        Line($"| {method} | {string.Join(" | ", cells)} | {seconds:F0} |");
    }
    Peer("HEVC", volume, part, [.. Enumerable.Range(4, 16).Select(i => Math.Min(3 * i, 51))], quality => Codecs.Hevc(work, volume, (int)quality));
    Peer("JPEG XL", volume, part, [1, 2, 3, 4, 6, 8, 10, 12, 15, 18, 21, 25], quality => Codecs.JpegXl(work, volume, quality));
    Peer("JPEG 2000", volume, part, [.. ratios.Select(ratio => (double)ratio)], quality => Codecs.Jpeg2000(work, volume, quality));
    Line("");
}

void Peer(string name, Voxels volume, string part, double[] settings, Func<double, (long Bytes, byte[] Decoded)> codec)
{
    try
    {
        var curve = settings.Distinct().Select(codec).Select(result => (Bits: Math.Log2((double)volume.Samples.Length / result.Bytes), Quality: Quality(volume, result.Decoded, part))).OrderBy(point => point.Bits).ToArray();
        Line($"| {name} | {string.Join(" | ", ratios.Select(ratio => At(Math.Log2(ratio))))} | |");

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
        Line($"| {name} | not installed |{string.Concat(Enumerable.Repeat(" |", ratios.Length))}");
    }
}

static string Cell((double Psnr, double Ssim) quality) => $"{quality.Psnr:F1} / {quality.Ssim:F3}";

(double Psnr, double Ssim) Quality(Voxels volume, byte[] decoded, string part)
{
    double sum = 0, range = volume.Samples.Max() - volume.Samples.Min();
    for (int i = 0; i < decoded.Length; i++) sum += (decoded[i] - (double)volume.Samples[i]) * (decoded[i] - (double)volume.Samples[i]);
    string other = Path.Combine(work, "other.npy");
    WriteNpy(other, volume with { Samples = decoded });
    return (10 * Math.Log10(range * range * decoded.Length / sum), (double)Json(["compare", part, other])["metrics"]!["ssim"]!);
}

JsonNode Json(string[] command)
{
    string result = Path.Combine(work, "result.json");
    Execute(program, [.. command, "-q", "-f", "--json", result]);
    return JsonNode.Parse(File.ReadAllText(result))!;
}

void Execute(string file, params string[] arguments) => Codecs.Execute(root, file, arguments);

void Line(string line)
{
    Console.WriteLine(line);
    text.AppendLine(line);
}

static string Processor() => File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name"))?.Split(": ")[1] ?? "unknown processor";

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

static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;

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
        Execute(work, "opj_compress", "-i", image, "-o", file, "-r", $"{ratio * mosaic.Samples.Length / volume.Samples.Length}", "-I");
        Execute(work, "opj_decompress", "-i", file, "-o", back);
        return (new FileInfo(file).Length, Volumes.Slices(volume, File.ReadAllBytes(back)[^mosaic.Samples.Length..]));
    }

    public static (long, byte[]) JpegXl(string work, Voxels volume, double distance)
    {
        string image = Path.Combine(work, "m.pgm"), file = Path.Combine(work, "m.jxl"), back = Path.Combine(work, "b.pgm");
        var mosaic = Volumes.Mosaic(volume);
        WritePgm(image, mosaic);
        Execute(work, "cjxl", image, file, "-d", $"{distance}", "-e", "7", "--quiet");
        Execute(work, "djxl", file, back, "--quiet");
        return (new FileInfo(file).Length, Volumes.Slices(volume, File.ReadAllBytes(back)[^mosaic.Samples.Length..]));
    }

    /// <summary>Values of 8 bits in the upper bits of 12.</summary>
    public static (long, byte[]) Hevc(string work, Voxels volume, int quantizer)
    {
        string raw = Path.Combine(work, "i.raw"), file = Path.Combine(work, "v.hevc"), back = Path.Combine(work, "b.raw");
        var words = volume.Samples.SelectMany(value => BitConverter.GetBytes((ushort)(value << 4))).ToArray();
        File.WriteAllBytes(raw, words);
        Execute(work, "ffmpeg", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "gray12le", "-s", $"{volume.X}x{volume.Y}", "-r", "25", "-i", raw, "-c:v", "libx265", "-preset", "slow", "-tune", "psnr", "-x265-params", $"qp={quantizer}:log-level=none", "-pix_fmt", "gray12le", "-f", "hevc", file);
        Execute(work, "ffmpeg", "-v", "error", "-y", "-i", file, "-f", "rawvideo", "-pix_fmt", "gray12le", back);
        byte[] decoded = File.ReadAllBytes(back);
        return (new FileInfo(file).Length, [.. Enumerable.Range(0, volume.Samples.Length).Select(i => (byte)Math.Clamp((BitConverter.ToUInt16(decoded, 2 * i) + 8) >> 4, 0, 255))]);
    }

    static void WritePgm(string path, Voxels image) => File.WriteAllBytes(path, [.. Encoding.ASCII.GetBytes($"P5\n{image.X} {image.Y}\n255\n"), .. image.Samples]);

    public static void Execute(string folder, string file, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(file, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{file} {string.Join(' ', arguments)} ended with {process.ExitCode}\n{output}{error.Result}");
    }
}
