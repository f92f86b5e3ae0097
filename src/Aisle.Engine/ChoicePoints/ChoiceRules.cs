using System.Globalization;
using Aisle.Learning.Exploration;

namespace Aisle.Engine.ChoicePoints;

/// <summary>What a question and a reward must keep to.</summary>
public static class ChoiceRules
{
    public const int MaxId = 128;
    public const int MaxText = 256;
    public const int MostPlaces = 50;
    public const float LargestNumber = 1e6f;

    /// <returns>The first thing that is wrong; null where nothing is.</returns>
    public static FieldProblem? Check(ChoicePoint point, ChoiceQuestion question, int count, string? decision)
    {
        if (decision is not null && !IsId(decision)) return new FieldProblem("decision_id", $"decision_id must have 1 to {MaxId} characters, no control characters.");
        if (question.Actions.Count == 0) return new FieldProblem("actions", "actions is empty; give one at least.");
        if (question.Actions.Count > point.MostActions) return new FieldProblem("actions", $"There are {question.Actions.Count} actions; {point.Name} takes at most {point.MostActions}. Send fewer, or raise most_actions.");
        if (count < 1 || count > MostPlaces) return new FieldProblem("count", $"count must lie between 1 and {MostPlaces}.");
        if (Check(point, "context", question.Context, isContext: true) is { } wrong) return wrong;
        var seen = new HashSet<string>();
        for (var place = 0; place < question.Actions.Count; place++)
        {
            var action = question.Actions[place];
            if (!IsId(action.Id)) return new FieldProblem($"actions[{place}].id", $"The id of an action must have 1 to {MaxId} characters, no control characters.");
            if (!seen.Add(action.Id)) return new FieldProblem($"actions[{place}].id", $"The action {action.Id} stands twice; name each once.");
            if (Check(point, $"actions[{place}].features", action.Features, isContext: false) is { } bad) return bad;
        }

        return null;
    }

    public static FieldProblem? CheckReward(ChoicePoint point, double? reward)
    {
        if (reward is not { } value) return new FieldProblem("reward", "reward is missing; send a number.");
        var (least, most) = point.Policy.Belief == Belief.Counts ? (0, 1) : (-LargestNumber, LargestNumber);
        return value >= least && value <= most
            ? null
            : new FieldProblem("reward", string.Create(CultureInfo.InvariantCulture, $"reward must lie between {least} and {most}{(point.Policy.Belief == Belief.Counts ? ": counts take shares of a success. Divide by the largest reward, or choose a linear belief" : "")}."));
    }

    private static FieldProblem? Check(ChoicePoint point, string field, IReadOnlyDictionary<string, FeatureValue> features, bool isContext)
    {
        foreach (var (name, value) in features)
        {
            if (point.Features.Find(name) is not { } feature || feature.Owner == FeatureOwner.Shopper && !isContext || feature.Owner != FeatureOwner.Shopper && feature.Owner == FeatureOwner.Action == isContext)
            {
                var allowed = point.Features.Features.Where(known => isContext ? known.Owner != FeatureOwner.Action : known.Owner == FeatureOwner.Action).Select(known => known.Name).ToList();
                return new FieldProblem($"{field}.{Shown(name)}", $"{point.Name} has no such feature here; {(allowed.Count == 0 ? "it has none" : $"allowed are {string.Join(", ", allowed)}")}.");
            }

            if (feature.IsNumber != value.Text is null) return new FieldProblem($"{field}.{name}", $"{name} must be {(feature.IsNumber ? "a number" : "a text")}.");
            if (value.Text?.Length > MaxText) return new FieldProblem($"{field}.{name}", $"{name} must have at most {MaxText} characters.");
            if (!(Math.Abs(value.Number) <= LargestNumber)) return new FieldProblem($"{field}.{name}", $"{name} must be a number from -1000000 to 1000000.");
        }

        return null;
    }

    private static string Shown(string name) => name.Length > 40 ? name[..40] + "…" : name;

    internal static bool IsId(string text) => text.Length is >= 1 and <= MaxId && !text.Any(char.IsControl);
}
