using System.Runtime.CompilerServices;

namespace InrFast.Kernels;

/// <summary>Reads and writes at addresses of the device that runs the code, for code that every device runs; a card's compiler replaces them.</summary>
static unsafe class DeviceAccess
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double ReadDouble(long address) => *(double*)address;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WriteDouble(long address, double value) => *(double*)address = value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint ReadUInt32(long address) => *(uint*)address;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float ReadSingle(long address) => *(float*)address;
}

/// <summary>Doubles at an address of the device that runs the code.</summary>
public readonly struct Doubles(nint address)
{
    readonly long address = address;

    public bool IsEmpty => address == 0;

    public double this[long index]
    {
        get => DeviceAccess.ReadDouble(address + index * sizeof(double));
        set => DeviceAccess.WriteDouble(address + index * sizeof(double), value);
    }
}
