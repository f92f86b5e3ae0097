using Aisle.Learning.Data;
using Aisle.Learning.Models;

namespace Aisle.Learning.Tests.Models;

public sealed class SessionKnnTests : ModelContract
{
    /// <summary>Nothing decays and all counts alike, so that sums can be made by hand.</summary>
    private static readonly SessionKnnOptions Plain = new()
    {
        HistoryDecay = 1_000_000,
        IdfPower = 0,
        LengthPower = 0,
        SessionDecay = 0,
        DistanceDecay = 0,
        BackwardWeight = 1,
        RepeatWeight = 1,
        VotePower = 0,
    };

    private protected override ITrainer Trainer { get; } = new SessionKnnTrainer();

    private protected override string OptionsJson => """{"recentSessions":50,"neighbours":20,"historyDecay":2.5,"idfPower":1.5,"lengthPower":0.5,"sessionDecay":0.5,"distanceDecay":3,"backwardWeight":0.5,"repeatWeight":2,"votePower":0.25}""";

    private protected override Dataset DataOf(Interactions interactions) => OrderedData.Shuffled(interactions);

    [Fact]
    public void Score_NothingDecays_CountsSharedItems()
    {
        // Shared with the history 0 1: two items with the first session, one each with the second and third, none with the last.
        var model = Fit(Plain, OrderedData.Of(6, [0, 1, 2], [3, 1], [0, 2, 4], [5]));
        Rounded(Folded(model, [0, 1], [])).ShouldBe([3, 3, 3, 1, 1, float.NegativeInfinity]);
        Rounded(Folded(model, [0, 1], [2f, 1f])).ShouldBe([3, 3, 3, 1, 1, float.NegativeInfinity], "the events of training have no weights either");
    }

    [Fact]
    public void Score_EachDecay_EqualsTheSumMadeByHand()
    {
        var data = OrderedData.Of(5, [0, 1, 2], [3, 1, 4]);
        double At(SessionKnnOptions options, int item, params int[] history) => Folded(Fit(options, data), history, [])[item];
        At(Plain with { HistoryDecay = 2 }, 4, 1, 0).ShouldBe(Math.Exp(-0.5), 1e-6);
        At(Plain with { IdfPower = 2 }, 2, 0, 1).ShouldBe(Math.Pow(Math.Log(3), 2) + Math.Pow(Math.Log(2), 2), 1e-5);
        At(Plain with { LengthPower = 0.5 }, 2, 1).ShouldBe(1 / Math.Sqrt(3), 1e-6);
        At(Plain with { SessionDecay = 2 }, 2, 1).ShouldBe(Math.Exp(-0.5 / 2), 1e-6, "half of the sessions are more recent");
        At(Plain with { SessionDecay = 2 }, 4, 1).ShouldBe(1, 1e-6);
        At(Plain with { DistanceDecay = 4 }, 2, 0).ShouldBe(Math.Exp(-2 / 4.0), 1e-6);
        At(Plain with { BackwardWeight = 0.25 }, 3, 1).ShouldBe(0.25, 1e-6);
        At(Plain with { RepeatWeight = 3 }, 1, 1).ShouldBe(6, 1e-6, "in two sessions");
        At(Plain with { VotePower = 1 }, 1, 0).ShouldBe(Math.Log(2), 1e-6);
    }

    [Fact]
    public void Score_MoreThanAreKept_AsksTheMostRecentAndTheMostSimilar()
    {
        var data = OrderedData.Of(6, [0, 1, 2], [0, 3], [0, 4], [1, 5]);
        var recent = Folded(Fit(Plain with { RecentSessions = 1 }, data), [0], []);
        Rounded(recent).ShouldBe([1, float.NegativeInfinity, float.NegativeInfinity, float.NegativeInfinity, 1, float.NegativeInfinity]);
        var nearest = Folded(Fit(Plain with { Neighbours = 1 }, data), [0, 1], []);
        Rounded(nearest).ShouldBe([2, 2, 2, float.NegativeInfinity, float.NegativeInfinity, float.NegativeInfinity]);
    }

    [Fact]
    public void Fit_WithTimes_TakesTheLatestSessionsByTime()
    {
        var data = new Dataset(Sequences.From(3, [[0, 1], [0, 2]], [[50, 60], [10, 20]]));
        Folded(Fit(Plain with { RecentSessions = 1 }, data), [0], [])[1].ShouldBe(1f);
        Folded(Fit(Plain with { RecentSessions = 1 }, data), [0], [])[2].ShouldBe(float.NegativeInfinity);
    }

    [Theory]
    [InlineData(100_000, 100_000, 2.7, 7.5)]
    [InlineData(100_000, 15, 20, 0.5)]
    [InlineData(12, 40, 2.7, 7.5)]
    public void Score_RandomSessions_EqualsThePlainReference(int neighbours, int recentSessions, double historyDecay, double distanceDecay)
    {
        var rows = OrderedData.Random(seed: 3, rows: 300, items: 40, longest: 12);
        var options = new SessionKnnOptions { Neighbours = neighbours, RecentSessions = recentSessions, HistoryDecay = historyDecay, DistanceDecay = distanceDecay };
        var model = Fit(options, OrderedData.Of(45, rows));
        foreach (var history in OrderedData.Random(seed: 4, rows: 30, items: 40, longest: 9))
        {
            var expected = Reference(options, rows, 45, history);
            var scores = Folded(model, history, []);
            for (var item = 0; item < 45; item++)
            {
                if (double.IsNegativeInfinity(expected[item])) scores[item].ShouldBe(float.NegativeInfinity);
                else ((double)scores[item]).ShouldBe(expected[item], 1e-4 * (1 + expected[item]));
            }
        }
    }

    [Fact]
    public void Update_NewSessionsAndMoreOfOld_EqualsAFitOnAllTogether()
    {
        var model = (IUpdatable)Fit(new SessionKnnOptions(), OrderedData.Of(4, [0, 1], [1, 2]));
        var updated = model.Update(OrderedData.Of(5, [3], [], [4, 0, 2]), new FitContext());
        var whole = Fit(new SessionKnnOptions(), OrderedData.Of(5, [0, 1, 3], [1, 2], [4, 0, 2]));
        AllScores(updated).ShouldBe(AllScores(whole));
        Folded(updated, [0, 4], []).ShouldBe(Folded(whole, [0, 4], []));
        model.Users.ShouldBe(2);
        Should.Throw<ArgumentException>(() => model.Update(OrderedData.Of(5, [3]), new FitContext())).Message.ShouldContain("at least as many");
    }

    [Fact]
    public void Fit_WithoutOrder_SaysWhatIsNeeded() =>
        Should.Throw<ArgumentException>(() => this.Trainer.Fit(new Dataset(Checkerboard.Train), new FitContext())).Message.ShouldContain("order");

    [Theory]
    [InlineData("""{"neighbours":0}""", "1 to 100000")]
    [InlineData("""{"historyDecay":0}""", "historyDecay is 0")]
    public void Options_Wrong_SayWhatIsAllowed(string json, string expected) =>
        Should.Throw<ArgumentException>(() => Trainers.Create("session-knn", json)).Message.ShouldContain(expected);

    private static IModel Fit(SessionKnnOptions options, Dataset data) => new SessionKnnTrainer(options).Fit(data, new FitContext());

    private static float[] Rounded(float[] scores) => Array.ConvertAll(scores, score => MathF.Round(score, 4));

    /// <summary>Every session in turn, as the equations say; ties among neighbours go to the one found first: by latest item, then most recent session.</summary>
    private static double[] Reference(SessionKnnOptions options, int[][] rows, int items, int[] history)
    {
        double Rarity(int item, double power) => Math.Pow(Math.Log(1 + ((double)rows.Length / Math.Max(1, rows.Count(row => row.Contains(item))))), power);
        var found = new List<(int Session, int Shared, double Similarity)>();
        foreach (var place in Enumerable.Range(0, history.Length).Reverse())
        {
            var item = history[place];
            var weight = Math.Exp(-(history.Length - 1 - place) / options.HistoryDecay);
            if (history.AsSpan(place + 1).Contains(item) || weight < 1e-4) continue;
            foreach (var session in Enumerable.Range(0, rows.Length).Reverse().Where(session => rows[session].Contains(item)).Take(options.RecentSessions))
            {
                var at = found.FindIndex(entry => entry.Session == session);
                if (at < 0) found.Add((session, Array.LastIndexOf(rows[session], item), 0));
                at = at < 0 ? found.Count - 1 : at;
                found[at] = found[at] with { Similarity = found[at].Similarity + (weight * Rarity(item, options.IdfPower)) };
            }
        }

        var scores = Enumerable.Repeat(double.NegativeInfinity, items).ToArray();
        double Likeness((int Session, int Shared, double Similarity) entry) => entry.Similarity
            * Math.Exp(-(double)(rows.Length - 1 - entry.Session) / rows.Length / options.SessionDecay) * Math.Pow(rows[entry.Session].Length, -options.LengthPower);
        foreach (var entry in found.OrderByDescending(Likeness).Take(options.Neighbours))
        {
            var row = rows[entry.Session];
            for (var place = 0; place < row.Length; place++)
            {
                var distance = Math.Exp(-Math.Abs(place - entry.Shared) / options.DistanceDecay);
                if (distance < 1e-4) continue;
                var side = place < entry.Shared ? options.BackwardWeight : row[place] == row[entry.Shared] ? options.RepeatWeight : 1;
                scores[row[place]] = Math.Max(0, scores[row[place]]) + (Likeness(entry) * side * distance * Rarity(row[place], options.VotePower));
            }
        }

        return scores;
    }
}
