using Aisle.Learning.Data;
using Aisle.Learning.Models;

namespace Aisle.Learning.Tests.Models;

/// <summary>One form of history, rows of events, serves models of the matrix, models of order and mixtures of both.</summary>
public sealed class HistoryRowsTests
{
    /// <summary>Item 2 twice and item 4 three times; merged: 0, 2, 4 with weights 1, 3, 1.5 at places 0, 3, 5.</summary>
    private static readonly int[] Rows = [0, 4, 2, 2, 4, 4];
    private static readonly float[] RowWeights = [1f, 0.5f, 2f, 1f, 0.5f, 0.5f];
    private static readonly int[] Merged = [0, 2, 4];
    private static readonly float[] MergedWeights = [1f, 3f, 1.5f];
    private static readonly int[] LatestPlaces = [0, 3, 5];

    public static TheoryData<string> MatrixFamilies =>
        ["ease", "als", "itemknn", "userknn", "rp3beta", "slim", "spectral", "bpr", "truncated-svd", "svdpp", "co-purchase", "popularity", "lightgcn", "mult-vae"];

    [Theory]
    [MemberData(nameof(MatrixFamilies))]
    public void ScoreHistory_RowsOfAnItem_CountAsOneInteractionWithTheirSum(string family)
    {
        var model = Fit(family);

        var (split, whole) = (Scores(model, new History(Rows, RowWeights)), Scores(model, new History(Merged, MergedWeights)));

        split.ShouldBe(whole);
    }

    [Theory]
    [MemberData(nameof(MatrixFamilies))]
    public void Explain_RowsOfAnItem_GiveItsPartToTheLatest(string family)
    {
        var model = Fit(family);
        int[] asked = [6, 1];
        var (split, whole) = (new float[asked.Length * Rows.Length], new float[asked.Length * Merged.Length]);

        var explained = model.Explain(new History(Rows, RowWeights), asked, split);

        explained.ShouldBe(model.Explain(new History(Merged, MergedWeights), asked, whole));
        for (var row = 0; row < asked.Length; row++)
        {
            for (var place = 0; place < Rows.Length; place++)
            {
                var at = Array.IndexOf(LatestPlaces, place);
                split[(row * Rows.Length) + place].ShouldBe(at < 0 ? 0f : whole[(row * Merged.Length) + at]);
            }
        }
    }

    [Theory]
    [InlineData("item-transition", "{}")]
    [InlineData("session-knn", "{}")]
    [InlineData("session-blend", "{}")]
    [InlineData("session-ranker", "{}")]
    [InlineData("markov", "{}")]
    [InlineData("sasrec", """{"epochs":2,"dimensions":8}""")]
    [InlineData("behaviour-transformer", """{"epochs":2,"dimensions":8}""")]
    public void ScoreHistory_ModelOfOrder_SeesOrderAndRepeatsAndNoWeights(string family, string options)
    {
        var model = Fit(family, options);
        var scores = Scores(model, new History([0, 2, 4]));

        Scores(model, new History([4, 2, 0])).ShouldNotBe(scores);
        Scores(model, new History([0, 2, 2, 4])).ShouldNotBe(scores);
        Scores(model, new History([0, 2, 4], [3f, 0.1f, 7f])).ShouldBe(scores);
    }

    [Fact]
    public void ScoreHistory_Ensemble_GivesEachMemberTheFormItLearnedFrom()
    {
        const string options = """{"members":["ease","item-transition"],"weights":[1,1]}""";
        var model = Fit("ensemble", options);

        var scores = Scores(model, new History(Rows, RowWeights));

        Scores(model, new History([0, 4, 4, 4, 2, 2], [1f, 0.5f, 0.5f, 0.5f, 2f, 1f])).ShouldNotBe(scores, "the order of the rows counts");
        Scores(model, new History(Rows, [1f, 0.1f, 0.4f, 2.6f, 0.4f, 1f])).ShouldBe(scores, "of an item's weights only their sum counts");
        Scores(model, new History(Rows, [1f, 0.5f, 20f, 1f, 0.5f, 0.5f])).ShouldNotBe(scores, "the sum counts");
    }

    [Fact]
    public void ScoreHistory_Switching_CountsItemsAndNotEvents()
    {
        const string options = """{"model":"ease","coldUsers":"popularity","coldItems":"ease","minimumHistory":3}""";
        var model = Fit("switching", options);

        Scores(model, new History([2, 2, 2, 2])).ShouldBe(Scores(model, new History([2])));
        Scores(model, new History([2, 2, 0, 4])).ShouldNotBe(Scores(model, new History([2])));
    }

    [Fact]
    public void Of_RepeatedItems_KeepsTheLatestPlaceAgeAndKind()
    {
        var merged = MergedHistory.Of(new History(Rows, RowWeights, [9, 8, 7, 6, 5, 4], [1, 2, 3, 4, 5, 6])).ShouldNotBeNull();

        merged.History.Items.ToArray().ShouldBe(Merged);
        merged.History.Weights.ToArray().ShouldBe(MergedWeights);
        merged.History.Ages.ToArray().ShouldBe([9f, 6f, 4f]);
        merged.History.Kinds.ToArray().ShouldBe(new byte[] { 1, 4, 6 });
        MergedHistory.Of(new History([3, 1, 2])).ShouldBeNull();
        MergedHistory.Of(new History([3, 3])).ShouldNotBeNull().History.Weights.ToArray().ShouldBe([2f], "without weights a row counts 1");
    }

    [Fact]
    public void LearnsFromOrder_Families_NeedTheOrderAndIgnoreWhatTheMatrixWeighs()
    {
        var order = Trainers.All.Where(family => family.LearnsFromOrder).Select(family => family.Name).ToArray();
        order.ShouldBe(
            ["session-knn", "markov", "item-transition", "sequential-rules", "session-blend", "session-ranker", "repeat-purchase", "gru4rec", "caser", "sasrec", "bert4rec", "behaviour-transformer"],
            ignoreOrder: true);
        var unordered = new Dataset(Checkerboard.Train);
        foreach (var family in Trainers.All.Where(family => family.LearnsFromOrder))
            Should.Throw<ArgumentException>(() => family.Create(null).Fit(unordered, new FitContext { Threads = 1 })).Message.ShouldContain("order");

        var data = Data();
        foreach (var family in new[] { "session-blend", "repeat-purchase", "markov" })
        {
            var scores = new float[data.Interactions.Items];
            Trainers.Create(family).Fit(data, new FitContext { Threads = 1 }).ScoreUsers([3], scores);
            var heavier = new float[scores.Length];
            Trainers.Create(family).Fit(data with { Interactions = data.Interactions.Reweight(weight => weight * 3) }, new FitContext { Threads = 1 }).ScoreUsers([3], heavier);
            heavier.ShouldBe(scores);
        }
    }

    private static IModel Fit(string family, string options = "{}") => Trainers.Create(family, options).Fit(Data(), new FitContext { Threads = 1 });

    /// <summary>Eight items of which neighbours in number follow one another.</summary>
    private static Dataset Data() => OrderedData.Of(8, OrderedData.Random(seed: 5, rows: 40, items: 8, longest: 7));

    private static float[] Scores(IModel model, History history)
    {
        var scores = new float[model.Items];
        model.ScoreHistory(history, scores);
        return scores;
    }
}
