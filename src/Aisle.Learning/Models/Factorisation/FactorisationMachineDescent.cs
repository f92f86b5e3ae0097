using Aisle.Learning.Data;
using Aisle.Learning.Kernels;

namespace Aisle.Learning.Models;

/// <summary>
/// Learns the features of a factorisation machine. A visit is one user with some of their interactions; the visits of a batch all see the
/// features as they were before the batch, then the pulls on each feature are added up in the order of the visits and applied. So neither
/// the number of threads nor their speed changes the result.
/// </summary>
internal sealed unsafe class FactorisationMachineDescent
{
    /// <summary>Interactions in a visit: what the user's history costs is paid once for all of them.</summary>
    private const int VisitSamples = 32;

    /// <summary>Visits in a batch; fewer where there would not be <see cref="LeastBatches"/> in an epoch.</summary>
    private const int MostVisits = 32;
    private const int LeastBatches = 64;

    /// <summary>Parts into which the rows of a table are divided when their pulls are gathered.</summary>
    private const int Parts = 8;

    /// <summary>Draws of an item that the user did not touch before any is taken: a user may have touched them all.</summary>
    private const int Draws = 16;

    private const float StartDeviation = 0.05f;

    private readonly Interactions _train;
    private readonly FactorisationMachineOptions _options;
    private readonly RatingScale _scale;
    private readonly FitContext _context;

    private readonly FeatureTable? _users;
    private readonly FeatureTable _history;
    private readonly AttributeFeatures? _userValues;
    private readonly FeatureTable _items;
    private readonly AttributeFeatures? _itemValues;

    /// <summary>Items that were touched at all: others are no negatives, or a new item would be learned to be disliked.</summary>
    private readonly int[] _candidates;

    // One batch. Per visit: the sum of the pulls on the user's side. Per sample: z, the user's side as the sample saw it; the pull on it;
    // the items, positive first; and how strongly each is pulled along z.
    private readonly FactorMatrix _visitPulls;
    private readonly FactorMatrix _scratch;
    private readonly float[] _visitWeightPulls;
    private readonly FactorMatrix _sights;
    private readonly FactorMatrix _samplePulls;
    private readonly int[] _sampleItems;
    private readonly float[] _strengths;
    private readonly double[] _losses;

    // One epoch: the interactions of each user in random order, cut into visits.
    private readonly int[] _positions;
    private readonly (int User, int First, int Count)[] _visits;
    private readonly int[] _order;
    private readonly int _batch;
    private readonly int _itemsPerSample;

    public FactorisationMachineDescent(Dataset data, FactorisationMachineOptions options, RatingScale scale, FitContext context)
    {
        (this._train, this._options, this._scale, this._context) = (data.Interactions, options, scale, context);
        this._users = this.IsRanking ? null : this.Table(this._train.Users);
        this._history = this.Table(this._train.Items);
        this._userValues = options.AttributeFeatures ? AttributeFeatures.Of(data.UserAttributes, options.Factors) : null;
        this._items = this.Table(this._train.Items);
        this._itemValues = options.AttributeFeatures ? AttributeFeatures.Of(data.ItemAttributes, options.Factors) : null;

        var isTouched = new bool[this._train.Items];
        foreach (var item in this._train.AllItems) isTouched[item] = true;
        this._candidates = [.. Enumerable.Range(0, isTouched.Length).Where(item => isTouched[item])];
        this.Start();

        this._positions = new int[this._train.Count];
        this._visits = [.. Enumerable.Range(0, this._train.Users).SelectMany(user => Visits(user, this._train.CountOf(user)))];
        this._order = [.. Enumerable.Range(0, this._visits.Length)];
        this._batch = Math.Clamp(this._visits.Length / LeastBatches, 1, MostVisits);
        this._itemsPerSample = this.IsRanking ? 1 + options.Negatives : 1;
        this._visitPulls = new FactorMatrix(this._batch, options.Dimensions);
        this._scratch = new FactorMatrix(3 * this._batch, options.Dimensions);
        this._visitWeightPulls = new float[this._batch];
        this._sights = new FactorMatrix(this._batch * VisitSamples, options.Dimensions);
        this._samplePulls = new FactorMatrix(this._batch * VisitSamples, options.Dimensions);
        this._sampleItems = new int[this._sights.Rows * this._itemsPerSample];
        this._strengths = new float[this._sampleItems.Length];
        this._losses = new double[this._visits.Length];
    }

    private bool IsRanking => this._options.Loss == FactorisationMachineLoss.Ranking;

    /// <returns>The mean loss of a sample as it was met: of a pair of items, or the squared error in units of the ratings' deviation.</returns>
    public double Walk(int epoch)
    {
        for (var user = 0; user < this._train.Users; user++)
        {
            var row = this._positions.AsSpan((int)this._train.RowStarts[user], this._train.CountOf(user));
            for (var i = 0; i < row.Length; i++) row[i] = i;
            new RandomStream(this._options.Seed ^ (epoch << 16), user).Shuffle(row);
        }

        new RandomStream(this._options.Seed, epoch).Shuffle(this._order);
        for (var first = 0; first < this._order.Length; first += this._batch)
        {
            var (from, count) = (first, Math.Min(this._batch, this._order.Length - first));
            ParallelRows.Run(this._context.Threads, count, 1, (_, slot, _) => this.Visit(this._order[from + slot], slot, epoch), this._context.Cancellation);
            ParallelRows.Run(this._context.Threads, 5 * Parts, 1, (_, job, _) => this.Gather(from, count, job / Parts, job % Parts), this._context.Cancellation);
        }

        return this._losses.Sum() / this._train.Count / (this._itemsPerSample > 1 ? this._options.Negatives : 1);
    }

    /// <summary>The user's side of each user, without the history.</summary>
    public FactorMatrix UserVectors()
    {
        var sums = new FactorMatrix(this._train.Users, this._options.Dimensions);
        for (var user = 0; user < sums.Rows; user++)
        {
            if (this._users is not null && this._train.CountOf(user) > 0) this._users.Factors.PaddedValues(user).CopyTo(sums.PaddedValues(user));
            this._userValues?.Add(user, sums.PaddedValues(user));
        }

        return sums;
    }

    public float[] UserWeights() => [.. Enumerable.Range(0, this._train.Users).Select(user => (this._users?.Weights[user] ?? 0f) + (this._userValues?.WeightOf(user) ?? 0f))];

    public FactorMatrix ItemVectors()
    {
        var sums = new FactorMatrix(this._train.Items, this._options.Dimensions);
        for (var item = 0; item < sums.Rows; item++) this.SumItem(item, sums.PaddedValues(item));
        return sums;
    }

    public float[] ItemWeights() => [.. Enumerable.Range(0, this._train.Items).Select(this.WeightOf)];

    public FactorMatrix HistoryVectors() => this._history.Factors;

    private FeatureTable Table(int rows) => new(rows, this._options.Dimensions);

    /// <summary>Only features that the interactions will pull begin with anything.</summary>
    private void Start()
    {
        var random = new RandomStream(this._options.Seed);
        for (var user = 0; user < this._train.Users; user++)
        {
            if (this._train.CountOf(user) == 0) continue;
            this._users?.Start(user, StartDeviation, ref random);
            this._userValues?.Start(user, StartDeviation, ref random);
        }

        foreach (var item in this._candidates)
        {
            this._items.Start(item, StartDeviation, ref random);
            this._history.Start(item, StartDeviation, ref random);
            this._itemValues?.Start(item, StartDeviation, ref random);
        }
    }

    private static IEnumerable<(int User, int First, int Count)> Visits(int user, int count)
    {
        for (var first = 0; first < count; first += VisitSamples) yield return (user, first, Math.Min(VisitSamples, count - first));
    }

    private void Visit(int visit, int slot, int epoch)
    {
        var (user, first, count) = this._visits[visit];
        var items = this._train.ItemsOf(user);
        var positions = this._positions.AsSpan((int)this._train.RowStarts[user] + first, count);
        var random = new RandomStream(this._options.Seed + 1 + (epoch << 16), visit);
        var side = this._scratch.PaddedValues(3 * slot);
        side.Clear();
        this.SumUser(user, items, side);
        this._visitPulls.PaddedValues(slot).Clear();
        this._visitWeightPulls[slot] = 0;
        this._losses[visit] = 0;
        for (var i = 0; i < count; i++)
        {
            var sample = (slot * VisitSamples) + i;
            var sight = this._sights.PaddedValues(sample);
            this._sampleItems[sample * this._itemsPerSample] = items[positions[i]];
            side.CopyTo(sight);
            if (this.IsRanking) this.Rank(visit, slot, sample, items, ref random);
            else this.Rate(visit, slot, sample, user, this._train.WeightsOf(user)[positions[i]]);
            Vectors.AddScaled(1, this._samplePulls.PaddedValues(sample), this._visitPulls.PaddedValues(slot));
        }
    }

    /// <summary>The user's side without the user's features of this very interaction, against some items that the user did not touch.</summary>
    private void Rank(int visit, int slot, int sample, ReadOnlySpan<int> items, ref RandomStream random)
    {
        var at = sample * this._itemsPerSample;
        var positive = this._sampleItems[at];
        var sight = this._sights.PaddedValues(sample);
        var pull = this._samplePulls.PaddedValues(sample);
        Vectors.AddScaled(-1f / MathF.Sqrt(items.Length), this._history.Factors.PaddedValues(positive), sight);
        var other = this._scratch.PaddedValues((3 * slot) + 1);
        var others = this._scratch.PaddedValues((3 * slot) + 2);
        others.Clear();
        this.SumItem(positive, pull);
        var score = Vectors.Dot(sight, pull) + this.WeightOf(positive);
        var total = 0f;
        for (var k = 1; k < this._itemsPerSample; k++)
        {
            var negative = this.Draw(items, ref random);
            this.SumItem(negative, other);
            var lead = score - Vectors.Dot(sight, other) - this.WeightOf(negative);
            var strength = 1f / (1f + MathF.Exp(lead));
            this._losses[visit] += lead > -30 ? Math.Log(1 + Math.Exp(-lead)) : -lead;
            this._sampleItems[at + k] = negative;
            this._strengths[at + k] = -strength;
            total += strength;
            Vectors.AddScaled(-strength, other, others);
        }

        this._strengths[at] = total;
        foreach (ref var value in pull) value *= total;
        Vectors.AddScaled(1, others, pull);
    }

    private void Rate(int visit, int slot, int sample, int user, float rating)
    {
        var item = this._sampleItems[sample];
        var pull = this._samplePulls.PaddedValues(sample);
        this.SumItem(item, pull);
        var bias = (this._users?.Weights[user] ?? 0f) + (this._userValues?.WeightOf(user) ?? 0f) + this.WeightOf(item);
        var error = this._scale.Shrink(rating) - bias - Vectors.Dot(this._sights.PaddedValues(sample), pull);
        this._losses[visit] += error * error;
        this._strengths[sample] = error;
        this._visitWeightPulls[slot] += error;
        foreach (ref var value in pull) value *= error;
    }

    private int Draw(ReadOnlySpan<int> items, ref RandomStream random)
    {
        var drawn = 0;
        for (var draw = 0; draw < Draws; draw++)
        {
            drawn = this._candidates[random.Below(this._candidates.Length)];
            if (items.BinarySearch(drawn) < 0) break;
        }

        return drawn;
    }

    /// <summary>Gathers and applies what a batch asks of one part of one table.</summary>
    private void Gather(int from, int count, int kind, int part)
    {
        switch (kind)
        {
            case 0: this.Gather(this._items, part, from, count, this.PullItems); break;
            case 1: this.Gather(this._itemValues?.Table, part, from, count, this.PullItemValues); break;
            case 2: this.Gather(this._users, part, from, count, this.PullUser); break;
            case 3: this.Gather(this._userValues?.Table, part, from, count, this.PullUserValues); break;
            default: this.Gather(this._history, part, from, count, this.PullHistory); break;
        }
    }

    private void Gather(FeatureTable? table, int part, int from, int count, Action<RowRange, int, int> pull)
    {
        if (table is null) return;
        var range = new RowRange((int)((long)table.Rows * part / Parts), (int)((long)table.Rows * (part + 1) / Parts), []);
        for (var slot = 0; slot < count; slot++) pull(range, this._order[from + slot], slot);
        var decay = this._options.Decay;
        foreach (var row in range.Pulled) table.Apply(row, (float)this._options.LearningRate, decay, decay);
    }

    private void PullItems(RowRange range, int visit, int slot)
    {
        for (var sample = slot * VisitSamples; sample < (slot * VisitSamples) + this._visits[visit].Count; sample++)
        {
            for (var at = sample * this._itemsPerSample; at < (sample + 1) * this._itemsPerSample; at++)
            {
                var item = this._sampleItems[at];
                if (range.Holds(item)) range.Note(item, this._items.Pull(item, this._strengths[at], this._sights.PaddedValues(sample), this._strengths[at], 1));
            }
        }
    }

    private void PullItemValues(RowRange range, int visit, int slot)
    {
        for (var sample = slot * VisitSamples; sample < (slot * VisitSamples) + this._visits[visit].Count; sample++)
        {
            for (var at = sample * this._itemsPerSample; at < (sample + 1) * this._itemsPerSample; at++)
            {
                var values = this._itemValues!.ValuesOf(this._sampleItems[at]);
                var strength = this._strengths[at] * AttributeFeatures.Share(values);
                foreach (var value in values)
                {
                    if (range.Holds(value)) range.Note(value, this._itemValues.Table.Pull(value, strength, this._sights.PaddedValues(sample), strength, 1));
                }
            }
        }
    }

    private void PullUser(RowRange range, int visit, int slot)
    {
        var user = this._visits[visit].User;
        if (range.Holds(user)) range.Note(user, this._users!.Pull(user, 1, this._visitPulls.PaddedValues(slot), this._visitWeightPulls[slot], this._visits[visit].Count));
    }

    private void PullUserValues(RowRange range, int visit, int slot)
    {
        var values = this._userValues!.ValuesOf(this._visits[visit].User);
        foreach (var value in values)
        {
            if (range.Holds(value))
                range.Note(value, this._userValues.Table.Pull(value, AttributeFeatures.Share(values), this._visitPulls.PaddedValues(slot), AttributeFeatures.Share(values) * this._visitWeightPulls[slot], this._visits[visit].Count));
        }
    }

    /// <summary>Every item of the history is pulled by all samples of the visit; in a ranking, not by its own.</summary>
    private void PullHistory(RowRange range, int visit, int slot)
    {
        var items = this._train.ItemsOf(this._visits[visit].User);
        var share = AttributeFeatures.Share(items);
        var start = items.BinarySearch(range.First);
        for (var i = start < 0 ? ~start : start; i < items.Length && items[i] < range.End; i++)
            range.Note(items[i], this._history.Pull(items[i], share, this._visitPulls.PaddedValues(slot), 0, this._visits[visit].Count));
        for (var sample = slot * VisitSamples; this.IsRanking && sample < (slot * VisitSamples) + this._visits[visit].Count; sample++)
        {
            var item = this._sampleItems[sample * this._itemsPerSample];
            if (range.Holds(item)) this._history.Pull(item, -share, this._samplePulls.PaddedValues(sample), 0, 0);
        }
    }

    private void SumUser(int user, ReadOnlySpan<int> items, Span<float> sum)
    {
        if (this._users is not null) this._users.Factors.PaddedValues(user).CopyTo(sum);
        this._userValues?.Add(user, sum);
        foreach (var item in items) Vectors.AddScaled(AttributeFeatures.Share(items), this._history.Factors.PaddedValues(item), sum);
    }

    private void SumItem(int item, Span<float> sum)
    {
        this._items.Factors.PaddedValues(item).CopyTo(sum);
        this._itemValues?.Add(item, sum);
    }

    private float WeightOf(int item) => this._items.Weights[item] + (this._itemValues?.WeightOf(item) ?? 0f);

    /// <summary>Some rows of a table, and which of them were pulled, in order.</summary>
    private readonly record struct RowRange(int First, int End, List<int> Pulled)
    {
        public bool Holds(int row) => row >= this.First && row < this.End;

        public void Note(int row, bool isFirst)
        {
            if (isFirst) this.Pulled.Add(row);
        }
    }
}
