using Aisle.Learning.Data;
using Aisle.Learning.Distributed;

namespace Aisle.Learning.Models;

/// <summary>What every trainer demands of its input, said in one voice.</summary>
internal static class TrainingInput
{
    /// <summary>Beyond a million, sums of products leave single precision; such a weight is a mistake or wants damping.</summary>
    private const float LargestWeight = 1e6f;

    /// <returns>The interactions, which every family needs.</returns>
    public static Interactions Check(string model, Dataset data, FitContext context)
    {
        ArgumentNullException.ThrowIfNull(data);
        var train = data.Interactions;
        ArgumentNullException.ThrowIfNull(context);
        if (context.Threads < 1) throw new ArgumentException($"{model}: threads is {context.Threads}; give at least 1.");
        if (train.Count == 0)
            throw new ArgumentException($"{model}: there is nothing to learn from: the matrix of {train.Users} users and {train.Items} items holds no interaction.");
        for (var user = 0; user < train.Users; user++)
        {
            var weights = train.WeightsOf(user);
            for (var i = 0; i < weights.Length; i++)
            {
                if (weights[i] is > 0f and <= LargestWeight) continue;
                throw new ArgumentException(
                    $"{model}: user {user}, item {train.ItemsOf(user)[i]} has weight {weights[i]}; weights must be above 0 and at most {LargestWeight}. "
                    + "Leave out pairs that were undone, such as returned purchases, and damp large quantities.");
            }
        }

        context.Cancellation.ThrowIfCancellationRequested();
        Agreement.OnData(model, context.Processes, data);
        return train;
    }

    /// <summary>The data in order, for families that learn from it.</summary>
    public static Sequences CheckOrder(string model, Dataset data) =>
        data.InOrder() ?? throw new ArgumentException(
            $"{model} learns from the order of interactions, which is unknown here. Give the sequences, or interactions with times.");

    public static void CheckScores(IModel model, int rows, Span<float> scores)
    {
        if (scores.Length != (long)rows * model.Items)
            throw new ArgumentException($"{model.Name}: room for {scores.Length} scores was given; {rows} × {model.Items} items need {(long)rows * model.Items}.");
    }

    public static void CheckUsers(IModel model, ReadOnlySpan<int> users)
    {
        foreach (var user in users)
        {
            if ((uint)user >= (uint)model.Users)
                throw new ArgumentException($"{model.Name}: user {user} was not in training; known are 0 to {model.Users - 1}. Score unknown users by their history.");
        }
    }

    public static void CheckItem(IModel model, int item)
    {
        if ((uint)item >= (uint)model.Items)
            throw new ArgumentException($"{model.Name}: item {item} was not in training; known are 0 to {model.Items - 1}.");
    }

    /// <summary>What <see cref="IRatingModel.PredictRatings"/> is given.</summary>
    public static void CheckPairs(IModel model, ReadOnlySpan<int> users, ReadOnlySpan<int> items, ReadOnlySpan<float> ratings)
    {
        CheckUsers(model, users);
        foreach (var item in items) CheckItem(model, item);
        if (items.Length != users.Length || ratings.Length != users.Length)
            throw new ArgumentException($"{model.Name}: {users.Length} users, {items.Length} items and room for {ratings.Length} ratings were given; give one each.");
    }

    public static void CheckHistory(IModel model, History history)
    {
        if (!history.Weights.IsEmpty && history.Weights.Length != history.Items.Length)
            throw new ArgumentException($"{model.Name}: the history has {history.Items.Length} items but {history.Weights.Length} weights; give one each, or none.");
        if (!history.Ages.IsEmpty && history.Ages.Length != history.Items.Length)
            throw new ArgumentException($"{model.Name}: the history has {history.Items.Length} items but {history.Ages.Length} ages; give one each, or none.");
        if (!history.Kinds.IsEmpty && history.Kinds.Length != history.Items.Length)
            throw new ArgumentException($"{model.Name}: the history has {history.Items.Length} items but {history.Kinds.Length} kinds; give one each, or none.");
        foreach (var item in history.Items) CheckItem(model, item);
        foreach (var age in history.Ages)
        {
            if (age is not (>= 0f and < float.PositiveInfinity)) throw new ArgumentException($"{model.Name}: the history has an age of {age} days; ages are 0 or more.");
        }

        for (var i = 0; i < history.Weights.Length; i++)
        {
            if (history.Weights[i] is not (> 0f and <= LargestWeight))
                throw new ArgumentException($"{model.Name}: item {history.Items[i]} of the history has weight {history.Weights[i]}; weights must be above 0 and at most {LargestWeight}.");
        }
    }

    public static void CheckContributions(IModel model, History history, ReadOnlySpan<int> items, Span<float> contributions)
    {
        foreach (var item in items) CheckItem(model, item);
        if (contributions.Length != items.Length * history.Items.Length)
            throw new ArgumentException($"{model.Name}: room for {contributions.Length} contributions was given; {items.Length} items times a history of {history.Items.Length} interactions is needed.");
    }
}
