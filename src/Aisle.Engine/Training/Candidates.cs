using System.Text.Json.Nodes;
using Aisle.Learning.Data;
using Aisle.Learning.Models;

namespace Aisle.Engine.Training;

/// <summary>A trainer and the decay of what it is fitted on.</summary>
internal sealed record Recipe(ITrainer Trainer, double? HalfLifeDays, bool Competes)
{
    public string Name { get; } = ModelScore.RecipeOf(Trainer.Name, HalfLifeDays);
}

/// <summary>Which recipes a training run tries.</summary>
internal static class Candidates
{
    /// <summary>Items up to which EASE, an inverse of items × items, takes about a second.</summary>
    private const int SmallCatalogue = 2000;

    /// <summary>What is measured beside those that compete, whatever they are.</summary>
    private static readonly string[] Baselines = [ItemNeighboursTrainer.ModelName, PopularityTrainer.ModelName];

    /// <summary>What one fit of the behaviour transformer may cost to be tried unasked; with the ensemble and the last fit a run pays it up to five times.</summary>
    private const double TransformerBudgetSeconds = 15;

    /// <summary>What a thread of a modest core reaches in its fits: a third of what a product of large matrices does.</summary>
    private const double OperationsPerSecond = 15e9;

    /// <summary>
    /// New items that the behaviour transformer looks ahead: lists leave out what was seen, and are asked for weeks. On the validation part of the demo
    /// shop, three epochs, NDCG@10 .0583 against .0460 for the next event and .0433 for the next new item alone.
    /// </summary>
    private const int TransformerAhead = 20;

    /// <summary>Shoppers with two events or more, of whom fewer would teach a transformer nothing.</summary>
    private const int LeastRows = 50;

    /// <summary>What competes, then the baselines where they do not compete themselves.</summary>
    /// <param name="train">The training part of the split.</param>
    public static List<Recipe> Of(TrainingOptions options, Dataset train)
    {
        var candidates = new List<Recipe>();
        var isChosen = options.Models.Count > 0;
        var models = isChosen ? options.Models : TrainingOptions.UsualModels.Where(model => Suits(model, options, train));
        foreach (var model in models.Concat(options.Also).Distinct())
            candidates.AddRange(HalfLives(model, options).Select(halfLife => new Recipe(Competitor(model, options), halfLife, Competes: true)));

        foreach (var baseline in Baselines)
            if (!candidates.Exists(recipe => recipe.Name == baseline)) candidates.Add(new Recipe(Create(baseline, options), null, Competes: false));
        return candidates;
    }

    /// <param name="own">Options that this use has defaults of its own for; what the caller's settings say of the family goes before.</param>
    public static ITrainer Create(string name, TrainingOptions options, params ReadOnlySpan<(string Option, double Value)> own)
    {
        var settings = options.Settings.TryGetValue(name, out var given) ? JsonObject.Create(given)! : [];
        foreach (var (option, value) in own) settings.TryAdd(option, value);
        if (Trainers.Find(name).OptionNames.Contains("seed")) settings.TryAdd("seed", options.Seed);
        return Trainers.Create(name, settings.ToJsonString());
    }

    private static ITrainer Competitor(string model, TrainingOptions options) =>
        model == BehaviourTransformerTrainer.ModelName ? Create(model, options, ("ahead", TransformerAhead)) : Create(model, options);

    private static bool Suits(string model, TrainingOptions options, Dataset train) => model switch
    {
        ContentEmbeddingsTrainer.ModelName => train.ItemTexts is not null,
        EaseTrainer.ModelName => train.Interactions.Items <= SmallCatalogue,
        BehaviourTransformerTrainer.ModelName => IsAffordable((BehaviourTransformerTrainer)Competitor(model, options), train.Sequences!, train, options.Threads),
        _ => true,
    };

    private static bool IsAffordable(BehaviourTransformerTrainer transformer, Sequences events, Dataset train, int threads) =>
        Enumerable.Range(0, events.Users).Count(user => events.CountOf(user) >= 2) >= LeastRows
        && transformer.OperationsOf(train) <= TransformerBudgetSeconds * OperationsPerSecond * threads;

    /// <summary>What a thing is does not age: one half-life is enough to see whether content helps. What learns from order knows no weights that could decay.</summary>
    private static IEnumerable<double?> HalfLives(string model, TrainingOptions options) =>
        Trainers.Find(model).LearnsFromOrder ? [null]
        : model == ContentEmbeddingsTrainer.ModelName ? options.HalfLives.Take(1)
        : options.HalfLives.Distinct();
}
