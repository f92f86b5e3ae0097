using Aisle.Engine.Catalog;
using Aisle.Learning.Models;

namespace Aisle.Engine.Training;

/// <summary>A published model in memory, with the way from its item indices to the catalogue's. Immutable.</summary>
public sealed class ServingModel
{
    private readonly IdMap _items;
    private readonly Dictionary<string, IModel> _models;
    private readonly Dictionary<string, NeighbourLists> _neighbours;
    private readonly int[] _catalogueIndexes;
    private readonly HashSet<int> _untouched;

    private ServingModel(ModelManifest manifest, IdMap items, Dictionary<string, IModel> models, Catalogue catalogue)
    {
        this.Manifest = manifest;
        this._items = items;
        this._models = models;
        this._neighbours = models.ToDictionary(part => part.Key, part => new NeighbourLists(part.Value));
        this._catalogueIndexes = new int[items.Count];
        for (var item = 0; item < items.Count; item++) this._catalogueIndexes[item] = catalogue.IndexFor(new ItemId(items[item]));
        this.TouchedItems = Math.Clamp(manifest.TouchedItems ?? items.Count, 0, items.Count);
        this._untouched = [.. this._catalogueIndexes.Skip(this.TouchedItems)];
    }

    public ModelManifest Manifest { get; }

    /// <summary>Items that the models know.</summary>
    public int Items => this._items.Count;

    /// <summary>Those of them that shoppers had touched when the models were trained.</summary>
    public int TouchedItems { get; }

    /// <summary>Whether shoppers had touched an item, by the catalogue's index; false only for those that the catalogue alone told of.</summary>
    public bool IsTouched(int catalogueIndex) => !this._untouched.Contains(catalogueIndex);

    /// <summary>The model for a role (see <see cref="ModelRole"/>), or null where the file has none.</summary>
    public IModel? For(string role) => this._models.GetValueOrDefault(role);

    /// <summary>The items that a role's model finds most similar to one, nearest first.</summary>
    /// <returns>How many places were filled.</returns>
    internal int RankSimilar(string role, int item, Span<int> items, Span<float> scores) => this._neighbours[role].Rank(item, items, scores);

    /// <summary>How similar a role's model finds some items to one.</summary>
    internal void ScoreSimilar(string role, int item, ReadOnlySpan<int> items, Span<float> scores)
    {
        var all = new float[this.Items];
        this._models[role].ScoreSimilar(item, all);
        for (var i = 0; i < items.Length; i++) scores[i] = all[items[i]];
    }

    /// <summary>The model's index of an item; null for one that it has not seen in training.</summary>
    public int? IndexOf(ItemId item) => this._items.Find(item.Value);

    /// <summary>The catalogue's index of a model's item.</summary>
    public int CatalogueIndex(int item) => this._catalogueIndexes[item];

    internal static ServingModel Load(string path, Catalogue catalogue)
    {
        using var stream = File.OpenRead(path);
        var manifest = ModelFile.ReadManifest(stream);
        var (_, items) = ModelFile.ReadIds(stream);
        var models = new Dictionary<string, IModel>();
        foreach (var part in manifest.Parts)
        {
            stream.Position = part.Offset;
            var model = Trainers.Load(part.Model, stream);
            if (model.Items != items.Count)
                throw new InvalidDataException($"The {part.Role} model knows {model.Items} items, the id map {items.Count}: the model file is damaged.");
            models[part.Role] = model;
        }

        // What models make at their first question, to find their best items with, no shopper waits for.
        foreach (var model in models.Values) model.RankHistory(new History([0]), new int[1], new float[1]);
        return new ServingModel(manifest, items, models, catalogue);
    }
}
