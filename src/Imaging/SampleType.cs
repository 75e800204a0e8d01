namespace InrFast.Imaging;

/// <summary>Number formats in which files keep samples.</summary>
public enum SampleType { UInt8, Int8, UInt16, Int16, UInt32, Int32, UInt64, Int64, Float32, Float64 }

public static class SampleTypes
{
    public static int Bytes(this SampleType type) => type switch
    {
        SampleType.UInt8 or SampleType.Int8 => 1,
        SampleType.UInt16 or SampleType.Int16 => 2,
        SampleType.UInt32 or SampleType.Int32 or SampleType.Float32 => 4,
        _ => 8,
    };

    public static bool IsInteger(this SampleType type) => type is not (SampleType.Float32 or SampleType.Float64);
}

/// <summary>How a file keeps values: value = Slope * stored + Intercept, with stored of the given type.</summary>
public readonly record struct StoredScale(SampleType Type, double Slope = 1, double Intercept = 0)
{
    public float ValueOf(double stored) => (float)(Slope * stored + Intercept);

    public bool IsPlain => Slope == 1 && Intercept == 0;

    /// <summary>
    /// The integer type's full range laid over [minimum, maximum]: the finest even quantisation, error at most Slope / 2.
    /// </summary>
    public static StoredScale Covering(float minimum, float maximum, SampleType type)
    {
        var (low, high) = Range(type);
        var slope = maximum > minimum ? ((double)maximum - minimum) / (high - low) : 1;
        return new(type, slope, minimum - slope * low);
    }

    public static (double Low, double High) Range(SampleType type) => type switch
    {
        SampleType.UInt8 => (byte.MinValue, byte.MaxValue),
        SampleType.Int8 => (sbyte.MinValue, sbyte.MaxValue),
        SampleType.UInt16 => (ushort.MinValue, ushort.MaxValue),
        SampleType.Int16 => (short.MinValue, short.MaxValue),
        SampleType.UInt32 => (uint.MinValue, uint.MaxValue),
        SampleType.Int32 => (int.MinValue, int.MaxValue),
        SampleType.UInt64 => (ulong.MinValue, ulong.MaxValue),
        SampleType.Int64 => (long.MinValue, long.MaxValue),
        SampleType.Float32 => (float.MinValue, float.MaxValue),
        _ => (double.MinValue, double.MaxValue),
    };
}
