using System.Globalization;

namespace InrFast.Perf;

/// <summary>What the command line asks for. <see cref="Peer"/> is empty in the parent, "stock" or "tuned" in the processes that measure.</summary>
sealed record Settings(string Command, string Peer, IReadOnlyList<string> Peers, int Threads, int Rounds, IReadOnlyList<int> Widths, string? Name, string Date)
{
    public const string Usage = """
        dotnet run -c Release --project perf -- COMMAND [options]
          speed      the table of speed: all of the below against its goals
          siren      training step and inference of a SIREN, 3 hidden layers, batch 65,536
          jets       step of a 3-D displacement field with a Jacobian penalty, batch 16,384
          registration  IDIR's step as published: 10,000 voxels, correlation, Jacobian penalty, Adam
          hashgrid   hash grid encoding, 16 levels x 2 features, forward and backward, batch 65,536
          threads    our training step of the SIREN on one thread and on all
          engine     the same step beside its kernels called by hand, one thread
          growth     our training step by width, depth and rows
          fit        whole fits to a target: a CT slice, a brain MR, a chest CT where it is there; SIREN and grids
          profile    where that step's time goes
          peak       the machine's multiply-add rate on one thread and on all
        --threads N        threads of every contestant (1)
        --rounds N         timed rounds (9)
        --widths A,B       widths of the networks (64,128,256; jets 64,256; registration 256)
        --peers A,B        stock, tuned: which libtorch (both, a process each)
        --name NAME        also write perf/results/NAME.md and .json
        --date YYYY-MM-DD  the date the results carry (today)
        """;

    public static Settings Parse(string[] arguments)
    {
        if (arguments.Length == 0) throw new ArgumentException("no command");
        var options = new Dictionary<string, string>();
        for (int i = 1; i < arguments.Length; i += 2)
        {
            if (arguments[i] is not ("--threads" or "--rounds" or "--widths" or "--peers" or "--name" or "--date" or "--child")) throw new ArgumentException($"unknown option {arguments[i]}");
            if (i + 1 == arguments.Length) throw new ArgumentException($"{arguments[i]} wants a value");
            options[arguments[i]] = arguments[i + 1];
        }
        string Text(string option, string otherwise) => options.GetValueOrDefault(option, otherwise);
        int Number(string option, string text) =>
            int.TryParse(text, CultureInfo.InvariantCulture, out int n) && n > 0 ? n : throw new ArgumentException($"{option} wants positive whole numbers, not '{text}'");
        string[] peers = Text("--peers", "stock,tuned").Split(',');
        if (peers.FirstOrDefault(p => p is not ("stock" or "tuned")) is { } odd) throw new ArgumentException($"--peers takes stock and tuned, not '{odd}'");
        return new(arguments[0], Text("--child", ""), peers, Number("--threads", Text("--threads", "1")), Number("--rounds", Text("--rounds", "9")),
            [.. Text("--widths", arguments[0] switch { "jets" => "64,256", "registration" => "256", _ => "64,128,256" }).Split(',').Select(w => Number("--widths", w))],
            options.GetValueOrDefault("--name"), Text("--date", DateTime.Now.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)));
    }
}
