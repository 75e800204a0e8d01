using InrFast.Imaging;

namespace InrFast.Tests.Formats;

/// <summary>
/// Real files against what nibabel 5.0.0 (get_fdata, affine), pydicom 2.3.1 (pixel_array with rescale), ITK 5.2 and Pillow 9.4.0 read from them:
/// least, greatest and mean value, and the value at a third of each axis (np.asarray(a)[tuple(s // 3 for s in a.shape)]).
/// </summary>
internal sealed class RealFileTests
{
    [TestCase("heart-ct/heart_ct.nii.gz", 120, 126, 164, 1, -1078, 3343, -200.713731, 825, new[] { -1.5, 0, 0, 71.6582, 0, -1.5, 0, 255.6582, 0, 0, 1.5, 540.2 })]
    [TestCase("brain-mr/stroke_T1.nii.gz", 124, 160, 140, 1, 0, 252, 44.4376966, 129, new[] { 0.993592, 0.01600504, 0.1118873, -64.89824, -0.04970491, 0.9509367, 0.3053669, -110.4311, -0.1015103, -0.3089714, 0.9456386, -27.92554 })]
    [TestCase("brain-mr/stroke_T2.nii.gz", 124, 160, 140, 1, 0, 503.968657, 57.98341, 134.525498, new[] { 0.993592, 0.01600504, 0.1118873, -64.89824, -0.04970491, 0.9509367, 0.3053669, -110.4311, -0.1015103, -0.3089714, 0.9456386, -27.92554 })]
    [TestCase("brain-mr/ixi002_T1_slice90.nii.gz", 150, 256, 1, 1, 0, 695.923584, 178.254141, 333.3396, new[] { -1.199997, 0, 0, -88.63989, 0, -0.9375, 0, 112.1136, 0, 0, 1, 0 })]
    [TestCase("brain-mr/nifti-variants/anatomical.nii", 33, 41, 25, 1, -610, 30393, 8401.06673, 10168, new[] { -2.0, 0, 0, 32, 0, 2, 0, -40, 0, 0, 2, -16 })]
    [TestCase("brain-mr/nifti-variants/avg152T1_LR_nifti2.nii.gz", 91, 109, 91, 1, 0, 255, 82.8971615, 159, new[] { -2.0, 0, 0, 90, 0, 2, 0, -126, 0, 0, 2, -72 })]
    [TestCase("brain-mr/nifti-variants/big.nii.gz", 64, 64, 21, 1, -8.71075058, 18.5825291, 0.135420992, 0.776723266, new[] { -4.0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 6, 0 })]
    [TestCase("brain-mr/nifti-variants/little.nii.gz", 64, 64, 21, 1, -8.71075058, 18.5825291, 0.135420992, 0.776723266, new[] { -4.0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 6, 0 })]
    [TestCase("brain-mr/nifti-variants/air2.img.gz", 79, 67, 64, 1, 0, 92.5538864, 33.6483954, 77.3097153, new[] { 0, 0, 2.385232, -75.76254, 2.389754, 0, 0, -110.7625, 0, -2.366486, 0, 84.42556 })]
    [TestCase("brain-mr/nifti-variants/example4d.nii.gz", 128, 96, 24, 2, 0, 1162, 172.908115, 474, new[] { -2.0, 0, 0, 117.8551, 0, 1.973711, -0.3555282, -35.72294, 0, 0.3232076, 2.171082, -7.248798 })]
    public void NiftiAgreesWithNibabel(string name, int x, int y, int z, int times, double minimum, double maximum, double mean, double atThird, double[] ras)
    {
        var image = ImageFile.Read(TestData.Shared(name));
        Assert.That((image.Size, image.Times, image.Channels), Is.EqualTo((new GridSize(x, y, z), times, 1)));
        AssertValues(image, minimum, maximum, mean, x / 3 + x * (y / 3 + y * (z / 3)), atThird);
        Assert.That(NiftiGeometry.ToSform(image.Grid.IndexToWorld), Is.EqualTo(ras).Within(1e-4));
        Assert.That(image.Warnings, Is.Empty);
    }

    // plastimatch 1.9.4 (ITK 5.2): convert --output-img a.nii; rows x, y, z of the map to LPS.
    [TestCase("registration/liver-4dmr/dataset18/cyc_3_10.force_direction.mha", 166, 195, 25, 0, 225, 26.0387223, 54, new[] { 1.36719, 0, 0, 0, 0, 1.36719, 0, 0, 0, 0, 4, 0 })]
    [TestCase("registration/liver-4dmr/dataset18/exhMaster_unmasked.force_direction.mha", 166, 195, 25, 0, 233, 26.3521273, 47, new[] { 1.36719, 0, 0, 0, 0, 1.36719, 0, 0, 0, 0, 4, 0 })]
    [TestCase("registration/liver-4dmr/dataset18/cyc_1_10.force_direction.mha", 166, 195, 25, 0, 238, 25.8823268, 45, new[] { 1.36719, 0, 0, 0, 0, 1.36719, 0, 0, 0, 0, 5, 0 })]
    [TestCase("ct-dicom/chest_lungmask.nrrd", 64, 64, 79, 0, 782, 16.0013629, 14, new[] { 4.171872, 0, 0, -128.4138, 0, 4.171872, 0, -264.4138, 0, 0, 3.987342, -360.2563 })]
    [TestCase("ct-dicom/chest_series_as_nrrd.nrrd", 64, 64, 79, -1007, 1095, -465.627083, -954, new[] { 4.171872, 0, 0, -128.4138, 0, 4.171872, 0, -264.4138, 0, 0, 3.987342, -360.2563 })]
    [TestCase("ct/headsq_64x64x93.mha", 64, 64, 93, 0, 3926, 507.687324, 988, new[] { 3.2, 0, 0, 0, 0, 3.2, 0, 0, 0, 0, 1.5, 0 })]
    [TestCase("brain-mr/brain_tumour_label.nrrd", 256, 256, 25, 0, 1, 0.00252502441, 0, new[] { 0.78125, 0, 0, -99.60938, 0, -0.78125, 0, 99.60938, 0, 0, 6.5, -78 })]
    [TestCase("brain-mr/brain_tumour.nrrd", 256, 256, 25, 0, 3057, 385.656408, 456, new[] { 0.78125, 0, 0, -99.60938, 0, -0.78125, 0, 99.60938, 0, 0, 6.5, -78 })]
    [TestCase("brain-mr/nifti-variants/FLAIR_oblique.nrrd", 124, 160, 140, 0, 255, 41.4860477, 130, new[] { -0.993592, -0.01600502, -0.1118873, 64.89824, 0.04970493, -0.9509367, -0.3053668, 110.4311, -0.1015103, -0.3089714, 0.9456386, -27.92554 })]
    [TestCase("lung-4dct/human_lung_followup_segmentation.mha", 115, 166, 131, 0, 137, 5.18463366, 0, new[] { 1.366, 0, 0, -161.831, 0, 1.366, 0, -162.449, 0, 0, 2.5, -1399.5 })]
    [TestCase("lung-4dct/human_lung_followup_mask.mha", 115, 166, 131, 0, 1, 0.340142915, 1, new[] { 1.366, 0, 0, -161.831, 0, 1.366, 0, -162.449, 0, 0, 2.5, -1399.5 })]
    [TestCase("lung-4dct/human_lung_baseline_mask.mha", 115, 157, 129, 0, 1, 0.30958076, 1, new[] { 1.366, 0, 0, -153.827, 0, 1.366, 0, -150.352, 0, 0, 2.5, -1434.5 })]
    [TestCase("lung-4dct/human_lung_baseline_small.mha", 57, 78, 64, -1130, 1379, -349.950514, -893, new[] { 2.732, 0, 0, -152.461, 0, 2.732, 0, -148.986, 0, 0, 5, -1432 })]
    [TestCase("lung-4dct/human_lung_followup_warped.mha", 115, 157, 129, -1255, 1474, -351.720592, -958, new[] { 1.366, 0, 0, -153.827, 0, 1.366, 0, -150.352, 0, 0, 2.5, -1434.5 })]
    public void NrrdAndMetaImageAgreeWithItk(string name, int x, int y, int z, double minimum, double maximum, double mean, double atThird, double[] lps)
    {
        var image = ImageFile.Read(TestData.Shared(name));
        Assert.That(image.Size, Is.EqualTo(new GridSize(x, y, z)));
        AssertValues(image, minimum, maximum, mean, x / 3 + x * (y / 3 + y * (z / 3)), atThird);
        Assert.That(NiftiGeometry.ToSform(image.Grid.IndexToWorld.BetweenLpsAndRas()), Is.EqualTo(lps).Within(1e-4));
        Assert.That(image.Warnings, Is.Empty);
    }

    // tifffile 2023.2.3: imread, all pages in a row.
    [TestCase("cells/fluo_n3dh_cho_labels_t20.tif", 512, 443, 100, 0, 11, 0.61337291, 0)]
    [TestCase("cells/migration_timelapse.tif", 130, 130, 48, 0, 65535, 8627.29695, 3577)]
    [TestCase("cells/migration_timelapse_labels.tif", 130, 130, 48, 0, 18, 1.96278107, 0)]
    [TestCase("cells/platynereis_nuclei_labels.tif", 256, 256, 103, 0, 37, 0.232596092, 0)]
    [TestCase("microscopy/arabidopsis_embryo.tif", 109, 112, 106, 0, 255, 11.4772087, 23)]
    [TestCase("microscopy/micro_ct_wheat.tif", 678, 684, 1, 0, 255, 130.576049, 232)]
    [TestCase("microscopy/nuclei2d.tif", 512, 512, 1, 0, 235, 31.7812653, 23)]
    [TestCase("microscopy/nuclei2d_labels.tif", 512, 512, 1, 0, 183, 18.9913979, 0)]
    [TestCase("microscopy/nuclei3d.tif", 57, 61, 31, 104, 375, 198.00565, 169)]
    [TestCase("microscopy/nuclei3d_labels.tif", 57, 61, 31, 0, 162, 29.6697561, 0)]
    [TestCase("microscopy/tinc_test.tif", 128, 128, 8, 3651, 57562, 23152.7808, 8064)]
    public void TiffAgreesWithTifffile(string name, int x, int y, int pages, double minimum, double maximum, double mean, double atThird)
    {
        var image = ImageFile.Read(TestData.Shared(name));
        // The time lapse of labels says that it has 5 channels of 20 slices (its owner means 20 times of 5 slices).
        var channels = pages == 100 ? 5 : 1;
        Assert.That((image.Size, image.Channels, image.Times), Is.EqualTo((new GridSize(x, y, pages / channels), channels, 1)));
        var page = pages / 3;
        AssertValues(image, minimum, maximum, mean, page % channels + channels * (x / 3 + x * (y / 3 + y * (page / channels))), atThird);
        Assert.That(image.Warnings, Is.Empty);
    }

    [Test]
    public void AFifthAxisIsChannels()
    {
        var image = ImageFile.Read(TestData.Shared("brain-mr/nifti-variants/5D_small.nii"));
        Assert.That((image.Size, image.Times, image.Channels), Is.EqualTo((new GridSize(1, 2, 3), 1, 3)));
        // nibabel: a[0, 0, 1, 0, 1]
        Assert.That(image.Samples.Span[3 * 2 + 1], Is.EqualTo(0.515463424).Within(1e-7));
    }

    [Test]
    public void BothFilesOfAPairNameTheImage()
    {
        var (header, voxels) = (ImageFile.Read(TestData.Shared("brain-mr/nifti-variants/air2.hdr.gz")), ImageFile.Read(TestData.Shared("brain-mr/nifti-variants/air2.img.gz")));
        Assert.That(header.Samples.Span.SequenceEqual(voxels.Samples.Span), Is.True);
    }

    private const string Transfer = "ct-dicom/transfer-syntaxes/CTImage_";

    [TestCase(Transfer + "LittleEndianImplicit_1.2.840.10008.1.2.dcm", 512, 512, -3024, 1378, -949.076435, -943, "HU", new[] { -161.399994, -148.800003, 4.7, 0.675781, 0.675781, 5 })]
    [TestCase(Transfer + "LittleEndianExplicit_1.2.840.10008.1.2.1.dcm", 512, 512, -3024, 1378, -949.076435, -943, "HU", new[] { -161.399994, -148.800003, 4.7, 0.675781, 0.675781, 5 })]
    [TestCase(Transfer + "BigEndianExplicit_1.2.840.10008.1.2.2.dcm", 512, 512, -3024, 1378, -949.076435, -943, "HU", new[] { -161.399994, -148.800003, 4.7, 0.675781, 0.675781, 5 })]
    [TestCase(Transfer + "DeflatedExplicitVRLittleEndian_1.2.840.10008.1.2.1.99.dcm", 512, 512, -3024, 1378, -949.076435, -943, "HU", new[] { -161.399994, -148.800003, 4.7, 0.675781, 0.675781, 5 })]
    [TestCase("ct-dicom/pydicom/CT_small.dcm", 128, 128, -896, 1167, -119.073853, 411, "HU", new[] { -158.135803, -179.035797, -75.699997, 0.661468, 0.661468, 5 })]
    [TestCase("ct-dicom/pydicom/MR_small.dcm", 64, 64, 127, 2145, 518.881348, 446, "", new[] { -83.9063, -91.2, 6.6406, 0.3125, 0.3125, 0.8 })]
    [TestCase("ct-dicom/pydicom/MR_small_implicit.dcm", 64, 64, 127, 2145, 518.881348, 446, "", new[] { -83.9063, -91.2, 6.6406, 0.3125, 0.3125, 0.8 })]
    [TestCase("ct-dicom/pydicom/MR_small_bigendian.dcm", 64, 64, 127, 2145, 518.881348, 446, "", new[] { -83.9063, -91.2, 6.6406, 0.3125, 0.3125, 0.8 })]
    [TestCase("ct-dicom/pydicom/image_dfl.dcm", 512, 512, 0, 255, 127.115967, 41, "", new double[] { 0, 0, 0, 1, 1, 1 })]
    [TestCase("xray/chest_mono1_10bit.dcm", 440, 440, 0, 979, 501.857293, 656, "", new double[] { 0, 0, 0, 1, 1, 1 })]
    [TestCase("ct-dicom/chest_series/IMG0001.dcm", 64, 64, -1003, 913, -314.078369, 33, "HU", new[] { -128.414, -264.414, -360.256, 4.171872, 4.171872, 3.98734 })]
    [TestCase("brain-mr/dicom_t1_studyforrest/N2D_0190.dcm", 274, 384, 0, 161, 13.9589701, 13, "", new[] { -95.8711409286171, -143.814758477387, -17.6354296743821, 0.699987828731537, 0.666666686534882, 0.666666686534882 })]
    public void DicomAgreesWithPydicom(string name, int columns, int rows, double minimum, double maximum, double mean, double atThird, string unit, double[] place)
    {
        var image = ImageFile.Read(TestData.Shared(name));
        Assert.That((image.Size, image.Unit), Is.EqualTo((new GridSize(columns, rows), unit)));
        AssertValues(image, minimum, maximum, mean, columns / 3 + columns * (rows / 3), atThird);
        var (origin, spacing) = (image.Grid.IndexToWorld.Origin, image.Grid.Spacing);
        Assert.That(new[] { origin.X, origin.Y, origin.Z, spacing.X, spacing.Y, spacing.Z }, Is.EqualTo(place).Within(1e-6));
    }

    // Frames of enhanced files by their positions, of a dose grid by its offsets, of a film in time; pydicom 2.3.1 for values, the attributes for places.
    [TestCase("ct-dicom/pydicom/eCT_Supplemental.dcm", 512, 512, 2, 1, -1024, 172, -643.961914, 0, new[] { 99.5, -301.5, -149, 0.388672, 0.388672, 10 })]
    [TestCase("ct-dicom/pydicom/liver.dcm", 512, 512, 3, 1, 0, 1, 0.136182149, 0, new[] { -235.2, -226.8, -128.69, 0.810547, 0.810547, 1 })]
    [TestCase("ct-dicom/pydicom/rtdose.dcm", 10, 10, 15, 1, 0.795, 1.254, 1.013273333, 0, new[] { 189.43125, 199.43125, -761.87, 10, 10, 5 })]
    [TestCase("ct-dicom/pydicom/emri_small.dcm", 64, 64, 1, 10, 0, 467, 109.699121, 0, new double[] { 0, 0, 0, 1, 1, 1.2 })]
    [TestCase("registration/cardiac-cine/heart_mr_16frames.dcm", 256, 256, 1, 16, 0, 252, 32.2647437, 0.06947, new double[] { 0, 0, 0, 1, 1, 10 })]
    public void MultiFrameDicomAgreesWithPydicom(string name, int columns, int rows, int slices, int times, double minimum, double maximum, double mean, double timeSpacing, double[] place)
    {
        var image = ImageFile.Read(TestData.Shared(name));
        Assert.That((image.Size, image.Times, image.TimeSpacing), Is.EqualTo((new GridSize(columns, rows, slices), times, timeSpacing)));
        var (low, high) = image.Range();
        var sum = 0.0;
        foreach (var sample in image.Samples.Span)
        {
            sum += sample;
        }
        Assert.That(new double[] { low, high, sum / image.Samples.Length }, Is.EqualTo(new[] { minimum, maximum, mean }).Within(1e-6 * (Math.Abs(minimum) + Math.Abs(maximum))));
        var (origin, spacing) = (image.Grid.IndexToWorld.Origin, image.Grid.Spacing);
        Assert.That(new[] { origin.X, origin.Y, origin.Z, spacing.X, spacing.Y, spacing.Z }, Is.EqualTo(place).Within(1e-6));
    }

    [Test]
    public void RowAndColumnDirectionsBecomeTheStepsOfXAndY()
    {
        var map = ImageFile.Read(TestData.Shared("brain-mr/dicom_t1_studyforrest/N2D_0190.dcm")).Grid.IndexToWorld;
        // ImageOrientationPatient: the row's cosines, then the column's; PixelSpacing: (between rows, between columns).
        var (row, column) = (map.StepX / 0.699987828731537, map.StepY / 0.666666686534882);
        Assert.That(new[] { row.X, row.Y, row.Z, column.X, column.Y, column.Z },
            Is.EqualTo(new[] { 0.999032176441525, -0.0217883751691557, 0.0382096472372976, 0.026519476938784, 0.991413870277297, -0.128043957939 }).Within(1e-9));
    }

    // Pillow: np.asarray(Image.open(f)).sum(), and the sample at a row and column.
    [TestCase("natural-images/camera.png", 512, 512, 1, 33832495, 100, 200, 54, 0)]
    [TestCase("natural-images/astronaut.png", 512, 512, 3, 90124324, 100, 200, 81, 0)]
    [TestCase("natural-images/kodim04.png", 512, 768, 3, 115763321, 100, 200, 141, 0)]
    [TestCase("retina/chase_01L_vessels.png", 999, 960, 1, 66885, 50, 60, 0, 0)]
    [TestCase("registration/brain-2d/BrainT1SliceBorder20.png", 221, 257, 1, 2671939, 50, 60, 91, 0)]
    [TestCase("xray/nih_chest_00000001.png", 512, 512, 1, 33590126, 50, 60, 24, 0)]
    // Decoders may round differently, and colour of half resolution may be interpolated or not: one per mille of the sum, two grey levels.
    [TestCase("registration/brain-2d/r16slice.jpg", 256, 256, 1, 3307036, 128, 100, 216, 0.001)]
    [TestCase("retina/chase_01L.jpg", 999, 960, 3, 145467804, 480, 500, 255, 0.001)]
    public void PicturesAgreeWithPillow(string name, int width, int height, int channels, double sum, int row, int column, double sample, double tolerance)
    {
        var image = ImageFile.Read(TestData.Shared(name));
        Assert.That((image.Size, image.Channels), Is.EqualTo((new GridSize(width, height), channels)));
        var total = 0.0;
        foreach (var value in image.Samples.Span)
        {
            total += value;
        }
        Assert.That(total, Is.EqualTo(sum).Within(tolerance * sum));
        Assert.That(image.Samples.Span[channels * (row * width + column)], Is.EqualTo(sample).Within(tolerance > 0 ? 2 : 0));
    }

    // numpy.load: shape and sum; the third is in Fortran order.
    [TestCase("mri-kspace/t2star_brain_reference_512.npy", 512, 512, 1, 0.6542328829937337)]
    [TestCase("lung-4dct/rodent_4gates_highdose.npy", 350, 350, 4, 241075106)]
    [TestCase("ct-sinogram/htc2022_ta_30deg_sinogram.npy", 560, 61, 1, 45217.66298337627)]
    public void ArraysAgreeWithNumPy(string name, int x, int y, int z, double sum)
    {
        var image = ImageFile.Read(TestData.Shared(name));
        Assert.That(image.Size, Is.EqualTo(new GridSize(x, y, z)));
        var total = 0.0;
        foreach (var value in image.Samples.Span)
        {
            total += value;
        }
        Assert.That(total, Is.EqualTo(sum).Within(1e-6 * sum));
    }

    [Test]
    public void ComplexArraysAreRefusedByName()
    {
        var path = TestData.Shared("mri-kspace/brain_8ch_poisson_ksp.npy");
        Assert.That(TestData.Throws(() => ImageFile.Read(path)).Message, Does.Contain("complex"));
    }

    private static void AssertValues(Image image, double minimum, double maximum, double mean, int index, double value)
    {
        var (low, high) = image.Range();
        var sum = 0.0;
        foreach (var sample in image.Samples.Span)
        {
            sum += sample;
        }
        Assert.That(new double[] { low, high, sum / image.Samples.Length }, Is.EqualTo(new[] { minimum, maximum, mean }).Within(1e-6 * (Math.Abs(minimum) + Math.Abs(maximum))));
        var times = image.Samples.Length / image.Times;
        // Where there are two times, a third of them is the first.
        Assert.That(image.Samples.Span[index % times], Is.EqualTo(value).Within(1e-6 * Math.Abs(value)));
    }
}
