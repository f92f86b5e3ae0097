using Aisle.Learning.Ranking;

namespace Aisle.Learning.Tests.Ranking;

/// <summary>Rankers of three kinds on lists whose true order is known.</summary>
public sealed class RankersTests
{
    private const int Length = 20;
    private static readonly FeatureSchema Schema = new([new RankingFeature("popularity"), new RankingFeature("fit"), new RankingFeature("other"), new RankingFeature("list")]);

    /// <summary>
    /// One row in a list is worth much, several a little; what is worth most is told by one feature beyond a threshold, what is worth little by another.
    /// Lists differ in level, which the order does not care about.
    /// </summary>
    [Fact]
    public void LambdaMart_BeatsLogisticWhichBeatsPopularity()
    {
        var (train, _, _) = Lists(600, 1);
        var (_, rows, labels) = Lists(300, 2);
        var options = new BoostedTreesOptions { Trees = 60, Leaves = 8, Truncation = 3 };
        var lambda = Ndcg(new BoostedTreesTrainer(options).Fit(train), rows, labels);
        var hits = new RankingExamples(Schema);
        for (var list = 0; list < train.Lists; list++)
        {
            var own = train.Starts[list]..train.Starts[list + 1];
            hits.AddList(train.Features[(own.Start.Value * 4)..(own.End.Value * 4)], Array.ConvertAll(train.Labels[own].ToArray(), label => label > 0 ? 1f : 0));
        }

        var logistic = Ndcg(new BoostedTreesTrainer(options with { Objective = RankingObjective.Logistic }).Fit(hits), rows, labels);
        var popularity = Ndcg([.. rows.Chunk(4).Select(row => row[0])], labels);
        logistic.ShouldBeGreaterThan(popularity + 0.05);
        lambda.ShouldBeGreaterThan(logistic + 0.05);
    }

    private static (RankingExamples Examples, float[] Rows, float[] Labels) Lists(int count, int seed)
    {
        var random = new Random(seed);
        var examples = new RankingExamples(Schema);
        var (rows, labels) = (new float[count * Length * 4], new float[count * Length]);
        for (var list = 0; list < count; list++)
        {
            var level = random.NextSingle();
            var own = rows.AsSpan(list * Length * 4, Length * 4);
            for (var i = 0; i < Length; i++)
            {
                var (popularity, fit, other) = (random.NextSingle(), random.NextSingle(), random.NextSingle());
                (own[4 * i], own[(4 * i) + 1], own[(4 * i) + 2], own[(4 * i) + 3]) = (popularity, fit, other, level);
                var isGreat = fit > 0.93f && random.NextSingle() < 0.5f;
                var isGood = random.NextSingle() < 2.5f * level * other * popularity;
                labels[(list * Length) + i] = isGreat ? 20 : isGood ? 1 : 0;
            }

            examples.AddList(own, labels.AsSpan(list * Length, Length));
        }

        return (examples, rows, labels);
    }

    private static double Ndcg(BoostedTrees model, float[] rows, float[] labels)
    {
        var scores = new float[labels.Length];
        model.Score(rows, scores);
        return Ndcg(scores, labels);
    }

    private static double Ndcg(float[] scores, float[] labels)
    {
        List<double> values = [];
        for (var first = 0; first < labels.Length; first += Length)
        {
            var own = labels[first..(first + Length)];
            var best = own.OrderDescending().Take(3).Select((label, rank) => label / Math.Log2(rank + 2)).Sum();
            if (best > 0) values.Add(Enumerable.Range(0, Length).OrderByDescending(i => scores[first + i]).Take(3).Select((i, rank) => own[i] / Math.Log2(rank + 2)).Sum() / best);
        }

        return values.Average();
    }
}
