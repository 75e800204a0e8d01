namespace InrFast.Tasks.Compression;

/// <summary>
/// How probable a 0 is, learned as bits pass: the mean of a fast and a slow estimate, 15 bits each. Part of the file format.
/// </summary>
struct BitModel
{
    public const int Bits = 15;
    const int Fast = 4, Slow = 7;
    ushort fast, slow;

    public static BitModel Even => new() { fast = 1 << (Bits - 1), slow = 1 << (Bits - 1) };

    public readonly uint Zero => Math.Clamp((uint)(fast + slow) >> 1, 1u << 5, (1u << Bits) - (1u << 5));

    public void Update(int bit)
    {
        int target = bit == 0 ? (1 << Bits) - 1 : 0;
        fast = (ushort)(fast + ((target - fast) >> Fast));
        slow = (ushort)(slow + ((target - slow) >> Slow));
    }
}

/// <summary>A binary range coder with carry (Martin 1979, as LZMA has it): 32 bits of range, a byte at a time.</summary>
sealed class RangeEncoder
{
    const uint Top = 1 << 24;
    readonly List<byte> bytes = [];
    ulong low;
    uint range = uint.MaxValue;
    byte cache;
    long pending = 1;

    public void Encode(ref BitModel model, int bit)
    {
        uint bound = (range >> BitModel.Bits) * model.Zero;
        if (bit == 0) range = bound;
        else (low, range) = (low + bound, range - bound);
        model.Update(bit);
        Normalize();
    }

    /// <summary>Bits that are as likely as not, highest first.</summary>
    public void EncodeRaw(uint value, int bits)
    {
        while (--bits >= 0)
        {
            range >>= 1;
            if ((value >> bits & 1) != 0) low += range;
            Normalize();
        }
    }

    void Normalize()
    {
        for (; range < Top; range <<= 8) Shift();
    }

    void Shift()
    {
        if (low < 0xFF000000 || low > uint.MaxValue)
        {
            byte carry = (byte)(low >> 32);
            for (byte next = cache; pending > 0; pending--, next = 0xFF) bytes.Add((byte)(next + carry));
            cache = (byte)(low >> 24);
        }
        pending++;
        low = (low & 0x00FFFFFF) << 8;
    }

    /// <summary>The coded bytes; zeros at their end are left out, since a reader takes what is not there for zeros.</summary>
    public byte[] Finish()
    {
        for (int i = 0; i < 5; i++) Shift();
        int count = bytes.Count;
        while (count > 1 && bytes[count - 1] == 0) count--;
        return bytes.GetRange(1, count - 1).ToArray(); // the first is always 0
    }
}

/// <summary>The other end. Never fails: of bytes that no encoder wrote it makes some bits or other, so many as are asked for.</summary>
ref struct RangeDecoder
{
    const uint Top = 1 << 24;
    readonly ReadOnlySpan<byte> bytes;
    int at;
    uint range = uint.MaxValue, code;

    public RangeDecoder(ReadOnlySpan<byte> bytes)
    {
        this.bytes = bytes;
        for (int i = 0; i < 4; i++) code = code << 8 | Next();
    }

    public int Decode(ref BitModel model)
    {
        uint bound = (range >> BitModel.Bits) * model.Zero;
        int bit = code < bound ? 0 : 1;
        if (bit == 0) range = bound;
        else (code, range) = (code - bound, range - bound);
        model.Update(bit);
        Normalize();
        return bit;
    }

    public uint DecodeRaw(int bits)
    {
        uint value = 0;
        while (--bits >= 0)
        {
            range >>= 1;
            uint bit = code >= range ? 1u : 0;
            if (bit != 0) code -= range;
            value = value << 1 | bit;
            Normalize();
        }
        return value;
    }

    void Normalize()
    {
        for (; range < Top; range <<= 8) code = code << 8 | Next();
    }

    uint Next() => at < bytes.Length ? bytes[at++] : 0u;
}
