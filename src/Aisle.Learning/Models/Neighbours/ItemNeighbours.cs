using System.Text.Json;
using Aisle.Learning.Data;

namespace Aisle.Learning.Models;

/// <summary>Options of <see cref="ItemNeighboursTrainer"/>: those of <see cref="SimilarityOptions"/> with the defaults that did well on the validation parts of six data sets.</summary>
public sealed record ItemNeighboursOptions : SimilarityOptions
{
    /// <summary>Default: 200 neighbours, shrinkage 20, damping 0.5.</summary>
    public ItemNeighboursOptions()
    {
        this.Neighbours = 200;
        this.Shrinkage = 20;
        this.Damping = 0.5;
    }

    internal ItemNeighboursOptions(ReadOnlySpan<double> numbers)
        : base(numbers)
    {
    }

    internal void Validate() => this.Validate(ItemNeighboursTrainer.ModelName);
}

/// <summary>
/// Items are alike when the same users touched them: by default sim(i, j) = Σ_u d_u w_ui w_uj / (|w_i| |w_j| + shrinkage), where d_u holds
/// back users with long histories. Each item keeps its best; a candidate is scored by those of its neighbours that the shopper touched.
/// (The other way round, scoring by the neighbours of what was touched, lets much-visited items crowd the lists: validation NDCG@20 .1187
/// against .1227 on gowalla, .1764 against .2042 on MovieLens 1M.)
/// </summary>
/// <remarks>Deshpande, Karypis: Item-based top-N recommendation algorithms (TOIS 2004). Sarwar, Karypis, Konstan, Riedl: Item-based collaborative filtering recommendation algorithms (WWW 2001).</remarks>
public sealed class ItemNeighboursTrainer : ITrainer
{
    public const string ModelName = "itemknn";

    private readonly ItemNeighboursOptions _options;

    public ItemNeighboursTrainer(ItemNeighboursOptions? options = null)
    {
        this._options = options ?? new ItemNeighboursOptions();
        this._options.Validate();
    }

    public string Name => ModelName;

    public JsonElement Options => JsonSerializer.SerializeToElement(this._options, TrainerOptionsJson.Default.ItemNeighboursOptions);

    public IModel Fit(Dataset data, FitContext context)
    {
        var train = TrainingInput.Check(this.Name, data, context);
        this._options.CheckRatings(this.Name, train);
        var byItem = train.Transpose();
        this.CheckMemory(train, byItem);
        var rows = new SimilarRows(byItem, this._options).Of(Enumerable.Range(0, train.Items).ToArray(), this.Name, context);
        return new ItemNeighboursModel(Interactions.FromRows(rows.Length, rows), train, this._options);
    }

    /// <summary>Both directions of the lists are held; an item's list is no longer than the other items of its users.</summary>
    private void CheckMemory(Interactions train, Interactions byItem)
    {
        const int BytesPerNeighbour = 24;
        var most = 0L;
        for (var item = 0; item < byItem.Users; item++)
        {
            var others = 0L;
            foreach (var user in byItem.ItemsOf(item)) others += train.CountOf(user) - 1;
            most += Math.Min(others, this._options.Neighbours);
        }

        var available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        if (most * BytesPerNeighbour <= available) return;
        throw new ArgumentException(
            $"{this.Name}: {this._options.Neighbours} neighbours of each of {train.Items} items may need {most * BytesPerNeighbour >> 20:N0} MiB; {available >> 20:N0} MiB are to be had. Give fewer neighbours, or leave out items that hardly anybody touched.");
    }
}
