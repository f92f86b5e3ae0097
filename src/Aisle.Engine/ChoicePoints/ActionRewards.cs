namespace Aisle.Engine.ChoicePoints;

/// <summary>What the places that an action stood at earned.</summary>
/// <param name="Low">Where the mean lies with a confidence of 95 %; NaN where too few places tell nothing of it.</param>
public sealed record ActionRewards(string Id, long Places, double Mean, double Low, double High)
{
    private const double Z = 1.959964;

    internal static ActionRewards Of(string id, IReadOnlyList<double> rewards)
    {
        var count = rewards.Count;
        var mean = rewards.Average();
        if (rewards.All(reward => reward is 0 or 1))
        {
            // Wilson (1927): holds for few places too, and where all of them earned the same.
            var middle = (mean + Z * Z / (2 * count)) / (1 + Z * Z / count);
            var half = Z / (1 + Z * Z / count) * Math.Sqrt(mean * (1 - mean) / count + Z * Z / (4.0 * count * count));
            return new ActionRewards(id, count, mean, Math.Max(0, middle - half), Math.Min(1, middle + half));
        }

        if (count < 2) return new ActionRewards(id, count, mean, double.NaN, double.NaN);
        var error = Z * Math.Sqrt(rewards.Sum(reward => (reward - mean) * (reward - mean)) / (count - 1) / count);
        return new ActionRewards(id, count, mean, mean - error, mean + error);
    }
}
