using Aisle.Learning.Data;

namespace Aisle.Learning.Tests.Data;

public sealed class InteractionsTests
{
    [Fact]
    public void From_TriplesInAnyOrder_SortsRowsAndMergesRepeats()
    {
        var matrix = Interactions.From(3, 4, [2, 0, 2, 2], [3, 1, 0, 3], [1f, 2f, 3f, 4f], [10, 20, 30, 5]);
        matrix.Count.ShouldBe(3);
        matrix.ItemsOf(2).ToArray().ShouldBe([0, 3]);
        matrix.WeightsOf(2).ToArray().ShouldBe([3f, 5f]);
        matrix.TimesOf(2).ToArray().ShouldBe([30, 10]);
        matrix.CountOf(1).ShouldBe(0);
    }

    [Fact]
    public void Transpose_Twice_IsTheSameMatrix()
    {
        var matrix = Interactions.From(3, 4, [2, 0, 2, 1], [3, 1, 0, 3], [1f, 2f, 3f, 4f], [10, 20, 30, 5]);
        var flipped = matrix.Transpose();
        flipped.Users.ShouldBe(4);
        flipped.ItemsOf(3).ToArray().ShouldBe([1, 2]);
        flipped.WeightsOf(3).ToArray().ShouldBe([4f, 1f]);
        var again = flipped.Transpose();
        for (var user = 0; user < 3; user++)
        {
            again.ItemsOf(user).ToArray().ShouldBe(matrix.ItemsOf(user).ToArray());
            again.TimesOf(user).ToArray().ShouldBe(matrix.TimesOf(user).ToArray());
        }
    }

    [Fact]
    public void From_WhatDoesNotFit_NamesTheFirstSuchTriple()
    {
        Should.Throw<ArgumentException>(() => Interactions.From(2, 2, [0, 2], [0, 0])).Message.ShouldContain("user 2 is out of range; there are 2 users");
        Should.Throw<ArgumentException>(() => Interactions.From(2, 2, [0, 1], [0, -1])).Message.ShouldContain("item -1 is out of range");
        Should.Throw<ArgumentException>(() => Interactions.From(2, 2, [0, 1], [0, 1], [1f, float.NaN])).Message.ShouldContain("user 1, item 1");
        Should.Throw<ArgumentException>(() => Interactions.From(2, 2, [0, 1], [0])).Message.ShouldContain("one entry per interaction");
    }

    [Fact]
    public void Reweight_SomeToZero_LeavesThemOut()
    {
        var matrix = Interactions.From(2, 3, [0, 0, 1], [0, 2, 1], [1f, 2f, 3f]).Reweight(weight => weight - 1);
        matrix.Count.ShouldBe(2);
        matrix.ItemsOf(0).ToArray().ShouldBe([2]);
        matrix.WeightsOf(1).ToArray().ShouldBe([2f]);
    }

    [Fact]
    public void With_AnotherMatrix_HoldsThePairsOfBoth()
    {
        var matrix = Interactions.From(2, 3, [0, 1], [2, 1], [1f, 2f], [5, 6]).With(Interactions.From(2, 3, [0, 0], [0, 2], [3f, 4f], [7, 8]));
        matrix.ItemsOf(0).ToArray().ShouldBe([0, 2]);
        matrix.WeightsOf(0).ToArray().ShouldBe([3f, 5f]);
        matrix.TimesOf(0).ToArray().ShouldBe([7, 8]);
        matrix.ItemsOf(1).ToArray().ShouldBe([1]);
        Should.Throw<ArgumentException>(() => matrix.With(Interactions.From(3, 3, [0], [0]))).Message.ShouldContain("3 × 3");
    }

    [Fact]
    public void FromSortedRows_RowsThatAreNotSorted_AreRefused()
    {
        Should.Throw<ArgumentException>(() => Interactions.FromSortedRows(2, [0, 2], [1, 0], [1f, 1f]));
        Should.Throw<ArgumentException>(() => Interactions.FromSortedRows(2, [0, 2], [0, 2], [1f, 1f]));
        Should.Throw<ArgumentException>(() => Interactions.FromSortedRows(2, [0, 3, 2], [0, 1], [1f, 1f]));
        Should.Throw<ArgumentException>(() => Interactions.FromSortedRows(2, [0, 1], [0, 1], [1f, 1f]));
        Should.Throw<ArgumentException>(() => Interactions.FromSortedRows(2, [0, 1], [0], [float.NaN]));
    }
}
