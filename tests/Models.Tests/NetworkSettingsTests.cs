using InrFast.Autodiff;
using InrFast.Models;

namespace InrFast.Tests;

public sealed class NetworkSettingsTests
{
    [Test]
    public void What_a_description_leaves_out_has_its_default()
    {
        Assert.That(NetworkSettings.FromJson("""{"type":"siren","inputs":3,"outputs":1}"""), Is.EqualTo(new SirenSettings(3, 1)));
        Assert.That(NetworkSettings.FromJson("""{"inputs":2,"outputs":1,"type":"mlp","encoding":{"type":"fourier","scale":14},"activation":"GELU"}"""),
            Is.EqualTo(new MlpSettings(2, 1, new FourierEncoding(Scale: 14), Activation: Activation.GELU)), "the type may come late");
    }

    [TestCase("", "description of the network")]
    [TestCase("null", "null")]
    [TestCase("""{"inputs":2,"outputs":1}""", "type")]
    [TestCase("""{"type":"perceptron","inputs":2,"outputs":1}""", "perceptron")]
    [TestCase("""{"type":"siren","outputs":1}""", "inputs")]
    [TestCase("""{"type":"siren","inputs":2,"outputs":1,"omega":30}""", "omega")]
    [TestCase("""{"type":"siren","inputs":2,"outputs":1,"width":"wide"}""", "width")]
    [TestCase("""{"type":"siren","inputs":2,"outputs":1,"firstOmega":-1}""", "FirstOmega is 0.001 to 10000, not -1")]
    [TestCase("""{"type":"siren","inputs":2,"outputs":1,"outputActivation":"Cosine"}""", "outputActivation")]
    [TestCase("""{"type":"mlp","inputs":2,"outputs":1,"activation":99}""", "activation")]
    [TestCase("""{"type":"mlp","inputs":2,"outputs":1,"encoding":{"type":"grid","size":[16]}}""", "one size per axis")]
    [TestCase("""{"type":"mlp","inputs":2,"outputs":1,"encoding":{"type":"grid","size":[16,0]}}""", "at least 1 voxel")]
    [TestCase("""{"type":"mlp","inputs":2,"outputs":1,"encoding":{"type":"grid"}}""", "size")]
    [TestCase("""{"type":"mlp","inputs":2,"outputs":1,"encoding":{"type":"composite","parts":[]}}""", "at least one part")]
    [TestCase("""{"type":"mlp","inputs":2,"outputs":1,"encoding":{"type":"composite","parts":[null]}}""", "part")]
    [TestCase("""{"type":"multi-head","inputs":2,"outputs":7,"heads":[2,2]}""", "multiple of the 4 heads")]
    [TestCase("""{"type":"multi-head","inputs":2,"outputs":4,"heads":[2]}""", "one number per axis")]
    [TestCase("""{"type":"nerf","inputs":5,"outputs":4}""", "Inputs is 6")]
    [TestCase("""{"type":"levels-of-experts","inputs":5,"outputs":1}""", "Inputs is 1 to 4")]
    [TestCase("""{"type":"ensemble","inputs":2,"outputs":1,"block":{"type":"siren","inputs":3,"outputs":1},"blocks":[2,2]}""", "2 to 1, not 3 to 1")]
    [TestCase("""{"type":"ensemble","inputs":2,"outputs":1,"block":{"type":"siren","inputs":2,"outputs":1},"blocks":[2000000000,2000000000]}""", "Blocks")]
    [TestCase("""{"type":"ensemble","inputs":2,"outputs":1,"block":null,"blocks":[2,2]}""", "block")]
    [TestCase("""{"type":"miner","inputs":2,"outputs":1,"block":{"type":"siren","inputs":2,"outputs":1},"size":[64,64],"blockSize":32,"activeBlocks":[[0,4]]}""", "from 0 to 3; number 1 is 4")]
    [TestCase("""{"type":"miner","inputs":2,"outputs":1,"block":{"type":"siren","inputs":2,"outputs":1},"size":[64,64],"blockSize":32,"activeBlocks":[[1,1]]}""", "ascend")]
    [TestCase("""{"type":"miner","inputs":2,"outputs":1,"block":{"type":"siren","inputs":2,"outputs":1},"size":[64,64],"blockSize":32,"activeBlocks":[[],[]]}""", "Networks")]
    [TestCase("""{"type":"miner","inputs":2,"outputs":1,"block":{"type":"siren","inputs":2,"outputs":1},"size":[64,64],"blockSize":32,"activeBlocks":[null]}""", "activeBlocks")]
    [TestCase("""{"type":"mlp","inputs":3,"outputs":1,"encoding":{"type":"grid","size":[9999,9999,9999],"levels":64,"features":8,"log2TableSize":27}}""", "Numbers in a grid's tables")]
    public void A_wrong_description_is_refused_in_one_line(string json, string reason)
    {
        string message = Assert.Throws<FormatException>(() => NetworkSettings.FromJson(json))!.Message;
        Assert.That(message, Does.Contain(reason).IgnoreCase.And.Not.Contain('\n'));
    }

    [Test]
    public void A_tensor_too_large_for_an_array_is_an_error_in_the_settings() =>
        Assert.That(() => new SirenSettings(2, 1, NetworkSettings.MaximumWidth, 1).Build(new Graph()), Throws.ArgumentException.With.Message.Contains("layers.1.weight of 65536 x 65536"));

    [Test]
    public void Two_networks_of_a_graph_have_their_own_names_and_numbers()
    {
        var graph = new Graph();
        Network first = new SirenSettings(2, 1, 8, 1).Build(graph, "image."), second = new SirenSettings(2, 1, 8, 1).Build(graph, "field.");
        Assert.That(second.Tensors[0].Name, Is.EqualTo("field.layers.0.weight"));
        using var store = new ParameterStore(Kernels.CpuDevice.Best, graph);
        first.Initialize(store, 1);
        second.Initialize(store, 1);
        Assert.That(store.Read(second.Tensors[0].Parameter), Is.Not.EqualTo(store.Read(first.Tensors[0].Parameter)));
        Assert.That(() => new SirenSettings(2, 1, 8, 1).Build(graph, "image."), Throws.ArgumentException);
    }
}
