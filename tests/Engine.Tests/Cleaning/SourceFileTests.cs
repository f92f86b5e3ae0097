using System.Text;
using Aisle.Engine.Cleaning;

namespace Aisle.Engine.Tests.Cleaning;

public sealed class SourceFileTests : IDisposable
{
    private readonly ImportBench _bench = new();

    public void Dispose() => this._bench.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Text_WhoseCharactersCrossReadingBlocks_IsStillUtf8(int offset)
    {
        var text = new string('x', offset) + string.Concat(Enumerable.Repeat("杯", 100_000));

        this.Inspect(Encoding.UTF8.GetBytes(text)).Encoding.ShouldBeNull();
    }

    [Fact]
    public void Text_InLatin1_IsKnownEvenIfTheOnlyOddByteIsTheLast()
    {
        this.Inspect([.. "caf"u8, 0xE9]).Encoding.ShouldBe(Encoding.Latin1);
        this.Inspect([.. "caf"u8, 0xE9, .. "s\n"u8]).Encoding.ShouldBe(Encoding.Latin1);
    }

    [Fact]
    public void FirstLine_WithByteOrderMark_ComesWithoutIt()
    {
        var file = this.Inspect([0xEF, 0xBB, 0xBF, .. "a,b\r\n1,2"u8]);

        (file.FirstLine, file.EndsWithLineBreak).ShouldBe(("a,b", false));
    }

    [Fact]
    public void File_ChangedSinceItWasInspected_IsNotRead()
    {
        var path = this._bench.Write("sales.csv", "a\n1\n");
        var file = SourceFile.Inspect(path, _ => { }, CancellationToken.None);
        File.AppendAllText(path, "2\n");

        Should.Throw<ImportException>(() => file.Open()).Message.ShouldContain("changed while it was read");
    }

    private SourceFile Inspect(byte[] content) => SourceFile.Inspect(this._bench.Write("file", content), _ => { }, CancellationToken.None);
}
