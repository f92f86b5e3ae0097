using System.Text.Json.Nodes;
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

    /// <summary>What competes, then the baselines where they do not compete themselves.</summary>
    public static List<Recipe> Of(TrainingOptions options, TrainingData data)
    {
        var candidates = new List<Recipe>();
        var isChosen = options.Models.Count > 0;
        var models = isChosen ? options.Models : TrainingOptions.UsualModels.Where(model => Suits(model, data));
        foreach (var model in models.Concat(options.Also).Distinct())
            candidates.AddRange(HalfLives(model, options).Select(halfLife => new Recipe(Create(model, options), halfLife, Competes: true)));

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

    private static bool Suits(string model, TrainingData data) => model switch
    {
        ContentEmbeddingsTrainer.ModelName => data.Content.IsTold,
        EaseTrainer.ModelName => data.Items.Count <= SmallCatalogue,
        _ => true,
    };

    /// <summary>What a thing is does not age: one half-life is enough to see whether content helps. What learns from order knows no weights that could decay.</summary>
    private static IEnumerable<double?> HalfLives(string model, TrainingOptions options) =>
        Trainers.Find(model).LearnsFromOrder ? [null]
        : model == ContentEmbeddingsTrainer.ModelName ? options.HalfLives.Take(1)
        : options.HalfLives.Distinct();
}
