using InrFast.Imaging;

namespace InrFast.Tests.Formats;

/// <summary>HDF5 files that ask for more than they hold, or for the files of others.</summary>
internal sealed class Hdf5Tests : FormatTests
{
    [Test]
    public void DeflatedChunksAreRead()
    {
        Oracle.Python("h5py, numpy", """
            with h5py.File(sys.argv[1], 'w') as f:
                f.create_dataset('a', data=numpy.arange(300, dtype='<f4').reshape(12, 25), chunks=(5, 7), compression='gzip', shuffle=True, fletcher32=True)
            with h5py.File(sys.argv[2], 'w', libver='latest') as f:
                f.create_dataset('a', data=numpy.arange(300, dtype='<i2').reshape(12, 25), chunks=(5, 7), maxshape=(None, 25), compression='gzip')
            """, In("a.h5"), In("b.h5"));
        foreach (var name in new[] { "a.h5", "b.h5" })
        {
            Assert.That(ImageFile.Read(In(name)).Samples.ToArray(), Is.EqualTo(Enumerable.Range(0, 300).Select(i => (float)i)));
        }
    }

    // A chunk of 1 GiB that was never written; one that unpacks to 64 MiB instead of 64 bytes.
    [TestCase("f.create_dataset('a', (4, 4), '<f4', maxshape=(None, None), chunks=(16384, 16384))", "beyond its end")]
    [TestCase("f.create_dataset('a', (4, 4), '<f4', chunks=(4, 4), compression='gzip').id.write_direct_chunk((0, 0), zlib.compress(bytes(1 << 26)))", "more than its size")]
    public void NoChunkIsMadeThatTheFileCannotHold(string dataset, string words)
    {
        Oracle.Python("h5py, numpy, zlib", $"with h5py.File(sys.argv[1], 'w') as f:\n    {dataset}", In("a.h5"));
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        var error = TestData.Throws(() => ImageFile.Read(In("a.h5")));
        Assert.That((error.Kind, error.InnerException!.ToString().Contains(words, StringComparison.Ordinal)), Is.EqualTo((ImagingError.Malformed, true)), error.InnerException!.ToString());
        Assert.That(GC.GetTotalAllocatedBytes(precise: true) - allocated, Is.LessThan(16 << 20));
    }

    [TestCase("f.create_dataset('a', (4, 4), 'u1', external=[('/etc/passwd', 0, 16)])")]
    [TestCase("l = h5py.VirtualLayout((4, 4), 'u1'); l[:] = h5py.VirtualSource(sys.argv[2], 'b', (4, 4)); f.create_virtual_dataset('a', l)")]
    [TestCase("f['a'] = h5py.ExternalLink(sys.argv[2], '/b')")]
    public void NumbersInOtherFilesAreNotRead(string dataset)
    {
        Oracle.Python("h5py, numpy", $"""
            with h5py.File(sys.argv[2], 'w') as f:
                f['b'] = numpy.ones((4, 4), 'u1')
            with h5py.File(sys.argv[1], 'w') as f:
                {dataset}
            """, In("a.h5"), In("secret.h5"));
        Assert.That(TestData.Throws(() => ImageFile.Read(In("a.h5"))).Message, Does.Contain("other files"));
    }
}
