using System.Collections.Concurrent;
using Aisle.Learning.Data;
using Aisle.Learning.Kernels;

namespace Aisle.Learning.Models;

/// <summary>The sessions of training and the index into them. Items that no similar session holds are unknown for a history and score −∞.</summary>
public sealed class SessionKnnModel : ScoringModel, IUpdatable
{
    private const int LayoutVersion = 1;

    /// <summary>A share of the decays below this moves no ranking; what lies farther back or away is not looked at.</summary>
    private const double Negligible = 1e-4;

    /// <summary>Events back or away that are looked at in any case at most.</summary>
    private const int LongestReach = 100_000;

    private readonly SessionKnnOptions _options;
    private readonly Sequences _sessions;
    private readonly SessionIndex _index;

    /// <summary>By item: weight in the likeness of sessions, and of the votes for it.</summary>
    private readonly float[] _matchWeights;
    private readonly float[] _voteWeights;

    /// <summary>By session: e^(−age / sessionDecay) · length^(−lengthPower).</summary>
    private readonly float[] _sessionWeights;

    /// <summary>By events back, as far as they count.</summary>
    private readonly float[] _historyWeights;

    /// <summary>By distance from the shared item, as far as it counts; null where it does not decay.</summary>
    private readonly float[]? _distanceWeights;

    private readonly ConcurrentBag<Scratch> _scratches = [];

    internal SessionKnnModel(SessionKnnOptions options, Sequences sessions)
    {
        this._options = options;
        this._sessions = sessions;
        this._index = new SessionIndex(sessions, options.RecentSessions);
        this._matchWeights = this.Rarity(options.IdfPower);
        this._voteWeights = this.Rarity(options.VotePower);
        this._historyWeights = Decay(options.HistoryDecay);
        this._distanceWeights = options.DistanceDecay > 0 ? Decay(options.DistanceDecay) : null;
        this._sessionWeights = new float[sessions.Users];
        for (var session = 0; session < sessions.Users; session++)
        {
            var age = options.SessionDecay > 0 ? Math.Exp(-this._index.Ages[session] / options.SessionDecay) : 1;
            this._sessionWeights[session] = (float)(age * Math.Pow(Math.Max(1, sessions.CountOf(session)), -options.LengthPower));
        }
    }

    public override string Name => SessionKnnTrainer.ModelName;

    public override int Users => this._sessions.Users;

    public override int Items => this._sessions.Items;

    /// <summary>What the model was fitted on.</summary>
    internal Sequences Sessions => this._sessions;

    /// <summary>By session: the share of sessions that are more recent.</summary>
    internal ReadOnlySpan<float> Ages => this._index.Ages;

    private protected override bool ReadsRows => true;

    /// <summary>As for a history that is the user's sequence of training, which is itself among the sessions that vote.</summary>
    private protected override History HistoryOf(int user) => new History(this._sessions.ItemsOf(user));

    /// <summary>Each voting session is there for the items that it shares with the history; its votes are theirs in proportion.</summary>
    private protected override bool Contribute(History history, ReadOnlySpan<int> items, Span<float> contributions)
    {
        contributions.Clear();
        if (!this._scratches.TryTake(out var scratch)) scratch = new Scratch(this.Users, this._options.Neighbours);
        var votes = new float[this.Items];
        foreach (var neighbour in this.Neighbours(history, scratch))
        {
            var (session, place) = (scratch.Sessions[neighbour], scratch.Places[neighbour]);
            votes.AsSpan().Clear();
            this.Vote(session, place, this._sessionWeights[session], votes);
            for (var i = 0; i < history.Items.Length; i++)
            {
                var weight = this.MatchWeight(history, i);
                if (weight == 0f || !IsAmong(this._index.Of(history.Items[i]), session)) continue;
                for (var row = 0; row < items.Length; row++) contributions[(row * history.Items.Length) + i] += weight * votes[items[row]];
            }
        }

        this._scratches.Add(scratch);
        return true;
    }

    /// <summary>Exactly what a fit on the old and the new sequences together gives: the index is built anew, in time linear in the events.</summary>
    public IModel Update(Dataset added, FitContext context)
    {
        TrainingInput.Check(this.Name, added, context);
        var model = new SessionKnnModel(this._options, this._sessions.Append(TrainingInput.CheckOrder(this.Name, added)));
        context.Progress?.Report(new TrainingStep(this.Name, "index", 1, 1));
        return model;
    }

    public override void Save(Stream stream)
    {
        using var writer = new ModelWriter(stream, this.Name, LayoutVersion);
        writer.Write(this.Users);
        writer.Write(this.Items);
        writer.Write(this._options.RecentSessions);
        writer.Write(this._options.Neighbours);
        writer.WriteArray<double>([
            this._options.HistoryDecay, this._options.IdfPower, this._options.LengthPower, this._options.SessionDecay,
            this._options.DistanceDecay, this._options.BackwardWeight, this._options.RepeatWeight, this._options.VotePower]);
        writer.WriteSequences(this._sessions);
    }

    /// <exception cref="InvalidDataException">The stream does not hold a whole model of this kind; the message says what is wrong.</exception>
    public static SessionKnnModel Load(Stream stream)
    {
        using var reader = new ModelReader(stream, SessionKnnTrainer.ModelName, LayoutVersion);
        var users = reader.ReadRows("the number of users");
        var items = reader.ReadRows("the number of items");
        var recent = reader.ReadInt32("recentSessions", 1, int.MaxValue);
        var neighbours = reader.ReadInt32("neighbours", 1, int.MaxValue);
        var numbers = reader.ReadArray<double>("the options", 8);
        var options = new SessionKnnOptions
        {
            RecentSessions = recent,
            Neighbours = neighbours,
            HistoryDecay = numbers[0],
            IdfPower = numbers[1],
            LengthPower = numbers[2],
            SessionDecay = numbers[3],
            DistanceDecay = numbers[4],
            BackwardWeight = numbers[5],
            RepeatWeight = numbers[6],
            VotePower = numbers[7],
        };
        reader.Validate(options.Validate);
        return new SessionKnnModel(options, reader.ReadSequences("the sessions", users, items));
    }

    /// <summary>The history must be in order, oldest first: its latest items count most.</summary>
    private protected override void Score(History history, Span<float> scores)
    {
        scores.Fill(float.NegativeInfinity);
        if (!this._scratches.TryTake(out var scratch)) scratch = new Scratch(this.Users, this._options.Neighbours);
        foreach (var neighbour in this.Neighbours(history, scratch))
            this.Vote(scratch.Sessions[neighbour], scratch.Places[neighbour], scratch.Similarities[neighbour], scores);
        this._scratches.Add(scratch);
    }

    /// <summary>Finds the most similar sessions.</summary>
    /// <returns>Their places in the scratch's lists.</returns>
    private ReadOnlySpan<int> Neighbours(History history, Scratch scratch)
    {
        var found = 0;
        for (var i = history.Items.Length - 1; i >= 0 && history.Items.Length - 1 - i < this._historyWeights.Length; i--)
        {
            var weight = this.MatchWeight(history, i);
            if (weight == 0f) continue;
            foreach (var (session, place) in this._index.Of(history.Items[i]))
            {
                ref var slot = ref scratch.SlotOf[session];
                if (slot == 0)
                {
                    // The history is gone through from its end, so the first match is the latest.
                    if (found == scratch.Sessions.Length) scratch.Grow();
                    scratch.Sessions[found] = session;
                    scratch.Places[found] = place;
                    scratch.Similarities[found] = 0f;
                    slot = ++found;
                }

                scratch.Similarities[slot - 1] += weight;
            }
        }

        for (var i = 0; i < found; i++)
        {
            scratch.SlotOf[scratch.Sessions[i]] = 0;
            scratch.Similarities[i] *= this._sessionWeights[scratch.Sessions[i]];
        }

        if (found > scratch.Best.Length)
            return scratch.Best.AsSpan(0, TopK.Select(scratch.Similarities.AsSpan(0, found), scratch.Best, scratch.BestSimilarities));
        for (var i = 0; i < found; i++) scratch.Best[i] = i;
        return scratch.Best.AsSpan(0, found);
    }

    /// <summary>Weight of a place of the history in the likeness of sessions: 0 where its item comes again later, or it lies too far back.</summary>
    private float MatchWeight(History history, int place)
    {
        var back = history.Items.Length - 1 - place;
        if (back >= this._historyWeights.Length || history.Items[(place + 1)..].Contains(history.Items[place])) return 0f;
        return this._historyWeights[back] * this._matchWeights[history.Items[place]];
    }

    /// <summary>Adds a session's votes to the scores.</summary>
    /// <param name="shared">Place in the session of the item that it shares with the history.</param>
    private void Vote(int session, int shared, float weight, Span<float> scores)
    {
        var items = this._sessions.ItemsOf(session);
        var reach = this._distanceWeights?.Length ?? items.Length;
        var (backward, repeat) = ((float)this._options.BackwardWeight, (float)this._options.RepeatWeight);
        var end = Math.Min(items.Length, shared + reach);
        for (var place = Math.Max(0, shared - reach + 1); place < end; place++)
        {
            var item = items[place];
            var vote = weight * this._voteWeights[item] * (place < shared ? backward : item == items[shared] ? repeat : 1f);
            if (this._distanceWeights is not null) vote *= this._distanceWeights[Math.Abs(place - shared)];
            if (vote == 0f) continue;
            ref var score = ref scores[item];
            score = float.IsNegativeInfinity(score) ? vote : score + vote;
        }
    }

    /// <summary>(log(1 + sessions / sessions with the item))^power.</summary>
    private float[] Rarity(double power) =>
        Array.ConvertAll(this._index.SessionsWith, count => (float)Math.Pow(Math.Log(1 + ((double)this._index.Sessions / Math.Max(1, count))), power));

    /// <summary>e^(−d / scale) for d = 0, 1, … down to what is negligible.</summary>
    private static float[] Decay(double scale)
    {
        var values = new float[(int)Math.Min(LongestReach, Math.Ceiling(scale * -Math.Log(Negligible)))];
        for (var d = 0; d < values.Length; d++) values[d] = (float)Math.Exp(-d / scale);
        return values;
    }

    private static bool IsAmong(ReadOnlySpan<(int Session, int Place)> entries, int session)
    {
        foreach (var entry in entries)
        {
            if (entry.Session == session) return true;
        }

        return false;
    }

    /// <summary>What one question needs; kept for the next.</summary>
    private sealed class Scratch(int sessions, int neighbours)
    {
        /// <summary>By session: 1 + its place in the lists below; all 0 between questions.</summary>
        public readonly int[] SlotOf = new int[sessions];
        public readonly int[] Best = new int[neighbours];
        public readonly float[] BestSimilarities = new float[neighbours];
        public int[] Sessions = new int[1024];
        public int[] Places = new int[1024];
        public float[] Similarities = new float[1024];

        public void Grow()
        {
            Array.Resize(ref this.Sessions, this.Sessions.Length * 2);
            Array.Resize(ref this.Places, this.Places.Length * 2);
            Array.Resize(ref this.Similarities, this.Similarities.Length * 2);
        }
    }
}
