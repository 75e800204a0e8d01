namespace InrFast.Cli.Output;

/// <summary>What selftest found of one part.</summary>
/// <param name="Difference">Relative, from the definition in double.</param>
internal sealed record SelfTestPart(string Name, bool Passed, double? Difference, double Bound, bool Repeats);
