using Aisle.Learning.Data;
using Aisle.Learning.Models;

namespace Aisle.Learning.Tests.Models;

/// <summary>What the networks of this family are for: they learn tastes that popularity cannot see.</summary>
public sealed class InteractionQualityTests
{
    private const int Users = 160;
    private const int Items = 80;
    private const int Tastes = 4;

    [Theory]
    [InlineData("neumf", """{"parts":"neumf","factors":8,"hidden":16,"layers":2,"epochs":12,"batchSize":64,"learningRate":0.02,"weightDecay":0}""")]
    [InlineData("neumf", """{"parts":"gmf","factors":8,"epochs":12,"batchSize":64,"learningRate":0.02,"weightDecay":0}""")]
    [InlineData("two-tower", """{"dimensions":16,"epochs":8,"batchSize":64,"learningRate":0.02}""")]
    [InlineData("din", """{"dimensions":8,"attentionHidden":8,"hidden":16,"historyLength":8,"negatives":4,"epochs":5,"batchSize":64,"learningRate":0.01}""")]
    [InlineData("click-model", """{"interaction":"dcn","dimensions":8,"hidden":16,"layers":1,"historyLength":8,"epochs":10,"batchSize":64,"learningRate":0.03}""")]
    [InlineData("click-model", """{"interaction":"deepfm","dimensions":8,"hidden":16,"layers":1,"historyLength":8,"epochs":10,"batchSize":64,"learningRate":0.03}""")]
    public void Fit_ShoppersOfSeveralTastes_FindsMoreThanPopularity(string model, string options)
    {
        var (train, withheld) = Data();
        Found("popularity", null).ShouldBeLessThan(0.5);
        Found(model, options).ShouldBeGreaterThan(1.4 * Found("popularity", null));

        double Found(string name, string? json)
        {
            var fitted = Trainers.Create(name, json).Fit(train, new FitContext { Threads = 2 });
            var hits = 0;
            for (var user = 0; user < Users; user++)
            {
                // By fold-in, as someone would come who was not in the training.
                var scores = new float[Items];
                fitted.ScoreHistory(new History(train.ItemsOf(user)), scores);
                foreach (var item in train.ItemsOf(user)) scores[item] = float.NegativeInfinity;
                hits += scores.Count(score => score > scores[withheld[user]]) < 10 ? 1 : 0;
            }

            return hits / (double)Users;
        }
    }

    [Theory]
    [InlineData("two-tower", """{"dimensions":16,"epochs":60,"patience":2,"batchSize":64,"learningRate":0.02}""")]
    [InlineData("din", """{"dimensions":4,"attentionHidden":4,"hidden":8,"historyLength":8,"negatives":4,"epochs":60,"patience":2,"batchSize":128,"learningRate":0.05}""")]
    [InlineData("click-model", """{"dimensions":4,"hidden":8,"layers":1,"historyLength":8,"epochs":60,"patience":2,"batchSize":128,"learningRate":0.1}""")]
    public void Fit_Patience_StopsWhereTheHoldOutGetsNoBetterAndKeepsTheBest(string model, string options)
    {
        var (train, withheld) = Data();
        var epochs = 0;
        var fitted = Trainers.Create(model, options).Fit(new Dataset(train), new FitContext { Threads = 2, Progress = new Steps(() => epochs++) });

        epochs.ShouldBeLessThan(60);
        var hits = 0;
        var scores = new float[Items];
        for (var user = 0; user < Users; user++)
        {
            fitted.ScoreUsers([user], scores);
            foreach (var item in train.ItemsOf(user)) scores[item] = float.NegativeInfinity;
            hits += scores.Count(score => score > scores[withheld[user]]) < 10 ? 1 : 0;
        }

        hits.ShouldBeGreaterThan(Users / 2, "popularity finds fewer");
    }

    private sealed class Steps(Action told) : IProgress<TrainingStep>
    {
        public void Report(TrainingStep value) => told();
    }

    /// <summary>Items of each taste, some far more popular than others; of each shopper one item of their taste is withheld.</summary>
    private static (Interactions Train, int[] Withheld) Data()
    {
        var random = new Random(4);
        List<int> users = [], items = [];
        var withheld = new int[Users];
        for (var user = 0; user < Users; user++)
        {
            var own = new List<int>();
            for (var item = 0; item < Items; item++)
            {
                var popularity = 1.6 / (1 + (item / Tastes / 6.0));
                if (random.NextDouble() >= popularity * (item % Tastes == user % Tastes ? 0.5 : 0.06)) continue;
                users.Add(user);
                items.Add(item);
                if (item % Tastes == user % Tastes) own.Add(items.Count - 1);
            }

            var place = own[random.Next(own.Count)];
            withheld[user] = items[place];
            users.RemoveAt(place);
            items.RemoveAt(place);
        }

        return (Interactions.From(Users, Items, [.. users], [.. items]), withheld);
    }
}
