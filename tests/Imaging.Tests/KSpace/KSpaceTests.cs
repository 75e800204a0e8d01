using System.Globalization;
using InrFast.Imaging;
using InrFast.Tests.Formats;

namespace InrFast.Tests.KSpaceTests;

internal sealed class KSpaceTests : FormatTests
{
    [TestCase("mri-kspace/brain_8ch_poisson_ksp.npy", 180, 230, 8, 0.124)]
    [TestCase("mri-kspace/brain_8ch_full_ksp.npy", 168, 320, 8, 1)]
    public void ComplexArraysAreKSpace(string name, int x, int y, int coils, double share)
    {
        var path = TestData.Shared(name);
        Assert.That(KSpaceFile.IsKSpace(path), Is.True);
        var data = KSpaceFile.Read(path);
        Assert.That((data.Size, data.Coils, data.Slices), Is.EqualTo((new GridSize(x, y), coils, 1)));
        Assert.That(data.SampledShare(), Is.EqualTo(share).Within(5e-4));
        var printed = Oracle.Python("numpy", "k = numpy.load(sys.argv[1]); print(k[3, 100, 70].real, k[3, 100, 70].imag)", path).Split(' ');
        var at = 2 * (70 + 100 * x);
        Assert.That(data.Of(3).Span[at], Is.EqualTo(float.Parse(printed[0], CultureInfo.InvariantCulture)));
        Assert.That(data.Of(3).Span[at + 1], Is.EqualTo(float.Parse(printed[1], CultureInfo.InvariantCulture)));
    }

    [Test]
    public void PhotographsAndRealArraysAreNoKSpace()
    {
        Assert.That(KSpaceFile.IsKSpace(TestData.Sample("camera.png")), Is.False);
        ImageFile.Write(In("a.npy"), TestData.Oblique(3, 4, 5));
        Assert.That(KSpaceFile.IsKSpace(In("a.npy")), Is.False);
        Assert.That(TestData.Throws(() => KSpaceFile.Read(In("a.npy"))).Kind, Is.EqualTo(ImagingError.Malformed));
    }

    [TestCase("a.cfl", 1, 1)]
    [TestCase("a.cfl", 2, 3)]
    [TestCase("a.npy", 2, 1)]
    [TestCase("a.npy", 2, 3)]
    public void WhatIsWrittenComesBack(string name, int slices, int times)
    {
        var data = Example(slices, times);
        KSpaceFile.Write(In(name), data);
        var back = KSpaceFile.Read(In(name));
        Assert.That((back.Size, back.Coils, back.Slices, back.Times), Is.EqualTo((data.Size, data.Coils, slices, times)));
        Assert.That(back.Samples.Span.SequenceEqual(data.Samples.Span), Is.True);
        Assert.That(TestData.Throws(() => KSpaceFile.Write(In(name), data)).Kind, Is.EqualTo(ImagingError.Exists));
    }

    [Test]
    public void ATrajectoryGoesBesideTheSamples()
    {
        var data = Example(1, 1) with { Size = new GridSize(5, 4), Samples = new float[2 * 5 * 4 * 3], Trajectory = Array.ConvertAll(Enumerable.Range(0, 60).ToArray(), i => i / 8f) };
        KSpaceFile.Write(In("a.cfl"), data);
        var back = KSpaceFile.Read(In("a.cfl"), In("a_trajectory.cfl"));
        Assert.That((back.Size, back.Coils), Is.EqualTo((data.Size, 3)));
        Assert.That(back.Trajectory!.Value.Span.SequenceEqual(data.Trajectory.Value.Span), Is.True);
        Assert.That(TestData.Throws(() => KSpaceFile.Write(In("a.npy"), data)).Kind, Is.EqualTo(ImagingError.WrongUse));
    }

    [Test]
    public void BartReadsWhatIsWrittenAndItsArraysAreRead()
    {
        Oracle.Program("bart", "phantom", "-s", "4", "-x", "32", "-k", In("ksp"));
        var data = KSpaceFile.Read(In("ksp.cfl"));
        Assert.That((data.Size, data.Coils), Is.EqualTo((new GridSize(32, 32), 4)));
        KSpaceFile.Write(In("again.cfl"), data);
        // The root of the sum of squares of the difference, over that of the measurement.
        Assert.That(Oracle.Program("bart", "nrmse", In("ksp"), In("again")), Does.StartWith("0.0"));
        Assert.That(File.ReadAllBytes(In("again.cfl")), Is.EqualTo(File.ReadAllBytes(In("ksp.cfl"))));
        Oracle.Program("bart", "traj", "-x", "32", "-y", "7", "-r", In("traj"));
        Oracle.Program("bart", "phantom", "-s", "4", "-k", "-t", In("traj"), In("radial"));
        var radial = KSpaceFile.Read(In("radial.cfl"), In("traj.cfl"));
        Assert.That((radial.Size, radial.Coils, radial.Trajectory!.Value.Length), Is.EqualTo((new GridSize(32, 7), 4, 3 * 32 * 7)));
        // The first spoke runs along one axis from -16 on.
        Assert.That(radial.Trajectory.Value.Span[..3].ToArray().Sum(Math.Abs), Is.EqualTo(15.5).Within(0.51));
    }

    [Test]
    public void FastMriFilesAreRead()
    {
        Oracle.Python("h5py, numpy", """
            k = (numpy.arange(2 * 3 * 6 * 8) + 1j * numpy.arange(2 * 3 * 6 * 8)[::-1]).reshape(2, 3, 6, 8).astype('complex64')
            xml = '<ismrmrdHeader xmlns="http://www.ismrm.org/ISMRMRD"><measurementInformation><protocolName>AXT2</protocolName></measurementInformation><encoding><encodedSpace><matrixSize><x>6</x><y>8</y><z>1</z></matrixSize><fieldOfView_mm><x>60</x><y>80.5</y><z>5</z></fieldOfView_mm></encodedSpace><trajectory>cartesian</trajectory></encoding><sequenceParameters><TR>2000</TR><TE>90</TE></sequenceParameters></ismrmrdHeader>'
            with h5py.File(sys.argv[1], 'w') as f:
                f.create_dataset('kspace', data=k, compression='gzip'); f.create_dataset('ismrmrd_header', data=xml); f.attrs['max'] = 0.25
            with h5py.File(sys.argv[2], 'w') as f:
                f.create_dataset('kspace', data=k[:, 0]); f.attrs['acquisition'] = 'CORPD'
            """, In("multi.h5"), In("single.h5"));
        var data = KSpaceFile.Read(In("multi.h5"));
        Assert.That((data.Size, data.Coils, data.Slices), Is.EqualTo((new GridSize(8, 6), 3, 2)));
        Assert.That(data.Of(2, slice: 1).Span[..2].ToArray(), Is.EqualTo(new float[] { 5 * 48, 287 - 5 * 48 }));
        var header = data.Header;
        Assert.That((header.EncodedMatrix, header.EncodedFieldOfView, header.Protocol, header.RepetitionTime, header.EchoTime, header.Maximum),
            Is.EqualTo((new GridSize(6, 8), new Vector3d(60, 80.5, 5), "AXT2", 2.0, 0.09, 0.25)));
        var single = KSpaceFile.Read(In("single.h5"));
        Assert.That((single.Size, single.Coils, single.Slices, single.Header.Protocol), Is.EqualTo((new GridSize(8, 6), 1, 2, "CORPD")));
    }

    [Test]
    public void IsmrmrdFilesAreRead()
    {
        // A phantom of four coils with 16 x 16 voxels, twice oversampled along the readout, and two repetitions.
        Oracle.Program("ismrmrd_generate_cartesian_shepp_logan", "-o", In("a.h5"), "-m", "16", "-c", "4", "-r", "2");
        Assert.That(KSpaceFile.IsKSpace(In("a.h5")), Is.True);
        var data = KSpaceFile.Read(In("a.h5"));
        Assert.That((data.Size, data.Coils, data.Slices, data.Times), Is.EqualTo((new GridSize(32, 16), 4, 1, 2)));
        Assert.That((data.Header.EncodedMatrix, data.Header.ReconMatrix, data.Header.Trajectory), Is.EqualTo((new GridSize(32, 16), new GridSize(16, 16), "cartesian")));
        var printed = Oracle.Python("h5py", """
            d = h5py.File(sys.argv[1])['dataset/data']
            r = [a for a in d if a['head']['idx']['repetition'] == 1 and a['head']['idx']['kspace_encode_step_1'] == 5][0]
            print(*r['data'].reshape(4, 32, 2)[2, 9])
            """, In("a.h5")).Split(' ');
        Assert.That(data.Of(2, time: 1).Span.Slice(2 * (9 + 32 * 5), 2).ToArray(), Is.EqualTo(Array.ConvertAll(printed, text => float.Parse(text, CultureInfo.InvariantCulture))));
        // Its magnitude image shows an object: the centre of k-space is the largest sample.
        var coil = data.Of(0).ToArray();
        var largest = Enumerable.Range(0, coil.Length / 2).MaxBy(i => coil[2 * i] * coil[2 * i] + coil[2 * i + 1] * coil[2 * i + 1]);
        Assert.That((largest % 32, largest / 32), Is.EqualTo((16, 8)));
    }

    [Test]
    public void ReadoutsAreAveragedReversedCentredAndSortedOut()
    {
        const string Xml = "<h><encoding><encodedSpace><matrixSize><x>4</x><y>3</y><z>1</z></matrixSize></encodedSpace><encodingLimits><kspace_encoding_step_1><center>0</center></kspace_encoding_step_1></encodingLimits></encoding></h>";
        IsmrmrdReadout Line(ulong flags, int step, params float[] real) =>
            new(flags, real.Length, 1, 1, 0, 0, 0, step, 0, 0, 0, 0, 0, 0, [.. real.SelectMany(value => new[] { value, 0 })], []);
        var data = IsmrmrdReadouts.Assemble("a", [Line(0, 0, 1, 2, 3), Line(0, 0, 3, 4, 5), Line(1UL << 21, 1, 9, 8, 7), Line(1UL << 18, 0, 99)], Xml, ReadLimits.Default);
        // Three samples with the centre at the second, in a row of four with its centre at the third; the first step is the centre of three rows.
        var real = Enumerable.Range(0, data.Samples.Length / 2).Select(i => data.Samples.Span[2 * i]);
        Assert.That(real, Is.EqualTo(new float[] { 0, 0, 0, 0, 0, 2, 3, 4, 0, 7, 8, 9 }));
        Assert.That(data.Warnings, Has.Exactly(1).Contains("1 readouts"));
    }

    [Test]
    public void OneReadoutDoesNotMakeAGridOfGigabytes()
    {
        var lying = new IsmrmrdReadout(0, 2, 1, 1, 0, 0, 0, 60_000, 0, 1000, 0, 0, 0, 0, [1, 0, 2, 0], []);
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        Assert.That(TestData.Throws(() => IsmrmrdReadouts.Assemble("a", [lying], "<a/>", new ReadLimits(1L << 32))).Message, Does.Contain("60001 x 1 lines of 1001 slices"));
        Assert.That(GC.GetTotalAllocatedBytes(precise: true) - allocated, Is.LessThan(1 << 20));
    }

    [Test]
    public void NormalisedTrajectoriesBecomeCyclesPerFieldOfView()
    {
        const string Xml = "<h><encoding><encodedSpace><matrixSize><x>8</x><y>10</y><z>1</z></matrixSize></encodedSpace><trajectory>radial</trajectory></encoding></h>";
        IsmrmrdReadout Spoke(int step) => new(0, 2, 1, 1, 0, 0, 2, step, 0, 0, 0, 0, 0, 0, [1, 2, 3, 4], [-0.5f, 0, 0, 0.25f * step]);
        var data = IsmrmrdReadouts.Assemble("a", [Spoke(0), Spoke(1)], Xml, ReadLimits.Default);
        Assert.That(data.Trajectory!.Value.ToArray(), Is.EqualTo(new[] { -4, 0, 0, 0, 0, 0, -4, 0, 0, 0, 2.5f, 0 }));
        Assert.That(data.Size, Is.EqualTo(new GridSize(2, 2)));
    }

    [Test]
    public void AnArrayOfAnHdf5FileIsChosenByItsPath()
    {
        var path = TestData.Shared("ct-sinogram/tooth.h5");
        Assert.That(KSpaceFile.IsKSpace(path), Is.False);
        Assert.That(TestData.Throws(() => ImageFile.Read(path)).Message, Does.Contain("exchange/data_dark"));
        var image = ImageFile.Read([path], new ReadOptions { Series = "exchange/data" });
        var same = ImageFile.Read([TestData.Shared("ct-sinogram/tooth.npz")], new ReadOptions { Series = "data" });
        Assert.That((image.Size, image.Samples.Span.SequenceEqual(same.Samples.Span)), Is.EqualTo((new GridSize(640, 2, 181), true)));
    }

    [TestCase("<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>")]
    [TestCase("<a>")]
    [TestCase("")]
    public void BrokenXmlIsRefused(string xml) => Assert.That(TestData.Throws(() => IsmrmrdHeader.Parse("a", xml)).Kind, Is.EqualTo(ImagingError.Malformed));

    [TestCase("# Dimensions\n1000000 1000000 1000000", ImagingError.LimitExceeded)]
    [TestCase("# Dimensions\n100 100", ImagingError.Malformed)]
    [TestCase("# Dimensions\n-3 4", ImagingError.Malformed)]
    [TestCase("nothing", ImagingError.Malformed)]
    public void LyingBartHeadersAreRefused(string header, ImagingError kind)
    {
        File.WriteAllText(In("a.hdr"), header);
        File.WriteAllBytes(In("a.cfl"), new byte[64]);
        Assert.That(TestData.Throws(() => KSpaceFile.Read(In("a.cfl"))).Kind, Is.EqualTo(kind));
    }

    private static KSpace Example(int slices, int times)
    {
        var samples = new float[2 * 4 * 5 * 3 * slices * times];
        for (var i = 0; i < samples.Length; i++)
        {
            samples[i] = i * 37 % 251 - 100;
        }
        return new KSpace { Size = new GridSize(4, 5), Coils = 3, Slices = slices, Times = times, Samples = samples };
    }
}
