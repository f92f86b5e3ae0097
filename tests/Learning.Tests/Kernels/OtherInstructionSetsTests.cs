using System.Diagnostics;
using System.Globalization;
using System.Runtime.Intrinsics.X86;
using System.Text.RegularExpressions;

namespace Aisle.Learning.Tests.Kernels;

/// <summary>Runs all other tests of this folder again, each kernel beside its plain twin, in child processes in which instruction sets are switched off; the child first asserts that they are.</summary>
public sealed partial class OtherInstructionSetsTests
{
    [Theory]
    [InlineData("DOTNET_EnableAVX512", "AVX2")]
    [InlineData("DOTNET_EnableAVX2", "portable")]
    [InlineData("DOTNET_EnableHWIntrinsic", "portable")]
    public async Task Kernels_WithInstructionSetSwitchedOff_EqualReferences(string switchedOff, string expected)
    {
        // Without AVX2 to begin with (Arm, old x64), every switch leaves the portable path.
        if (!Avx2.IsSupported) expected = "portable";
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet") start.ArgumentList.Add(typeof(OtherInstructionSetsTests).Assembly.Location);
        foreach (var argument in (string[])["-namespace", typeof(OtherInstructionSetsTests).Namespace!, "-class-", typeof(OtherInstructionSetsTests).FullName!]) start.ArgumentList.Add(argument);
        start.Environment[switchedOff] = "0";
        start.Environment[InstructionSetsTests.ExpectedSet] = expected;

        using var child = Process.Start(start)!;
        var errors = child.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await child.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await child.WaitForExitAsync(TestContext.Current.CancellationToken);

        child.ExitCode.ShouldBe(0, output + await errors);
        var summary = Summary().Match(output);
        summary.Success.ShouldBeTrue(output);
        int.Parse(summary.Groups["total"].Value, CultureInfo.InvariantCulture).ShouldBeGreaterThan(70, "the child must have run the tests of all kernels");
    }

    [GeneratedRegex(@"Total: (?<total>\d+), Errors: 0, Failed: 0, Skipped: 0", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Summary();
}
