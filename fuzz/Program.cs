using System.Runtime.InteropServices;
using System.Text;
using InrFast.Tests.Fuzzing;
using SharpFuzz;

// What afl-fuzz starts (run.sh): PARSER alone reads what afl gives; --seeds and --dictionary write what afl needs; --try FILE... shows what comes of inputs.
// Instrumented code counts its branches here until afl's memory takes its place.
unsafe
{
    SharpFuzz.Common.Trace.SharedMem = (byte*)NativeMemory.AllocZeroed(1 << 16);
}
if (args is not [var name, .. var rest] || Parsers.All.FirstOrDefault(parser => parser.Name == name) is not { } parser)
{
    Console.Error.WriteLine($"usage: PARSER [--seeds FOLDER | --dictionary FILE | --try FILE...], PARSER one of {string.Join(" ", Parsers.All)}");
    return 64;
}
var folder = Directory.CreateTempSubdirectory("inrfast-fuzz-").FullName;
switch (rest)
{
    case ["--seeds", var seeds]:
        for (var i = 0; i < parser.Seeds.Count; i++)
        {
            File.WriteAllBytes(Path.Combine(seeds, $"{i}"), parser.Seeds[i]);
        }
        break;
    case ["--dictionary", var file]:
        File.WriteAllLines(file, parser.Words.Select(word => $"\"{string.Concat(Encoding.Latin1.GetBytes(word).Select(value => $"\\x{value:x2}"))}\""));
        break;
    case ["--try", .. var files]:
        foreach (var file in files)
        {
            var trial = Trial.Of(parser, File.ReadAllBytes(file), folder);
            Console.WriteLine($"{file}: {(trial.Faults is [var fault, ..] ? fault : trial)}");
        }
        break;
    default:
        Fuzzer.OutOfProcess.Run(stream =>
        {
            using var bytes = new MemoryStream();
            stream.CopyTo(bytes);
            if (Trial.Of(parser, bytes.ToArray(), folder).Faults is [var fault, ..])
            {
                throw new InvalidOperationException(fault);
            }
        });
        break;
}
Directory.Delete(folder, recursive: true);
return 0;
