using System.Text.Json;
using System.Text.Json.Serialization;
using Aisle.Learning.Data;

namespace Aisle.Learning.Models;

/// <summary>How <see cref="EnsembleTrainer"/> makes the scores of different models comparable.</summary>
public enum EnsembleFusion
{
    /// <summary>Scores in units of their standard deviation over a shopper's candidates.</summary>
    [JsonStringEnumMemberName("z-score")]
    ZScore,

    /// <summary>Scores in units of their range over a shopper's candidates.</summary>
    [JsonStringEnumMemberName("min-max")]
    MinMax,

    /// <summary>1 / (k + rank): only the order counts, and mostly that of the first.</summary>
    [JsonStringEnumMemberName("reciprocal-rank")]
    ReciprocalRank,

    /// <summary>(depth + 1 − rank) / depth: only the order counts, evenly.</summary>
    [JsonStringEnumMemberName("borda")]
    Borda,
}

/// <summary>Options of <see cref="EnsembleTrainer"/>.</summary>
public sealed record EnsembleOptions
{
    /// <summary>The models combined, 1 to 16. Default: rp3beta and als, which err differently and fit any size.</summary>
    public IReadOnlyList<HybridMember> Members { get; init; } = [new(Rp3BetaTrainer.ModelName), new(AlsTrainer.ModelName)];

    /// <summary>Weight of each member, not below 0 and not all 0. Default: none given, learned on an inner validation split.</summary>
    public IReadOnlyList<double> Weights { get; init; } = [];

    /// <summary>Default: z-score.</summary>
    public EnsembleFusion Fusion { get; init; } = EnsembleFusion.ZScore;

    /// <summary>k of the reciprocal rank. 0 to 10,000, default 60.</summary>
    public double RankConstant { get; init; } = 60;

    /// <summary>Places of each member that earn points in the fusions by rank. 1 to 100,000, default 1,000.</summary>
    public int Depth { get; init; } = 1000;

    /// <summary>Users of whom a part is held out to learn the weights. 1 to 1,000,000, default 2,000.</summary>
    public int ValidationUsers { get; init; } = 2000;

    /// <summary>Share of each of those users' items that is held out. 0.01 to 0.9, default 0.2.</summary>
    public double ValidationShare { get; init; } = 0.2;

    /// <summary>Which items are held out. Default: auto, the latest where the order is known.</summary>
    public HoldOutChoice HoldOut { get; init; } = HoldOutChoice.Auto;

    /// <summary>List length at which weights are judged by NDCG. 1 to 200, default 20.</summary>
    public int Cutoff { get; init; } = 20;

    /// <summary>Seed of the inner split, and of every member that has a seed and was given none. Default 1.</summary>
    public int Seed { get; init; } = 1;

    internal void Validate()
    {
        const string model = EnsembleTrainer.ModelName;
        if (this.Members.Count is < 1 or > EnsembleTrainer.MostMembers)
            throw new ArgumentException($"{model}: there are {this.Members.Count} members; allowed are 1 to {EnsembleTrainer.MostMembers}.");
        if (this.Weights.Count > 0 && (this.Weights.Count != this.Members.Count || this.Weights.Any(weight => weight is not (>= 0 and <= 1e6)) || this.Weights.Sum() <= 0))
            throw new ArgumentException($"{model}: weights are [{string.Join(", ", this.Weights)}]; give one for each of the {this.Members.Count} members, from 0 to 1000000 and not all 0, or none to have them learned.");
        OptionRange.Check(model, this.RankConstant, 0, 10_000);
        OptionRange.Check(model, this.Depth, 1, 100_000);
        OptionRange.Check(model, this.ValidationUsers, 1, 1_000_000);
        OptionRange.Check(model, this.ValidationShare, 0.01, 0.9);
        OptionRange.Check(model, this.Cutoff, 1, 200);
        if (!Enum.IsDefined(this.Fusion)) throw new ArgumentException($"{model}: fusion is {this.Fusion}; allowed are z-score, min-max, reciprocal-rank and borda.");
        if (!Enum.IsDefined(this.HoldOut)) throw new ArgumentException($"{model}: holdOut is {this.HoldOut}; allowed are auto, random and latest.");
    }
}

/// <summary>
/// Several models as one: a score is Σ weight · normalised score of each member. The weights are learned on a part of the training data
/// that the members have not seen (see <see cref="InnerHoldOut"/>); then every member whose weight is above 0 is fitted on everything.
/// </summary>
/// <remarks>
/// Normalised sums: Fox, Shaw: Combination of multiple searches (TREC-2, 1994); weights by coordinate ascent on the metric itself: Metzler, Croft:
/// Linear feature-based models for information retrieval (2007). Ranks: Cormack, Clarke, Büttcher: Reciprocal rank fusion (SIGIR 2009);
/// Aslam, Montague: Models for metasearch (SIGIR 2001) for Borda.
/// </remarks>
public sealed class EnsembleTrainer : ITrainer
{
    public const string ModelName = "ensemble";

    internal const int MostMembers = 16;

    private readonly EnsembleOptions _options;
    private readonly ITrainer[] _members;

    public EnsembleTrainer(EnsembleOptions? options = null)
    {
        this._options = options ?? new EnsembleOptions();
        this._options.Validate();
        this._members = [.. this._options.Members.Select(member => member.CreateTrainer(ModelName, this._options.Seed, Refused))];
    }

    internal static string[] Refused => [ModelName, SwitchingTrainer.ModelName];

    public string Name => ModelName;

    public JsonElement Options => JsonSerializer.SerializeToElement(this._options, TrainerOptionsJson.Default.EnsembleOptions);

    /// <summary>Members are fitted one after the other, and while weights are learned only one of them is in memory.</summary>
    public IModel Fit(Dataset data, FitContext context)
    {
        var train = TrainingInput.Check(this.Name, data, context);
        var fusion = new Fusion(this._options.Fusion, this._options.RankConstant, this._options.Depth);
        var isLearned = this._options.Weights.Count == 0 && this._members.Length > 1;
        var steps = new MemberSteps(this.Name, context, this._members.Length * (isLearned ? 2 : 1));
        var weights = isLearned ? this.Learn(data, fusion, steps, context)
            : this._options.Weights.Count == 0 ? [1.0]
            : [.. this._options.Weights.Select(weight => weight / this._options.Weights.Sum())];

        var models = new List<IModel>();
        var kept = new List<float>();
        for (var member = 0; member < this._members.Length; member++)
        {
            if (weights[member] > 0)
            {
                models.Add(this._members[member].Fit(data, steps.For(this._members[member])));
                kept.Add((float)weights[member]);
            }

            steps.Finish();
        }

        return new EnsembleModel(fusion, train, [.. models], [.. kept]);
    }

    /// <summary>Equal weights where nobody has done enough to hold some of it out.</summary>
    private double[] Learn(Dataset data, Fusion fusion, MemberSteps steps, FitContext context)
    {
        var part = InnerHoldOut.Of(this.Name, data, this._options.ValidationUsers, this._options.ValidationShare, this._options.HoldOut, this._options.Seed);
        if (part is null || part.Train.Interactions.Count == 0)
        {
            foreach (var _ in this._members) steps.Finish();
            return [.. this._members.Select(_ => 1.0 / this._members.Length)];
        }

        var learning = new EnsembleWeights(part, fusion, Math.Min(this._options.Cutoff, data.Interactions.Items), context);
        foreach (var member in this._members)
        {
            learning.Add(member.Fit(part.Train, steps.For(member)));
            steps.Finish();
        }

        return learning.Learn();
    }
}

/// <summary>Reports the fits of members as the steps of their owner: each takes ten of them.</summary>
internal sealed class MemberSteps(string model, FitContext context, int fits)
{
    private const int StepsPerFit = 10;

    private readonly Lock _lock = new();
    private int _fit;
    private int _told;

    /// <summary>The context in which the next member is fitted.</summary>
    public FitContext For(ITrainer member) => context with { Progress = context.Progress is null ? null : new Steps(this, member.Name) };

    /// <summary>The member is fitted, or was left out.</summary>
    public void Finish()
    {
        this._fit++;
        this.Tell("fitting members", this._fit * StepsPerFit);
        context.Cancellation.ThrowIfCancellationRequested();
    }

    private void Tell(string stage, int upTo)
    {
        lock (this._lock)
        {
            while (this._told < upTo && !context.Cancellation.IsCancellationRequested)
            {
                this._told++;
                context.Progress?.Report(new TrainingStep(model, stage, this._told, fits * StepsPerFit));
            }
        }
    }

    private sealed class Steps(MemberSteps owner, string member) : IProgress<TrainingStep>
    {
        public void Report(TrainingStep value) =>
            owner.Tell($"fitting {member}", (owner._fit * StepsPerFit) + (int)((long)(StepsPerFit - 1) * value.Step / Math.Max(1, value.Steps)));
    }
}
