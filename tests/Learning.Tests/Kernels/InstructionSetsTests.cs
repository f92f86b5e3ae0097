using Aisle.Learning.Kernels;

namespace Aisle.Learning.Tests.Kernels;

public sealed class InstructionSetsTests
{
    internal const string ExpectedSet = "AISLE_TEST_INSTRUCTION_SET";

    [Fact]
    public void Active_ChosenByEnvironment_IsTheOneInUse()
    {
        if (Environment.GetEnvironmentVariable(ExpectedSet) is { } expected) InstructionSets.Active.ShouldBe(expected);
        else InstructionSets.Active.ShouldBeOneOf("AVX-512", "AVX2", "portable");
    }
}
