namespace InrFast.Models;

/// <summary>A model file that cannot be used; the message is one line that says what is wrong where.</summary>
public sealed class ModelFileException : Exception
{
    public ModelFileException() { }
    public ModelFileException(string message) : base(message) { }
    public ModelFileException(string message, Exception inner) : base(message, inner) { }
}
