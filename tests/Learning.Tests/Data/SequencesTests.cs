using Aisle.Learning.Data;

namespace Aisle.Learning.Tests.Data;

public sealed class SequencesTests
{
    [Fact]
    public void From_InteractionsWithTimes_PutsTheOldestFirst()
    {
        var sequences = Sequences.From(Interactions.From(2, 5, [0, 0, 0, 1], [3, 1, 4, 2], default, [20, 30, 20, 5]));
        sequences.ItemsOf(0).ToArray().ShouldBe([3, 4, 1]);
        sequences.TimesOf(0).ToArray().ShouldBe([20, 20, 30]);
        sequences.ItemsOf(1).ToArray().ShouldBe([2]);
    }

    [Fact]
    public void ToInteractions_Repeats_BecomeWeightAndLatestTime()
    {
        var matrix = Sequences.From(4, [[2, 0, 2], []], [[1, 2, 7], []]).ToInteractions();
        matrix.Users.ShouldBe(2);
        matrix.ItemsOf(0).ToArray().ShouldBe([0, 2]);
        matrix.WeightsOf(0).ToArray().ShouldBe([1f, 2f]);
        matrix.TimesOf(0).ToArray().ShouldBe([2, 7]);
        matrix.CountOf(1).ShouldBe(0);
    }

    [Fact]
    public void From_WhatDoesNotFit_NamesThePlace()
    {
        Should.Throw<ArgumentException>(() => Sequences.From(2, [[0], [1, 2]])).Message.ShouldContain("User 1: item 2 is out of range");
        Should.Throw<ArgumentException>(() => Sequences.From(2, [[0, 1]], [[5, 4]])).Message.ShouldContain("event 1 is earlier");
        Should.Throw<ArgumentException>(() => Sequences.From(2, [[0, 1]], [[5]])).Message.ShouldContain("one each");
        Should.Throw<ArgumentException>(() => Sequences.From(Interactions.From(1, 1, [0], [0]))).Message.ShouldContain("no order");
    }

    [Fact]
    public void InOrder_OfADataset_IsWhatWasGivenOrWhatTheTimesTell()
    {
        new Dataset(Interactions.From(1, 2, [0], [1])).InOrder().ShouldBeNull();
        new Dataset(Interactions.From(1, 2, [0, 0], [1, 0], default, [1, 2])).InOrder()!.ItemsOf(0).ToArray().ShouldBe([1, 0]);
        var given = Sequences.From(2, [[1, 1, 0]]);
        var data = new Dataset(given);
        data.InOrder().ShouldBeSameAs(given);
        data.Interactions.WeightsOf(0).ToArray().ShouldBe([1f, 2f]);
    }

    [Fact]
    public void Attributes_RowsOfWords_AreNumberedByFieldAndWord()
    {
        var attributes = Attributes.From([[("brand", "a"), ("tag", "a"), ("tag", "a")], [], [("tag", " "), ("brand", "b"), ("brand", "a")]]);
        attributes.Fields.ShouldBe(["brand", "tag"]);
        attributes.Rows.ShouldBe(3);
        attributes.Values.ShouldBe(3);
        attributes.ValuesOf(0).ToArray().ShouldBe([0, 1]);
        attributes.ValuesOf(1).ToArray().ShouldBeEmpty();
        attributes.ValuesOf(2).ToArray().ShouldBe([0, 2]);
        attributes.FieldOf(1).ShouldBe(1);
        attributes.FieldOf(2).ShouldBe(0);
    }

    [Fact]
    public void Where_SomeEvents_KeepsTheirTimesAndKinds()
    {
        var events = Sequences.From(5, [[0, 1, 2], [3], [4, 4]], [[10, 20, 30], [5], [1, 2]], [[0, 1, 2], [1], [3, 0]]);
        var kept = events.Where((user, i) => user != 1 && i > 0);
        kept.Users.ShouldBe(3);
        kept.ItemsOf(0).ToArray().ShouldBe([1, 2]);
        kept.TimesOf(0).ToArray().ShouldBe([20L, 30L]);
        kept.KindsOf(0).ToArray().ShouldBe([(byte)1, (byte)2]);
        kept.CountOf(1).ShouldBe(0);
    }

    [Fact]
    public void Append_KindsOnBothSides_KeepsThem()
    {
        var old = Sequences.From(3, [[0], [1]], null, [[7], [8]]);
        var both = old.Append(Sequences.From(3, [[2], []], null, [[9], []]));
        both.KindsOf(0).ToArray().ShouldBe([(byte)7, (byte)9]);
        both.KindsOf(1).ToArray().ShouldBe([(byte)8]);
        old.Append(Sequences.From(3, [[2], []])).HasKinds.ShouldBeFalse();
    }

    [Fact]
    public void From_KindsDoNotMatch_NamesTheUser() =>
        Should.Throw<ArgumentException>(() => Sequences.From(3, [[0, 1]], null, [[1]])).Message.ShouldContain("User 0 has 2 items but 1 kinds");
}
