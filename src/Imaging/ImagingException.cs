namespace InrFast.Imaging;

/// <summary>What kind of thing went wrong with an image or a file; a program turns it into its exit code.</summary>
public enum ImagingError
{
    /// <summary>An input is broken, or is not what was asked for.</summary>
    Malformed,
    /// <summary>A valid file of a kind, or with a codec, that is not supported.</summary>
    Unsupported,
    /// <summary>An input does not exist.</summary>
    Missing,
    /// <summary>An input exists and cannot be read.</summary>
    Unreadable,
    /// <summary>An output exists and overwriting was not asked for.</summary>
    Exists,
    /// <summary>An output cannot be created where it was asked for.</summary>
    CannotCreate,
    /// <summary>Writing failed on the way (disk full).</summary>
    WriteFailed,
    /// <summary>It would need more memory, or a larger size, than allowed.</summary>
    LimitExceeded,
    /// <summary>The request makes no sense for this image or format.</summary>
    WrongUse,
}

/// <summary>The one exception of this room. The message is one line: what, where (file and byte or field), what to do. Text of the file in it cannot steer a terminal.</summary>
public sealed class ImagingException(ImagingError kind, string message, Exception? inner = null) : Exception(new string([.. message.Select(c => char.IsControl(c) ? '?' : c)]), inner)
{
    public ImagingError Kind { get; } = kind;
}
