using System.Reflection;
using ILGPU;
using ILGPU.Backends;
using ILGPU.Backends.PTX;
using ILGPU.IR;
using ILGPU.IR.Intrinsics;
using ILGPU.IR.Values;

namespace InrFast.Kernels.Gpu;

/// <summary>
/// Functions of kernels that are one PTX instruction each; the text is in <see cref="Emitters"/>. Addresses are global, in bytes. The bodies, which say what an
/// instruction does, run where a kernel's method is called on the processor.
/// </summary>
static unsafe partial class Intrinsics
{
    [IntrinsicImplementation] public static float LoadSingle(long address) => *(float*)address;
    [IntrinsicImplementation] public static double LoadDouble(long address) => *(double*)address;
    [IntrinsicImplementation] public static int LoadInt32(long address) => *(int*)address;
    [IntrinsicImplementation] public static uint LoadUInt32(long address) => *(uint*)address;
    [IntrinsicImplementation] public static long LoadInt64(long address) => *(long*)address;
    [IntrinsicImplementation] public static void StoreSingle(long address, float value) => *(float*)address = value;
    [IntrinsicImplementation] public static void StoreDouble(long address, double value) => *(double*)address = value;
    [IntrinsicImplementation] public static void StoreInt64(long address, long value) => *(long*)address = value;

    /// <summary>Sums of integers do not depend on their order.</summary>
    [IntrinsicImplementation] public static void AtomicAdd(long address, long value) => Interlocked.Add(ref *(long*)address, value);

    [IntrinsicImplementation]
    public static void AtomicMax(long address, int value)
    {
        for (int now = *(int*)address; now < value && Interlocked.CompareExchange(ref *(int*)address, value, now) != now; now = *(int*)address) { }
    }

    /// <summary>To the nearest whole number, saturating.</summary>
    [IntrinsicImplementation] public static long Round(double a) => (long)Math.Round(a);

    /// <summary>a * b + c, rounded once.</summary>
    [IntrinsicImplementation] public static float Fma(float a, float b, float c) => MathF.FusedMultiplyAdd(a, b, c);

    /// <summary>Not a number where either is none.</summary>
    [IntrinsicImplementation] public static float Min(float a, float b) => MathF.Min(a, b);
    [IntrinsicImplementation] public static float Max(float a, float b) => MathF.Max(a, b);
    [IntrinsicImplementation] public static float Sqrt(float a) => MathF.Sqrt(a);
    [IntrinsicImplementation] public static double Sqrt64(double a) => Math.Sqrt(a);
    [IntrinsicImplementation] public static double Floor64(double a) => Math.Floor(a);
    [IntrinsicImplementation] public static double Ceiling64(double a) => Math.Ceiling(a);
    [IntrinsicImplementation] public static float Floor(float a) => MathF.Floor(a);
    [IntrinsicImplementation] public static ulong MultiplyHigh(ulong a, ulong b) => Math.BigMul(a, b, out _);

    static readonly Dictionary<string, string> Emitters = new()
    {
        [nameof(LoadSingle)] = "ld.global.f32 {0}, [{1}];",
        [nameof(LoadDouble)] = "ld.global.f64 {0}, [{1}];",
        [nameof(LoadInt32)] = "ld.global.b32 {0}, [{1}];",
        [nameof(LoadUInt32)] = "ld.global.b32 {0}, [{1}];",
        [nameof(LoadInt64)] = "ld.global.b64 {0}, [{1}];",
        [nameof(StoreSingle)] = "st.global.f32 [{1}], {2};",
        [nameof(StoreDouble)] = "st.global.f64 [{1}], {2};",
        [nameof(StoreInt64)] = "st.global.b64 [{1}], {2};",
        [nameof(AtomicAdd)] = "red.global.add.u64 [{1}], {2};",
        [nameof(AtomicMax)] = "red.global.max.s32 [{1}], {2};",
        [nameof(Round)] = "cvt.rni.s64.f64 {0}, {1};",
        [nameof(Fma)] = "fma.rn.f32 {0}, {1}, {2}, {3};",
        [nameof(Min)] = "min.NaN.f32 {0}, {1}, {2};",
        [nameof(Max)] = "max.NaN.f32 {0}, {1}, {2};",
        [nameof(Sqrt)] = "sqrt.rn.f32 {0}, {1};",
        [nameof(Sqrt64)] = "sqrt.rn.f64 {0}, {1};",
        [nameof(Floor64)] = "cvt.rmi.f64.f64 {0}, {1};",
        [nameof(Ceiling64)] = "cvt.rpi.f64.f64 {0}, {1};",
        [nameof(Floor)] = "cvt.rmi.f32.f32 {0}, {1};",
        [nameof(MultiplyHigh)] = "mul.hi.u64 {0}, {1}, {2};",
    };

    /// <summary>Makes a context emit them, also for what code of every device calls: Math.BigMul's own body asks for x86's instructions.</summary>
    public static void Register(Context.Builder builder)
    {
        var manager = builder.GetIntrinsicManager();
        var emit = typeof(Intrinsics).GetMethod(nameof(Emit), BindingFlags.Static | BindingFlags.NonPublic)!;
        foreach (string name in Emitters.Keys.Concat(MatrixEmitters.Keys)) manager.RegisterMethod(typeof(Intrinsics).GetMethod(name)!, new PTXIntrinsic(emit, IntrinsicImplementationMode.GenerateCode));
        Replace(Math.Sqrt, Sqrt64);
        Replace<Func<double, double>>(Math.Floor, Floor64);
        Replace<Func<double, double>>(Math.Ceiling, Ceiling64);
        Replace<BigProduct>(Math.BigMul, BigMul);
        Replace(DeviceAccess.ReadDouble, LoadDouble);
        Replace(DeviceAccess.WriteDouble, StoreDouble);
        Replace(DeviceAccess.ReadUInt32, LoadUInt32);
        Replace(DeviceAccess.ReadSingle, LoadSingle);
    }

    delegate ulong BigProduct(ulong a, ulong b, out ulong low);

    /// <summary>In kernels, calls of the one are calls of the other.</summary>
    static void Replace<TDelegate>(TDelegate original, TDelegate replacement) where TDelegate : Delegate
    {
        var method = replacement.Method;
        ILGPU.Frontend.Intrinsic.RemappedIntrinsics.AddRemapping(original.Method, (ref ILGPU.Frontend.InvocationContext call) => call.Method = method);
    }

    static ulong BigMul(ulong a, ulong b, out ulong low)
    {
        low = a * b;
        return MultiplyHigh(a, b);
    }

    /// <summary>One instruction: the result's register (of several numbers: all in braces) is {0}, those of the arguments {1}, ... A PTXIntrinsic.Handler.</summary>
    static void Emit(PTXBackend backend, PTXCodeGenerator generator, Value value)
    {
        var call = (MethodCall)value;
        var registers = new List<string> { "" };
        foreach (var argument in call.Nodes) registers.Add(Name(generator.EnsureHardwareRegister(generator.LoadPrimitive(argument))));
        if (!call.Type.IsVoidType)
            registers[0] = generator.Allocate(value) is PTXCodeGenerator.CompoundRegister several
                ? $"{{{string.Join(", ", several.Children.Select(register => Name((PTXCodeGenerator.HardwareRegister)register)))}}}" : Name((PTXCodeGenerator.HardwareRegister)generator.Allocate(value));
        string name = call.Target.Source.Name;
        generator.Builder.Append('\t').AppendFormat(null, Emitters.TryGetValue(name, out string? text) ? text : MatrixEmitters[name], [.. registers]).AppendLine();
    }

    static string Name(PTXCodeGenerator.HardwareRegister register) => "%" + PTXRegisterAllocator.GetStringRepresentation(register);
}
