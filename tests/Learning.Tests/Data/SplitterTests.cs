using Aisle.Learning.Data;

namespace Aisle.Learning.Tests.Data;

public sealed class SplitterTests
{
    /// <summary>User u touches items 0 … 2 u + 1 at times 100 u + 10 · item; user 0 has two, user 4 ten.</summary>
    private static readonly WholeData Timed = new(new Dataset(Make(timed: true)), HasRatings: true, Ids: new RawIds(["a", "b", "c", "d", "e"], [.. Enumerable.Range(0, 10).Select(item => $"i{item}")]));

    private static readonly WholeData Plain = new(new Dataset(Make(timed: false)));

    [Fact]
    public void Time_OfEvents_LetsWhatComesAgainBeFoundAgain()
    {
        var text = new NamedText("events.csv", new StringReader("user,item,rating,time\nu,tea,1,10\nu,tea,1,30\nv,mug,1,20\nu,tea,1,100\nu,mug,1,110\nw,tea,1,120\n"));
        var whole = SplitFormats.Find("ratings").ReadEvents!(text);
        var split = Splitter.Divide(whole, new SplitRule(SplitKind.Time) { TestShare = 0.5 });
        split.Train.Sequences!.ItemsOf(0).ToArray().ShouldBe([0, 0]);
        split.Train.Sequences.TimesOf(0).ToArray().ShouldBe([10, 30]);
        split.Train.Interactions.WeightsOf(0).ToArray().ShouldBe([2f]);
        split.Test.Count.ShouldBe(1, "w is not known from before, and v did nothing after");
        split.Test.TargetsOf(0).ToArray().ShouldBe([0, 1]);
        split.Test.ExcludedOf(0).Length.ShouldBe(0);
        split.Notes.Count.ShouldBe(2);
        Should.Throw<ArgumentException>(() => Splitter.Divide(whole, new SplitRule(SplitKind.Ratio))).Message.ShouldContain("divided by time");
        Should.Throw<ArgumentException>(() => Splitter.Folds(whole, 2, 1)).Message.ShouldContain("not into folds");
        Should.Throw<FormatException>(() => SplitFormats.Find("ratings").ReadEvents!(new NamedText("e", new StringReader("user,item\nu,tea\n")))).Message.ShouldContain("no column of times");
    }

    [Fact]
    public void LeaveOneOut_WithTimes_TakesTheLatestOfEachUser()
    {
        var split = Splitter.Divide(Timed, new SplitRule(SplitKind.LeaveOneOut));
        split.Test.Count.ShouldBe(5);
        for (var user = 0; user < 5; user++) split.Test.TargetsOf(user).ToArray().ShouldBe([(2 * user) + 1]);
        split.Train.Interactions.Count.ShouldBe(30 - 5);
        split.TestRatings!.WeightsOf(4).ToArray().ShouldBe([5f]);
        split.Ids.ShouldBe(Timed.Ids);
    }

    [Fact]
    public void LeaveOneOut_WithoutTimes_DrawsOneBySeed()
    {
        var split = Splitter.Divide(Plain, new SplitRule(SplitKind.LeaveOneOut));
        ShouldDivide(split, Plain, 5);
        split.TestRatings.ShouldBeNull();
        Targets(Splitter.Divide(Plain, new SplitRule(SplitKind.LeaveOneOut))).ShouldBe(Targets(split));
        Targets(Splitter.Divide(Plain, new SplitRule(SplitKind.LeaveOneOut) { Seed = 2 })).ShouldNotBe(Targets(split));
    }

    [Fact]
    public void Ratio_OfEachUser_TakesItsShare()
    {
        // 0.3 of 2, 4, 6, 8, 10 interactions, rounded: 1, 1, 2, 2, 3.
        var split = Splitter.Divide(Plain, new SplitRule(SplitKind.Ratio) { TestShare = 0.3 });
        ShouldDivide(split, Plain, 9);
        Enumerable.Range(0, 5).Select(user => split.Test.TargetsOf(user).Length).ShouldBe([1, 1, 2, 2, 3]);
    }

    [Fact]
    public void Time_OneMomentForAll_LeavesOutUsersOfTheTestPartWithoutHistory()
    {
        // Times are 0, 10 | 100 … 130 | 200 … 250 | 300 … 370 | 400 … 490. From the 24th of 30 on: the last six of user 4.
        var split = Splitter.Divide(Timed, new SplitRule(SplitKind.Time) { TestShare = 0.2 });
        split.Test.Count.ShouldBe(1);
        split.Test.TargetsOf(0).ToArray().ShouldBe([4, 5, 6, 7, 8, 9]);
        split.Notes.ShouldBeEmpty();

        var cold = Splitter.Divide(Timed, new SplitRule(SplitKind.Time) { TestShare = 0.5 });
        cold.Train.Interactions.CountOf(4).ShouldBe(0);
        cold.Test.Count.ShouldBe(1);
        cold.Test.RowOf(0).ShouldBe(3);
        cold.Notes.Single().ShouldContain("1 users");
        cold.TestRatings!.CountOf(4).ShouldBe(10);
    }

    [Fact]
    public void UserTime_TakesTheLatestOfEach()
    {
        var split = Splitter.Divide(Timed, new SplitRule(SplitKind.UserTime) { TestShare = 0.5 });
        split.Test.TargetsOf(4).ToArray().ShouldBe([5, 6, 7, 8, 9]);
        split.Train.Interactions.ItemsOf(1).ToArray().ShouldBe([0, 1]);
    }

    [Fact]
    public void Strong_HeldOutUsers_AreUnknownAndPartlyGiven()
    {
        var split = Splitter.Divide(Timed, new SplitRule(SplitKind.Strong) { TestShare = 0.4, GivenShare = 0.5 });
        split.Train.Interactions.Users.ShouldBe(3);
        split.Test.AreKnownUsers.ShouldBeFalse();
        split.Test.Count.ShouldBe(2);
        split.Ids!.Users.Count.ShouldBe(3);
        for (var c = 0; c < 2; c++)
        {
            // Half of 0 … 2n − 1 is given, the rest to be found: the latest where there are times.
            var half = split.Test.HistoryOf(c).Length;
            split.Test.HistoryOf(c).ToArray().ShouldBe(Enumerable.Range(0, half));
            split.Test.TargetsOf(c).ToArray().ShouldBe(Enumerable.Range(half, half));
            split.Test.ExcludedOf(c).ToArray().ShouldBe(Enumerable.Range(0, half));
        }

        (split.Train.Interactions.Count + split.Test.TargetsOf(0).Length + split.Test.TargetsOf(1).Length + split.Test.HistoryOf(0).Length + split.Test.HistoryOf(1).Length).ShouldBe(30);
    }

    [Fact]
    public void Strong_ShareThatRoundsToNone_StillLeavesOneToFind()
    {
        var split = Splitter.Divide(Plain, new SplitRule(SplitKind.Strong) { TestShare = 0.8, GivenShare = 0.95 });
        split.Test.Count.ShouldBe(4);
        for (var c = 0; c < 4; c++) split.Test.TargetsOf(c).Length.ShouldBe(1);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Cold_Newcomers_StayUsersAndBeginWithTheirFirst(int given)
    {
        var split = Splitter.Divide(Timed, new SplitRule(SplitKind.Cold) { TestShare = 0.4, GivenItems = given });
        split.Train.Interactions.Users.ShouldBe(5);
        split.Test.AreKnownUsers.ShouldBeTrue();
        split.Test.Count.ShouldBe(2);
        for (var c = 0; c < 2; c++)
        {
            var user = split.Test.RowOf(c);
            split.Train.Interactions.ItemsOf(user).ToArray().ShouldBe(Enumerable.Range(0, given));
            split.Test.TargetsOf(c).ToArray().ShouldBe(Enumerable.Range(given, Timed.Data.Interactions.CountOf(user) - given));
        }

        Splitter.Divide(Timed, new SplitRule(SplitKind.Cold) { TestShare = 0.4, GivenItems = given }).Test.RowOf(1).ShouldBe(split.Test.RowOf(1));
        Should.Throw<ArgumentException>(() => Splitter.Divide(Timed, new SplitRule(SplitKind.Cold) { GivenItems = -1 })).Message.ShouldContain("0 to 1000");
    }

    [Fact]
    public void Folds_EveryInteraction_IsTestedOnce()
    {
        var folds = Splitter.Folds(Plain, 3, seed: 1);
        folds.Count.ShouldBe(3);
        var tested = folds.SelectMany(Targets).ToList();
        tested.Count.ShouldBe(30);
        tested.ShouldBeUnique();
        foreach (var fold in folds) fold.Train.Interactions.Count.ShouldBe(30 - Targets(fold).Count);
        Targets(Splitter.Folds(Plain, 3, seed: 1)[2]).ShouldBe(Targets(folds[2]));
    }

    [Fact]
    public void Divide_RelevantFrom_FindsOnlyGoodRatingsButMeasuresAll()
    {
        var ratings = new WholeData(new Dataset(Interactions.From(2, 4, [0, 0, 0, 1, 1, 1], [0, 1, 2, 1, 2, 3], [5, 5, 2, 4, 4, 5], [1, 2, 3, 1, 2, 3])), HasRatings: true);
        var split = Splitter.Divide(ratings, new SplitRule(SplitKind.LeaveOneOut) { RelevantFrom = 4 });
        split.Test.Count.ShouldBe(1);
        split.Test.TargetsOf(0).ToArray().ShouldBe([3]);
        split.TestRatings!.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData(SplitKind.Ratio, 0, "test share is 0")]
    [InlineData(SplitKind.Ratio, 1, "test share is 1")]
    [InlineData(SplitKind.Time, 0.2, "needs the times")]
    [InlineData(SplitKind.UserTime, 0.2, "needs the times")]
    [InlineData(SplitKind.Strong, 0.01, "Too few users")]
    public void Divide_WhatCannotBeDone_SaysWhy(SplitKind kind, double share, string expected) =>
        Should.Throw<ArgumentException>(() => Splitter.Divide(Plain, new SplitRule(kind) { TestShare = share })).Message.ShouldContain(expected);

    [Fact]
    public void Folds_OfANumberThatMakesNoSense_AreRefused() => Should.Throw<ArgumentException>(() => Splitter.Folds(Plain, 1, 1)).Message.ShouldContain("2 to 100");

    private static void ShouldDivide(Split split, WholeData whole, int tested)
    {
        Targets(split).Count.ShouldBe(tested);
        split.Train.Interactions.Count.ShouldBe(whole.Data.Interactions.Count - tested);
        foreach (var (user, item) in Targets(split)) split.Train.Interactions.ItemsOf(user).ToArray().ShouldNotContain(item);
    }

    private static List<(int User, int Item)> Targets(Split split) =>
        [.. Enumerable.Range(0, split.Test.Count).SelectMany(c => split.Test.TargetsOf(c).ToArray().Select(item => (split.Test.RowOf(c), item)))];

    private static Interactions Make(bool timed)
    {
        var pairs = Enumerable.Range(0, 5).SelectMany(user => Enumerable.Range(0, (2 * user) + 2).Select(item => (User: user, Item: item))).ToArray();
        return Interactions.From(
            5, 10, [.. pairs.Select(pair => pair.User)], [.. pairs.Select(pair => pair.Item)], [.. pairs.Select(pair => (pair.User % 5) + 1f)], timed ? [.. pairs.Select(pair => (100L * pair.User) + (10 * pair.Item))] : []);
    }
}
