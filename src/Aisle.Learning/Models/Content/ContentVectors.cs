using System.Buffers;
using System.Text.Json;
using Aisle.Learning.Data;
using Aisle.Learning.Kernels;

namespace Aisle.Learning.Models;

/// <summary>Options of <see cref="ContentVectorsTrainer"/>.</summary>
public sealed record ContentVectorsOptions
{
    /// <summary>True takes the mean of all vectors off each: vectors of language models share a direction that says nothing of the item. Default true.</summary>
    public bool Centre { get; init; } = true;
}

/// <summary>
/// Items are alike when the vectors that the caller brings for them point the same way; a shopper's profile is the weighted sum of what they
/// touched. Items that nobody touched are scored like any other.
/// </summary>
/// <remarks>Taking off the mean: Mu, Viswanath: All-but-the-top (ICLR 2018).</remarks>
public sealed class ContentVectorsTrainer : ITrainer
{
    public const string ModelName = "content-vectors";

    private readonly ContentVectorsOptions _options;

    public ContentVectorsTrainer(ContentVectorsOptions? options = null) => this._options = options ?? new ContentVectorsOptions();

    public string Name => ModelName;

    public JsonElement Options => JsonSerializer.SerializeToElement(this._options, TrainerOptionsJson.Default.ContentVectorsOptions);

    public IModel Fit(Dataset data, FitContext context)
    {
        var train = TrainingInput.Check(this.Name, data, context);
        var vectors = ContentInput.Vectors(this.Name, data);
        var units = this.Units(vectors, train.Items);
        context.Progress?.Report(new TrainingStep(this.Name, "vectors", 1, 1));
        return new ContentVectorsModel(units, vectors.Dimensions, train);
    }

    /// <summary>Vectors of length 1; a vector of zeros stays one.</summary>
    private float[] Units(ItemVectors vectors, int items)
    {
        var mean = new double[vectors.Dimensions];
        var given = 0;
        for (var item = 0; item < items; item++)
        {
            var values = vectors.Of(item);
            if (!values.ContainsAnyExcept(0f)) continue;
            given++;
            for (var d = 0; d < values.Length; d++) mean[d] += values[d];
        }

        var units = new float[vectors.Values.Length];
        for (var item = 0; item < items; item++)
        {
            var values = vectors.Of(item);
            if (!values.ContainsAnyExcept(0f)) continue;
            var unit = units.AsSpan(item * vectors.Dimensions, vectors.Dimensions);
            var squares = 0.0;
            for (var d = 0; d < values.Length; d++)
            {
                var value = values[d] - (this._options.Centre && given > 1 ? mean[d] / given : 0);
                squares += value * value;
                unit[d] = (float)value;
            }

            var length = (float)Math.Sqrt(squares);
            foreach (ref var value in unit) value = length > 0f ? value / length : 0f;
        }

        return units;
    }
}

/// <summary>A score is the cosine between an item's vector and the sum of those of the history. An item without a vector is unknown.</summary>
public sealed class ContentVectorsModel : ScoringModel
{
    private const int LayoutVersion = 1;
    private const int MostDimensions = 65_536;

    private readonly float[] _units;
    private readonly int _dimensions;
    private readonly FactorScores _scores;
    private readonly Interactions _train;

    internal ContentVectorsModel(float[] units, int dimensions, Interactions train)
    {
        this._units = units;
        this._dimensions = dimensions;
        this._scores = new FactorScores(
            PackedMatrix.FromColumns(units, dimensions, train.Items, dimensions), Enumerable.Range(0, train.Items).Where(item => !this.Unit(item).ContainsAnyExcept(0f)));
        this._train = train;
    }

    public override string Name => ContentVectorsTrainer.ModelName;

    public override int Users => this._train.Users;

    public override int Items => this._train.Items;

    private protected override void ScoreKnown(ReadOnlySpan<int> users, Span<float> scores)
    {
        var rented = ArrayPool<float>.Shared.Rent(users.Length * this._dimensions);
        var profiles = rented.AsSpan(0, users.Length * this._dimensions);
        for (var i = 0; i < users.Length; i++)
            this.Profile(new History(this._train.ItemsOf(users[i]), this._train.WeightsOf(users[i])), profiles.Slice(i * this._dimensions, this._dimensions));
        this._scores.Of(profiles, users.Length, scores);
        ArrayPool<float>.Shared.Return(rented);
    }

    private protected override void Score(History history, Span<float> scores)
    {
        var profile = new float[this._dimensions];
        this.Profile(history, profile);
        this._scores.Of(profile, 1, scores);
    }

    private protected override void ScoreLikeness(int item, Span<float> scores) => this._scores.Of(this.Unit(item), 1, scores);

    private protected override bool Contribute(History history, ReadOnlySpan<int> items, Span<float> contributions)
    {
        var length = this.Profile(history, new float[this._dimensions]);
        for (var row = 0; row < items.Length; row++)
        {
            for (var i = 0; i < history.Items.Length; i++)
                contributions[(row * history.Items.Length) + i] = length > 0f ? history.Weight(i) * Vectors.Dot(this.Unit(items[row]), this.Unit(history.Items[i])) / length : 0f;
        }

        return true;
    }

    public override void Save(Stream stream)
    {
        using var writer = new ModelWriter(stream, this.Name, LayoutVersion);
        writer.Write(this.Users);
        writer.Write(this.Items);
        writer.Write(this._dimensions);
        writer.WriteArray<float>(this._units);
        writer.WriteSparseRows(this._train);
    }

    /// <exception cref="InvalidDataException">The stream does not hold a whole model of this kind; the message says what is wrong.</exception>
    public static ContentVectorsModel Load(Stream stream)
    {
        using var reader = new ModelReader(stream, ContentVectorsTrainer.ModelName, LayoutVersion);
        var users = reader.ReadRows("the number of users");
        var items = reader.ReadRows("the number of items");
        var dimensions = reader.ReadInt32("the number of dimensions", 1, MostDimensions);
        var units = reader.ReadFiniteArray("the vectors of the items", (long)items * dimensions);
        return new ContentVectorsModel(units, dimensions, reader.ReadSparseRows("the histories", users, items));
    }

    private ReadOnlySpan<float> Unit(int item) => this._units.AsSpan(item * this._dimensions, this._dimensions);

    /// <summary>Fills in the sum of the history's vectors, brought to length 1.</summary>
    /// <returns>Its length before.</returns>
    private float Profile(History history, Span<float> profile)
    {
        profile.Clear();
        for (var i = 0; i < history.Items.Length; i++) Vectors.AddScaled(history.Weight(i), this.Unit(history.Items[i]), profile);
        var length = MathF.Sqrt(Vectors.Dot(profile, profile));
        foreach (ref var value in profile) value = length > 0f ? value / length : 0f;
        return length;
    }
}
