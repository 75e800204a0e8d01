using System.Reflection;
using System.Text.RegularExpressions;
using ILGPU;
using ILGPU.Backends;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.PTX;
using ILGPU.IR;
using ILGPU.IR.Transformations;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace InrFast.Kernels.Gpu;

/// <summary>
/// Static methods of one struct to PTX, by ILGPU at level O1. O2 is never used: it moves loads of shared memory across barriers. What O1 lacks (unrolled
/// loops, address spaces) our hook adds; loops of constant length in kernels are plain ones, without continue, which the unrolling gets wrong.
/// ILGPU turns (c ? 1 : 0) into a float without converting it: in kernels such numbers are written 1f and 0f.
/// The text is the same for every card: PTX 8.0 for sm_80 and all after it.
/// </summary>
static partial class KernelCompiler
{
    static readonly Lock one = new();
    static Context? context;
    static PTXBackend? backend;

    /// <param name="threads">The most that a block may have.</param>
    /// <param name="blocks">At least so many should fit a multiprocessor; null: no matter.</param>
    /// <param name="optimize">False: without our hook, to test it by.</param>
    /// <param name="level">For the test that shows why not O2.</param>
    public static Ptx Compile(MethodInfo method, int threads, int? blocks = null, bool optimize = true, OptimizationLevel level = OptimizationLevel.O1)
    {
        lock (one)
        {
            if (context is null || level != OptimizationLevel.O1) Begin(level);
            try
            {
                var description = EntryPointDescription.FromExplicitlyGroupedKernel(method);
                var compiled = (PTXCompiledKernel)backend!.Compile(description, new KernelSpecialization(threads, blocks), new Hook(optimize));
                return new(Clean(compiled.PTXAssembly), EntryName().Match(compiled.PTXAssembly).Groups[1].Value);
            }
            catch
            {
                End(); // a context that has failed once fails ever after
                throw;
            }
            finally
            {
                if (level != OptimizationLevel.O1) End();
            }
        }
    }

    static void Begin(OptimizationLevel level)
    {
        End();
        context = Context.Create(builder =>
        {
            builder.Optimize(level).Inlining(InliningMode.Aggressive).PTXBackend(PTXBackendMode.Enhanced);
            Intrinsics.Register(builder);
        });
        backend = new PTXBackend(context, CudaArchitecture.SM_80, CudaInstructionSet.ISA_80, null!);
    }

    static void End()
    {
        backend?.Dispose();
        context?.Dispose();
        (backend, context) = (null, null);
    }

    /// <summary>
    /// Without the functions of the intrinsics, which nobody calls; and a bool among the parameters is read as the one byte that it is, where ILGPU reads four
    /// of which three are padding. The shared memory of a launch is declared where it is used.
    /// </summary>
    static string Clean(string text)
    {
        text = BoolParameter().Replace(UncalledFunction().Replace(text, ""), "ld.param.u8$1$2$3");
        return text.Contains(Intrinsics.SharedName, StringComparison.Ordinal) ? Entry().Replace(text, $".extern .shared .align 16 .b8 {Intrinsics.SharedName}[];\n\n$0", 1) : text;
    }

    [GeneratedRegex(@"^\.visible \.entry", RegexOptions.Multiline)] private static partial Regex Entry();

    [GeneratedRegex(@"\.visible \.entry ([\w$]+)\(")] private static partial Regex EntryName();
    [GeneratedRegex(@"^\.visible \.func [^;{]*(;|\{.*?^\})", RegexOptions.Multiline | RegexOptions.Singleline)] private static partial Regex UncalledFunction();
    [GeneratedRegex(@"ld\.param\.b32(\s+)(%r\d+)(, \[[^\]]+\];\s+setp\.ne\.u32\s+%p\d+, \2, 0;)")] private static partial Regex BoolParameter();

    /// <summary>Address spaces must be inferred before ILGPU's own passes: afterwards generic accesses remain. Two rounds unroll nested loops.</summary>
    sealed class Hook(bool optimize) : IBackendHook
    {
        public void FinishedCodeGeneration(IRContext context, Method entryPoint) { }

        public void InitializedKernelContext(IRContext context, Method kernel)
        {
            if (!optimize) return;
            var builder = Transformer.CreateBuilder(TransformerConfiguration.Empty);
            for (int round = 0; round < 2; round++)
            {
                builder.Add(new LoopUnrolling());
                builder.Add(new UnreachableCodeElimination());
                builder.Add(new DeadCodeElimination());
                builder.Add(new SimplifyControlFlow());
            }
            builder.Add(new InferKernelAddressSpaces(ILGPU.IR.MemoryAddressSpace.Global));
            builder.Add(new InferAddressSpaces());
            context.Transform(builder.ToTransformer());
        }

        public void OptimizedKernelContext(IRContext context, Method kernel) { }
    }
}

/// <summary>A module of one kernel.</summary>
/// <param name="Entry">The kernel's name in it.</param>
readonly partial record struct Ptx(string Text, string Entry)
{
    /// <summary>Of the kernel's one argument; 0: it is no struct.</summary>
    public int ArgumentBytes => Argument().Match(Text) is { Success: true } match ? int.Parse(match.Groups[1].ValueSpan, System.Globalization.CultureInfo.InvariantCulture) : 0;

    [GeneratedRegex(@"\.param \.align \d+ \.b8 \w+\[(\d+)\]")] private static partial Regex Argument();
}
