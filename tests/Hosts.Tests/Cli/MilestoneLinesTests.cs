using Aisle.Cli;

namespace Aisle.Hosts.Tests.Cli;

public sealed class MilestoneLinesTests
{
    [Fact]
    public void Steps_ReportedFinely_GiveALineAtEachQuarter()
    {
        var output = new StringWriter { NewLine = "\n" };
        var lines = new MilestoneLines(output);
        for (var percent = 0; percent <= 100; percent++) lines.Report(new ProgressStep(percent < 60 ? "checking" : "storing", percent / 100.0));
        lines.Report(new ProgressStep("storing", 1));

        output.ToString().ShouldBe("25 % (checking)\n50 % (checking)\n75 % (storing)\n100 % (storing)\n");
    }

    [Fact]
    public void Steps_ThatJump_GiveOnlyTheQuarterReached()
    {
        var output = new StringWriter { NewLine = "\n" };
        new MilestoneLines(output).Report(new ProgressStep("storing", 0.8));

        output.ToString().ShouldBe("75 % (storing)\n");
    }
}
