using Aisle.Learning.Data;
using Aisle.Learning.Models;

namespace Aisle.Learning.Tests.Models;

public class TwoTowerTests : ModelContract
{
    private protected override ITrainer Trainer => new TwoTowerTrainer(new TwoTowerOptions { Dimensions = 8, Epochs = 8, BatchSize = 64, LearningRate = 0.05 });

    private protected override string OptionsJson => """{"dimensions":16,"hidden":8,"historyLength":5,"negatives":7,"temperature":0.2,"idDropout":0.5,"epochs":2,"characters":true}""";

    private protected override bool ExplanationsAddUp => false;
}

public sealed class TwoTowerWithContentTests : ModelContract
{
    private protected override ITrainer Trainer => new TwoTowerTrainer(new TwoTowerOptions { Dimensions = 8, Hidden = 8, Negatives = 10, Epochs = 8, BatchSize = 64, LearningRate = 0.05 });

    private protected override string OptionsJson => """{"mostTerms":1000}""";

    private protected override bool ExplanationsAddUp => false;

    private protected override bool KnowsItemsByInteractionsAlone => false;

    private protected override Dataset DataOf(Interactions interactions) => ToldItems.WithAll(interactions) with
    {
        UserAttributes = Attributes.From(Enumerable.Range(0, interactions.Users).Select(user => new[] { ("likes", user % 2 == 0 ? "red" : "blue") })),
    };

    [Fact]
    public void Fit_ProductThatNobodyTouched_IsPlacedByItsContent()
    {
        // Items 48 and 49 are left out of the behaviour; their words and attributes tell their colour.
        List<int> users = [], items = [];
        for (var user = 0; user < Checkerboard.Size; user++)
        {
            foreach (var item in Checkerboard.Train.ItemsOf(user))
            {
                if (item >= 48) continue;
                users.Add(user);
                items.Add(item);
            }
        }

        var model = this.Trainer.Fit(this.DataOf(Interactions.From(Checkerboard.Size, Checkerboard.Size, [.. users], [.. items])), new FitContext { Threads = 1 });
        for (var user = 0; user < Checkerboard.Size; user++)
        {
            var scores = Scores(model, user);
            (scores[48 + (user % 2)] - scores[48 + ((user + 1) % 2)]).ShouldBeGreaterThan(0.5f, $"user {user}: cosines");
        }
    }
}
