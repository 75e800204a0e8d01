using System.Xml;
using InrFast.Imaging;

namespace InrFast.Tests.Files;

internal sealed class UntrustedXmlTests
{
    [Test]
    public void OrdinaryDocumentsAreReadWithOrWithoutAType() =>
        Assert.That(UntrustedXml.Parse("<?xml version=\"1.0\"?><!DOCTYPE a><a><b>1</b></a>").Element("b")!.Value, Is.EqualTo("1"));

    // A hundred thousand levels would take a quarter of a minute.
    [Test]
    public void DeepOnesAreRefusedAtOnce() =>
        Assert.That(() => UntrustedXml.Parse(string.Concat(Enumerable.Repeat("<a>", 100_000))), Throws.TypeOf<XmlException>().With.Message.Contains("nested"));

    [Test]
    public void EntitiesAreNotUnfolded() =>
        Assert.That(() => UntrustedXml.Parse("<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>"), Throws.TypeOf<XmlException>());
}
