using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace InrFast.Imaging.Dicom;

/// <summary>What de-identification leaves in place beyond the basic profile: options of PS3.15, annex E.3.</summary>
[Flags]
public enum Retention { None = 0, Uids = 1, Dates = 2, Patient = 4, Device = 8, Institution = 16 }

/// <summary>
/// Takes from DICOM datasets what identifies people and places: the Basic Application Level Confidentiality Profile (PS3.15 2024b, annex E), in nested sequences too.
/// Identifiers are replaced by others made with a secret key, the same everywhere, so that references between instances hold; patients get a pseudonym of that
/// kind. Pixels are left as they are: what is burned into them stays.
/// </summary>
public sealed class Deidentifier
{
    private const string DummyText = "DEIDENTIFIED";

    private readonly byte[] key;
    private readonly Retention retained;

    /// <param name="key">Makes the new identifiers. With the same key the same old identifier gives the same new one; who has not got it cannot trace one back. Null takes a random one.</param>
    /// <param name="retained">What stays.</param>
    public Deidentifier(ReadOnlySpan<byte> key = default, Retention retained = Retention.None) =>
        (this.key, this.retained) = (key.IsEmpty ? RandomNumberGenerator.GetBytes(32) : key.ToArray(), retained);

    /// <summary>The dataset of an instance without what identifies, marked as such.</summary>
    /// <param name="dataset">Of an instance.</param>
    /// <param name="warnings">What may be left, and what had to be taken out unseen.</param>
    public DicomDataset Apply(DicomDataset dataset, ISet<string> warnings)
    {
        WarnOfPixels(dataset, warnings);
        var pseudonym = "ID" + Convert.ToHexString(Keyed("patient|" + (dataset.GetString(DicomTags.PatientId) ?? dataset.GetString(DicomTags.PatientName))))[..12];
        return Clean(dataset, warnings).With(_ => false,
        [
            DicomElement.FromText(DicomTags.PatientId, pseudonym), DicomElement.FromText(DicomTags.PatientName, pseudonym),
            DicomElement.FromText(DicomTags.PatientIdentityRemoved, "YES"),
            DicomElement.FromText(DicomTags.DeidentificationMethod, "InrFast: PS3.15 2024b, annex E"),
            DicomElement.FromItems(DicomTags.DeidentificationMethodCodeSequence, [.. Codes.Where(code => (code.Option & retained) == code.Option).Select(code => new DicomDataset(
                DicomElement.FromText(DicomTags.CodeValue, code.Value), DicomElement.FromText(DicomTags.CodingSchemeDesignator, "DCM"), DicomElement.FromText(DicomTags.CodeMeaning, code.Meaning)))]),
            DicomElement.FromText(DicomTags.LongitudinalTemporalInformationModified, retained.HasFlag(Retention.Dates) ? "UNMODIFIED" : "REMOVED"),
        ]);
    }

    /// <summary>The identifier that stands for another.</summary>
    public string MapUid(string uid)
    {
        var hash = Keyed("uid|" + uid);
        (hash[6], hash[8]) = ((byte)(hash[6] & 0x0F | 0x80), (byte)(hash[8] & 0x3F | 0x80));
        return $"2.25.{BinaryPrimitives.ReadUInt128BigEndian(hash)}";
    }

    // PS3.16, context group 7050.
    private static readonly (Retention Option, string Value, string Meaning)[] Codes =
    [
        (Retention.None, "113100", "Basic Application Confidentiality Profile"),
        (Retention.Dates, "113106", "Retain Longitudinal Temporal Information Full Dates Option"),
        (Retention.Patient, "113108", "Retain Patient Characteristics Option"),
        (Retention.Device, "113109", "Retain Device Identity Option"),
        (Retention.Uids, "113110", "Retain UIDs Option"),
        (Retention.Institution, "113112", "Retain Institution Identity Option"),
    ];

    private byte[] Keyed(string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));

    private DicomDataset Clean(DicomDataset dataset, ISet<string> warnings) =>
        new(dataset.Elements.Select(element => Clean(element, warnings)).OfType<DicomElement>());

    // Null where the attribute goes.
    private DicomElement? Clean(DicomElement element, ISet<string> warnings)
    {
        switch (ConfidentialityProfile.ActionOf(element.Tag, retained))
        {
            case ConfidentialityAction.Remove:
                return null;
            case ConfidentialityAction.Empty:
                return element.Items is null ? DicomElement.FromBytes(element.Tag, element.Representation, default) : DicomElement.FromItems(element.Tag, []);
            case ConfidentialityAction.Dummy:
                return Dummy(element);
            case ConfidentialityAction.MapUid when element.Items is null:
                return MapUids(element);
        }
        // What an implicit file does not say to be a sequence may be one, with anything inside.
        if (element is { Representation: "UN", Items: null } && element.Value.Span is [0xFE, 0xFF, 0x00, 0xE0, ..])
        {
            warnings.Add($"attribute {element.Tag} is of unknown type and was removed, because it may hold others");
            return null;
        }
        return element.Items is { } items ? DicomElement.FromItems(element.Tag, [.. items.Select(item => Clean(item, warnings))]) : element;
    }

    private DicomElement MapUids(DicomElement element)
    {
        var uids = Encoding.ASCII.GetString(element.Value.Span).Split('\\').Select(uid => uid.Trim(' ', '\0'));
        return DicomElement.FromBytes(element.Tag, "UI", Encoding.ASCII.GetBytes(string.Join('\\', uids.Select(uid => uid.Length == 0 ? uid : MapUid(uid)))));
    }

    // A value of the same type that says nothing. Sequences keep their form; identifiers in them follow the profile.
    private DicomElement? Dummy(DicomElement element)
    {
        if (element.Items is { } items)
        {
            return DicomElement.FromItems(element.Tag, [.. items.Select(item => new DicomDataset(item.Elements.Where(inner => !inner.Tag.IsPrivate).Select(Dummy).OfType<DicomElement>()))]);
        }
        byte[] Text(string text) => Encoding.ASCII.GetBytes(text);
        return element.Representation switch
        {
            "UI" => ConfidentialityProfile.ActionOf(element.Tag, retained) is ConfidentialityAction.MapUid or ConfidentialityAction.Dummy ? MapUids(element) : element,
            "UN" => null,
            var kind => DicomElement.FromBytes(element.Tag, kind, kind switch
            {
                "DA" => Text("19000101"),
                "TM" => Text("000000"),
                "DT" => Text("19000101000000"),
                "AS" => Text("000Y"),
                "DS" or "IS" => Text("0"),
                "UR" => Text("about:blank"),
                "AE" or "CS" or "LO" or "LT" or "PN" or "SH" or "ST" or "UC" or "UT" => Text(DummyText),
                // Zeros are a number, or data, of every binary type.
                _ => new byte[8],
            }),
        };
    }

    private static void WarnOfPixels(DicomDataset dataset, ISet<string> warnings)
    {
        var burned = dataset.GetString(DicomTags.BurnedInAnnotation);
        if (burned == "YES" || burned is null && dataset.GetString(DicomTags.SopClassUid) is { } kind && MayShowText(kind))
        {
            warnings.Add(burned == "YES"
                ? "its pixels show text (BurnedInAnnotation YES), which may name the patient; pixels were not cleaned"
                : "its pixels may show text that names the patient (screens and ultrasound often do); look at them: pixels were not cleaned");
        }
        if (dataset.GetString(DicomTags.RecognizableVisualFeatures) == "YES")
        {
            warnings.Add("its pixels show features by which the patient may be recognised; pixels were not cleaned");
        }
    }

    // Secondary captures, ultrasound, and light photographs.
    private static bool MayShowText(string kind) => new[] { ".7", ".6.", ".3.", ".77." }.Any(ending => ("1.2.840.10008.5.1.4.1.1" + ending) is var start
        && (kind == start || kind.StartsWith(start.TrimEnd('.') + ".", StringComparison.Ordinal)));
}
