using System.Runtime.InteropServices;

namespace InrFast.Kernels.Gpu;

/// <summary>
/// The functions of NVIDIA's driver (libcuda) that the engine calls, bound by name when it is opened: the same code runs on whatever answers
/// to these names. Every call that fails throws a <see cref="DeviceException"/>. CUDA Driver API, version 12.
/// </summary>
public sealed unsafe class CudaDriver
{
    /// <summary>The oldest driver whose compiler knows our PTX (version 8.0): CUDA 12.0.</summary>
    const int OldestVersion = 12000;
    const int ErrorOutOfMemory = 2, ErrorNoDevice = 100, NonBlocking = 1, ThreadLocalCapture = 1;

    readonly delegate* unmanaged<uint, int> init;
    readonly delegate* unmanaged<int*, int> driverGetVersion, deviceGetCount;
    readonly delegate* unmanaged<int*, int, int> deviceGet;
    readonly delegate* unmanaged<byte*, int, int, int> deviceGetName;
    readonly delegate* unmanaged<nuint*, int, int> deviceTotalMem;
    readonly delegate* unmanaged<int*, int, int, int> deviceGetAttribute;
    readonly delegate* unmanaged<nint*, int, int> primaryContextRetain;
    readonly delegate* unmanaged<int, int> primaryContextRelease;
    readonly delegate* unmanaged<nint, int> contextSetCurrent, memFree, streamDestroy, streamSynchronize, moduleUnload, graphDestroy, graphExecDestroy;
    readonly delegate* unmanaged<nuint*, nuint*, int> memGetInfo;
    readonly delegate* unmanaged<nint*, nuint, int> memAlloc;
    readonly delegate* unmanaged<nint, void*, nuint, nint, int> copyToDevice;
    readonly delegate* unmanaged<void*, nint, nuint, nint, int> copyToHost;
    readonly delegate* unmanaged<nint, byte, nuint, nint, int> memset;
    readonly delegate* unmanaged<nint*, uint, int> streamCreate;
    readonly delegate* unmanaged<nint*, void*, uint, int*, void**, int> moduleLoad;
    readonly delegate* unmanaged<nint*, nint, byte*, int> moduleGetFunction;
    readonly delegate* unmanaged<nint, int, int, int> functionSetAttribute;
    readonly delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, int> launchKernel;
    readonly delegate* unmanaged<nint, int, int> beginCapture;
    readonly delegate* unmanaged<nint, nint*, int> endCapture;
    readonly delegate* unmanaged<nint*, nint, ulong, int> graphInstantiate;
    readonly delegate* unmanaged<nint, nint, int> graphLaunch;
    readonly delegate* unmanaged<int, byte**, int> getErrorName, getErrorString;

    /// <param name="find">Address of a function by its exported name; 0: there is none.</param>
    public CudaDriver(Func<string, nint> find)
    {
        nint Bind(string name) => find(name) is var address and not 0 ? address
            : throw new DeviceException(DeviceError.Unavailable, $"the CUDA driver has no {name}: it is too old; install one of CUDA 12.0 or later");
        init = (delegate* unmanaged<uint, int>)Bind("cuInit");
        driverGetVersion = (delegate* unmanaged<int*, int>)Bind("cuDriverGetVersion");
        deviceGetCount = (delegate* unmanaged<int*, int>)Bind("cuDeviceGetCount");
        deviceGet = (delegate* unmanaged<int*, int, int>)Bind("cuDeviceGet");
        deviceGetName = (delegate* unmanaged<byte*, int, int, int>)Bind("cuDeviceGetName");
        deviceTotalMem = (delegate* unmanaged<nuint*, int, int>)Bind("cuDeviceTotalMem_v2");
        deviceGetAttribute = (delegate* unmanaged<int*, int, int, int>)Bind("cuDeviceGetAttribute");
        primaryContextRetain = (delegate* unmanaged<nint*, int, int>)Bind("cuDevicePrimaryCtxRetain");
        primaryContextRelease = (delegate* unmanaged<int, int>)Bind("cuDevicePrimaryCtxRelease_v2");
        contextSetCurrent = (delegate* unmanaged<nint, int>)Bind("cuCtxSetCurrent");
        memGetInfo = (delegate* unmanaged<nuint*, nuint*, int>)Bind("cuMemGetInfo_v2");
        memAlloc = (delegate* unmanaged<nint*, nuint, int>)Bind("cuMemAlloc_v2");
        memFree = (delegate* unmanaged<nint, int>)Bind("cuMemFree_v2");
        copyToDevice = (delegate* unmanaged<nint, void*, nuint, nint, int>)Bind("cuMemcpyHtoDAsync_v2");
        copyToHost = (delegate* unmanaged<void*, nint, nuint, nint, int>)Bind("cuMemcpyDtoHAsync_v2");
        memset = (delegate* unmanaged<nint, byte, nuint, nint, int>)Bind("cuMemsetD8Async");
        streamCreate = (delegate* unmanaged<nint*, uint, int>)Bind("cuStreamCreate");
        streamDestroy = (delegate* unmanaged<nint, int>)Bind("cuStreamDestroy_v2");
        streamSynchronize = (delegate* unmanaged<nint, int>)Bind("cuStreamSynchronize");
        moduleLoad = (delegate* unmanaged<nint*, void*, uint, int*, void**, int>)Bind("cuModuleLoadDataEx");
        moduleUnload = (delegate* unmanaged<nint, int>)Bind("cuModuleUnload");
        moduleGetFunction = (delegate* unmanaged<nint*, nint, byte*, int>)Bind("cuModuleGetFunction");
        functionSetAttribute = (delegate* unmanaged<nint, int, int, int>)Bind("cuFuncSetAttribute");
        launchKernel = (delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, int>)Bind("cuLaunchKernel");
        beginCapture = (delegate* unmanaged<nint, int, int>)Bind("cuStreamBeginCapture_v2");
        endCapture = (delegate* unmanaged<nint, nint*, int>)Bind("cuStreamEndCapture");
        graphInstantiate = (delegate* unmanaged<nint*, nint, ulong, int>)Bind("cuGraphInstantiateWithFlags");
        graphLaunch = (delegate* unmanaged<nint, nint, int>)Bind("cuGraphLaunch");
        graphExecDestroy = (delegate* unmanaged<nint, int>)Bind("cuGraphExecDestroy");
        graphDestroy = (delegate* unmanaged<nint, int>)Bind("cuGraphDestroy");
        getErrorName = (delegate* unmanaged<int, byte**, int>)Bind("cuGetErrorName");
        getErrorString = (delegate* unmanaged<int, byte**, int>)Bind("cuGetErrorString");

        int result = init(0);
        if (result != 0) throw new DeviceException(DeviceError.Unavailable, result == ErrorNoDevice ? "NVIDIA's driver finds no card" : $"NVIDIA's driver does not start: {Describe(result)}");
        int version;
        Check(driverGetVersion(&version), "cuDriverGetVersion");
        if (version < OldestVersion) throw new DeviceException(DeviceError.Unavailable, $"NVIDIA's driver serves CUDA {version / 1000}.{version % 1000 / 10}; 12.0 or later is needed");
        Version = new(version / 1000, version % 1000 / 10);
    }

    /// <summary>The driver of this machine. Throws <see cref="DeviceException"/> with the reason why there is none that serves.</summary>
    public static CudaDriver Open()
    {
        string library = OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1";
        if (!NativeLibrary.TryLoad(library, out nint handle)) throw new DeviceException(DeviceError.Unavailable, $"NVIDIA's driver is not installed ({library} is missing)");
        return new(name => NativeLibrary.TryGetExport(handle, name, out nint address) ? address : 0);
    }

    /// <summary>Of CUDA.</summary>
    public Version Version { get; }

    public int DeviceCount
    {
        get
        {
            int count;
            Check(deviceGetCount(&count), "cuDeviceGetCount");
            return count;
        }
    }

    internal int Device(int index)
    {
        int device;
        Check(deviceGet(&device, index), "cuDeviceGet");
        return device;
    }

    internal string NameOf(int device)
    {
        const int Length = 256;
        byte* name = stackalloc byte[Length];
        Check(deviceGetName(name, Length, device), "cuDeviceGetName");
        return Marshal.PtrToStringUTF8((nint)name)!;
    }

    internal long MemoryOf(int device)
    {
        nuint bytes;
        Check(deviceTotalMem(&bytes, device), "cuDeviceTotalMem");
        return (long)bytes;
    }

    /// <summary>75, 76: compute capability; 16: multiprocessors.</summary>
    internal int AttributeOf(int device, int attribute)
    {
        int value;
        Check(deviceGetAttribute(&value, attribute, device), "cuDeviceGetAttribute");
        return value;
    }

    internal nint RetainContext(int device)
    {
        nint context;
        Check(primaryContextRetain(&context, device), "cuDevicePrimaryCtxRetain");
        return context;
    }

    internal void ReleaseContext(int device) => Check(primaryContextRelease(device), "cuDevicePrimaryCtxRelease");
    internal void SetContext(nint context) => Check(contextSetCurrent(context), "cuCtxSetCurrent");

    internal (long Free, long Total) MemoryInfo()
    {
        nuint free, total;
        Check(memGetInfo(&free, &total), "cuMemGetInfo");
        return ((long)free, (long)total);
    }

    internal nint Allocate(long bytes)
    {
        nint address;
        int result = memAlloc(&address, (nuint)bytes);
        if (result == ErrorOutOfMemory)
        {
            var (free, total) = MemoryInfo();
            throw new DeviceException(DeviceError.OutOfMemory, $"the card has {free >> 20} of {total >> 20} MiB free, and {(bytes + (1 << 20) - 1) >> 20} MiB more are needed; take a smaller batch or model, or --device cpu");
        }
        Check(result, "cuMemAlloc");
        return address;
    }

    internal void FreeMemory(nint address) => Check(memFree(address), "cuMemFree");

    /// <summary>Pageable memory is taken before this returns, so the source may change at once.</summary>
    internal void CopyToDevice(nint to, void* from, long bytes, nint stream) => Check(copyToDevice(to, from, (nuint)bytes, stream), "cuMemcpyHtoDAsync");
    internal void CopyToHost(void* to, nint from, long bytes, nint stream) => Check(copyToHost(to, from, (nuint)bytes, stream), "cuMemcpyDtoHAsync");
    internal void Clear(nint address, long bytes, nint stream) => Check(memset(address, 0, (nuint)bytes, stream), "cuMemsetD8Async");

    internal nint CreateStream()
    {
        nint stream;
        Check(streamCreate(&stream, NonBlocking), "cuStreamCreate");
        return stream;
    }

    internal void DestroyStream(nint stream) => Check(streamDestroy(stream), "cuStreamDestroy");
    internal void Synchronize(nint stream) => Check(streamSynchronize(stream), "cuStreamSynchronize");

    /// <summary>Compiles PTX for the current device; what its compiler says of an error is in the message.</summary>
    internal nint LoadModule(string ptx)
    {
        const int ErrorLog = 5, ErrorLogBytes = 6, LogBytes = 4096;
        byte* log = stackalloc byte[LogBytes];
        *log = 0;
        int* options = stackalloc int[] { ErrorLog, ErrorLogBytes };
        void** values = stackalloc void*[] { log, (void*)LogBytes };
        nint module;
        var text = System.Text.Encoding.ASCII.GetBytes(ptx + '\0');
        fixed (byte* image = text)
        {
            int result = moduleLoad(&module, image, 2, options, values);
            if (result != 0) throw Failed(result, "cuModuleLoadDataEx", Marshal.PtrToStringUTF8((nint)log));
        }
        return module;
    }

    internal void UnloadModule(nint module) => Check(moduleUnload(module), "cuModuleUnload");

    internal nint Function(nint module, string name)
    {
        nint function;
        var text = System.Text.Encoding.ASCII.GetBytes(name + '\0');
        fixed (byte* bytes = text) Check(moduleGetFunction(&function, module, bytes), "cuModuleGetFunction");
        return function;
    }

    /// <summary>So many bytes of shared memory at a launch; beyond 48 KiB a kernel must be told.</summary>
    internal void AllowShared(nint function, int bytes)
    {
        const int MaxDynamicSharedBytes = 8;
        if (bytes > 0) Check(functionSetAttribute(function, MaxDynamicSharedBytes, bytes), "cuFuncSetAttribute");
    }

    internal void Launch(nint function, (uint X, uint Y, uint Z) grid, (uint X, uint Y) block, uint sharedBytes, nint stream, void* argument) =>
        Check(launchKernel(function, grid.X, grid.Y, grid.Z, block.X, block.Y, 1, sharedBytes, stream, &argument, null), "cuLaunchKernel");

    internal void BeginCapture(nint stream) => Check(beginCapture(stream, ThreadLocalCapture), "cuStreamBeginCapture");

    internal nint EndCapture(nint stream)
    {
        nint graph;
        Check(endCapture(stream, &graph), "cuStreamEndCapture");
        return graph;
    }

    internal nint Instantiate(nint graph)
    {
        nint executable;
        Check(graphInstantiate(&executable, graph, 0), "cuGraphInstantiate");
        return executable;
    }

    internal void DestroyGraph(nint graph) => Check(graphDestroy(graph), "cuGraphDestroy");
    internal void LaunchGraph(nint executable, nint stream) => Check(graphLaunch(executable, stream), "cuGraphLaunch");
    internal void DestroyExecutable(nint executable) => Check(graphExecDestroy(executable), "cuGraphExecDestroy");

    void Check(int result, string call)
    {
        if (result != 0) throw Failed(result, call);
    }

    DeviceException Failed(int result, string call, string? log = null) =>
        new(result == ErrorOutOfMemory ? DeviceError.OutOfMemory : DeviceError.Lost, $"the card failed: {call}: {Describe(result)}{(string.IsNullOrEmpty(log) ? "" : ": " + log.ReplaceLineEndings(" ").Trim())}");

    string Describe(int result)
    {
        byte* name = null, text = null;
        return getErrorName(result, &name) != 0 || getErrorString(result, &text) != 0 ? $"error {result}" : $"{Marshal.PtrToStringUTF8((nint)name)} ({Marshal.PtrToStringUTF8((nint)text)})";
    }
}
