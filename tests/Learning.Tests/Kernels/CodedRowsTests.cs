using Aisle.Learning.Kernels;

namespace Aisle.Learning.Tests.Kernels;

public sealed unsafe class CodedRowsTests
{
    [Theory]
    [InlineData(32, 1)]
    [InlineData(64, 4)]
    [InlineData(96, 6)]
    [InlineData(16_384, 5)]
    public void Products_LargestCodes_EqualReference(int length, int count)
    {
        var random = new Random(3);
        var query = new short[length];
        CodedRows.EncodeQuery(Array.ConvertAll(Numbers.Random(length, 1), value => value < 0 ? -1f : 1f), query);
        var rows = new sbyte[length * 8];
        for (var i = 0; i < rows.Length; i++) rows[i] = (sbyte)random.Next(-127, 128);
        for (var i = 0; i < length; i++) rows[i] = (sbyte)(query[i] < 0 ? -127 : 127);
        var list = Enumerable.Range(0, count).Select(i => i * 3 % 8).ToArray();
        var (actual, expected) = (new int[count + 1], new int[count]);
        actual[count] = 7;
        fixed (short* codes = query)
        fixed (sbyte* matrix = rows)
        fixed (int* listed = list, results = actual) CodedRows.Products(codes, matrix, length, listed, count, results);
        CodedRows.ProductsReference(query, rows, list, expected);
        actual[..count].ShouldBe(expected);
        actual[count].ShouldBe(7, "nothing is written behind the last result");
        expected[0].ShouldBeGreaterThan(int.MaxValue / 4 * 3 * Math.Min(1, length / 600), "a query must use the bits that there are");
    }

    [Fact]
    public void Encode_AnyRow_IsOffByHalfAStepAtMost()
    {
        var row = Array.ConvertAll(Numbers.Random(40, 4), value => value * 1e-3f);
        var codes = new sbyte[64];
        codes.AsSpan().Fill(5);
        var step = CodedRows.Encode(row, codes);
        step.ShouldBe(row.Max(MathF.Abs) / 127, 1e-9);
        for (var i = 0; i < row.Length; i++) Math.Abs((codes[i] * step) - row[i]).ShouldBeLessThanOrEqualTo(step * 0.5001f);
        codes.AsSpan(40).ContainsAnyExcept((sbyte)0).ShouldBeFalse("what is beyond the row is filled with zeros");
    }

    [Fact]
    public void Encode_Zeros_HaveStepZero()
    {
        var codes = new sbyte[32];
        CodedRows.Encode(new float[20], codes).ShouldBe(0);
        CodedRows.EncodeQuery(new float[20], new short[32]).ShouldBe(0);
        codes.ShouldAllBe(code => code == 0);
    }
}
