using System.Text.Json;
using Aisle.Learning.Data;

namespace Aisle.Learning.Models;

/// <summary>Options of <see cref="SwitchingTrainer"/>.</summary>
public sealed record SwitchingOptions
{
    /// <summary>Who is asked where enough is known. Default: als.</summary>
    public HybridMember Model { get; init; } = new(AlsTrainer.ModelName);

    /// <summary>Who is asked for shoppers with a short history. Default: popularity.</summary>
    public HybridMember ColdUsers { get; init; } = new(PopularityTrainer.ModelName);

    /// <summary>Who is asked about items that few have touched. Default: content-text.</summary>
    public HybridMember ColdItems { get; init; } = new(ContentTextTrainer.ModelName);

    /// <summary>Interactions from which a shopper is known. 0 to 1,000, default 1: only an empty history is cold.</summary>
    public int MinimumHistory { get; init; } = 1;

    /// <summary>Shoppers from which an item is known. 0 to 100,000, default 3.</summary>
    public int MinimumItemUsers { get; init; } = 3;

    /// <summary>Seed of members that have one and were given none. Default 1.</summary>
    public int Seed { get; init; } = 1;

    internal void Validate()
    {
        OptionRange.Check(SwitchingTrainer.ModelName, this.MinimumHistory, 0, 1000);
        OptionRange.Check(SwitchingTrainer.ModelName, this.MinimumItemUsers, 0, 100_000);
    }
}

/// <summary>
/// Asks one model where enough is known, another for shoppers of whom too little is known, and a third about items of which too little is. Scores of
/// cold items are brought to the mean and deviation that the main model gives this shopper's other items, so that both stand in one list.
/// </summary>
/// <remarks>Burke: Hybrid recommender systems: survey and experiments (2002).</remarks>
public sealed class SwitchingTrainer : ITrainer
{
    public const string ModelName = "switching";

    private readonly SwitchingOptions _options;
    private readonly ITrainer[] _members;

    public SwitchingTrainer(SwitchingOptions? options = null)
    {
        this._options = options ?? new SwitchingOptions();
        this._options.Validate();
        this._members = [.. new[] { this._options.Model, this._options.ColdUsers, this._options.ColdItems }
            .Select(member => member.CreateTrainer(ModelName, this._options.Seed, Refused))];
    }

    public string Name => ModelName;

    public JsonElement Options => JsonSerializer.SerializeToElement(this._options, TrainerOptionsJson.Default.SwitchingOptions);

    internal static string[] Refused => [ModelName];

    public IModel Fit(Dataset data, FitContext context)
    {
        var train = TrainingInput.Check(this.Name, data, context);
        var steps = new MemberSteps(this.Name, context, this._members.Length);
        var models = Array.ConvertAll(this._members, member =>
        {
            var model = member.Fit(data, steps.For(member));
            steps.Finish();
            return model;
        });
        var itemUsers = new int[train.Items];
        foreach (var item in train.AllItems) itemUsers[item]++;
        var userItems = new int[train.Users];
        for (var user = 0; user < train.Users; user++) userItems[user] = train.CountOf(user);
        return new SwitchingModel(models, this._options.MinimumHistory, this._options.MinimumItemUsers, userItems, itemUsers);
    }
}
