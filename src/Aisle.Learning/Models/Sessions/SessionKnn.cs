using System.Text.Json;
using Aisle.Learning.Data;

namespace Aisle.Learning.Models;

/// <summary>Options of <see cref="SessionKnnTrainer"/>.</summary>
public sealed record SessionKnnOptions
{
    /// <summary>Sessions looked at per item of the history, the most recent. 1 to 1,000,000, default 300.</summary>
    public int RecentSessions { get; init; } = 300;

    /// <summary>Most similar sessions that vote. 1 to 100,000, default 500.</summary>
    public int Neighbours { get; init; } = 500;

    /// <summary>The history's item that lies d events back counts e^(−d / historyDecay). 0.01 to 1,000,000, default 2.7.</summary>
    public double HistoryDecay { get; init; } = 2.7;

    /// <summary>In the likeness of sessions an item counts (log(1 + sessions / sessions with it))^idfPower. 0 to 10, default 2.5.</summary>
    public double IdfPower { get; init; } = 2.5;

    /// <summary>A session of n events counts n^(−lengthPower). 0 to 2, default 0.2.</summary>
    public double LengthPower { get; init; } = 0.2;

    /// <summary>
    /// A session counts e^(−age / sessionDecay), age being the share of all sessions that are more recent. 0 turns it off; 0 to 1,000,000, default 1.5.
    /// </summary>
    public double SessionDecay { get; init; } = 1.5;

    /// <summary>
    /// A neighbour's item that lies d events from the one shared with the history votes e^(−d / distanceDecay). 0 turns it off; 0 to 1,000,000, default 7.5.
    /// </summary>
    public double DistanceDecay { get; init; } = 7.5;

    /// <summary>Weight of a neighbour's items before the shared one, beside 1 for those after it. 0 to 10, default 0.8.</summary>
    public double BackwardWeight { get; init; } = 0.8;

    /// <summary>Weight of the shared item itself, beside 1 for those after it. 0 to 10, default 1.9.</summary>
    public double RepeatWeight { get; init; } = 1.9;

    /// <summary>A vote for an item counts (log(1 + sessions / sessions with it))^votePower: against the pull of the popular. 0 to 10, default 1.5.</summary>
    public double VotePower { get; init; } = 1.5;

    internal void Validate()
    {
        OptionRange.Check(SessionKnnTrainer.ModelName, this.RecentSessions, 1, 1_000_000);
        OptionRange.Check(SessionKnnTrainer.ModelName, this.Neighbours, 1, 100_000);
        OptionRange.Check(SessionKnnTrainer.ModelName, this.HistoryDecay, 0.01, 1_000_000);
        OptionRange.Check(SessionKnnTrainer.ModelName, this.IdfPower, 0, 10);
        OptionRange.Check(SessionKnnTrainer.ModelName, this.LengthPower, 0, 2);
        OptionRange.Check(SessionKnnTrainer.ModelName, this.SessionDecay, 0, 1_000_000);
        OptionRange.Check(SessionKnnTrainer.ModelName, this.DistanceDecay, 0, 1_000_000);
        OptionRange.Check(SessionKnnTrainer.ModelName, this.BackwardWeight, 0, 10);
        OptionRange.Check(SessionKnnTrainer.ModelName, this.RepeatWeight, 0, 10);
        OptionRange.Check(SessionKnnTrainer.ModelName, this.VotePower, 0, 10);
    }
}

/// <summary>
/// Sessions that share items with the shopper's, the latest and rarest of them above all, vote for what else they hold (V-SkNN). Nothing
/// is trained: a fit builds the index from items to the sessions that hold them. With s the history, n a past session of length |n| and
/// p the place in it of the latest item that both share:
/// sim(s, n) = age(n) · |n|^(−lengthPower) · Σ_(i ∈ s ∩ n) e^(−back(i) / historyDecay) · idf(i)^idfPower;
/// score(j) = idf(j)^votePower · Σ_(n of the most similar) sim(s, n) · Σ_(places q of j in n) side(q, p) · e^(−|q − p| / distanceDecay).
/// </summary>
/// <remarks>
/// Jannach, Ludewig: When recurrent neural networks meet the neighborhood for session-based recommendation (RecSys 2017); Ludewig, Jannach:
/// Evaluation of session-based recommendation algorithms (UMUAI 2018); the decays by age and distance after Garg et al.: Sequence and time
/// aware neighborhood for session-based recommendations (SIGIR 2019).
/// </remarks>
public sealed class SessionKnnTrainer : ITrainer
{
    public const string ModelName = "session-knn";

    private readonly SessionKnnOptions _options;

    public SessionKnnTrainer(SessionKnnOptions? options = null)
    {
        this._options = options ?? new SessionKnnOptions();
        this._options.Validate();
    }

    public string Name => ModelName;

    public JsonElement Options => JsonSerializer.SerializeToElement(this._options, TrainerOptionsJson.Default.SessionKnnOptions);

    /// <summary>Each user's sequence is one session. They are in order by their latest times; without times, by their numbers.</summary>
    public IModel Fit(Dataset data, FitContext context)
    {
        TrainingInput.Check(this.Name, data, context);
        var model = new SessionKnnModel(this._options, TrainingInput.CheckOrder(this.Name, data));
        context.Progress?.Report(new TrainingStep(this.Name, "index", 1, 1));
        return model;
    }
}
