using System.Runtime.InteropServices;

namespace InrFast.Kernels.Gpu;

/// <summary>
/// A device of OpenCL: a context and a queue in order. Memory is shared virtual memory, so that addresses mean in kernels what they mean to the host, but it is touched by the queue's commands alone. Programs are
/// built when they are asked for; drivers keep what they have built.
/// </summary>
public sealed unsafe class OpenClCard : Card
{
    /// <summary>Copies up to this size do not wait for the queue: what they copy is kept until it has been taken.</summary>
    const int SmallCopy = 4096, StagingBytes = 1 << 18;

    sealed record LoadedKernel(nint Program, nint Kernel, string Name, int ArgumentBytes)
    {
        /// <summary>The card's allocations that it knows of.</summary>
        public int Allocations { get; set; } = -1;
    }

    readonly OpenClDriver driver;
    readonly OpenClDescription description;
    readonly List<LoadedKernel> kernels = [];
    readonly Dictionary<nint, long> memory = [];
    readonly nint device, context, queue;
    readonly byte* staging = (byte*)NativeMemory.Alloc(StagingBytes);
    readonly string options;
    int staged, allocations;

    /// <summary>Throws <see cref="DeviceException"/> where there is no such device, or one that lacks what kernels need.</summary>
    public OpenClCard(OpenClDriver driver, int index)
    {
        this.driver = driver;
        int count = driver.Devices.Count;
        if (index < 0 || index >= count) throw new DeviceException(DeviceError.Unavailable, $"there is no device {index}: OpenCL finds {(count == 0 ? "none" : $"{count}, counted from 0")}");
        description = OpenClDescription.Of(driver, index);
        if (description.Reason is { } reason) throw new DeviceException(DeviceError.Unavailable, $"device {index} ({description.Name}): {reason}");
        (device, Name) = (driver.Devices[index].Device, $"opencl:{index} ({description.Name})");
        options = "-cl-std=CL1.2" + (OpenClDescription.RoundsCorrectly(driver, device) ? " -cl-fp32-correctly-rounded-divide-sqrt" : "");
        context = driver.CreateContext(device);
        queue = driver.CreateQueue(context, device);
    }

    public override string Name { get; }
    internal override bool HasMatrixUnits => false;

    internal override nint Allocate(long bytes)
    {
        long free = description.MemoryBytes - memory.Values.Sum();
        nint address = bytes <= free ? driver.Allocate(context, bytes) : 0;
        if (address == 0)
            throw new DeviceException(DeviceError.OutOfMemory, $"of the device's {description.MemoryBytes >> 20} MiB at most {free >> 20} are free, and {(bytes + (1 << 20) - 1) >> 20} MiB more are needed in one piece; take a smaller batch or model, or --device cpu");
        memory.Add(address, bytes);
        allocations++;
        return address;
    }

    internal override void FreeMemory(nint address)
    {
        Synchronize();
        driver.FreeMemory(context, address);
        memory.Remove(address);
        allocations++;
    }

    internal override void CopyToDevice(nint to, void* from, long bytes)
    {
        bool isSmall = bytes <= SmallCopy;
        if (isSmall)
        {
            if (staged + bytes > StagingBytes) Synchronize();
            Buffer.MemoryCopy(from, staging + staged, StagingBytes - staged, bytes);
            from = staging + staged;
            staged += (int)bytes;
        }
        driver.Copy(queue, (void*)to, from, bytes, wait: !isSmall);
    }

    internal override void CopyToHost(void* to, nint from, long bytes) => driver.Copy(queue, to, (void*)from, bytes, wait: true);
    internal override void Clear(nint address, long bytes) => driver.Clear(queue, address, bytes);

    internal override void Synchronize()
    {
        driver.Finish(queue);
        staged = 0;
    }

    internal override nint Load(in Ptx kernel, int sharedBytes)
    {
        var parsed = PtxParser.Parse(kernel.Text, kernel.Entry);
        var (program, built) = driver.Build(context, device, OpenClSource.Of(parsed), kernel.Entry, options);
        kernels.Add(new(program, built, kernel.Entry, kernel.ArgumentBytes));
        if (driver.ThreadsOf(built, device) is var threads && threads < parsed.MaxThreads)
            throw new DeviceException(DeviceError.Unsupported, $"{Name} runs {kernel.Entry} with {threads} work-items in a work-group; {parsed.MaxThreads} are needed");
        return kernels.Count - 1;
    }

    internal override void Launch(nint kernel, (uint X, uint Y, uint Z) grid, (uint X, uint Y) block, uint sharedBytes, void* argument)
    {
        var loaded = kernels[(int)kernel];
        if (loaded.Allocations != allocations)
        {
            driver.SetMemory(loaded.Kernel, [.. memory.Keys]);
            loaded.Allocations = allocations;
        }
        driver.Launch(queue, loaded.Kernel, grid, block, argument, loaded.ArgumentBytes);
    }

    /// <summary>OpenCL has no graphs that every driver knows: the calls again.</summary>
    private protected override Recording Capture(Action enqueue) => new HostRecording(enqueue);

    private protected override void Free()
    {
        Synchronize();
        foreach (var kernel in kernels) driver.Release(kernel.Program, kernel.Kernel);
        foreach (nint address in memory.Keys) driver.FreeMemory(context, address);
        driver.ReleaseQueue(queue);
        driver.ReleaseContext(context);
        NativeMemory.Free(staging);
    }
}
