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

    [Theory]
    [InlineData("lightgcn", "0 1\n1 2\n", "0 2\n", "0 3\n")]
    [InlineData("ncf", "0 1 4\n1 2 4\n", "0 2 4\n", "0 3 4\n")]
    [InlineData("ratings", "user,item,rating\na,x,4\nb,y,4\n", "user,item,rating\na,y,5\n", "user,item,rating\na,z,3\n")]
    [InlineData("session", "1 2\n2 1\n", "1 2 3\n", "2 3\n")]
    [InlineData("sequence", "0 1\n1 2\n", "0 2\n", "0 3\n")]
    public void Validation_OfEveryFormat_CanBeLearnedFromTogetherWithTheTraining(string format, string train, string valid, string test)
    {
        var split = SplitFormats.Find(format).Read(new SplitTexts(Text("train.txt", train), Text("valid.txt", valid), Text("test.txt", test)));
        split.Validation.ShouldNotBeNull();
        var added = format == "session" ? 3 : 1;
        split.Full!.Interactions.Count.ShouldBe(split.Train.Interactions.Count + added);
        split.Full.Interactions.Items.ShouldBe(split.Train.Interactions.Items);
        SplitFormats.Find(format).Read(new SplitTexts(Text("train.txt", train), null, Text("test.txt", test))).Full.ShouldBeNull();
    }

    [Fact]
    public void LightGcn_WithoutTest_SaysThatItIsNeeded() =>
        Should.Throw<ArgumentException>(() => SplitFormats.Find("lightgcn").Read(new SplitTexts(Text("train.txt", "0 1\n")))).Message.ShouldContain("needs a test file");

    [Fact]
    public void Session_Cases_AreHistoriesWhoseItemsMayComeAgain()
    {
        var split = SplitFormats.Find("session").Read(new SplitTexts(Text("train.txt", "2 1 2 3\n\n4\n"), Text("valid.txt", "1 2\n"), Text("test.txt", "3 3 1 3\n2 5\n")));
        split.Train.Sequences!.Users.ShouldBe(2);
        split.Train.Interactions.Items.ShouldBe(5, "numbered from 1 to 5");
        split.Train.Sequences.ItemsOf(0).ToArray().ShouldBe([1, 0, 1, 2]);
        split.Test.AreKnownUsers.ShouldBeFalse();
        split.Test.HistoryOf(0).ToArray().ShouldBe([2, 2, 0]);
        split.Test.TargetsOf(0).ToArray().ShouldBe([2]);
        split.Test.ExcludedOf(0).Length.ShouldBe(0);
        split.Test.TargetsOf(1).ToArray().ShouldBe([4]);
        split.Validation!.Count.ShouldBe(1);
        split.Full!.Sequences!.Users.ShouldBe(3, "the validation session is learned from with the others");
    }

    [Fact]
    public void Session_CaseWithoutHistory_NamesTheLine()
    {
        var read = () => SplitFormats.Find("session").Read(new SplitTexts(Text("train.txt", "0 1\n"), Test: Text("test.txt", "0 1\n1\n")));
        Should.Throw<FormatException>(read).Message.ShouldContain("test.txt, line 2");
        Should.Throw<ArgumentException>(() => SplitFormats.Find("session").Read(new SplitTexts(Text("train.txt", "0 1\n")))).Message.ShouldContain("needs a test file");
        Should.Throw<FormatException>(() => SplitFormats.Find("session").Read(new SplitTexts(Text("train.txt", "0 y\n"), Test: Text("test.txt", "0 1\n")))).Message.ShouldContain("train.txt, line 1: 'y'");
    }

    [Fact]
    public void Sequence_WithoutTest_LeavesOutTheLastTwoOfEachUser()
    {
        var split = SplitFormats.Find("sequence").Read(new SplitTexts(Text("sequences.txt", "1 5 3 5 2 4\n2 1 2\n3 1 2 3\n")));
        split.Train.Interactions.Users.ShouldBe(3);
        split.Train.Interactions.Items.ShouldBe(5);
        split.Train.Sequences!.ItemsOf(0).ToArray().ShouldBe([4, 2, 4]);
        split.Train.Sequences.ItemsOf(1).ToArray().ShouldBe([0, 1], "fewer than three items");
        split.Train.Sequences.ItemsOf(2).ToArray().ShouldBe([0]);
        split.Full!.Sequences!.ItemsOf(0).ToArray().ShouldBe([4, 2, 4, 1]);
        split.Validation!.Count.ShouldBe(2);
        split.Validation.HistoryOf(0).ToArray().ShouldBe([4, 2, 4]);
        split.Validation.ExcludedOf(0).ToArray().ShouldBe([2, 4]);
        split.Test.TargetsOf(0).ToArray().ShouldBe([3]);
        split.Test.HistoryOf(0).ToArray().ShouldBe([4, 2, 4, 1]);
        split.Test.ExcludedOf(0).ToArray().ShouldBe([1, 2, 4]);
        split.Test.RowOf(1).ShouldBe(2);
    }

    [Fact]
    public void Sequence_WithFiles_ContinuesWhatTheUsersDid()
    {
        var split = SplitFormats.Find("sequence").Read(new SplitTexts(Text("train.txt", "0 3 1\n0 2\n1 0\n"), Text("valid.txt", "0 4\n"), Text("test.txt", "0 5 6\n1 1\n")));
        split.Train.Sequences!.ItemsOf(0).ToArray().ShouldBe([3, 1, 2]);
        split.Validation!.HistoryOf(0).ToArray().ShouldBe([3, 1, 2]);
        split.Test.HistoryOf(0).ToArray().ShouldBe([3, 1, 2, 4]);
        split.Test.TargetsOf(0).ToArray().ShouldBe([5, 6]);
        split.Test.HistoryOf(1).ToArray().ShouldBe([0]);
        split.Full!.Sequences!.ItemsOf(0).ToArray().ShouldBe([3, 1, 2, 4]);
        var read = () => SplitFormats.Find("sequence").Read(new SplitTexts(Text("train.txt", "0 3 1\n"), Text("valid.txt", "0 4\n")));
        Should.Throw<ArgumentException>(read).Message.ShouldContain("beside a test file only");
    }

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
