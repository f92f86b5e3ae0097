using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Aisle.Engine.Training;

/// <summary>What a model file says about itself, beside the numbers.</summary>
public sealed record ModelManifest
{
    /// <summary>Ascending number of the published version.</summary>
    public required int Version { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required int Seed { get; init; }

    public required DataWindow Window { get; init; }

    /// <summary>Items with events, the first of the file's id map; the others are known from the catalogue alone. Null, all of them, in files of earlier releases.</summary>
    public int? TouchedItems { get; init; }

    public required IReadOnlyList<ModelPart> Parts { get; init; }

    /// <summary>Every candidate's scores on validation, the baselines among them; empty where there was too little data to validate.</summary>
    public required IReadOnlyList<ModelScore> Validation { get; init; }

    /// <summary>Names of the segments that <see cref="ModelRole.SegmentPopular"/> knows, in ordinal order, by the number of its users.</summary>
    public IReadOnlyList<string> Segments { get; init; } = [];

    /// <summary>The model of a family that pipelines name: the one fitted beside the personal model, or that itself where it is of the family.</summary>
    public ModelPart? PartOfFamily(string family) =>
        this.Part(ModelRole.OfFamily(family)) ?? (this.Part(ModelRole.Personal) is { } personal && personal.Model == family ? personal : null);

    public ModelPart? Part(string role) => this.Parts.FirstOrDefault(part => part.Role == role);

    /// <summary>The scores of the model that serves the personal role.</summary>
    [JsonIgnore]
    public ModelScore? Chosen => this.Part(ModelRole.Personal) is { } personal
        ? this.Validation.FirstOrDefault(score => score.Model == personal.Recipe)
        : null;
}

/// <summary>The events that a model was fitted on.</summary>
public sealed record DataWindow(
    DateTimeOffset First, DateTimeOffset Last, long LastSequence, long Interactions, int Users, int Items, int Baskets);

/// <summary>One model within the file.</summary>
/// <param name="Role">See <see cref="ModelRole"/>.</param>
/// <param name="Model">Name of the model family, e.g. <c>als</c>.</param>
/// <param name="Options">The trainer's options as they were used.</param>
/// <param name="HalfLifeDays">Decay of its interactions with age; null for none. A history asked with it decays alike.</param>
/// <param name="Offset">Of its numbers from the start of the file, in bytes.</param>
public sealed record ModelPart(string Role, string Model, JsonElement Options, double? HalfLifeDays, long Offset, long Length)
{
    [JsonIgnore]
    public string Recipe => ModelScore.RecipeOf(this.Model, this.HalfLifeDays);
}

/// <param name="Model">The recipe: name of the model family, with the half-life where there is one, e.g. <c>als 30d</c>.</param>
/// <param name="Metrics">By name, e.g. <c>ndcg@10</c>.</param>
public sealed record ModelScore(string Model, IReadOnlyDictionary<string, double> Metrics)
{
    /// <summary>Of the metric that decides; null in files of earlier releases.</summary>
    public ScoreInterval? Interval { get; init; }

    /// <summary>What fitting it took; null in files of earlier releases.</summary>
    public double? FitSeconds { get; init; }

    public static string RecipeOf(string model, double? halfLifeDays) =>
        halfLifeDays is { } days ? string.Create(CultureInfo.InvariantCulture, $"{model} {days}d") : model;

    /// <summary>Takes apart what <see cref="RecipeOf"/> put together.</summary>
    public static (string Model, double? HalfLifeDays) Split(string recipe)
    {
        var space = recipe.IndexOf(' ', StringComparison.Ordinal);
        return space > 0 && double.TryParse(recipe.AsSpan(space + 1).TrimEnd('d'), NumberStyles.Float, CultureInfo.InvariantCulture, out var days)
            ? (recipe[..space], days)
            : (recipe, null);
    }
}

/// <summary>What a model of the file is asked for.</summary>
public static class ModelRole
{
    public const string Personal = "personal";
    public const string Similar = "similar";
    public const string BoughtTogether = "bought-together";

    /// <summary>Likeness of what the catalogue tells: for items that nobody touched yet. Without a catalogue the file has none.</summary>
    public const string LookAlike = "look-alike";

    /// <summary>What segments of shoppers take. Only where a published pipeline asks for it.</summary>
    public const string SegmentPopular = "segment-popular";

    private const string Family = "model:";
    private const string SimilarFamily = "similar:";

    /// <summary>A family that a published pipeline names, beside the personal model.</summary>
    public static string OfFamily(string family) => Family + family;

    /// <summary>No part of its own: the items that <see cref="OfFamily"/> finds alike.</summary>
    public static string SimilarOfFamily(string family) => SimilarFamily + family;

    /// <summary>The family of either; null for other roles.</summary>
    public static string? FamilyOf(string role) =>
        role.StartsWith(Family, StringComparison.Ordinal) ? role[Family.Length..]
        : role.StartsWith(SimilarFamily, StringComparison.Ordinal) ? role[SimilarFamily.Length..]
        : null;
}
