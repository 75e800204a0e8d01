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
            # chunks beyond the array's ends, and of one number each
            with h5py.File(sys.argv[3], 'w') as f:
                f.create_dataset('a', data=numpy.arange(300, dtype='<i4').reshape(12, 25), chunks=(64, 64), maxshape=(None, None), compression='gzip')
            with h5py.File(sys.argv[4], 'w') as f:
                f.create_dataset('a', data=numpy.arange(300, dtype='u2').reshape(12, 25), chunks=(1, 1))
            """, In("a.h5"), In("b.h5"), In("c.h5"), In("d.h5"));
        foreach (var name in new[] { "a.h5", "b.h5", "c.h5", "d.h5" })
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

    // A readout of 2^29 numbers, a trajectory of as many, a thousand readouts that are the same 400 KB, 2^29 numbers in what stands for readouts never written, arrays in place of sequences, 10^9 texts, one of 2 GB.
    [TestCase("d = save(f, vlen, 4); at = d.id.get_offset() + 356", "f.seek(at); f.write(struct.pack('<I', 1 << 29))", "beyond its end")]
    [TestCase("d = save(f, vlen, 4); at = d.id.get_offset() + 372 + 340", "f.seek(at); f.write(struct.pack('<I', 1 << 29))", "beyond its end")]
    [TestCase("d = save(f, vlen, 1000); d[0] = (b'', numpy.zeros(0, '<f4'), numpy.zeros(100000, '<f4')); at = d.id.get_offset() + 356", "f.seek(at); r = f.read(16); [(f.seek(at + 372 * i), f.write(r)) for i in range(1000)]", "beyond its end")]
    [TestCase("save(f, vlen, 4, chunks=(4,), fillvalue=(b'\\xab' * 340, numpy.zeros(0, '<f4'), numpy.zeros(0, '<f4')))", "b = f.read(); [(f.seek(m.start() + 356), f.write(struct.pack('<IQI', 1 << 29, b.find(b'GCOL'), 1))) for m in re.finditer(b'\\xab{340}', b)]", "beyond its end")]
    [TestCase("f.create_dataset('dataset/xml', (1000000000,), h5py.string_dtype()); save(f, vlen, 4)", "pass", "are allowed")]
    [TestCase("f.create_dataset('dataset/xml', (1,), 'S2000000000', chunks=(1,)); save(f, vlen, 4)", "pass", "are allowed")]
    [TestCase("f.create_dataset('dataset/xml', (1,), 'S16', external=[('/etc/passwd', 0, 16)]); save(f, vlen, 4)", "pass", "other files")]
    [TestCase("save(f, ('<f4', (1 << 20,)), 4, chunks=(1,))", "pass", "no sequences")]
    public void ReadoutsAndTextsDeclareNoMoreThanTheFileHolds(string dataset, string change, string words)
    {
        Oracle.Python("h5py, numpy, re, struct", $"""
            vlen = h5py.vlen_dtype(numpy.dtype('<f4'))
            def save(f, kind, count, **options):
                if 'dataset/xml' not in f: f.create_dataset('dataset/xml', data=['<a/>'], dtype=h5py.string_dtype())
                t = numpy.dtype([('head', 'V340'), ('traj', kind), ('data', kind)])
                if 'fillvalue' in options: options['fillvalue'] = numpy.array(options['fillvalue'], t)
                d = f.create_dataset('dataset/data', (count,), t, **options)
                if kind is vlen: d[:] = numpy.array([(b'', numpy.zeros(0, '<f4'), numpy.zeros(8, '<f4'))] * count, d.dtype)
                return d
            with h5py.File(sys.argv[1], 'w') as f:
                {dataset}
            with open(sys.argv[1], 'r+b') as f:
                {change}
            """, In("a.h5"));
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        var error = TestData.Throws(() => KSpaceFile.Read(In("a.h5"), limits: new ReadLimits(1 << 26)));
        Assert.That(error.ToString(), Does.Contain(words));
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
