using InrFast.Autodiff;
using InrFast.Kernels;
using InrFast.Models;

namespace InrFast.Tests;

/// <summary>Networks by their published formulas.</summary>
public sealed class PublishedNetworkTests
{
    static readonly float[] Rows = [-1, -1, -0.6f, 0.3f, 0, 0, 0.25f, -0.75f, 0.9f, 0.1f, 1, 1];

    static Parameter Of(Fit fit, string name) => fit.Store.Graph.Parameters.Single(parameter => parameter.Name == name);

    /// <summary>
    /// Two Gabor layers of three complex units with omega 5 and s 3, and the real part of a complex layer: random weights and the result in double precision
    /// of PyTorch 1.13, with torch.exp(1j * 5 * z - (3 * z).abs().square()).
    /// </summary>
    [Test]
    public void Wire_is_that_of_complex_numbers_in_PyTorch()
    {
        using var fit = new Fit(new WireSettings(2, 1, 5, 1, 5, 3), CpuDevice.Best);
        fit.Store.Write(Of(fit, "layers.0.weight"), [0.162203327f, -0.168273225f, 0.19390896f, -0.0361174867f, 0.30206731f, 0.168342859f]);
        fit.Store.Write(Of(fit, "layers.0.bias"), [-0.0812710896f, -0.571669459f, 0.161442652f]);
        fit.Store.Write(Of(fit, "layers.1.weight"),
        [
            -0.511153936f, 0.0383694656f, 0.472097546f, 0.239414707f, -0.340597153f, 0.555248201f, -0.0392126478f, 0.40952f, 0.152026609f,
            0.0758799911f, -0.12695837f, 0.0385305174f, 0.244331613f, -0.221953332f, -0.565501511f, -0.0457548574f, -0.0548884161f, -0.0277149342f,
        ]);
        fit.Store.Write(Of(fit, "layers.1.bias"), [-0.323285401f, -0.28049624f, -0.374690086f, -0.327236474f, -0.524467528f, 0.135878772f]);
        // Re(w y) = Re w Re y - Im w Im y.
        fit.Store.Write(Of(fit, "layers.2.weight"), [0.379980773f, -0.264651448f, -0.221628964f, -0.0284415931f, -0.25373593f, 0.127893984f]);
        fit.Store.Write(Of(fit, "layers.2.bias"), [-0.316507608f]);
        Assert.That(fit.At(Rows), Is.EqualTo(new[] { -0.278715513, -0.148709688, -0.320557384, -0.397665904, -0.401294331, -0.825745371 }).Within(2e-6));
    }

    [Test]
    public void Experts_take_turns_in_cells_that_halve_from_layer_to_layer()
    {
        const int width = 6, levels = 3;
        using var fit = new Fit(new LevelsOfExpertsSettings(2, 1, width, levels), CpuDevice.Best);
        // Points that lie on no border of cells, all 64 cells of the last level, and beyond the field.
        float[] rows = [.. from y in Enumerable.Range(0, 9) from x in Enumerable.Range(-1, 9) from c in new[] { x, y } select -1 + (2 * c + 0.7f) / 8];
        var actual = fit.At(rows);
        for (int row = 0; row < actual.Length; row++)
        {
            double[] point = [rows[2 * row], rows[2 * row + 1]], values = point;
            for (int level = 1; level <= levels; level++)
            {
                int[] bit = [.. point.Select(p => (int)Math.Floor(Math.Pow(2, level) * (p + 1) / 2) & 1)];
                int expert = bit[0] + 2 * bit[1], inputs = values.Length;
                float[] weight = fit.Store.Read(Of(fit, $"layers.{level - 1}.weight")), bias = fit.Store.Read(Of(fit, $"layers.{level - 1}.bias"));
                values = [.. Enumerable.Range(0, width).Select(o => bias[o] + Enumerable.Range(0, inputs).Sum(i => weight[o * 4 * inputs + expert * inputs + i] * values[i]))
                    .Select(z => z > 0 ? z : 0.01 * z)];
            }
            float[] last = fit.Store.Read(Of(fit, $"layers.{levels}.weight"));
            double expected = fit.Store.Read(Of(fit, $"layers.{levels}.bias"))[0] + values.Select((v, i) => v * last[i]).Sum();
            Assert.That(actual[row], Is.EqualTo(expected).Within(1e-6), $"at {point[0]}, {point[1]}");
        }
    }

    [Test]
    public void Nerf_s_density_does_not_depend_on_the_direction_and_its_colour_does()
    {
        using var fit = new Fit(new NerfSettings(Width: 32), CpuDevice.Best);
        fit.Store.Write(Of(fit, "alpha_linear.bias"), [3]);
        float[] values = fit.At([0.1f, 0.2f, 0.3f, 0, 0, 1, 0.1f, 0.2f, 0.3f, 0, 1, 0, -0.4f, 0.2f, 0.3f, 0, 1, 0]);
        float[] one = values[..4], turned = values[4..8], elsewhere = values[8..];
        Assert.That(turned[3], Is.EqualTo(one[3]).And.GreaterThan(0));
        Assert.That(elsewhere[3], Is.Not.EqualTo(one[3]));
        for (int c = 0; c < 3; c++) Assert.That(turned[c], Is.Not.EqualTo(one[c]).And.InRange(0f, 1f));
    }

    /// <summary>The layers of nerf-pytorch's NeRF(D=8, W=256, input_ch=63, input_ch_views=27, skips=[4], use_viewdirs=True): 595,844 parameters.</summary>
    [Test]
    public void Nerf_has_the_published_layers()
    {
        var network = new NerfSettings().Build(new Graph());
        Assert.That(network.ParameterCount, Is.EqualTo(595_844));
        Assert.That(network.Tensors.Single(tensor => tensor.Name == "pts_linears.5.weight").Shape, Is.EqualTo(new[] { 256, 319 }));
        Assert.That(network.Tensors.Single(tensor => tensor.Name == "views_linears.0.weight").Shape, Is.EqualTo(new[] { 128, 283 }));
    }

    [Test]
    public void Finer_s_first_biases_span_what_is_asked_for()
    {
        using var fit = new Fit(new FinerSettings(2, 1, 512, 1, FirstBias: 5), CpuDevice.Best);
        float[] bias = fit.Store.Read(Of(fit, "layers.0.bias"));
        Assert.That(bias, Is.All.InRange(-5f, 5f));
        Assert.That(bias.Average(b => b * b), Is.EqualTo(25 / 3.0).Within(15).Percent);
        double z = fit.Store.Read(Of(fit, "layers.0.weight"))[0] * 0.5 + bias[0];
        // One unit, one column out: the layer's own sine shows through a linear layer that takes it alone.
        var linear = new FinerSettings(2, 1, 512, 0, FirstBias: 5);
        using var shallow = new Fit(linear, CpuDevice.Best);
        shallow.Store.Write(Of(shallow, "layers.1.weight"), [1, .. new float[511]]);
        shallow.Store.Write(Of(shallow, "layers.1.bias"), [0]);
        Assert.That(shallow.At([0.5f, 0])[0], Is.EqualTo(Math.Sin(30 * (Math.Abs(z) + 1) * z)).Within(1e-3), "a phase of up to 900 radians");
    }

    [Test]
    public void Blocks_of_a_pyramid_cover_every_scale()
    {
        var miner = new MinerSettings(2, 1, new SirenSettings(2, 1, 8, 1), [100, 33], 32, [[0], [0], [0]]);
        Assert.That(miner.BlocksAt(0), Is.EqualTo(new[] { 4, 2 }));
        Assert.That(miner.BlocksAt(1), Is.EqualTo(new[] { 2, 1 }), "50 x 17 voxels");
        Assert.That(miner.BlocksAt(2), Is.EqualTo(new[] { 1, 1 }), "25 x 9 voxels");
        Assert.That(miner.Members, Is.EqualTo(3));
    }

    [Test]
    public void Members_of_a_bank_are_the_first_axis_in_a_file()
    {
        var settings = new EnsembleSettings(2, 1, new SirenSettings(2, 1, 5, 1), [2, 1]);
        using var fit = new Fit(settings, CpuDevice.Best);
        using var stream = new MemoryStream();
        ModelFile.Write(stream, settings, fit.Network, fit.Store);
        byte[] bytes = stream.ToArray();
        int header = (int)BitConverter.ToInt64(bytes);
        using var json = System.Text.Json.JsonDocument.Parse(bytes.AsMemory(8, header));
        var tensor = json.RootElement.GetProperty("layers.1.weight");
        Assert.That(tensor.GetProperty("shape").EnumerateArray().Select(n => n.GetInt32()), Is.EqualTo(new[] { 2, 5, 5 }));
        int begin = 8 + header + tensor.GetProperty("data_offsets")[0].GetInt32();
        for (int member = 0; member < 2; member++)
            Assert.That(Enumerable.Range(0, 25).Select(i => BitConverter.ToSingle(bytes, begin + 100 * member + 4 * i)), Is.EqualTo(fit.Store.Read(Of(fit, "layers.1.weight"), member)));
    }
}
