using System.Numerics;

namespace InrFast.Tasks.Compression;

/// <summary>
/// Signed integers whose size is learned for each of some contexts: the number of their binary digits in unary, the sign, the two digits
/// below the first, then raw digits. Part of the file format.
/// </summary>
sealed class IntegerModel
{
    /// <summary>Digits of the largest magnitude.</summary>
    public const int MostDigits = 31;
    const int Signs = MostDigits + 1, Seconds = Signs + 1, Thirds = Seconds + MostDigits + 1, Models = Thirds + 2 * (MostDigits + 1);
    readonly BitModel[] models;

    public IntegerModel(int contexts)
    {
        models = new BitModel[contexts * Models];
        models.AsSpan().Fill(BitModel.Even);
    }

    public void Encode(RangeEncoder coder, int value, int context)
    {
        var own = models.AsSpan(context * Models, Models);
        uint magnitude = (uint)Math.Abs((long)value);
        int digits = 32 - BitOperations.LeadingZeroCount(magnitude);
        for (int i = 0; i < digits; i++) coder.Encode(ref own[i], 1);
        if (digits < MostDigits) coder.Encode(ref own[digits], 0);
        if (digits == 0) return;
        coder.Encode(ref own[Signs], value < 0 ? 1 : 0);
        if (digits == 1) return;
        int second = (int)(magnitude >> (digits - 2) & 1);
        coder.Encode(ref own[Seconds + digits], second);
        if (digits == 2) return;
        coder.Encode(ref own[Thirds + 2 * digits + second], (int)(magnitude >> (digits - 3) & 1));
        coder.EncodeRaw(magnitude & ((1u << (digits - 3)) - 1), digits - 3);
    }

    public int Decode(ref RangeDecoder coder, int context)
    {
        var own = models.AsSpan(context * Models, Models);
        int digits = 0;
        while (digits < MostDigits && coder.Decode(ref own[digits]) == 1) digits++;
        if (digits == 0) return 0;
        bool negative = coder.Decode(ref own[Signs]) == 1;
        uint magnitude = 1;
        if (digits > 1) magnitude = 2u | (uint)coder.Decode(ref own[Seconds + digits]);
        if (digits > 2) magnitude = (magnitude << 1 | (uint)coder.Decode(ref own[Thirds + 2 * digits + (int)(magnitude & 1)])) << (digits - 3) | coder.DecodeRaw(digits - 3);
        return negative ? -(int)magnitude : (int)magnitude;
    }
}
