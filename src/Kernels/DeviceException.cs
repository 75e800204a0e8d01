namespace InrFast.Kernels;

public enum DeviceError
{
    /// <summary>There is no such device here, or its driver does not serve.</summary>
    Unavailable,

    /// <summary>The device has no kernels for what a plan asks.</summary>
    Unsupported,

    /// <summary>Its memory does not suffice.</summary>
    OutOfMemory,

    /// <summary>It failed while it was at work.</summary>
    Lost,
}

/// <summary>A device that is missing, too small or broken, or lacks what was asked of it. One line: what, and what to do.</summary>
public sealed class DeviceException(DeviceError kind, string message) : Exception(message)
{
    public DeviceError Kind { get; } = kind;
}
