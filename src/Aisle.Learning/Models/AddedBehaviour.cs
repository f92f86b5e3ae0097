using Aisle.Learning.Data;

namespace Aisle.Learning.Models;

/// <summary>What every <see cref="IUpdatable"/> demands of new behaviour, and old and new together.</summary>
internal static class AddedBehaviour
{
    /// <returns>The new interactions, whose shape is at least the model's.</returns>
    public static Interactions Check(IModel model, Dataset added, FitContext context)
    {
        var fresh = TrainingInput.Check(model.Name, added, context);
        if (fresh.Users < model.Users || fresh.Items < model.Items)
        {
            throw new ArgumentException(
                $"{model.Name}: the new behaviour is of {fresh.Users} users and {fresh.Items} items, the model of {model.Users} and {model.Items}. Number new users and items after those that the model knows.");
        }

        return fresh;
    }

    /// <summary>The pairs of both in the shape of the new; pairs in both become one, weights added. Times are not kept.</summary>
    public static Interactions Combine(Interactions old, Interactions added)
    {
        var users = new int[old.Count + added.Count];
        var at = 0;
        foreach (var part in (ReadOnlySpan<Interactions>)[old, added])
        {
            for (var user = 0; user < part.Users; user++)
            {
                users.AsSpan(at, part.CountOf(user)).Fill(user);
                at += part.CountOf(user);
            }
        }

        return Interactions.From(added.Users, added.Items, users, [.. old.AllItems, .. added.AllItems], [.. old.AllWeights, .. added.AllWeights]);
    }
}
