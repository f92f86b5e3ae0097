using Aisle.Learning.Data;

namespace Aisle.Learning.Tests.Models;

/// <summary>
/// Users and items of two colours: a user touches every item of their own colour, save that the item with the user's number is
/// withheld. So the right recommendation for user u is item u, by construction.
/// </summary>
internal static class Checkerboard
{
    public const int Size = 50;

    public static Interactions Train { get; } = Build();

    /// <summary>The same users and items with ratings: 5 for the user's own colour, 1 for every third item of the other.</summary>
    public static Interactions Rated { get; } = BuildRated();

    private static Interactions Build()
    {
        var users = new List<int>();
        var items = new List<int>();
        for (var user = 0; user < Size; user++)
        {
            for (var item = user % 2; item < Size; item += 2)
            {
                if (item == user) continue;
                users.Add(user);
                items.Add(item);
            }
        }

        return Interactions.From(Size, Size, [.. users], [.. items]);
    }

    private static Interactions BuildRated()
    {
        var users = new List<int>();
        var items = new List<int>();
        var ratings = new List<float>();
        for (var user = 0; user < Size; user++)
        {
            for (var item = 0; item < Size; item++)
            {
                var isOwn = item % 2 == user % 2;
                if (item == user || (!isOwn && (item + user) % 3 != 0)) continue;
                users.Add(user);
                items.Add(item);
                ratings.Add(isOwn ? 5 : 1);
            }
        }

        return Interactions.From(Size, Size, [.. users], [.. items], [.. ratings]);
    }
}
