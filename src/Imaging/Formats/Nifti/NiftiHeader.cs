using System.Buffers.Binary;

namespace InrFast.Imaging;

/// <summary>The fields of a NIfTI-1 (348 bytes) or NIfTI-2 (540 bytes) header that an image needs, as they stand in the file.</summary>
internal sealed record NiftiHeader
{
    public const int Length1 = 348, Length2 = 540;

    /// <summary>Intents: displacements in the file's own RAS axes, and any vectors; ITK keeps its displacements (LPS) under the latter.</summary>
    public const int DisplacementVector = 1006, Vector = 1007;

    public bool BigEndian { get; init; }

    /// <summary>Header and voxels lie in two files.</summary>
    public bool IsPair { get; init; }

    /// <summary>dim[0] is the number of axes, dim[1..7] their lengths.</summary>
    public long[] Dim { get; init; } = new long[8];

    public int DataType { get; init; }

    /// <summary>What the fifth axis means.</summary>
    public int Intent { get; init; }

    public int BitsPerVoxel { get; init; }

    /// <summary>pixdim[0] is the sign of the qform's third axis, pixdim[1..4] the spacing along x, y, z, t.</summary>
    public double[] PixDim { get; init; } = new double[8];

    public double VoxelOffset { get; init; }

    public double Slope { get; init; }

    public double Intercept { get; init; }

    public int Units { get; init; }

    public int QformCode { get; init; }

    public int SformCode { get; init; }

    /// <summary>Quaternion b, c, d and the three offsets.</summary>
    public double[] Qform { get; init; } = new double[6];

    /// <summary>Rows x, y, z of the map from index to RAS, four entries each.</summary>
    public double[] Sform { get; init; } = new double[12];

    /// <summary>Whether bytes begin as a header of either version does.</summary>
    public static bool IsHeader(ReadOnlySpan<byte> head) => head.Length >= Length1 && (
        SizeIs(head, Length1) && (head[344..].StartsWith("n+1\0"u8) || head[344..].StartsWith("ni1\0"u8)) ||
        SizeIs(head, Length2) && (head[4..].StartsWith("n+2\0"u8) || head[4..].StartsWith("ni2\0"u8)));

    public static NiftiHeader Parse(ReadOnlySpan<byte> bytes)
    {
        var big = BinaryPrimitives.ReadInt32BigEndian(bytes) is Length1 or Length2;
        return SizeIs(bytes, Length2) ? Parse2(new Fields(bytes, big), bytes) : Parse1(new Fields(bytes, big), bytes);
    }

    /// <summary>The header as bytes of the given version, little endian, with the four bytes that say that no extension follows.</summary>
    public byte[] Format(int version)
    {
        var two = version == 2;
        var bytes = new byte[(two ? Length2 : Length1) + 4];
        void Short(int at, long value) => BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(at), (short)value);
        void Int(int at, int value) => BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at), value);
        // Reals have 4 bytes in version 1 and 8 in version 2.
        void Real(int start, int index, double value)
        {
            if (two)
            {
                BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(start + 8 * index), value);
            }
            else
            {
                BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(start + 4 * index), (float)value);
            }
        }
        Int(0, bytes.Length - 4);
        Short(two ? 12 : 70, DataType);
        Short(two ? 14 : 72, BitsPerVoxel);
        for (var i = 0; i < 8; i++)
        {
            if (two)
            {
                BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(16 + 8 * i), Dim[i]);
            }
            else
            {
                Short(40 + 2 * i, Dim[i]);
            }
            Real(two ? 104 : 76, i, PixDim[i]);
        }
        for (var i = 0; i < 6; i++)
        {
            Real(two ? 352 : 256, i, Qform[i]);
        }
        for (var i = 0; i < 12; i++)
        {
            Real(two ? 400 : 280, i, Sform[i]);
        }
        Real(two ? 176 : 112, 0, Slope);
        Real(two ? 184 : 116, 0, Intercept);
        var offset = IsPair ? 0 : bytes.Length;
        var (kind, end) = (IsPair ? (byte)'i' : (byte)'+', (byte)('0' + version));
        if (two)
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(168), offset);
            (int At, int Value)[] codes = [(344, QformCode), (348, SformCode), (500, Units), (504, Intent)];
            foreach (var (at, value) in codes)
            {
                Int(at, value);
            }
            new byte[] { (byte)'n', kind, end, 0, 0x0D, 0x0A, 0x1A, 0x0A }.CopyTo(bytes.AsSpan(4));
        }
        else
        {
            Real(108, 0, offset);
            Short(68, Intent);
            bytes[123] = (byte)Units;
            Short(252, QformCode);
            Short(254, SformCode);
            new byte[] { (byte)'n', kind, end, 0 }.CopyTo(bytes.AsSpan(344));
        }
        return bytes;
    }

    private static bool SizeIs(ReadOnlySpan<byte> head, int size) =>
        BinaryPrimitives.ReadInt32LittleEndian(head) == size || BinaryPrimitives.ReadInt32BigEndian(head) == size;

    private static NiftiHeader Parse1(Fields fields, ReadOnlySpan<byte> bytes)
    {
        var header = new NiftiHeader
        {
            BigEndian = fields.BigEndian,
            IsPair = bytes[345] == 'i', Intent = fields.Int16(68), DataType = fields.Int16(70), BitsPerVoxel = fields.Int16(72), VoxelOffset = fields.Float(108),
            Slope = fields.Float(112), Intercept = fields.Float(116), Units = bytes[123], QformCode = fields.Int16(252), SformCode = fields.Int16(254),
        };
        for (var i = 0; i < 8; i++)
        {
            (header.Dim[i], header.PixDim[i]) = (fields.Int16(40 + 2 * i), fields.Float(76 + 4 * i));
        }
        for (var i = 0; i < 12; i++)
        {
            header.Sform[i] = fields.Float(280 + 4 * i);
        }
        for (var i = 0; i < 6; i++)
        {
            header.Qform[i] = fields.Float(256 + 4 * i);
        }
        return header;
    }

    private static NiftiHeader Parse2(Fields fields, ReadOnlySpan<byte> bytes)
    {
        var header = new NiftiHeader
        {
            BigEndian = fields.BigEndian,
            IsPair = bytes[5] == 'i', Intent = fields.Int32(504), DataType = fields.Int16(12), BitsPerVoxel = fields.Int16(14), VoxelOffset = fields.Int64(168),
            Slope = fields.Double(176), Intercept = fields.Double(184), Units = fields.Int32(500), QformCode = fields.Int32(344), SformCode = fields.Int32(348),
        };
        for (var i = 0; i < 8; i++)
        {
            (header.Dim[i], header.PixDim[i]) = (fields.Int64(16 + 8 * i), fields.Double(104 + 8 * i));
        }
        for (var i = 0; i < 12; i++)
        {
            header.Sform[i] = fields.Double(400 + 8 * i);
        }
        for (var i = 0; i < 6; i++)
        {
            header.Qform[i] = fields.Double(352 + 8 * i);
        }
        return header;
    }

    private readonly ref struct Fields(ReadOnlySpan<byte> bytes, bool bigEndian)
    {
        private readonly ReadOnlySpan<byte> bytes = bytes;

        public bool BigEndian => bigEndian;

        public short Int16(int at) => bigEndian ? BinaryPrimitives.ReadInt16BigEndian(bytes[at..]) : BinaryPrimitives.ReadInt16LittleEndian(bytes[at..]);

        public int Int32(int at) => bigEndian ? BinaryPrimitives.ReadInt32BigEndian(bytes[at..]) : BinaryPrimitives.ReadInt32LittleEndian(bytes[at..]);

        public long Int64(int at) => bigEndian ? BinaryPrimitives.ReadInt64BigEndian(bytes[at..]) : BinaryPrimitives.ReadInt64LittleEndian(bytes[at..]);

        public float Float(int at) => BitConverter.Int32BitsToSingle(Int32(at));

        public double Double(int at) => BitConverter.Int64BitsToDouble(Int64(at));
    }
}
