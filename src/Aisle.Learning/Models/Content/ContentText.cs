using System.Text.Json;
using Aisle.Learning.Data;

namespace Aisle.Learning.Models;

/// <summary>Options of <see cref="ContentTextTrainer"/>.</summary>
public sealed record ContentTextOptions
{
    /// <summary>Adds the runs of three to five characters of each word to the words. Default false.</summary>
    public bool Characters { get; init; }

    /// <summary>Terms that stand in fewer items are left out. 1 to 1,000, default 2: a term of one item links it to no other.</summary>
    public int MinimumItems { get; init; } = 2;

    /// <summary>Most terms kept, the rarest leaving first. 100 to 10,000,000, default 500,000.</summary>
    public int MostTerms { get; init; } = 500_000;

    internal void Validate()
    {
        OptionRange.Check(ContentTextTrainer.ModelName, this.MinimumItems, 1, 1000);
        OptionRange.Check(ContentTextTrainer.ModelName, this.MostTerms, 100, 10_000_000);
    }
}

/// <summary>
/// Items are alike when their texts share rare words: TF-IDF vectors of length 1, cosine through an inverted index. A shopper's profile is
/// the weighted sum of what they touched. Items that nobody touched are scored like any other.
/// </summary>
/// <remarks>Salton, Buckley: Term-weighting approaches in automatic text retrieval (1988); Pazzani, Billsus: Content-based recommendation systems (2007).</remarks>
public sealed class ContentTextTrainer : ITrainer
{
    public const string ModelName = "content-text";

    private readonly ContentTextOptions _options;

    public ContentTextTrainer(ContentTextOptions? options = null)
    {
        this._options = options ?? new ContentTextOptions();
        this._options.Validate();
    }

    public string Name => ModelName;

    public JsonElement Options => JsonSerializer.SerializeToElement(this._options, TrainerOptionsJson.Default.ContentTextOptions);

    public IModel Fit(Dataset data, FitContext context)
    {
        var train = TrainingInput.Check(this.Name, data, context);
        var texts = ContentInput.Texts(this.Name, data);
        var features = TextFeatures.Of(texts, new TextTerms(this._options.Characters), this._options.MinimumItems, this._options.MostTerms, context.Cancellation);
        context.Progress?.Report(new TrainingStep(this.Name, "terms", 1, 1));
        return new ContentTextModel(features, train);
    }
}

/// <summary>What content models demand of the data set, said in one voice.</summary>
internal static class ContentInput
{
    public static IReadOnlyList<string> Texts(string model, Dataset data) =>
        data.ItemTexts is not { } texts ? throw new ArgumentException($"{model} needs the texts of the items (title, description), and there are none. Import a catalogue (aisle evaluate, tune and benchmark take a file: --items), or choose a model that learns from behaviour alone.")
        : texts.Count != data.Interactions.Items ? throw new ArgumentException($"{model}: there are {texts.Count} texts for {data.Interactions.Items} items; give one each, an empty one where nothing is known.")
        : texts;

    public static Attributes Attributes(string model, Dataset data) =>
        data.ItemAttributes is not { } attributes ? throw new ArgumentException($"{model} needs the attributes of the items (category, brand…), and there are none. Import a catalogue (aisle evaluate, tune and benchmark take a file: --items), or choose a model that learns from behaviour alone.")
        : attributes.Rows != data.Interactions.Items ? throw new ArgumentException($"{model}: there are attributes of {attributes.Rows} items where there are {data.Interactions.Items} items; give a row each, an empty one where nothing is known.")
        : attributes;

    public static ItemVectors Vectors(string model, Dataset data)
    {
        if (data.ItemVectors is not { } vectors) throw new ArgumentException($"{model} needs a vector for each item, and there are none. Set an embeddings endpoint, or choose a model that learns from behaviour or texts.");
        if (vectors.Dimensions < 1 || vectors.Values.Length != (long)vectors.Dimensions * data.Interactions.Items)
            throw new ArgumentException($"{model}: {vectors.Values.Length} numbers of {vectors.Dimensions} dimensions are not the vectors of {data.Interactions.Items} items; give one each, zeros where there is none.");
        var wrong = Array.FindIndex(vectors.Values, value => !float.IsFinite(value));
        return wrong < 0 ? vectors : throw new ArgumentException($"{model}: the vector of item {wrong / vectors.Dimensions} holds {vectors.Values[wrong]}, which is no finite number.");
    }
}
