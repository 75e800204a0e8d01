using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using InrFast.Kernels;
using InrFast.Kernels.Gpu;
using InrFast.Tests.Ptx;

namespace InrFast.Tests;

/// <summary>
/// A CUDA driver in C#: functions with the driver's signatures, called by their addresses as those of libcuda are. Memory is the host's, launches run in the
/// interpreter at once, captures are recorded and replayed. Counts, errors to be given, and the card's description can be set. One per process, as libcuda is.
/// </summary>
static unsafe class FakeCuda
{
    const int Invalid = 1, OutOfMemory = 2, InvalidHandle = 400;

    // ---- what a test may set or ask ----

    public static int Devices { get; set; } = 1;
    public static int Version { get; set; } = 12080;
    public static (int Major, int Minor) Capability { get; set; } = (9, 0);
    public static long MemoryBytes { get; set; } = 1L << 30;

    /// <summary>A function that fails from now on, with this error.</summary>
    public static (string Function, int Error)? Failure { get; set; }

    public static int Launches { get; private set; }
    public static int GraphLaunches { get; private set; }
    public static int CopiesToHost { get; private set; }

    /// <summary>Graphs, modules, streams and allocations not yet given back.</summary>
    public static int Alive => graphs.Count + modules.Count + streams.Count + allocations.Count;

    /// <summary>PTX of the modules loaded now.</summary>
    public static IEnumerable<string> Modules => modules.Values.Select(module => module.Text);

    /// <summary>Set to load a kernel that is not as ours are to be.</summary>
    public static bool AdmitsAnyPtx { get; set; }

    public static CudaDriver Open() => new(Find);

    /// <summary>A card whose kernels are always compiled.</summary>
    public static GpuDevice OpenDevice(Precision precision = Precision.Float32) => new(new CudaCard(Open(), 0), new KernelCache(null), precision);

    /// <summary>Marks memory as never written: reading it is then a fault.</summary>
    public static void Forget(nint address, long bytes)
    {
        lock (one) global.Find((ulong)address, bytes).Mark((ulong)address, bytes, isWritten: false);
    }

    // ---- state ----

    sealed record Module(string Text, Dictionary<string, PtxMachine> Machines, Dictionary<string, PtxKernel> Kernels);

    sealed record Function(Module Module, string Name)
    {
        /// <summary>That a launch may ask for without having said so.</summary>
        public uint SharedBytes { get; set; } = 48 << 10;
    }

    static readonly Lock one = new();
    static readonly PtxGlobal global = new();
    static readonly Dictionary<nint, long> allocations = [];
    static readonly Dictionary<nint, Module> modules = [];
    static readonly Dictionary<nint, Function> functions = [];
    static readonly Dictionary<nint, List<Action>> graphs = [];
    static readonly HashSet<nint> streams = [];
    static nint next = 0x1000;
    static List<Action>? capture;
    static nint capturing;
    [ThreadStatic] static bool hasContext;
    static string? fault;

    static nint NewHandle() => next += 0x10;

    /// <summary>Runs a function's body: errors set by a test, one caller at a time, faults of kernels as the driver reports them: at every call from then on.</summary>
    static int Call(Func<int> body, [CallerMemberName] string name = "")
    {
        lock (one)
        {
            if (Failure is { } failure && failure.Function == name) return failure.Error;
            try
            {
                return body();
            }
            catch (PtxFault found)
            {
                fault = found.Message;
                return 719; // CUDA_ERROR_LAUNCH_FAILED
            }
        }
    }

    /// <summary>Now, or when the graph that is being captured is launched.</summary>
    static int Enqueue(nint stream, Action action)
    {
        if (!streams.Contains(stream) || !hasContext) return InvalidHandle;
        if (capture is not null && stream == capturing) capture.Add(action);
        else action();
        return 0;
    }

    static void Copy(byte[] bytes, nint to, bool isWritten = true)
    {
        global.Find((ulong)to, bytes.Length).Mark((ulong)to, bytes.Length, isWritten);
        Marshal.Copy(bytes, 0, to, bytes.Length);
    }

    // ---- the driver's functions ----

    static nint Find(string name) => name switch
    {
        "cuInit" => (nint)(delegate* unmanaged<uint, int>)&cuInit,
        "cuDriverGetVersion" => (nint)(delegate* unmanaged<int*, int>)&cuDriverGetVersion,
        "cuDeviceGetCount" => (nint)(delegate* unmanaged<int*, int>)&cuDeviceGetCount,
        "cuDeviceGet" => (nint)(delegate* unmanaged<int*, int, int>)&cuDeviceGet,
        "cuDeviceGetName" => (nint)(delegate* unmanaged<byte*, int, int, int>)&cuDeviceGetName,
        "cuDeviceTotalMem_v2" => (nint)(delegate* unmanaged<nuint*, int, int>)&cuDeviceTotalMem_v2,
        "cuDeviceGetAttribute" => (nint)(delegate* unmanaged<int*, int, int, int>)&cuDeviceGetAttribute,
        "cuDevicePrimaryCtxRetain" => (nint)(delegate* unmanaged<nint*, int, int>)&cuDevicePrimaryCtxRetain,
        "cuDevicePrimaryCtxRelease_v2" => (nint)(delegate* unmanaged<int, int>)&cuDevicePrimaryCtxRelease_v2,
        "cuCtxSetCurrent" => (nint)(delegate* unmanaged<nint, int>)&cuCtxSetCurrent,
        "cuMemGetInfo_v2" => (nint)(delegate* unmanaged<nuint*, nuint*, int>)&cuMemGetInfo_v2,
        "cuMemAlloc_v2" => (nint)(delegate* unmanaged<nint*, nuint, int>)&cuMemAlloc_v2,
        "cuMemFree_v2" => (nint)(delegate* unmanaged<nint, int>)&cuMemFree_v2,
        "cuMemcpyHtoDAsync_v2" => (nint)(delegate* unmanaged<nint, void*, nuint, nint, int>)&cuMemcpyHtoDAsync_v2,
        "cuMemcpyDtoHAsync_v2" => (nint)(delegate* unmanaged<void*, nint, nuint, nint, int>)&cuMemcpyDtoHAsync_v2,
        "cuMemsetD8Async" => (nint)(delegate* unmanaged<nint, byte, nuint, nint, int>)&cuMemsetD8Async,
        "cuStreamCreate" => (nint)(delegate* unmanaged<nint*, uint, int>)&cuStreamCreate,
        "cuStreamDestroy_v2" => (nint)(delegate* unmanaged<nint, int>)&cuStreamDestroy_v2,
        "cuStreamSynchronize" => (nint)(delegate* unmanaged<nint, int>)&cuStreamSynchronize,
        "cuModuleLoadDataEx" => (nint)(delegate* unmanaged<nint*, void*, uint, int*, void**, int>)&cuModuleLoadDataEx,
        "cuModuleUnload" => (nint)(delegate* unmanaged<nint, int>)&cuModuleUnload,
        "cuModuleGetFunction" => (nint)(delegate* unmanaged<nint*, nint, byte*, int>)&cuModuleGetFunction,
        "cuFuncSetAttribute" => (nint)(delegate* unmanaged<nint, int, int, int>)&cuFuncSetAttribute,
        "cuLaunchKernel" => (nint)(delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, int>)&cuLaunchKernel,
        "cuStreamBeginCapture_v2" => (nint)(delegate* unmanaged<nint, int, int>)&cuStreamBeginCapture_v2,
        "cuStreamEndCapture" => (nint)(delegate* unmanaged<nint, nint*, int>)&cuStreamEndCapture,
        "cuGraphInstantiateWithFlags" => (nint)(delegate* unmanaged<nint*, nint, ulong, int>)&cuGraphInstantiateWithFlags,
        "cuGraphLaunch" => (nint)(delegate* unmanaged<nint, nint, int>)&cuGraphLaunch,
        "cuGraphExecDestroy" => (nint)(delegate* unmanaged<nint, int>)&cuGraphExecDestroy,
        "cuGraphDestroy" => (nint)(delegate* unmanaged<nint, int>)&cuGraphDestroy,
        "cuGetErrorName" => (nint)(delegate* unmanaged<int, byte**, int>)&cuGetErrorName,
        "cuGetErrorString" => (nint)(delegate* unmanaged<int, byte**, int>)&cuGetErrorString,
        _ => 0,
    };

    [UnmanagedCallersOnly] static int cuInit(uint flags) => Call(() => 0, "cuInit");
    [UnmanagedCallersOnly] static int cuDriverGetVersion(int* version) => Call(() => Give(version, Version), "cuDriverGetVersion");
    [UnmanagedCallersOnly] static int cuDeviceGetCount(int* count) => Call(() => Give(count, Devices), "cuDeviceGetCount");
    [UnmanagedCallersOnly] static int cuDeviceGet(int* device, int index) => Call(() => index < Devices ? Give(device, index) : Invalid, "cuDeviceGet");
    [UnmanagedCallersOnly] static int cuDeviceTotalMem_v2(nuint* bytes, int device) => Call(() => Give(bytes, (nuint)MemoryBytes), "cuDeviceTotalMem_v2");
    [UnmanagedCallersOnly] static int cuDevicePrimaryCtxRetain(nint* context, int device) => Call(() => Give(context, 1), "cuDevicePrimaryCtxRetain");
    [UnmanagedCallersOnly] static int cuDevicePrimaryCtxRelease_v2(int device) => Call(() => 0, "cuDevicePrimaryCtxRelease_v2");

    [UnmanagedCallersOnly]
    static int cuDeviceGetName(byte* name, int length, int device) => Call(() =>
    {
        Encoding.UTF8.GetBytes("Interpreter\0", new Span<byte>(name, length));
        return 0;
    }, "cuDeviceGetName");

    [UnmanagedCallersOnly]
    static int cuDeviceGetAttribute(int* value, int attribute, int device) =>
        Call(() => Give(value, attribute switch { 75 => Capability.Major, 76 => Capability.Minor, 16 => 132, _ => 0 }), "cuDeviceGetAttribute");

    [UnmanagedCallersOnly]
    static int cuCtxSetCurrent(nint context) => Call(() =>
    {
        hasContext = context == 1;
        return 0;
    }, "cuCtxSetCurrent");

    static int Give<T>(T* to, T value) where T : unmanaged
    {
        *to = value;
        return 0;
    }

    static long Free => MemoryBytes - allocations.Values.Sum();

    [UnmanagedCallersOnly]
    static int cuMemGetInfo_v2(nuint* free, nuint* total) => Call(() => Give(free, (nuint)Free) + Give(total, (nuint)MemoryBytes), "cuMemGetInfo_v2");

    [UnmanagedCallersOnly]
    static int cuMemAlloc_v2(nint* address, nuint bytes) => Call(() =>
    {
        if (!hasContext || bytes == 0) return Invalid;
        if ((long)bytes > Free) return OutOfMemory;
        *address = (nint)NativeMemory.AlignedAlloc(bytes, 256);
        new Span<byte>((void*)*address, (int)bytes).Fill(0xA5);
        allocations.Add(*address, (long)bytes);
        global.Add(new((byte*)*address, (long)bytes, (ulong)*address));
        return 0;
    }, "cuMemAlloc_v2");

    [UnmanagedCallersOnly]
    static int cuMemFree_v2(nint address) => Call(() =>
    {
        if (!allocations.Remove(address)) return Invalid;
        global.Remove((ulong)address);
        NativeMemory.AlignedFree((void*)address);
        return 0;
    }, "cuMemFree_v2");

    [UnmanagedCallersOnly]
    static int cuMemcpyHtoDAsync_v2(nint to, void* from, nuint bytes, nint stream) => Call(() =>
    {
        var taken = new ReadOnlySpan<byte>(from, (int)bytes).ToArray();
        return Enqueue(stream, () => Copy(taken, to));
    }, "cuMemcpyHtoDAsync_v2");

    [UnmanagedCallersOnly]
    static int cuMemcpyDtoHAsync_v2(void* to, nint from, nuint bytes, nint stream) => Call(() =>
    {
        CopiesToHost++;
        return Enqueue(stream, () =>
        {
            global.Find((ulong)from, (long)bytes);
            Buffer.MemoryCopy((void*)from, to, bytes, bytes);
        });
    }, "cuMemcpyDtoHAsync_v2");

    [UnmanagedCallersOnly]
    static int cuMemsetD8Async(nint address, byte value, nuint bytes, nint stream) => Call(() => Enqueue(stream, () =>
    {
        global.Find((ulong)address, (long)bytes).Mark((ulong)address, (long)bytes, isWritten: true);
        new Span<byte>((void*)address, (int)bytes).Fill(value);
    }), "cuMemsetD8Async");

    [UnmanagedCallersOnly]
    static int cuStreamCreate(nint* stream, uint flags) => Call(() =>
    {
        streams.Add(*stream = NewHandle());
        return 0;
    }, "cuStreamCreate");

    [UnmanagedCallersOnly] static int cuStreamDestroy_v2(nint stream) => Call(() => streams.Remove(stream) ? 0 : InvalidHandle, "cuStreamDestroy_v2");
    [UnmanagedCallersOnly] static int cuStreamSynchronize(nint stream) => Call(() => capture is null && streams.Contains(stream) ? 0 : InvalidHandle, "cuStreamSynchronize");

    [UnmanagedCallersOnly]
    static int cuModuleLoadDataEx(nint* module, void* image, uint count, int* options, void** values) => Call(() =>
    {
        if (capture is not null) return 900; // CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED
        string text = Marshal.PtrToStringAnsi((nint)image)!;
        if (!AdmitsAnyPtx && CleanPtx.Complaint(text) is { } complaint) throw new PtxFault(complaint);
        modules.Add(*module = NewHandle(), new(text, [], []));
        // For ptxas, on a machine that has it: registers, spills, syntax of every kernel.
        if (Environment.GetEnvironmentVariable("INRFAST_PTX") is { } folder) File.WriteAllText(Path.Combine(Directory.CreateDirectory(folder).FullName, $"{modules.Count:d4}.ptx"), text);
        return 0;
    }, "cuModuleLoadDataEx");

    [UnmanagedCallersOnly] static int cuModuleUnload(nint module) => Call(() => modules.Remove(module) ? 0 : InvalidHandle, "cuModuleUnload");

    [UnmanagedCallersOnly]
    static int cuModuleGetFunction(nint* function, nint module, byte* name) => Call(() =>
    {
        string entry = Marshal.PtrToStringAnsi((nint)name)!;
        var found = modules[module];
        found.Kernels[entry] = PtxParser.Parse(found.Text, entry);
        found.Machines[entry] = new(found.Kernels[entry], global);
        functions.Add(*function = NewHandle(), new(found, entry));
        return 0;
    }, "cuModuleGetFunction");

    /// <summary>8: shared memory of a launch; a card of 9.0 has 227 KiB a block.</summary>
    [UnmanagedCallersOnly]
    static int cuFuncSetAttribute(nint function, int attribute, int value) => Call(() =>
    {
        if (attribute != 8 || value > 227 << 10) return Invalid;
        functions[function].SharedBytes = (uint)value;
        return 0;
    }, "cuFuncSetAttribute");

    [UnmanagedCallersOnly]
    static int cuLaunchKernel(nint function, uint gx, uint gy, uint gz, uint bx, uint by, uint bz, uint shared, nint stream, void** arguments, void** extra) => Call(() =>
    {
        const uint MostGridYZ = 65535, MostThreads = 1024;
        if (!functions.TryGetValue(function, out var f) || gx == 0 || gy == 0 || gz == 0 || gy > MostGridYZ || gz > MostGridYZ || bx * by * bz > MostThreads || shared > f.SharedBytes) return Invalid;
        Launches++;
        var bytes = new ReadOnlySpan<byte>(arguments[0], f.Module.Kernels[f.Name].ParameterBytes).ToArray();
        return Enqueue(stream, () => f.Module.Machines[f.Name].Launch(((int)gx, (int)gy, (int)gz), ((int)bx, (int)by, (int)bz), bytes, (int)shared));
    }, "cuLaunchKernel");

    [UnmanagedCallersOnly]
    static int cuStreamBeginCapture_v2(nint stream, int mode) => Call(() =>
    {
        if (capture is not null) return Invalid;
        (capture, capturing) = ([], stream);
        return 0;
    }, "cuStreamBeginCapture_v2");

    [UnmanagedCallersOnly]
    static int cuStreamEndCapture(nint stream, nint* graph) => Call(() =>
    {
        if (capture is null || stream != capturing) return Invalid;
        graphs.Add(*graph = NewHandle(), capture);
        capture = null;
        return 0;
    }, "cuStreamEndCapture");

    [UnmanagedCallersOnly]
    static int cuGraphInstantiateWithFlags(nint* executable, nint graph, ulong flags) => Call(() =>
    {
        graphs.Add(*executable = NewHandle(), [.. graphs[graph]]);
        return 0;
    }, "cuGraphInstantiateWithFlags");

    [UnmanagedCallersOnly]
    static int cuGraphLaunch(nint executable, nint stream) => Call(() =>
    {
        GraphLaunches++;
        return Enqueue(stream, () => graphs[executable].ForEach(action => action()));
    }, "cuGraphLaunch");

    [UnmanagedCallersOnly] static int cuGraphExecDestroy(nint executable) => Call(() => graphs.Remove(executable) ? 0 : InvalidHandle, "cuGraphExecDestroy");
    [UnmanagedCallersOnly] static int cuGraphDestroy(nint graph) => Call(() => graphs.Remove(graph) ? 0 : InvalidHandle, "cuGraphDestroy");
    [UnmanagedCallersOnly] static int cuGetErrorName(int error, byte** text) => Call(() => Text(text, error == 719 ? "CUDA_ERROR_LAUNCH_FAILED" : $"CUDA_ERROR_{error}"), "cuGetErrorName");
    [UnmanagedCallersOnly] static int cuGetErrorString(int error, byte** text) => Call(() => Text(text, error == 719 ? fault! : "made by a test"), "cuGetErrorString");

    /// <summary>The driver's texts live for ever.</summary>
    static int Text(byte** to, string text)
    {
        *to = (byte*)Marshal.StringToCoTaskMemUTF8(text);
        return 0;
    }
}
