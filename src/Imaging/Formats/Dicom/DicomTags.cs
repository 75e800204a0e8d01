namespace InrFast.Imaging.Dicom;

/// <summary>The attributes that this project reads or writes, by their keyword in PS3.6.</summary>
public static class DicomTags
{
    public static readonly DicomTag
        FileMetaInformationGroupLength = new(0x0002, 0x0000), FileMetaInformationVersion = new(0x0002, 0x0001),
        MediaStorageSopClassUid = new(0x0002, 0x0002), MediaStorageSopInstanceUid = new(0x0002, 0x0003),
        TransferSyntaxUid = new(0x0002, 0x0010), ImplementationClassUid = new(0x0002, 0x0012), ImplementationVersionName = new(0x0002, 0x0013),
        SpecificCharacterSet = new(0x0008, 0x0005), ImageType = new(0x0008, 0x0008), SopClassUid = new(0x0008, 0x0016), SopInstanceUid = new(0x0008, 0x0018),
        StudyDate = new(0x0008, 0x0020), StudyTime = new(0x0008, 0x0030), AccessionNumber = new(0x0008, 0x0050), Modality = new(0x0008, 0x0060),
        ConversionType = new(0x0008, 0x0064), Manufacturer = new(0x0008, 0x0070),
        CodeValue = new(0x0008, 0x0100), CodingSchemeDesignator = new(0x0008, 0x0102), CodeMeaning = new(0x0008, 0x0104),
        ReferringPhysicianName = new(0x0008, 0x0090), SeriesDescription = new(0x0008, 0x103E),
        ReferencedSopClassUid = new(0x0008, 0x1150), ReferencedSopInstanceUid = new(0x0008, 0x1155), ReferencedFrameNumber = new(0x0008, 0x1160),
        DerivationDescription = new(0x0008, 0x2111), SourceImageSequence = new(0x0008, 0x2112), AnatomicRegionSequence = new(0x0008, 0x2218), DerivationCodeSequence = new(0x0008, 0x9215),
        PatientName = new(0x0010, 0x0010), PatientId = new(0x0010, 0x0020), PatientBirthDate = new(0x0010, 0x0030), PatientSex = new(0x0010, 0x0040),
        PatientIdentityRemoved = new(0x0012, 0x0062), DeidentificationMethod = new(0x0012, 0x0063), DeidentificationMethodCodeSequence = new(0x0012, 0x0064),
        SliceThickness = new(0x0018, 0x0050), SpacingBetweenSlices = new(0x0018, 0x0088), SoftwareVersions = new(0x0018, 0x1020),
        ImagerPixelSpacing = new(0x0018, 0x1164), BodyPartExamined = new(0x0018, 0x0015), ContributingEquipmentSequence = new(0x0018, 0xA001),
        StudyInstanceUid = new(0x0020, 0x000D), SeriesInstanceUid = new(0x0020, 0x000E),
        StudyId = new(0x0020, 0x0010), SeriesNumber = new(0x0020, 0x0011), InstanceNumber = new(0x0020, 0x0013), PatientOrientation = new(0x0020, 0x0020), Laterality = new(0x0020, 0x0060), FrameLaterality = new(0x0020, 0x9072),
        ImagePositionPatient = new(0x0020, 0x0032), ImageOrientationPatient = new(0x0020, 0x0037), SliceLocation = new(0x0020, 0x1041),
        FrameOfReferenceUid = new(0x0020, 0x0052), NumberOfTemporalPositions = new(0x0020, 0x0105), PurposeOfReferenceCodeSequence = new(0x0040, 0xA170),
        SamplesPerPixel = new(0x0028, 0x0002), PhotometricInterpretation = new(0x0028, 0x0004), PlanarConfiguration = new(0x0028, 0x0006),
        NumberOfFrames = new(0x0028, 0x0008), Rows = new(0x0028, 0x0010), Columns = new(0x0028, 0x0011), PixelSpacing = new(0x0028, 0x0030),
        PixelAspectRatio = new(0x0028, 0x0034), BitsAllocated = new(0x0028, 0x0100), BitsStored = new(0x0028, 0x0101), HighBit = new(0x0028, 0x0102),
        PixelRepresentation = new(0x0028, 0x0103), SmallestImagePixelValue = new(0x0028, 0x0106), LargestImagePixelValue = new(0x0028, 0x0107),
        PixelPaddingValue = new(0x0028, 0x0120), PixelPaddingRangeLimit = new(0x0028, 0x0121),
        WindowCenter = new(0x0028, 0x1050), WindowWidth = new(0x0028, 0x1051), RescaleIntercept = new(0x0028, 0x1052), RescaleSlope = new(0x0028, 0x1053),
        RescaleType = new(0x0028, 0x1054), BurnedInAnnotation = new(0x0028, 0x0301), RecognizableVisualFeatures = new(0x0028, 0x0302), LongitudinalTemporalInformationModified = new(0x0028, 0x0303),
        LossyImageCompression = new(0x0028, 0x2110), LossyImageCompressionRatio = new(0x0028, 0x2112),
        LossyImageCompressionMethod = new(0x0028, 0x2114), ModalityLutSequence = new(0x0028, 0x3000),
        LutDescriptor = new(0x0028, 0x3002), ModalityLutType = new(0x0028, 0x3004), LutData = new(0x0028, 0x3006),
        ExtendedOffsetTable = new(0x7FE0, 0x0001),
        DirectoryRecordSequence = new(0x0004, 0x1220), DirectoryRecordType = new(0x0004, 0x1430), ReferencedFileId = new(0x0004, 0x1500),
        AcquisitionDateTime = new(0x0008, 0x002A), AcquisitionTime = new(0x0008, 0x0032), ContentTime = new(0x0008, 0x0033), FrameType = new(0x0008, 0x9007),
        EchoTime = new(0x0018, 0x0081), TriggerTime = new(0x0018, 0x1060), FrameTime = new(0x0018, 0x1063),
        EffectiveEchoTime = new(0x0018, 0x9082), DiffusionBValue = new(0x0018, 0x9087), FrameAcquisitionDateTime = new(0x0018, 0x9074),
        AcquisitionNumber = new(0x0020, 0x0012), TemporalPositionIdentifier = new(0x0020, 0x0100), TemporalResolution = new(0x0020, 0x0110),
        TemporalPositionIndex = new(0x0020, 0x9128), TemporalPositionTimeOffset = new(0x0020, 0x930D),
        FrameIncrementPointer = new(0x0028, 0x0009), RealWorldValueIntercept = new(0x0040, 0x9224), RealWorldValueSlope = new(0x0040, 0x9225),
        RealWorldValueMappingSequence = new(0x0040, 0x9096), DetectorInformationSequence = new(0x0054, 0x0022), Units = new(0x0054, 0x1001),
        FrameReferenceTime = new(0x0054, 0x1300), NumberOfSlices = new(0x0054, 0x0081), NumberOfTimeSlices = new(0x0054, 0x0101),
        SeriesType = new(0x0054, 0x1000), ImageIndex = new(0x0054, 0x1330), ReferencedSegmentNumber = new(0x0062, 0x000B),
        GridFrameOffsetVector = new(0x3004, 0x000C), DoseGridScaling = new(0x3004, 0x000E), DoseUnits = new(0x3004, 0x0002),
        SharedFunctionalGroupsSequence = new(0x5200, 0x9229), PerFrameFunctionalGroupsSequence = new(0x5200, 0x9230),
        FloatPixelData = new(0x7FE0, 0x0008), DoubleFloatPixelData = new(0x7FE0, 0x0009), PixelData = new(0x7FE0, 0x0010),
        Item = new(0xFFFE, 0xE000), ItemDelimitation = new(0xFFFE, 0xE00D), SequenceDelimitation = new(0xFFFE, 0xE0DD);

    /// <summary>Value representations of the attributes above and of those often met beside them, for files that do not state them (implicit VR).</summary>
    internal static string RepresentationOf(DicomTag tag) => tag.Element == 0 ? "UL" : Representations.GetValueOrDefault(tag, "UN");

    private static readonly Dictionary<DicomTag, string> Representations = Parse("""
        AS 00101010
        AT 00280009
        CS 00080005 00080008 00080060 00080061 00080064 00080068 00100040 00180015 00180020 00180021 00180022 00180023 00180025 00180071 00181315
        CS 00541000 00541001 00041430 00041500 00089007 30040002
        CS 00185100 00200060 00280004 00280301 00280303 00282110 00282114
        DA 00080012 00080020 00080021 00080022 00080023 00100030 00181200 00400002 00400244 00400250
        DS 3004000C 3004000E 00541300
        DS 00101020 00101030 00180050 00180060 00180080 00180081 00180082 00180083 00180084 00180087 00180088 00180090 00180093 00180094 00180095
        DS 00181041 00181044 00181049 00181060 00181063 00181100 00181110 00181111 00181120 00181130 00181143 00181164 00181190 00181314 00181316
        DS 00200032 00200037 00201041 00280030 00281050 00281051 00281052 00281053 00282112
        DT 00189074 00189151 0008002A 00181078 00181079
        FD 00189082 00189087 0020930D 00409224 00409225
        IS 00200100 00082122 00180040 00180086 00180089 00180091 00181150 00181151 00181152 00181153 00200011 00200012 00200013 00201002 00280008 00280034
        LO 00080070 00080080 00080104 00081030 0008103E 00081040 00081090 00100020 00100021 00102000 00102110 00120063 00180010 00181000 00181020
        LO 00181030 00181061 00181261 00281054 00281055 00321060 00400007
        LT 001021B0 00104000 00204000 00324000
        OB 00020001
        OW 7FE00010
        OF 7FE00008
        OD 7FE00009
        PN 00080090 00081048 00081050 00081060 00081070 00100010 00101001 00321032
        SH 00020013 00080050 00080094 00080100 00080102 00081010 00180024 00180085 00181210 00181260 00189005 00200010 00400009 00401001
        SQ 00041220 00540022 00409096 00209111 00209113 00209116 00289110 00289132 00289145 00189114 00189117 00189226 00189329 0062000A 00209071 00209310
        SQ 00081032 00081110 00081111 00081115 00081120 00081140 00081199 00081250 00082112 00082218 00082228 00089092 00089215 00102202 00120064
        SQ 00180012 00180026 00189301 00283000 00283010 00321064 00400008 00400260 00400275 00400555 00880200 52009229 52009230
        IS 00081160 00200105
        SQ 0018A001 0040A170
        CS 00200020
        DS 00200110
        US 00283002
        OW 00283006
        LO 00283004
        CS 00120062
        CS 00280302
        ST 00080081 00082111
        TM 00080013 00080030 00080031 00080032 00080033 00181201 00400003 00400245 00400251
        UI 00041510 00041511 00041512 00020002 00020003 00020010 00020012 00080014 00080016 00080018 0008001A 0008010C 0008010D 00081150 00081155 0020000D 0020000E 00200052
        UL 00041200 00041202 00041400 00041420 00209128 00209057
        US 00540081 00540101 00541330 0062000B 00041212 00041410 00540011 00540021 00081197 00181310 00280002 00280006 00280010 00280011 00280100 00280101 00280102 00280103 00280106 00280107 00280120 00280121
        """);

    private static Dictionary<DicomTag, string> Parse(string table)
    {
        var representations = new Dictionary<DicomTag, string>();
        foreach (var line in table.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            foreach (var number in line[3..].Split(' '))
            {
                representations.Add(new DicomTag(Convert.ToUInt16(number[..4], 16), Convert.ToUInt16(number[4..], 16)), line[..2]);
            }
        }
        return representations;
    }
}
