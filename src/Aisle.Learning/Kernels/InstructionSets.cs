using System.Runtime.Intrinsics.X86;

namespace Aisle.Learning.Kernels;

/// <summary>Which of a kernel's paths this process takes. The JIT folds both conditions to constants.</summary>
public static class InstructionSets
{
    /// <summary>Rows of numbers are padded to this many floats, so that kernels over whole rows have no remainder on any path.</summary>
    internal const int Padding = 16;

    public static string Active => Avx512 ? "AVX-512" : Avx2 ? "AVX2" : "portable";

    internal static bool Avx512 => Avx512F.IsSupported;

    internal static bool Avx2 => System.Runtime.Intrinsics.X86.Avx2.IsSupported && Fma.IsSupported;

    internal static int Padded(int length) => (length + Padding - 1) / Padding * Padding;
}
