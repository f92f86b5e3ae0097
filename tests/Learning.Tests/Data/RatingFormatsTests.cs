using Aisle.Learning.Data;

namespace Aisle.Learning.Tests.Data;

public sealed class RatingFormatsTests
{
    [Fact]
    public void Ratings_TextIds_AreNumberedInOrderAndKept()
    {
        var split = Read("ratings", "user_id,item_id,rating,timestamp\nanna,\"tea, green\",4,100\nbob,茶,2.5,90\nanna,茶,5,1000000000000\n", "user_id,item_id,rating,timestamp\nbob,\"a \"\"b\"\"\",3,2020-01-02T00:00:00Z\n");
        split.Ids!.Users.ShouldBe(["anna", "bob"]);
        split.Ids.Items.ShouldBe(["tea, green", "茶", "a \"b\""]);
        var train = split.Train.Interactions;
        train.WeightsOf(0).ToArray().ShouldBe([4f, 5f]);
        train.TimesOf(0).ToArray().ShouldBe([100, 1_000_000_000]);
        split.Test.UsersOf(0, 1).ToArray().ShouldBe([1]);
        split.TestRatings!.TimesOf(1).ToArray().ShouldBe([1_577_923_200]);
    }

    [Fact]
    public void Ratings_OtherColumnsAndSeparators_AreFoundByName()
    {
        var whole = ReadWhole("ratings", "\uFEFFtimestamp\trating\tmovieId\tuserId\n5\t3\tm1\tu1\n\n6\t4\tm2\tu1\n");
        whole.HasRatings.ShouldBeTrue();
        whole.Ids!.Items.ShouldBe(["m1", "m2"]);
        whole.Data.Interactions.WeightsOf(0).ToArray().ShouldBe([3f, 4f]);
        whole.Data.Interactions.TimesOf(0).ToArray().ShouldBe([5, 6]);

        var byPlace = ReadWhole("ratings", "who;what\nu1;i1\n");
        byPlace.HasRatings.ShouldBeFalse();
        byPlace.Data.Interactions.HasTimes.ShouldBeFalse();
        byPlace.Data.Interactions.WeightsOf(0).ToArray().ShouldBe([1f]);
    }

    [Fact]
    public void Ratings_GivenAgain_ReplaceTheEarlierOne()
    {
        var timed = ReadWhole("ratings", "user,item,rating,time\nu,i,1,20\nu,i,5,10\nu,j,2,5\n").Data.Interactions;
        timed.Count.ShouldBe(2);
        timed.WeightsOf(0).ToArray().ShouldBe([1f, 2f]);
        ReadWhole("ratings", "user,item,rating\nu,i,1\nu,i,5\n").Data.Interactions.WeightsOf(0).ToArray().ShouldBe([5f]);
    }

    [Fact]
    public void Ratings_RelevantFrom_LeavesLowOnesOutOfTheRankingOnly()
    {
        var format = SplitFormats.Find("ratings");
        var split = format.Read(new SplitTexts(Text("train", "user,item,rating\nu,i,1\nv,i,5\n"), Test: Text("test", "user,item,rating\nu,j,2\nv,j,4\n")) { RelevantFrom = 4 });
        split.Test.Count.ShouldBe(1);
        split.TestRatings!.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("196,242,3\n", "line 1: '196,242,3' holds values")]
    [InlineData("user\n", "at least two columns")]
    [InlineData("user,item,rating\na,b\n", "line 2: there are 2 columns, but 3 in the header")]
    [InlineData("user,item,rating\na,b,good\n", "line 2: 'good' is not a rating above 0")]
    [InlineData("user,item,rating\na,b,NaN\n", "line 2: 'NaN' is not a rating")]
    [InlineData("user,item,rating\na,b,0\n", "shift a scale")]
    [InlineData("user,item,rating\n,b,1\n", "line 2: a user and an item need an id")]
    [InlineData("user,item,rating,time\na,b,1,later\n", "line 2: 'later' is not a time")]
    [InlineData("user,item,rating\n\"a,b,1\n", "quote is not closed")]
    [InlineData("user,item,rating\n\"a\"b,c,1\n", "text follows")]
    public void Ratings_Malformed_NamesLineAndLayout(string text, string expected)
    {
        var message = Should.Throw<FormatException>(() => ReadWhole("ratings", text)).Message;
        message.ShouldContain("whole.txt");
        message.ShouldContain(expected);
    }

    [Fact]
    public void Ncf_Files_RankAmongTheirNegatives()
    {
        var split = SplitFormats.Find("ncf").Read(new SplitTexts(Text("train", "0\t0\t5\n0\t1\t3\n1\t2\t1\t99\n"), Test: Text("test", "0\t2\t5\t978824351\n1\t0\t4\t9\n")) { Negatives = Text("negatives", "(0,2)\t3\t2\t7\n(1,0)\t3\t4\n") });
        var train = split.Train.Interactions;
        (train.Users, train.Items).ShouldBe((2, 8));
        train.WeightsOf(0).ToArray().ShouldBe([1f, 1f]);
        split.Test.AreSampled.ShouldBeTrue();
        split.Test.CandidatesOf(0).ShouldBe([3, 7, 2]);
        split.Notes[0].ShouldContain("mislead");
        split.Notes[1].ShouldContain("1 of the given negatives");
    }

    [Fact]
    public void Ncf_WithoutNegatives_RanksAllItems()
    {
        var split = Read("ncf", "0 0 5 7\n0 1 3 8\n", "0 2 5\n");
        split.Test.AreSampled.ShouldBeFalse();
        split.Notes.ShouldBeEmpty();
        split.Train.Interactions.TimesOf(0).ToArray().ShouldBe([7, 8]);
    }

    [Theory]
    [InlineData("0 x 1\n", "(0,1) 2\n", "train, line 1: 'x' is not an id")]
    [InlineData("0 1 1 1 1\n", "(0,1) 2\n", "train, line 1: there are 5 words")]
    [InlineData("0 1 1\n", "(0,1)\n", "negatives, line 1")]
    [InlineData("0 1 1\n", "(0,1) 2\n(0,2) 3\n", "negatives, line 2: user 0 has negatives already")]
    [InlineData("0 1 1 soon\n", "(0,1) 2\n", "train, line 1: 'soon' is not a time")]
    public void Ncf_Malformed_NamesTextAndLine(string train, string negatives, string expected) =>
        Should.Throw<FormatException>(() => SplitFormats.Find("ncf").Read(new SplitTexts(Text("train", train), Test: Text("test", "0 3 1\n")) { Negatives = Text("negatives", negatives) })).Message.ShouldContain(expected);

    [Theory]
    [InlineData("ncf")]
    [InlineData("ratings")]
    public void Read_WithoutTest_SaysThatItIsNeeded(string format) =>
        Should.Throw<ArgumentException>(() => SplitFormats.Find(format).Read(new SplitTexts(Text("train", "")))).Message.ShouldContain("needs a test file");

    private static Split Read(string format, string train, string test) => SplitFormats.Find(format).Read(new SplitTexts(Text("train", train), Test: Text("test", test)));

    private static WholeData ReadWhole(string format, string text) => SplitFormats.Find(format).ReadWhole!(Text("whole.txt", text));

    private static NamedText Text(string name, string content) => new(name, new StringReader(content));
}
