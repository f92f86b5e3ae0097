using Aisle.Learning.Data;

namespace Aisle.Learning.Models;

/// <summary>What every <see cref="IUpdatable"/> demands of new behaviour.</summary>
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
}
