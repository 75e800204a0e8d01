namespace InrFast.Tests;

/// <summary>Wrong commands, options and values: exit code 64 and one line.</summary>
internal sealed class BadUseTests : CommandTests
{
    [TestCase("", "command")]
    [TestCase("paint", "'paint' is no command")]
    [TestCase("info", "FILE")]
    [TestCase("info --colour x.png", "'--colour' is no option")]
    [TestCase("info -x", "'-x' is no option")]
    [TestCase("info x.png --max-memory", "--max-memory")]
    [TestCase("info x.png --max-memory lots", "'lots' is no size")]
    [TestCase("info x.png --max-memory 0", "'0' is no size")]
    [TestCase("info x.png --max-memory -3", "'-3' is no size")]
    [TestCase("info x.png --max-memory 1G --max-memory 2G", "--max-memory")]
    [TestCase("compare a.png", "'B'")]
    [TestCase("compare a.png b.png c.png", "'c.png' is one argument too many")]
    [TestCase("compare a.png b.png --require-psnr high", "'high' is no number from 0 to 1000")]
    [TestCase("compare a.png b.png --require-psnr NaN", "'NaN' is no number")]
    [TestCase("compare a.png b.png --lossy", "'--lossy' is no option")]
    [TestCase("convert a.png", "--output")]
    [TestCase("convert a.png -o", "-o")]
    [TestCase("convert a.png -o b.xyz", ".nii.gz")]
    [TestCase("convert a.png -o b", ".nii.gz")]
    [TestCase("fit a.png -o m.safetensors --preview p.nii", "'p.nii' must end in .png")]
    [TestCase("fit a.png -o m.safetensors --report r.txt", "'r.txt' must end in .html")]
    [TestCase("register a.png b.png -o w.nii --model m.nii", "'m.nii' must end in .safetensors")]
    [TestCase("register a.png b.png -o w.nii --field w.nii -f", "--field: w.nii is the name of another output")]
    [TestCase("register a.png b.png -o w.nii --field f.nii --jacobian f.nii", "--jacobian: f.nii is the name of another output")]
    [TestCase("simulate ct a.png -o s.npy --photons 9 --counts --flat s.npy", "--flat: s.npy is the name of another output")]
    public void A_wrong_use_is_named(string arguments, string words) =>
        AssertRefused(CommandRun.Of(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries)), 64, words);

    [Test]
    public void A_file_named_like_an_option_comes_after_two_dashes() =>
        AssertRefused(CommandRun.Of("info", "--", "--colour"), 66, "--colour: there is no such file");

    [Test]
    public void A_file_whose_name_begins_with_at_is_no_list_of_arguments() =>
        AssertRefused(CommandRun.Of("info", "@" + WriteText("list", "--help")), 66, "no such file");

    [TestCase("-h")]
    [TestCase("--help")]
    [TestCase("compare -h")]
    public void Help_goes_to_standard_output(string arguments)
    {
        var run = CommandRun.Of(arguments.Split(' '));
        Assert.That((run.ExitCode, run.Error), Is.EqualTo((0, "")));
        Assert.That(run.Output, Does.Contain("--json").And.Contain("Usage:"));
    }

    [Test]
    public void Version_is_one_line() => Assert.That(CommandRun.Of("--version").Output.TrimEnd(), Does.Match(@"^inrfast \d+\.\d+\.\d+$"));
}
