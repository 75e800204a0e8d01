// The console edition refuses a processor that lacks its instruction set in one line and with exit code 69 (ExitCode.Unavailable).
// In C, because the runtime aborts on such a processor before any C# runs. INSTRUCTION_SET comes from Cli.csproj.
#include <unistd.h>

#define QUOTED(name) #name
#define TEXT(name) QUOTED(name)
#define NEEDED TEXT(INSTRUCTION_SET)
#define REFUSAL "inrfast: this is the file for " NEEDED " and the processor lacks it; take "

static void refuse(const char *text, size_t length)
{
    (void)!write(STDERR_FILENO, text, length);
    _exit(69);
}

__attribute__((constructor)) static void check_processor(void)
{
    static const char older[] = REFUSAL "the file for x86-64-v3\n", ordinary[] = REFUSAL "the edition that runs on .NET\n";
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("x86-64-v3"))
        refuse(ordinary, sizeof ordinary - 1);
    if (!__builtin_cpu_supports(NEEDED))
        refuse(older, sizeof older - 1);
}
