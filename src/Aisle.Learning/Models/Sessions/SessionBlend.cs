using System.Text.Json;
using Aisle.Learning.Data;

namespace Aisle.Learning.Models;

/// <summary>Options of <see cref="SessionBlendTrainer"/>.</summary>
public sealed record SessionBlendOptions
{
    /// <summary>Share of the item transitions in the score; the rest is that of the session neighbours. 0 to 1, default 0.65.</summary>
    public double TransitionShare { get; init; } = 0.65;

    internal void Validate() => OptionRange.Check(SessionBlendTrainer.ModelName, this.TransitionShare, 0, 1);
}

/// <summary>
/// <see cref="SessionKnnTrainer"/> and <see cref="ItemTransitionTrainer"/>, both with their default options, together: score(j) =
/// (1 − share) · knn(j) / Σ knn + share · transition(j) / Σ transition. Neighbours know what belongs to a session as a whole, transitions reach
/// items that no session held together with it.
/// </summary>
public sealed class SessionBlendTrainer : ITrainer
{
    public const string ModelName = "session-blend";

    private readonly SessionBlendOptions _options;

    public SessionBlendTrainer(SessionBlendOptions? options = null)
    {
        this._options = options ?? new SessionBlendOptions();
        this._options.Validate();
    }

    public string Name => ModelName;

    public JsonElement Options => JsonSerializer.SerializeToElement(this._options, TrainerOptionsJson.Default.SessionBlendOptions);

    public IModel Fit(Dataset data, FitContext context)
    {
        TrainingInput.Check(this.Name, data, context);
        TrainingInput.CheckOrder(this.Name, data);
        context.Progress?.Report(new TrainingStep(this.Name, "session neighbours", 1, 2));
        var quiet = context with { Progress = null };
        var neighbours = (SessionKnnModel)new SessionKnnTrainer().Fit(data, quiet);
        context.Cancellation.ThrowIfCancellationRequested();
        context.Progress?.Report(new TrainingStep(this.Name, "item transitions", 2, 2));
        return new SessionBlendModel(this._options.TransitionShare, neighbours, (TransitionModel)new ItemTransitionTrainer().Fit(data, quiet));
    }
}

/// <summary>Two models of one shape; an item is unknown where it is to both.</summary>
public sealed class SessionBlendModel : ScoringModel, IUpdatable
{
    private const int LayoutVersion = 1;

    internal SessionBlendModel(double transitionShare, SessionKnnModel neighbours, TransitionModel transitions)
    {
        this.TransitionShare = transitionShare;
        this.Neighbours = neighbours;
        this.Transitions = transitions;
    }

    public override string Name => SessionBlendTrainer.ModelName;

    public override int Users => this.Neighbours.Users;

    public override int Items => this.Neighbours.Items;

    /// <summary>Share of the transitions in a score; the rest is that of the neighbours.</summary>
    internal double TransitionShare { get; }

    internal SessionKnnModel Neighbours { get; }

    internal TransitionModel Transitions { get; }

    private protected override bool ReadsRows => true;

    private protected override void ScoreKnown(ReadOnlySpan<int> users, Span<float> scores)
    {
        var others = new float[this.Items];
        for (var i = 0; i < users.Length; i++)
        {
            var row = scores.Slice(i * this.Items, this.Items);
            this.Neighbours.ScoreUsers(users.Slice(i, 1), row);
            this.Transitions.ScoreUsers(users.Slice(i, 1), others);
            this.Blend(row, others);
        }
    }

    /// <summary>The history must be in order, oldest first: its latest items count most.</summary>
    private protected override void Score(History history, Span<float> scores)
    {
        var others = new float[this.Items];
        this.Neighbours.ScoreHistory(history, scores);
        this.Transitions.ScoreHistory(history, others);
        this.Blend(scores, others);
    }

    private protected override void ScoreLikeness(int item, Span<float> scores)
    {
        var others = new float[this.Items];
        this.Neighbours.ScoreSimilar(item, scores);
        this.Transitions.ScoreSimilar(item, others);
        this.Blend(scores, others);
    }

    private protected override bool Contribute(History history, ReadOnlySpan<int> items, Span<float> contributions)
    {
        var scores = new float[this.Items];
        var others = new float[contributions.Length];
        this.Neighbours.Explain(history, items, contributions);
        this.Transitions.Explain(history, items, others);
        this.Neighbours.ScoreHistory(history, scores);
        var neighbourWeight = (1 - this.TransitionShare) * Normaliser(scores);
        this.Transitions.ScoreHistory(history, scores);
        var transitionWeight = this.TransitionShare * Normaliser(scores);
        for (var i = 0; i < contributions.Length; i++) contributions[i] = (float)((neighbourWeight * contributions[i]) + (transitionWeight * others[i]));
        return true;
    }

    /// <summary>Both models take in the new behaviour as they do by themselves.</summary>
    public IModel Update(Dataset added, FitContext context)
    {
        TrainingInput.Check(this.Name, added, context);
        var quiet = context with { Progress = null };
        var updated = new SessionBlendModel(this.TransitionShare, (SessionKnnModel)this.Neighbours.Update(added, quiet), (TransitionModel)this.Transitions.Update(added, quiet));
        context.Progress?.Report(new TrainingStep(this.Name, "both models", 1, 1));
        return updated;
    }

    public override void Save(Stream stream)
    {
        using (var writer = new ModelWriter(stream, this.Name, LayoutVersion)) writer.WriteArray([this.TransitionShare]);
        this.Neighbours.Save(stream);
        this.Transitions.Save(stream);
    }

    /// <exception cref="InvalidDataException">The stream does not hold a whole model of this kind; the message says what is wrong.</exception>
    public static SessionBlendModel Load(Stream stream)
    {
        using var reader = new ModelReader(stream, SessionBlendTrainer.ModelName, LayoutVersion);
        var share = reader.ReadArray<double>("transitionShare", 1)[0];
        if (share is not (>= 0 and <= 1)) throw reader.Broken($"transitionShare is {share}, allowed are 0 to 1");
        try
        {
            var neighbours = SessionKnnModel.Load(stream);
            var transitions = TransitionModel.Load(ItemTransitionTrainer.ModelName, stream);
            return neighbours.Users == transitions.Users && neighbours.Items == transitions.Items
                ? new SessionBlendModel(share, neighbours, transitions)
                : throw reader.Broken("its two models have different shapes");
        }
        catch (InvalidDataException failure)
        {
            throw reader.Broken(failure.Message.TrimEnd('.'));
        }
    }

    private void Blend(Span<float> scores, ReadOnlySpan<float> others)
    {
        var neighbourWeight = (float)((1 - this.TransitionShare) * Normaliser(scores));
        var transitionWeight = (float)(this.TransitionShare * Normaliser(others));
        for (var item = 0; item < scores.Length; item++)
        {
            var (known, alsoKnown) = (!float.IsNegativeInfinity(scores[item]), !float.IsNegativeInfinity(others[item]));
            if (!known && !alsoKnown) continue;
            scores[item] = (known ? neighbourWeight * scores[item] : 0f) + (alsoKnown ? transitionWeight * others[item] : 0f);
        }
    }

    /// <summary>1 / the sum of the scores; 0 where nothing is known.</summary>
    private static double Normaliser(ReadOnlySpan<float> scores)
    {
        var sum = 0.0;
        foreach (var score in scores)
        {
            if (!float.IsNegativeInfinity(score)) sum += score;
        }

        return sum > 0 ? 1 / sum : 0;
    }
}
