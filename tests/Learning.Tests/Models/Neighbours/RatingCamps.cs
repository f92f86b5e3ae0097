using Aisle.Learning.Data;
using Aisle.Learning.Models;

namespace Aisle.Learning.Tests.Models;

/// <summary>Ratings in which half of the users love the even items and dislike the odd ones, and the others the other way round.</summary>
internal static class RatingCamps
{
    private const int Size = 20;

    public static void ShouldBeFollowed(ITrainer trainer)
    {
        var (users, items, ratings) = (new List<int>(), new List<int>(), new List<float>());
        for (var user = 0; user < Size; user++)
        {
            // The item with the user's number is withheld; user 19 and item 19 have no rating at all.
            for (var item = 0; item < Size - 1; item++)
            {
                if (item == user || user == Size - 1) continue;
                users.Add(user);
                items.Add(item);
                ratings.Add(user % 2 == item % 2 ? 5 - (item % 3 == 0 ? 1 : 0) : 1 + (user % 3 == 0 ? 1 : 0));
            }
        }

        var model = trainer.Fit(Interactions.From(Size, Size, [.. users], [.. items], [.. ratings]), new FitContext()).ShouldBeAssignableTo<IRatingModel>()!;
        model.RatingRange.ShouldBe((1f, 5f));
        var predicted = new float[4];
        model.PredictRatings([4, 5, 4, 8], [4, 6, 5, 8], predicted);
        predicted[0].ShouldBeGreaterThan(3.8f);
        predicted[1].ShouldBeLessThan(2.5f);
        predicted[2].ShouldBeLessThan(2.5f);
        predicted[3].ShouldBeGreaterThan(3.8f);

        // What is unknown is predicted from what is left: nothing of the user, nothing of the item, of neither the mean.
        model.PredictRatings([19, 0, 19], [0, 19, 19], predicted.AsSpan(0, 3));
        predicted.AsSpan(0, 3).ToArray().ShouldAllBe(rating => rating > 2 && rating < 4);
        ((double)predicted[2]).ShouldBe(ratings.Average(), 1e-5);
        Should.Throw<ArgumentException>(() => model.PredictRatings([0, 1], [0], new float[2])).Message.ShouldContain("one each");
        Should.Throw<ArgumentException>(() => model.PredictRatings([Size], [0], new float[1])).Message.ShouldContain($"user {Size}");
    }
}
