using Aisle.Learning.Data;

namespace Aisle.Learning.Models;

/// <summary>
/// An item's score for a shopper is Σ w·sim over those of its neighbours that stand in the history. Items without a neighbour there
/// are unknown for that shopper and score −∞. Keeps the training rows to score known users, to predict ratings and to be updated.
/// </summary>
public sealed class ItemNeighboursModel : ScoringModel, IRatingModel, IUpdatable
{
    private const int LayoutVersion = 2;

    /// <summary>Items × items: row i holds the neighbours of item i with their similarities.</summary>
    private readonly Interactions _neighbours;

    /// <summary>The same lists seen from the other end: row i holds the items that have item i among their neighbours.</summary>
    private readonly Interactions _neighbourOf;

    private readonly Interactions _train;
    private readonly ItemNeighboursOptions _options;
    private readonly Lazy<RatingBaseline> _baseline;

    internal ItemNeighboursModel(Interactions neighbours, Interactions train, ItemNeighboursOptions options)
    {
        this._neighbours = neighbours;
        this._neighbourOf = neighbours.Transpose();
        this._train = train;
        this._options = options;
        this._baseline = new Lazy<RatingBaseline>(() => new RatingBaseline(train));
    }

    public override string Name => ItemNeighboursTrainer.ModelName;

    public override int Users => this._train.Users;

    public override int Items => this._train.Items;

    public (float Lowest, float Highest) RatingRange => this._baseline.Value.Range;

    private protected override History HistoryOf(int user) => new(this._train.ItemsOf(user), this._train.WeightsOf(user));

    /// <summary>The stored similarities; items that are no neighbours score −∞.</summary>
    private protected override void ScoreLikeness(int item, Span<float> scores)
    {
        scores.Fill(float.NegativeInfinity);
        var neighbours = this._neighbours.ItemsOf(item);
        var similarities = this._neighbours.WeightsOf(item);
        for (var i = 0; i < neighbours.Length; i++) scores[neighbours[i]] = similarities[i];
    }

    private protected override bool Contribute(History history, ReadOnlySpan<int> items, Span<float> contributions)
    {
        for (var row = 0; row < items.Length; row++)
        {
            var neighbours = this._neighbours.ItemsOf(items[row]);
            for (var i = 0; i < history.Items.Length; i++)
            {
                var at = neighbours.BinarySearch(history.Items[i]);
                contributions[(row * history.Items.Length) + i] = at < 0 ? 0f : history.Weight(i) * this._neighbours.WeightsOf(items[row])[at];
            }
        }

        return true;
    }

    /// <summary>What the user's ratings of the item's neighbours were above or below expectation, by likeness, on top of what is expected of both.</summary>
    public void PredictRatings(ReadOnlySpan<int> users, ReadOnlySpan<int> items, Span<float> ratings)
    {
        TrainingInput.CheckPairs(this, users, items, ratings);
        var baseline = this._baseline.Value;
        for (var pair = 0; pair < users.Length; pair++)
        {
            var (user, item) = (users[pair], items[pair]);
            double sum = 0, total = 0;
            var rated = this._train.ItemsOf(user);
            var neighbours = this._neighbours.ItemsOf(item);
            for (int i = 0, j = 0; i < rated.Length && j < neighbours.Length;)
            {
                if (rated[i] < neighbours[j]) i++;
                else if (rated[i] > neighbours[j]) j++;
                else
                {
                    var similarity = this._neighbours.WeightsOf(item)[j++];
                    sum += similarity * (this._train.WeightsOf(user)[i] - baseline.Of(user, rated[i++]));
                    total += similarity;
                }
            }

            ratings[pair] = baseline.Predict(user, item, sum, total);
        }
    }

    /// <summary>
    /// Finds again the neighbours of all items that share a user with the new behaviour, exactly as a new fit would. The lists of other
    /// items stay: in them only the lengths of some neighbours are out of date.
    /// </summary>
    public IModel Update(Dataset added, FitContext context)
    {
        var fresh = AddedBehaviour.Check(this, added, context);
        var train = this._train.Enlarged(fresh.Users, fresh.Items).With(fresh);
        this._options.CheckRatings(this.Name, train);
        var changed = new SortedSet<int>();
        for (var user = 0; user < fresh.Users; user++)
        {
            if (fresh.CountOf(user) == 0) continue;
            foreach (var item in train.ItemsOf(user)) changed.Add(item);
        }

        var rows = new (int[] Items, float[] Similarities)[train.Items];
        for (var item = 0; item < rows.Length; item++)
            rows[item] = item < this.Items ? (this._neighbours.ItemsOf(item).ToArray(), this._neighbours.WeightsOf(item).ToArray()) : ([], []);
        int[] which = [.. changed];
        var found = new SimilarRows(train.Transpose(), this._options).Of(which, this.Name, context);
        for (var i = 0; i < which.Length; i++) rows[which[i]] = found[i];
        return new ItemNeighboursModel(Interactions.FromRows(rows.Length, rows), train, this._options);
    }

    public override void Save(Stream stream)
    {
        using var writer = new ModelWriter(stream, this.Name, LayoutVersion);
        writer.Write(this.Users);
        writer.Write(this.Items);
        writer.WriteArray<double>(this._options.ToNumbers());
        writer.WriteSparseRows(this._neighbours);
        writer.WriteSparseRows(this._train);
    }

    /// <exception cref="InvalidDataException">The stream does not hold a whole model of this kind; the message says what is wrong.</exception>
    public static ItemNeighboursModel Load(Stream stream)
    {
        using var reader = new ModelReader(stream, ItemNeighboursTrainer.ModelName, LayoutVersion);
        var users = reader.ReadRows("the number of users");
        var items = reader.ReadRows("the number of items");
        var options = new ItemNeighboursOptions(reader.ReadArray<double>("the options", SimilarityOptions.Numbers));
        reader.Validate(options.Validate);
        return new ItemNeighboursModel(reader.ReadSparseRows("the neighbours", items, items), reader.ReadSparseRows("the histories", users, items), options);
    }

    private protected override void Score(History history, Span<float> scores)
    {
        scores.Fill(float.NegativeInfinity);
        for (var i = 0; i < history.Items.Length; i++)
        {
            var weight = history.Weight(i);
            var candidates = this._neighbourOf.ItemsOf(history.Items[i]);
            var similarities = this._neighbourOf.WeightsOf(history.Items[i]);
            for (var j = 0; j < candidates.Length; j++)
            {
                ref var score = ref scores[candidates[j]];
                var share = weight * similarities[j];
                score = float.IsNegativeInfinity(score) ? share : score + share;
            }
        }
    }
}
