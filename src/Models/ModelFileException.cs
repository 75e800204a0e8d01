namespace InrFast.Models;

/// <summary>A model file that cannot be used; the message is one line that says what is wrong where. Text of the file in it cannot steer a terminal.</summary>
public sealed class ModelFileException : Exception
{
    public ModelFileException() { }
    public ModelFileException(string message) : base(OneLine(message)) { }
    public ModelFileException(string message, Exception inner) : base(OneLine(message), inner) { }

    static string OneLine(string message) => new([.. message.Select(c => char.IsControl(c) ? '?' : c)]);
}
