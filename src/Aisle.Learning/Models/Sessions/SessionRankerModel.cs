using Aisle.Learning.Data;
using Aisle.Learning.Ranking;

namespace Aisle.Learning.Models;

/// <summary>The counts of a <see cref="SessionBlendModel"/>, and trees that rank the best of what they find; without trees it is the blend.</summary>
public sealed class SessionRankerModel : ScoringModel, IUpdatable
{
    private const int LayoutVersion = 1;

    private readonly SessionBlendModel _blend;
    private readonly BoostedTrees? _trees;
    private readonly int _candidates;
    private readonly SessionFeatures _features;

    internal SessionRankerModel(SessionBlendModel blend, BoostedTrees? trees, int candidates)
    {
        this._blend = blend;
        this._trees = trees;
        this._candidates = candidates;
        this._features = new SessionFeatures(blend);
    }

    public override string Name => SessionRankerTrainer.ModelName;

    public override int Users => this._blend.Users;

    public override int Items => this._blend.Items;

    /// <summary>What ranking looks at, with what it lowered the objective by while it was learned; empty where there was too little to learn from.</summary>
    public IReadOnlyList<(string Feature, float Gain)> Importance =>
        this._trees is null ? [] : [.. this._trees.Schema.Features.Select((feature, i) => (feature.Name, this._trees.Importance[i]))];

    private protected override bool ReadsRows => true;

    private protected override History HistoryOf(int user) => new(this._blend.Neighbours.Sessions.ItemsOf(user));

    /// <summary>The history must be in order, oldest first. Candidates stand above 1, where the shares of all others end.</summary>
    private protected override void Score(History history, Span<float> scores)
    {
        if (this._trees is null)
        {
            this._blend.ScoreHistory(history, scores);
            return;
        }

        var (candidates, rows) = this._features.Of(history, this._candidates, scores);
        foreach (ref var score in scores) score = score > 0f ? score : float.NegativeInfinity;
        var ranked = new float[candidates.Length];
        this._trees.Score(rows, ranked);
        var lowest = candidates.Length == 0 ? 0f : ranked.Min();
        for (var i = 0; i < ranked.Length; i++) scores[candidates[i]] = 1f + ranked[i] - lowest;
    }

    private protected override void ScoreLikeness(int item, Span<float> scores) => this._blend.ScoreSimilar(item, scores);

    /// <summary>What the events bring to the blend's score: trees have no sum over events.</summary>
    private protected override bool Contribute(History history, ReadOnlySpan<int> items, Span<float> contributions) => this._blend.Explain(history, items, contributions);

    /// <summary>The counts take in the new behaviour as they do by themselves; the trees stay.</summary>
    public IModel Update(Dataset added, FitContext context)
    {
        TrainingInput.Check(this.Name, added, context);
        var updated = (SessionBlendModel)this._blend.Update(added, context with { Progress = null });
        context.Progress?.Report(new TrainingStep(this.Name, "counts", 1, 1));
        return new SessionRankerModel(updated, this._trees, this._candidates);
    }

    public override void Save(Stream stream)
    {
        using (var writer = new ModelWriter(stream, this.Name, LayoutVersion))
        {
            writer.Write(this._candidates);
            writer.Write(this._trees is null ? 0 : 1);
        }

        this._blend.Save(stream);
        this._trees?.Save(stream);
    }

    /// <exception cref="InvalidDataException">The stream does not hold a whole model of this kind; the message says what is wrong.</exception>
    public static SessionRankerModel Load(Stream stream)
    {
        using var reader = new ModelReader(stream, SessionRankerTrainer.ModelName, LayoutVersion);
        var candidates = reader.ReadInt32("the number of candidates", 5, 1000);
        var hasTrees = reader.ReadInt32("the mark of trees", 0, 1) == 1;
        try
        {
            var blend = SessionBlendModel.Load(stream);
            var trees = hasTrees ? BoostedTrees.Load(stream) : null;
            trees?.Schema.RequireSame(SessionFeatures.Schema);
            return new SessionRankerModel(blend, trees, candidates);
        }
        catch (Exception failure) when (failure is InvalidDataException or ArgumentException)
        {
            throw reader.Broken(failure.Message.TrimEnd('.'));
        }
    }
}
