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
    public void A_wrong_description_is_refused_in_one_line(string json, string reason)
    {
        string message = Assert.Throws<FormatException>(() => NetworkSettings.FromJson(json))!.Message;
        Assert.That(message, Does.Contain(reason).IgnoreCase.And.Not.Contain('\n'));
    }

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
