using System.Text.Json;
using Aisle.Learning.Data;

namespace Aisle.Learning.Models;

/// <summary>Options of <see cref="UserNeighboursTrainer"/>: those of <see cref="SimilarityOptions"/>, and how far it looks.</summary>
public sealed record UserNeighboursOptions : SimilarityOptions
{
    /// <summary>Default: 100 neighbours, shrinkage 2, damping 0.25.</summary>
    public UserNeighboursOptions()
    {
        this.Neighbours = 100;
        this.Shrinkage = 2;
        this.Damping = 0.25;
    }

    internal UserNeighboursOptions(ReadOnlySpan<double> numbers)
        : base(numbers) => this.UsersPerItem = Whole(numbers[Numbers]);

    /// <summary>Of an item that more users touched, a sample of so many is looked through: bounds the cost of a question. 0 for no bound; 0 to 10,000,000, default 20,000.</summary>
    public int UsersPerItem { get; init; } = 20_000;

    internal void Validate()
    {
        this.Validate(UserNeighboursTrainer.ModelName);
        OptionRange.Check(UserNeighboursTrainer.ModelName, this.UsersPerItem, 0, 10_000_000);
    }
}

/// <summary>
/// Users are alike when they touched the same items: by default sim(u, v) = Σ_i d_i w_ui w_vi / (|w_u| |w_v| + shrinkage), where d_i holds
/// back items that everybody touches. A candidate is scored by those of the shopper's nearest users that touched it. Nothing is computed
/// beforehand: who is near is found through the items' lists of users when a question comes, for a known user as for a new one.
/// </summary>
/// <remarks>Resnick, Iacovou, Suchak, Bergstrom, Riedl: GroupLens (CSCW 1994). Herlocker, Konstan, Borchers, Riedl: An algorithmic framework for performing collaborative filtering (SIGIR 1999), for significance weighting.</remarks>
public sealed class UserNeighboursTrainer : ITrainer
{
    public const string ModelName = "userknn";

    private readonly UserNeighboursOptions _options;

    public UserNeighboursTrainer(UserNeighboursOptions? options = null)
    {
        this._options = options ?? new UserNeighboursOptions();
        this._options.Validate();
    }

    public string Name => ModelName;

    public JsonElement Options => JsonSerializer.SerializeToElement(this._options, TrainerOptionsJson.Default.UserNeighboursOptions);

    public IModel Fit(Dataset data, FitContext context)
    {
        var train = TrainingInput.Check(this.Name, data, context);
        this._options.CheckRatings(this.Name, train);
        var model = new UserNeighboursModel(train, this._options);
        context.Progress?.Report(new TrainingStep(this.Name, "index", 1, 1));
        return model;
    }
}
