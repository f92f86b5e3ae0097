using Aisle.Learning.Data;

namespace Aisle.Learning.Tests.Data;

public sealed class SplitFormatsTests
{
    [Fact]
    public void LightGcn_TwoFiles_ShareOneShape()
    {
        var split = Read("0 3 1\n1 0\n2\n", "1 2\n3 5\n");
        split.Train.Interactions.Users.ShouldBe(4);
        split.Train.Interactions.Items.ShouldBe(6);
        split.Train.Interactions.ItemsOf(0).ToArray().ShouldBe([1, 3]);
        split.Train.Interactions.CountOf(2).ShouldBe(0);
        split.Test.Items.ShouldBe(6);
        split.Test.Count.ShouldBe(2);
        split.Test.UsersOf(0, 2).ToArray().ShouldBe([1, 3]);
        split.Test.TargetsOf(1).ToArray().ShouldBe([5]);
        split.Test.ExcludedOf(0).ToArray().ShouldBe([0]);
        split.Validation.ShouldBeNull();
    }

    [Theory]
    [InlineData("0 1\n0 x\n", "line 2: 'x'")]
    [InlineData("0 -1\n", "line 1: '-1'")]
    [InlineData("0 1.5\n", "line 1: '1.5'")]
    [InlineData("0 99999999999\n", "line 1: '99999999999'")]
    [InlineData("0 2000000000\n", "line 1: '2000000000'")]
    [InlineData("user,item\n", "line 1: 'user,item'")]
    public void LightGcn_MalformedLine_NamesFileLineAndLayout(string train, string expected)
    {
        var message = Should.Throw<FormatException>(() => Read(train, "0 1\n")).Message;
        message.ShouldContain("train.txt, " + expected);
        message.ShouldContain("user item item …");
    }

    [Fact]
    public void LightGcn_WithoutTest_SaysThatItIsNeeded() =>
        Should.Throw<ArgumentException>(() => SplitFormats.Find("lightgcn").Read(new SplitTexts(Text("train.txt", "0 1\n")))).Message.ShouldContain("needs a test file");

    [Fact]
    public void Find_UnknownFormat_ListsTheFormats()
    {
        var message = Should.Throw<ArgumentException>(() => SplitFormats.Find("ncf2")).Message;
        message.ShouldContain("'ncf2'");
        message.ShouldContain("lightgcn");
    }

    private static Split Read(string train, string test) =>
        SplitFormats.Find("lightgcn").Read(new SplitTexts(Text("train.txt", train), Test: Text("test.txt", test)));

    private static NamedText Text(string name, string content) => new(name, new StringReader(content));
}
