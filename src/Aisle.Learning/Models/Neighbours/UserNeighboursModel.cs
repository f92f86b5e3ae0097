using Aisle.Learning.Data;

namespace Aisle.Learning.Models;

/// <summary>
/// An item's score for a shopper is Σ sim(shopper, v) · w_vi over the nearest users v. Items that none of them touched are unknown for
/// that shopper and score −∞. Holds the training rows and their transpose, nothing else that grows.
/// </summary>
public sealed class UserNeighboursModel : ScoringModel, IRatingModel, IUpdatable
{
    private const int LayoutVersion = 1;

    private readonly Interactions _train;
    private readonly Interactions _byItem;
    private readonly UserNeighboursOptions _options;
    private readonly SimilarRows _users;

    /// <summary>Likeness of items, for those who ask for it.</summary>
    private readonly Lazy<SimilarRows> _items;

    private readonly Lazy<RatingBaseline> _baseline;

    internal UserNeighboursModel(Interactions train, UserNeighboursOptions options)
    {
        this._train = train;
        this._byItem = train.Transpose();
        this._options = options;
        this._users = new SimilarRows(train, options, options.UsersPerItem);
        this._items = new Lazy<SimilarRows>(() => new SimilarRows(this._byItem, options));
        this._baseline = new Lazy<RatingBaseline>(() => new RatingBaseline(train));
    }

    public override string Name => UserNeighboursTrainer.ModelName;

    public override int Users => this._train.Users;

    public override int Items => this._train.Items;

    public (float Lowest, float Highest) RatingRange => this._baseline.Value.Range;

    private protected override void ScoreKnown(ReadOnlySpan<int> users, Span<float> scores)
    {
        for (var i = 0; i < users.Length; i++)
            this.Score(this._train.ItemsOf(users[i]), this._train.WeightsOf(users[i]), users[i], scores.Slice(i * this.Items, this.Items));
    }

    /// <summary>An item that stands in the history repeatedly counts with the sum of its weights.</summary>
    private protected override void Score(History history, Span<float> scores)
    {
        var row = RowOf(history);
        this.Score(row.Items, row.Weights, -1, scores);
    }

    /// <summary>Items by their users, measured as users are by their items.</summary>
    private protected override void ScoreLikeness(int item, Span<float> scores)
    {
        scores.Fill(float.NegativeInfinity);
        using var similar = this._items.Value.Find(this._byItem.ItemsOf(item), this._byItem.WeightsOf(item), item);
        for (var i = 0; i < similar.Rows.Length; i++) scores[similar.Rows[i]] = similar.Similarities[i];
    }

    /// <summary>Each neighbour's share in a score is divided among the items that make the shopper and the neighbour alike, by what they add to their product.</summary>
    private protected override bool Contribute(History history, ReadOnlySpan<int> items, Span<float> contributions)
    {
        var row = RowOf(history);
        using var near = this._users.Find(row.Items, row.Weights, -1);
        var (shared, values) = this._users.Sharing(row.Items, row.Weights);
        var byColumn = new float[row.Items.Length * items.Length];
        for (var neighbour = 0; neighbour < near.Rows.Length; neighbour++)
        {
            for (var column = 0; column < row.Items.Length; column++)
            {
                var at = shared.ItemsOf(row.Items[column]).BinarySearch(near.Rows[neighbour]);
                if (at < 0) continue;
                var product = this._users.Product(row.Items[column], values[column], shared.WeightsOf(row.Items[column])[at]);
                var share = near.Similarities[neighbour] * product / near.Products[neighbour];
                for (var i = 0; i < items.Length; i++) byColumn[(i * row.Items.Length) + column] += share * this.WeightOf(near.Rows[neighbour], items[i]);
            }
        }

        for (var i = 0; i < history.Items.Length; i++)
        {
            var column = row.Items.AsSpan().BinarySearch(history.Items[i]);
            var part = history.Weight(i) / row.Weights[column];
            for (var asked = 0; asked < items.Length; asked++)
                contributions[(asked * history.Items.Length) + i] = byColumn[(asked * row.Items.Length) + column] * part;
        }

        return true;
    }

    /// <summary>What the nearest of the item's raters found above or below expectation, by likeness, on top of what is expected of both.</summary>
    public void PredictRatings(ReadOnlySpan<int> users, ReadOnlySpan<int> items, Span<float> ratings)
    {
        TrainingInput.CheckPairs(this, users, items, ratings);
        var baseline = this._baseline.Value;
        for (var pair = 0; pair < users.Length; pair++)
        {
            var (user, item) = (users[pair], items[pair]);
            double sum = 0, total = 0;
            var raters = this._byItem.ItemsOf(item);
            if (!raters.IsEmpty)
            {
                using var near = this._users.Find(this._train.ItemsOf(user), this._train.WeightsOf(user), user, raters);
                for (var i = 0; i < near.Rows.Length; i++)
                {
                    var rating = this.WeightOf(near.Rows[i], item);
                    sum += near.Similarities[i] * (rating - baseline.Of(near.Rows[i], item));
                    total += near.Similarities[i];
                }
            }

            ratings[pair] = baseline.Predict(user, item, sum, total);
        }
    }

    /// <summary>Exactly the model of a new fit: there is nothing but the rows and their index.</summary>
    public IModel Update(Dataset added, FitContext context)
    {
        var fresh = AddedBehaviour.Check(this, added, context);
        var train = this._train.Enlarged(fresh.Users, fresh.Items).With(fresh);
        this._options.CheckRatings(this.Name, train);
        return new UserNeighboursModel(train, this._options);
    }

    public override void Save(Stream stream)
    {
        using var writer = new ModelWriter(stream, this.Name, LayoutVersion);
        writer.Write(this.Users);
        writer.Write(this.Items);
        writer.WriteArray<double>([.. this._options.ToNumbers(), this._options.UsersPerItem]);
        writer.WriteSparseRows(this._train);
    }

    /// <exception cref="InvalidDataException">The stream does not hold a whole model of this kind; the message says what is wrong.</exception>
    public static UserNeighboursModel Load(Stream stream)
    {
        using var reader = new ModelReader(stream, UserNeighboursTrainer.ModelName, LayoutVersion);
        var users = reader.ReadRows("the number of users");
        var items = reader.ReadRows("the number of items");
        var options = new UserNeighboursOptions(reader.ReadArray<double>("the options", SimilarityOptions.Numbers + 1));
        reader.Validate(options.Validate);
        return new UserNeighboursModel(reader.ReadSparseRows("the histories", users, items), options);
    }

    private void Score(ReadOnlySpan<int> items, ReadOnlySpan<float> weights, int self, Span<float> scores)
    {
        scores.Fill(float.NegativeInfinity);
        using var near = this._users.Find(items, weights, self);
        for (var i = 0; i < near.Rows.Length; i++)
        {
            var theirs = this._train.ItemsOf(near.Rows[i]);
            var strengths = this._train.WeightsOf(near.Rows[i]);
            for (var j = 0; j < theirs.Length; j++)
            {
                ref var score = ref scores[theirs[j]];
                var share = near.Similarities[i] * strengths[j];
                score = float.IsNegativeInfinity(score) ? share : score + share;
            }
        }
    }

    private float WeightOf(int user, int item)
    {
        var at = this._train.ItemsOf(user).BinarySearch(item);
        return at < 0 ? 0f : this._train.WeightsOf(user)[at];
    }

    /// <summary>A history as a row of the matrix: ascending, each item once.</summary>
    private static (int[] Items, float[] Weights) RowOf(History history)
    {
        var sums = new SortedDictionary<int, float>();
        for (var i = 0; i < history.Items.Length; i++)
            sums[history.Items[i]] = sums.GetValueOrDefault(history.Items[i]) + history.Weight(i);
        return ([.. sums.Keys], [.. sums.Values]);
    }
}
