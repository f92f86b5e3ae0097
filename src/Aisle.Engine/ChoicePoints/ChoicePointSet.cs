using Aisle.Engine.Configuration;
using Aisle.Learning.Exploration;

namespace Aisle.Engine.ChoicePoints;

/// <summary>The choice points of a shop. Immutable.</summary>
public sealed class ChoicePointSet
{
    public const string ConfigurationKind = "choices";

    private const int MostPoints = 50;
    private const int MaxName = 60;
    private const int MostFeatures = 50;
    private const int MostValues = 200;

    // Stand in the addresses of the document itself.
    private static readonly string[] Reserved = ["check", "versions"];

    private static readonly Dictionary<string, ChoiceMode> Modes = new() { ["learning"] = ChoiceMode.Learning, ["apprentice"] = ChoiceMode.Apprentice, ["off"] = ChoiceMode.Off };
    private static readonly Dictionary<string, ChoiceSettling> Settlings = new() { ["at-window-end"] = ChoiceSettling.AtWindowEnd, ["at-reward"] = ChoiceSettling.AtReward };
    private static readonly Dictionary<string, SlateFeedback> Feedbacks = new() { ["all"] = SlateFeedback.All, ["cascade"] = SlateFeedback.Cascade };
    private static readonly Dictionary<string, FeatureOwner> Owners = new() { ["action"] = FeatureOwner.Action, ["context"] = FeatureOwner.Context, ["shopper"] = FeatureOwner.Shopper };
    private static readonly Dictionary<string, bool> Kinds = new() { ["number"] = true, ["category"] = false };

    private static readonly Dictionary<string, Belief> Beliefs = new() { ["counts"] = Belief.Counts, ["linear"] = Belief.Linear, ["shared-linear"] = Belief.SharedLinear };

    private static readonly Dictionary<string, ChoiceRule> Rules = new()
    {
        ["greedy"] = ChoiceRule.Greedy, ["thompson"] = ChoiceRule.Thompson, ["optimistic"] = ChoiceRule.Optimistic, ["softmax"] = ChoiceRule.Softmax,
    };

    private ChoicePointSet(IReadOnlyList<ChoicePoint> points) => this.Points = points;

    public IReadOnlyList<ChoicePoint> Points { get; }

    public ChoicePoint? Find(string name) => this.Points.FirstOrDefault(point => point.Name == name);

    /// <param name="document">YAML with <c>choices</c>; null for none.</param>
    /// <exception cref="ConfigurationException">The document cannot be taken; the message says what is wrong, where, and what is allowed.</exception>
    public static ChoicePointSet Parse(string? document)
    {
        if (document is null || ConfigurationNode.Parse(document).Map("choices")["choices"] is not { } all) return new ChoicePointSet([]);
        var entries = all.AnyMap().Entries.ToList();
        if (entries.Count > MostPoints) throw all.Wrong($"There are {entries.Count} choices; at most {MostPoints} are allowed. Take out those that are over.");
        return new ChoicePointSet([.. entries.Select(entry => Read(entry.Name, entry.Value))]);
    }

    private static ChoicePoint Read(string name, ConfigurationNode node)
    {
        if (name.Length > MaxName || Reserved.Contains(name) || !name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_'))
            throw node.Wrong($"The name of a choice must have 1 to {MaxName} letters a to z, digits, - or _, and not be {string.Join(" or ", Reserved)}.", atKey: name);
        var map = node.Map("about", "mode", "policy", "half_life_days", "feedback", "learns", "window_minutes", "default_reward", "most_actions", "features", "crosses", "keep");
        var features = ReadFeatures(map["features"], map["crosses"]);
        var feedback = map["feedback"]?.OneOf(Feedbacks, "feedback") ?? SlateFeedback.All;
        var keep = map["keep"]?.Map("decisions", "days");
        var point = new ChoicePoint
        {
            Name = name,
            About = map["about"]?.Text(500),
            Mode = map["mode"]?.OneOf(Modes, "mode") ?? ChoiceMode.Learning,
            Policy = ReadPolicy(map["policy"], features, feedback),
            Features = features,
            HalfLife = map["half_life_days"] is { } days ? TimeSpan.FromDays(days.Number(0.01, 3650)) : null,
            Settling = map["learns"]?.OneOf(Settlings, "time of learning") ?? ChoiceSettling.AtWindowEnd,
            Window = TimeSpan.FromMinutes(map["window_minutes"]?.Number(0.1, 43_200) ?? 60),
            DefaultReward = map["default_reward"]?.Number(-ChoiceRules.LargestNumber, ChoiceRules.LargestNumber) ?? 0,
            MostActions = map["most_actions"]?.Whole(1, 1000) ?? 50,
            KeptDecisions = keep?["decisions"]?.Whole(1000, 10_000_000) ?? 1_000_000,
            KeptAge = TimeSpan.FromDays(keep?["days"]?.Number(1, 3650) ?? 90),
        };
        if (point.DefaultReward != 0 && point.IsCascade) throw map.Required("default_reward").Wrong($"{node.Path}: with cascade feedback the default reward is 0, since what is below the first reward was not seen.");
        if (ChoiceRules.CheckReward(point, point.DefaultReward) is { } wrong) throw map.Required("default_reward").Wrong($"{node.Path}.default_{wrong.Message}");
        return point;
    }

    /// <summary>The policy of a document, or of a candidate that is to be judged.</summary>
    private static PolicyOptions ReadPolicy(ConfigurationNode? node, FeatureLayout features, SlateFeedback feedback)
    {
        if (node is null) return new PolicyOptions { Feedback = feedback };
        var map = node.Map("belief", "rule", "exploration", "optimism", "temperature", "prior_successes", "prior_failures", "regularization", "noise", "draws", "seed");
        var usual = new PolicyOptions();
        var options = ChoicePoint.Fit(
            new PolicyOptions
            {
                Belief = map["belief"]?.OneOf(Beliefs, "belief") ?? usual.Belief,
                Rule = map["rule"]?.OneOf(Rules, "rule") ?? usual.Rule,
                Feedback = feedback,
                Uniform = map["exploration"]?.Number(0, 1) ?? usual.Uniform,
                Optimism = map["optimism"]?.Number(0, 100) ?? usual.Optimism,
                Temperature = map["temperature"]?.Number(1e-6, 1e6) ?? usual.Temperature,
                PriorSuccesses = map["prior_successes"]?.Number(0, 1e6) ?? usual.PriorSuccesses,
                PriorFailures = map["prior_failures"]?.Number(0, 1e6) ?? usual.PriorFailures,
                Regularization = map["regularization"]?.Number(1e-6, 1e6) ?? usual.Regularization,
                Noise = map["noise"]?.Number(1e-6, 1e6) ?? usual.Noise,
                Draws = map["draws"]?.Whole(10, 10_000) ?? usual.Draws,
                Seed = map["seed"]?.Whole(0, int.MaxValue) ?? usual.Seed,
            },
            features);
        try
        {
            _ = new Policy(options);
        }
        catch (ArgumentException wrong)
        {
            throw node.Wrong($"{node.Path}: {wrong.Message}", inner: wrong);
        }

        return options;
    }

    /// <summary>A candidate's policy over a point's features, written as under <c>policy</c>.</summary>
    /// <exception cref="ConfigurationException">It cannot be taken.</exception>
    public static PolicyOptions ReadPolicy(string document, ChoicePoint point) =>
        ReadPolicy(ConfigurationNode.Parse(document), point.Features, point.Policy.Feedback);

    private static FeatureLayout ReadFeatures(ConfigurationNode? node, ConfigurationNode? crosses)
    {
        if (node is null) return new FeatureLayout([], []);
        var entries = node.AnyMap().Entries.ToList();
        if (entries.Count > MostFeatures) throw node.Wrong($"{node.Path} has {entries.Count} entries; at most {MostFeatures} are allowed.");
        var features = entries.Select(entry => ReadFeature(entry.Name, entry.Value)).ToList();
        var pairs = (crosses?.List(MostFeatures) ?? []).Select(cross => ReadCross(cross, features)).ToList();
        var layout = new FeatureLayout(features, pairs);
        if (layout.Width > FeatureLayout.MostWidth)
            throw node.Wrong($"{node.Path}: features and crosses make {layout.Width} numbers, a constant among them; at most {FeatureLayout.MostWidth} are allowed. Use fewer buckets, values or crosses.");
        return layout;
    }

    private static ChoiceFeature ReadFeature(string name, ConfigurationNode node)
    {
        if (name.Length > MaxName) throw node.Wrong($"The name of a feature must have at most {MaxName} characters.", atKey: name);
        if (!node.IsMap) return node.OneOf(Kinds, "kind") ? new ChoiceFeature(name, FeatureOwner.Action, null, [], 0) : new ChoiceFeature(name, FeatureOwner.Action, null, [], 8);
        var map = node.Map("kind", "of", "from", "to", "values", "buckets");
        var owner = map["of"]?.OneOf(Owners, "owner") ?? FeatureOwner.Action;
        var isNumber = map["kind"]?.OneOf(Kinds, "kind") ?? (map["values"] is null && map["buckets"] is null);
        if (!isNumber)
        {
            var values = map["values"]?.Texts(MostValues, ChoiceRules.MaxText).Distinct().ToList() ?? [];
            if (values.Count > 0 && map["buckets"] is { } both) throw both.Wrong($"{node.Path}: a category has either values or buckets.");
            return new ChoiceFeature(name, owner, null, values, values.Count > 0 ? 0 : map["buckets"]?.Whole(2, 255) ?? 8);
        }

        if (map["values"] is { } wrong) throw wrong.Wrong($"{node.Path}: a number has no values; say kind: category.");
        var from = map["from"]?.Number(-1e6, 1e6);
        var to = map["to"]?.Number(-1e6, 1e6);
        if ((from is null) != (to is null) || !(from is null || from < to)) throw node.Wrong($"{node.Path}: give both from and to, from the smaller, or none.");
        return new ChoiceFeature(name, owner, from is null ? null : (from.Value, to!.Value), [], 0);
    }

    private static (int One, int Other) ReadCross(ConfigurationNode node, List<ChoiceFeature> features)
    {
        var names = node.Texts(2, MaxName);
        if (names.Count != 2) throw node.Wrong($"{node.Path} must name two features, e.g. [device, colour].");
        int[] places = [.. names.Select(name => features.FindIndex(feature => feature.Name == name) is >= 0 and var place
            ? place
            : throw node.Wrong($"{node.Path}: there is no feature {name}."))];
        return (places[0], places[1]);
    }
}
