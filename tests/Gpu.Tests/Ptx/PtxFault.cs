namespace InrFast.Tests.Ptx;

/// <summary>What a kernel must not do, or the interpreter cannot: which instruction of which thread.</summary>
sealed class PtxFault(string message) : Exception(message);
