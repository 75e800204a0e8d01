using System.Xml;
using System.Xml.Linq;

namespace InrFast.Imaging;

/// <summary>XML out of files. No document type is followed, so that no entities unfold; elements do not nest deep, because the time that .NET takes grows with the square of the depth.</summary>
public static class UntrustedXml
{
    private const int MaxDepth = 32;

    /// <exception cref="XmlException">It is no XML, or too deep.</exception>
    public static XElement Parse(string text)
    {
        using (var scan = Open(text))
        {
            while (scan.Read())
            {
                if (scan.Depth > MaxDepth)
                {
                    throw new XmlException($"its elements are nested more than {MaxDepth} deep");
                }
            }
        }
        using var reader = Open(text);
        return XElement.Load(reader);
    }

    private static XmlReader Open(string text) => XmlReader.Create(new StringReader(text), new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore, XmlResolver = null });
}
