using System.Runtime.InteropServices;
using System.Text;

namespace InrFast.Kernels.Gpu;

/// <summary>
/// The functions of OpenCL 2.0 that the engine calls, bound by name when its loader is opened (<see cref="CudaDriver"/> is the same for CUDA). Every call that fails throws a <see cref="DeviceException"/>.
/// Khronos, The OpenCL Specification 3.0, chapters 4 and 5.
/// </summary>
public sealed unsafe class OpenClDriver
{
    const int OutOfDeviceMemory = -4, OutOfHostMemory = -6, NoPlatform = -1001, DeviceNotFound = -1;
    const uint PlatformName = 0x902, EveryType = 0xFFFFFFFF, BuildLog = 0x1183, WorkGroupSize = 0x11B0, SharedPointers = 0x11B6;

    readonly delegate* unmanaged<uint, nint*, uint*, int> getPlatforms;
    readonly delegate* unmanaged<nint, uint, nuint, void*, nuint*, int> getPlatformInfo, getDeviceInfo;
    readonly delegate* unmanaged<nint, ulong, uint, nint*, uint*, int> getDevices;
    readonly delegate* unmanaged<nint*, uint, nint*, void*, void*, int*, nint> createContext;
    readonly delegate* unmanaged<nint, nint, ulong*, int*, nint> createQueue;
    readonly delegate* unmanaged<nint, int> releaseContext, releaseQueue, releaseProgram, releaseKernel, finish;
    readonly delegate* unmanaged<nint, ulong, nuint, uint, nint> sharedAlloc;
    readonly delegate* unmanaged<nint, nint, void> sharedFree;
    readonly delegate* unmanaged<nint, uint, void*, void*, nuint, uint, void*, void*, int> enqueueCopy;
    readonly delegate* unmanaged<nint, nint, void*, nuint, nuint, uint, void*, void*, int> enqueueFill;
    readonly delegate* unmanaged<nint, uint, byte**, nuint*, int*, nint> createProgram;
    readonly delegate* unmanaged<nint, uint, nint*, byte*, void*, void*, int> buildProgram;
    readonly delegate* unmanaged<nint, nint, uint, nuint, void*, nuint*, int> getBuildInfo, getKernelGroupInfo;
    readonly delegate* unmanaged<nint, byte*, int*, nint> createKernel;
    readonly delegate* unmanaged<nint, uint, nuint, void*, int> setArgument;
    readonly delegate* unmanaged<nint, uint, nuint, void*, int> setExecutionInfo;
    readonly delegate* unmanaged<nint, nint, uint, nuint*, nuint*, nuint*, uint, void*, void*, int> enqueueKernel;

    /// <param name="find">Address of a function by its exported name; 0: there is none.</param>
    public OpenClDriver(Func<string, nint> find)
    {
        nint Bind(string name) => find(name) is var address and not 0 ? address
            : throw new DeviceException(DeviceError.Unavailable, $"OpenCL's loader has no {name}: it is older than OpenCL 2.0; install a newer one");
        getPlatforms = (delegate* unmanaged<uint, nint*, uint*, int>)Bind("clGetPlatformIDs");
        getPlatformInfo = (delegate* unmanaged<nint, uint, nuint, void*, nuint*, int>)Bind("clGetPlatformInfo");
        getDevices = (delegate* unmanaged<nint, ulong, uint, nint*, uint*, int>)Bind("clGetDeviceIDs");
        getDeviceInfo = (delegate* unmanaged<nint, uint, nuint, void*, nuint*, int>)Bind("clGetDeviceInfo");
        createContext = (delegate* unmanaged<nint*, uint, nint*, void*, void*, int*, nint>)Bind("clCreateContext");
        releaseContext = (delegate* unmanaged<nint, int>)Bind("clReleaseContext");
        createQueue = (delegate* unmanaged<nint, nint, ulong*, int*, nint>)Bind("clCreateCommandQueueWithProperties");
        releaseQueue = (delegate* unmanaged<nint, int>)Bind("clReleaseCommandQueue");
        finish = (delegate* unmanaged<nint, int>)Bind("clFinish");
        sharedAlloc = (delegate* unmanaged<nint, ulong, nuint, uint, nint>)Bind("clSVMAlloc");
        sharedFree = (delegate* unmanaged<nint, nint, void>)Bind("clSVMFree");
        enqueueCopy = (delegate* unmanaged<nint, uint, void*, void*, nuint, uint, void*, void*, int>)Bind("clEnqueueSVMMemcpy");
        enqueueFill = (delegate* unmanaged<nint, nint, void*, nuint, nuint, uint, void*, void*, int>)Bind("clEnqueueSVMMemFill");
        createProgram = (delegate* unmanaged<nint, uint, byte**, nuint*, int*, nint>)Bind("clCreateProgramWithSource");
        buildProgram = (delegate* unmanaged<nint, uint, nint*, byte*, void*, void*, int>)Bind("clBuildProgram");
        getBuildInfo = (delegate* unmanaged<nint, nint, uint, nuint, void*, nuint*, int>)Bind("clGetProgramBuildInfo");
        releaseProgram = (delegate* unmanaged<nint, int>)Bind("clReleaseProgram");
        createKernel = (delegate* unmanaged<nint, byte*, int*, nint>)Bind("clCreateKernel");
        releaseKernel = (delegate* unmanaged<nint, int>)Bind("clReleaseKernel");
        getKernelGroupInfo = (delegate* unmanaged<nint, nint, uint, nuint, void*, nuint*, int>)Bind("clGetKernelWorkGroupInfo");
        setArgument = (delegate* unmanaged<nint, uint, nuint, void*, int>)Bind("clSetKernelArg");
        setExecutionInfo = (delegate* unmanaged<nint, uint, nuint, void*, int>)Bind("clSetKernelExecInfo");
        enqueueKernel = (delegate* unmanaged<nint, nint, uint, nuint*, nuint*, nuint*, uint, void*, void*, int>)Bind("clEnqueueNDRangeKernel");
        Devices = [.. Platforms().SelectMany(platform => DevicesOf(platform).Select(device => (TextOf(getPlatformInfo, platform, PlatformName), device)))];
    }

    /// <summary>The loader of this machine. Throws <see cref="DeviceException"/> with the reason why there is none, or nothing that it could load.</summary>
    public static OpenClDriver Open()
    {
        string library = OperatingSystem.IsWindows() ? "OpenCL.dll" : "libOpenCL.so.1";
        if (!NativeLibrary.TryLoad(library, out nint handle)) throw new DeviceException(DeviceError.Unavailable, $"OpenCL's loader is not installed ({library} is missing)");
        return new(name => NativeLibrary.TryGetExport(handle, name, out nint address) ? address : 0);
    }

    /// <summary>Of all platforms in the loader's order, with their platforms' names: what opencl:N counts.</summary>
    internal IReadOnlyList<(string Platform, nint Device)> Devices { get; }

    nint[] Platforms()
    {
        uint count = 0;
        int result = getPlatforms(0, null, &count);
        if (result == NoPlatform || count == 0) throw new DeviceException(DeviceError.Unavailable, "OpenCL has no platform: no driver for it is installed");
        Check(result, "clGetPlatformIDs");
        var platforms = new nint[count];
        fixed (nint* to = platforms) Check(getPlatforms(count, to, null), "clGetPlatformIDs");
        return platforms;
    }

    nint[] DevicesOf(nint platform)
    {
        uint count = 0;
        int result = getDevices(platform, EveryType, 0, null, &count);
        if (result == DeviceNotFound || count == 0) return [];
        Check(result, "clGetDeviceIDs");
        var devices = new nint[count];
        fixed (nint* to = devices) Check(getDevices(platform, EveryType, count, to, null), "clGetDeviceIDs");
        return devices;
    }

    static string TextOf(delegate* unmanaged<nint, uint, nuint, void*, nuint*, int> get, nint of, uint what)
    {
        const int Most = 8192;
        byte* text = stackalloc byte[Most];
        return get(of, what, Most, text, null) == 0 ? Marshal.PtrToStringUTF8((nint)text)!.Trim() : "";
    }

    internal string TextOf(nint device, uint what) => TextOf(getDeviceInfo, device, what);

    /// <summary>0 where the device does not know the question.</summary>
    internal ulong NumberOf(nint device, uint what)
    {
        ulong number = 0;
        return getDeviceInfo(device, what, sizeof(ulong), &number, null) == 0 ? number : 0;
    }

    internal nint CreateContext(nint device)
    {
        int result;
        nint context = createContext(null, 1, &device, null, null, &result);
        Check(result, "clCreateContext");
        return context;
    }

    internal void ReleaseContext(nint context) => Check(releaseContext(context), "clReleaseContext");

    /// <summary>Everything in it runs in the order of the calls.</summary>
    internal nint CreateQueue(nint context, nint device)
    {
        int result;
        nint queue = createQueue(context, device, null, &result);
        Check(result, "clCreateCommandQueueWithProperties");
        return queue;
    }

    internal void ReleaseQueue(nint queue) => Check(releaseQueue(queue), "clReleaseCommandQueue");
    internal void Finish(nint queue) => Check(finish(queue), "clFinish");

    /// <summary>Memory whose address is the same for the host and for kernels; 0: there is not as much.</summary>
    internal nint Allocate(nint context, long bytes)
    {
        const ulong ReadAndWrite = 1;
        return sharedAlloc(context, ReadAndWrite, (nuint)bytes, 0);
    }

    /// <summary>After all that uses it has run.</summary>
    internal void FreeMemory(nint context, nint address) => sharedFree(context, address);

    internal void Copy(nint queue, void* to, void* from, long bytes, bool wait) => Check(enqueueCopy(queue, wait ? 1u : 0, to, from, (nuint)bytes, 0, null, null), "clEnqueueSVMMemcpy");

    internal void Clear(nint queue, nint address, long bytes)
    {
        byte zero = 0;
        Check(enqueueFill(queue, address, &zero, 1, (nuint)bytes, 0, null, null), "clEnqueueSVMMemFill");
    }

    /// <summary>Compiles the one kernel of a source; what the compiler says of an error is in the message.</summary>
    internal (nint Program, nint Kernel) Build(nint context, nint device, string source, string entry, string options)
    {
        int result;
        nint program;
        fixed (byte* text = Terminated(source))
        {
            byte* start = text;
            program = createProgram(context, 1, &start, null, &result);
            Check(result, "clCreateProgramWithSource");
        }
        fixed (byte* text = Terminated(options)) result = buildProgram(program, 1, &device, text, null, null);
        if (result != 0)
        {
            string log = LogOf(program, device);
            releaseProgram(program);
            throw Failed(result, $"clBuildProgram of {entry}", log);
        }
        fixed (byte* name = Terminated(entry))
        {
            nint kernel = createKernel(program, name, &result);
            Check(result, $"clCreateKernel of {entry}");
            return (program, kernel);
        }
    }

    string LogOf(nint program, nint device)
    {
        nuint bytes = 0;
        getBuildInfo(program, device, BuildLog, 0, null, &bytes);
        var log = new byte[bytes];
        fixed (byte* text = log) getBuildInfo(program, device, BuildLog, bytes, text, null);
        return Encoding.UTF8.GetString(log).TrimEnd('\0');
    }

    static byte[] Terminated(string text) => Encoding.UTF8.GetBytes(text + '\0');

    internal void Release(nint program, nint kernel)
    {
        Check(releaseKernel(kernel), "clReleaseKernel");
        Check(releaseProgram(program), "clReleaseProgram");
    }

    /// <summary>The most threads that a block of a kernel may have.</summary>
    internal long ThreadsOf(nint kernel, nint device)
    {
        nuint threads;
        Check(getKernelGroupInfo(kernel, device, WorkGroupSize, (nuint)sizeof(nuint), &threads, null), "clGetKernelWorkGroupInfo");
        return (long)threads;
    }

    /// <summary>The memory that a kernel may use, since its argument is an address and no memory object.</summary>
    internal void SetMemory(nint kernel, ReadOnlySpan<nint> addresses)
    {
        fixed (nint* all = addresses) Check(setExecutionInfo(kernel, SharedPointers, (nuint)(addresses.Length * sizeof(nint)), all), "clSetKernelExecInfo");
    }

    internal void Launch(nint queue, nint kernel, (uint X, uint Y, uint Z) grid, (uint X, uint Y) block, void* argument, int argumentBytes)
    {
        nuint* local = stackalloc nuint[] { block.X, block.Y, 1 }, global = stackalloc nuint[] { (nuint)grid.X * block.X, (nuint)grid.Y * block.Y, grid.Z };
        Check(setArgument(kernel, 0, (nuint)argumentBytes, argument), "clSetKernelArg");
        Check(enqueueKernel(queue, kernel, 3, null, global, local, 0, null, null), "clEnqueueNDRangeKernel");
    }

    static void Check(int result, string call)
    {
        if (result != 0) throw Failed(result, call);
    }

    static DeviceException Failed(int result, string call, string log = "") =>
        new(result is OutOfDeviceMemory or OutOfHostMemory ? DeviceError.OutOfMemory : DeviceError.Lost, $"the device failed: {call}: {Describe(result)}{(log.Length == 0 ? "" : ": " + log.ReplaceLineEndings(" ").Trim())}");

    static string Describe(int result) => result switch
    {
        -2 => "CL_DEVICE_NOT_AVAILABLE",
        OutOfDeviceMemory => "CL_MEM_OBJECT_ALLOCATION_FAILURE",
        -5 => "CL_OUT_OF_RESOURCES",
        OutOfHostMemory => "CL_OUT_OF_HOST_MEMORY",
        -11 => "CL_BUILD_PROGRAM_FAILURE",
        -14 => "CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST",
        -30 => "CL_INVALID_VALUE",
        -36 => "CL_INVALID_COMMAND_QUEUE",
        -51 => "CL_INVALID_ARG_SIZE",
        -54 => "CL_INVALID_WORK_GROUP_SIZE",
        _ => $"OpenCL's error {result}",
    };
}
