namespace InrFast.Imaging.Dicom;

/// <summary>
/// Enhanced CT and MR images hold many frames, each described in functional groups. A series derived from them has one image for each slice, of the classic classes,
/// which any viewer reads; here is what those have to say (PS3.3, C.8.2.1 and C.8.3.1), from what enhanced ones do (C.8.15 and C.8.13).
/// </summary>
internal static class ClassicAttributes
{
    public const string CtStorage = "1.2.840.10008.5.1.4.1.1.2", MrStorage = "1.2.840.10008.5.1.4.1.1.4";

    private const string EnhancedCt = CtStorage + ".1", EnhancedMr = MrStorage + ".1";

    private static readonly DicomTag
        ContrastBolusAgent = new(0x0018, 0x0010), ContrastBolusAgentSequence = new(0x0018, 0x0012), ScanningSequence = new(0x0018, 0x0020), SequenceVariant = new(0x0018, 0x0021), ScanOptions = new(0x0018, 0x0022),
        MrAcquisitionType = new(0x0018, 0x0023), Kvp = new(0x0018, 0x0060), RepetitionTime = new(0x0018, 0x0080), InversionTime = new(0x0018, 0x0082), EchoTrainLength = new(0x0018, 0x0091),
        EchoPulseSequence = new(0x0018, 0x9008), InversionRecovery = new(0x0018, 0x9009), Spoiling = new(0x0018, 0x9016), SteadyState = new(0x0018, 0x9017), EchoPlanar = new(0x0018, 0x9018), MagnetizationTransfer = new(0x0018, 0x9020),
        OversamplingPhase = new(0x0018, 0x9029), SegmentedTraversal = new(0x0018, 0x9033), InversionTimes = new(0x0018, 0x9079), DiffusionGradientOrientation = new(0x0018, 0x9089);

    /// <summary>The class of images derived from this one: its own, or the classic one of an enhanced one.</summary>
    public static string? ClassOf(DicomDataset source) => source.GetString(DicomTags.SopClassUid) switch { EnhancedCt => CtStorage, EnhancedMr => MrStorage, var own => own };

    /// <summary>The attributes of a classic image of one frame of an enhanced one, whose groups were flattened; others as they are.</summary>
    public static DicomDataset Of(DicomDataset frame) => frame.GetString(DicomTags.SopClassUid) switch
    {
        EnhancedCt => frame.With(IsEnhanced, [.. Ct(frame), .. Contrast(frame)]),
        EnhancedMr => frame.With(IsEnhanced, [.. Mr(frame), .. Contrast(frame)]),
        _ => frame,
    };

    // Attributes that came with the enhanced classes have these numbers. The direction and strength of diffusion have none elsewhere.
    private static bool IsEnhanced(DicomTag tag) => tag.Group is 0x0008 or 0x0018 or 0x0020 && tag.Element is >= 0x9000 and < 0xA000 && tag != DicomTags.DiffusionBValue && tag != DiffusionGradientOrientation && tag != DicomTags.FrameLaterality;

    private static IEnumerable<DicomElement> Ct(DicomDataset frame)
    {
        var type = frame.GetStrings(DicomTags.ImageType);
        yield return DicomElement.FromText(DicomTags.ImageType, [.. type.Take(2), type is [_, _, "LOCALIZER", ..] ? "LOCALIZER" : "AXIAL", .. type.Skip(3)]);
        foreach (var element in Empty(frame, Kvp, DicomTags.AcquisitionNumber))
        {
            yield return element;
        }
    }

    private static IEnumerable<DicomElement> Mr(DicomDataset frame)
    {
        bool Is(DicomTag tag, params string[] values) => values.Contains(frame.GetString(tag));
        bool Has(DicomTag tag) => frame.GetString(tag) is not (null or "NONE" or "NO" or "SINGLE");
        var type = frame.GetStrings(DicomTags.ImageType);
        yield return DicomElement.FromText(DicomTags.ImageType, [.. type.Take(2), "OTHER", .. type.Skip(2)]);
        (bool Holds, string Term)[] sequences =
        [
            (Is(EchoPulseSequence, "SPIN", "BOTH"), "SE"), (Has(InversionRecovery), "IR"), (Is(EchoPulseSequence, "GRADIENT", "BOTH"), "GR"), (Has(EchoPlanar), "EP"),
        ];
        (bool Holds, string Term)[] variants =
        [
            (Has(SegmentedTraversal), "SK"), (Has(MagnetizationTransfer), "MTC"), (Has(SteadyState) && !Is(SteadyState, "TIME_REVERSED"), "SS"), (Is(SteadyState, "TIME_REVERSED"), "TRSS"),
            (Has(Spoiling), "SP"), (Has(OversamplingPhase), "OSP"),
        ];
        // Research mode where nothing is known.
        yield return Terms(ScanningSequence, sequences, "RM");
        yield return Terms(SequenceVariant, variants, "NONE");
        if (frame.GetNumbers(DicomTags.EffectiveEchoTime) is [var echo, ..])
        {
            yield return DicomElement.FromNumbers(DicomTags.EchoTime, echo);
        }
        else
        {
            yield return DicomElement.FromText(DicomTags.EchoTime);
        }
        if (frame.GetNumbers(InversionTimes) is [var inversion, ..])
        {
            yield return DicomElement.FromNumbers(InversionTime, inversion);
        }
        foreach (var element in Empty(frame, ScanOptions, MrAcquisitionType, RepetitionTime, EchoTrainLength))
        {
            yield return element;
        }
    }

    // Enhanced images name contrast agents by code alone.
    private static IEnumerable<DicomElement> Contrast(DicomDataset frame) => frame.Contains(ContrastBolusAgentSequence) ? Empty(frame, ContrastBolusAgent) : [];

    private static DicomElement Terms(DicomTag tag, (bool Holds, string Term)[] terms, string otherwise) =>
        DicomElement.FromText(tag, [.. terms.Where(term => term.Holds).Select(term => term.Term).DefaultIfEmpty(otherwise)]);

    // Those that must be there, though nobody knows them (type 2).
    private static IEnumerable<DicomElement> Empty(DicomDataset frame, params DicomTag[] tags) => tags.Where(tag => !frame.Contains(tag)).Select(tag => DicomElement.FromText(tag));
}
