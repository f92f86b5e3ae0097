using System.Text.Json;
using System.Text.Json.Serialization;
using Aisle.Learning.Data;

namespace Aisle.Learning.Models;

/// <summary>How <see cref="ContentAttributesTrainer"/> compares what two items share with what each has.</summary>
public enum AttributeMeasure
{
    /// <summary>Shared / (one + other − shared).</summary>
    [JsonStringEnumMemberName("jaccard")]
    Jaccard,

    /// <summary>Shared / √(one · other).</summary>
    [JsonStringEnumMemberName("overlap")]
    Overlap,
}

/// <summary>Options of <see cref="ContentAttributesTrainer"/>.</summary>
public sealed record ContentAttributesOptions
{
    /// <summary>Default: jaccard.</summary>
    public AttributeMeasure Measure { get; init; } = AttributeMeasure.Jaccard;

    /// <summary>
    /// Weight of fields by name, each 0 to 1,000,000; a field that is not named weighs 1. Default: none named, and the weights are learned
    /// from which attributes are shared by items that the same shoppers touch.
    /// </summary>
    public IReadOnlyDictionary<string, double> FieldWeights { get; init; } = new Dictionary<string, double>();

    /// <summary>True weighs a value by ln(1 + items / items that have it): a rare brand says more than a common one. Default true.</summary>
    public bool RareValuesCountMore { get; init; } = true;

    /// <summary>Pairs of items from which field weights are learned. 100 to 10,000,000, default 100,000.</summary>
    public int LearningPairs { get; init; } = 100_000;

    /// <summary>Seed of the choice of pairs. Default 1.</summary>
    public int Seed { get; init; } = 1;

    internal void Validate()
    {
        const string model = ContentAttributesTrainer.ModelName;
        OptionRange.Check(model, this.LearningPairs, 100, 10_000_000);
        if (!Enum.IsDefined(this.Measure)) throw new ArgumentException($"{model}: measure is {this.Measure}; allowed are jaccard and overlap.");
        foreach (var (field, weight) in this.FieldWeights)
        {
            if (weight is not (>= 0 and <= 1e6)) throw new ArgumentException($"{model}: fieldWeights gives {field} the weight {weight}; allowed are 0 to 1000000.");
        }
    }
}

/// <summary>
/// Items are alike when they share attributes: sim(i, j) = shared / (w_i + w_j − shared), or over √(w_i·w_j), where values weigh as much as
/// their field, times their rarity. A candidate's score is Σ w·sim over the history. Items that nobody touched are scored like any other.
/// </summary>
/// <remarks>Pazzani, Billsus: Content-based recommendation systems (2007). Field weights are learned as in Debnath, Ganguly, Mitra: Feature weighting in
/// content based recommendation system using social network analysis (WWW 2008): a regression of being touched together on what is shared.</remarks>
public sealed class ContentAttributesTrainer : ITrainer
{
    public const string ModelName = "content-attributes";

    private readonly ContentAttributesOptions _options;

    public ContentAttributesTrainer(ContentAttributesOptions? options = null)
    {
        this._options = options ?? new ContentAttributesOptions();
        this._options.Validate();
    }

    public string Name => ModelName;

    public JsonElement Options => JsonSerializer.SerializeToElement(this._options, TrainerOptionsJson.Default.ContentAttributesOptions);

    public IModel Fit(Dataset data, FitContext context)
    {
        var train = TrainingInput.Check(this.Name, data, context);
        var attributes = ContentInput.Attributes(this.Name, data);
        if (this._options.FieldWeights.Keys.FirstOrDefault(field => !attributes.Fields.Contains(field)) is { } unknown)
            throw new ArgumentException($"{ModelName}: fieldWeights names a field '{unknown}', which no item has. The fields are: {string.Join(", ", attributes.Fields)}.");

        var rarity = this.Rarity(attributes);
        var fields = this._options.FieldWeights.Count > 0
            ? [.. attributes.Fields.Select(field => this._options.FieldWeights.TryGetValue(field, out var weight) ? weight : 1)]
            : new FieldWeights(attributes, rarity).Learn(train, this._options.LearningPairs, this._options.Seed);
        var rows = Rows(attributes, rarity, fields);
        context.Progress?.Report(new TrainingStep(this.Name, "attributes", 1, 1));
        return new ContentAttributesModel(rows, this._options.Measure, train);
    }

    private double[] Rarity(Attributes attributes)
    {
        var spread = new int[attributes.Values];
        for (var item = 0; item < attributes.Rows; item++)
        {
            foreach (var value in attributes.ValuesOf(item)) spread[value]++;
        }

        return Array.ConvertAll(spread, count => this._options.RareValuesCountMore && count > 0 ? Math.Log(1 + ((double)attributes.Rows / count)) : 1);
    }

    /// <summary>Items × values; values of fields that do not count are left out.</summary>
    private static Interactions Rows(Attributes attributes, double[] rarity, double[] fields)
    {
        var starts = new long[attributes.Rows + 1];
        List<int> columns = [];
        List<float> weights = [];
        for (var item = 0; item < attributes.Rows; item++)
        {
            foreach (var value in attributes.ValuesOf(item))
            {
                var weight = (float)(rarity[value] * fields[attributes.FieldOf(value)]);
                if (!(weight > 0f)) continue;
                columns.Add(value);
                weights.Add(weight);
            }

            starts[item + 1] = columns.Count;
        }

        return Interactions.FromSortedRows(attributes.Values, starts, [.. columns], [.. weights]);
    }
}

/// <summary>
/// What each field is worth: non-negative least squares of "touched by one shopper" (1) against "drawn at random" (0) on the share of
/// each field's values that two items have in common. The random partner is drawn as often as it is touched, so popularity explains nothing.
/// </summary>
internal sealed class FieldWeights(Attributes attributes, double[] rarity)
{
    private const int Sweeps = 200;

    /// <summary>Beyond this many fields their products would cost more than they tell, and all count alike.</summary>
    private const int MostFields = 1000;

    public double[] Learn(Interactions train, int pairs, int seed)
    {
        var fields = attributes.Fields.Count;
        var random = new Random(seed);
        var several = Enumerable.Range(0, train.Users).Where(user => train.CountOf(user) >= 2).ToArray();
        if (several.Length == 0 || fields > MostFields) return [.. Enumerable.Repeat(1.0, fields)];

        // The last column is the constant; its coefficient may be of either sign.
        var products = new double[fields + 1, fields + 1];
        var right = new double[fields + 1];
        var shared = new double[fields + 1];
        var all = new double[fields];
        shared[fields] = 1;
        for (var pair = 0; pair < pairs; pair++)
        {
            var items = train.ItemsOf(several[random.Next(several.Length)]);
            var first = items[random.Next(items.Length)];
            var isTogether = pair % 2 == 0;
            var second = isTogether ? items[random.Next(items.Length)] : train.AllItems[random.Next(train.AllItems.Length)];
            if (first == second) continue;
            this.Shares(first, second, shared, all);
            var used = Enumerable.Range(0, fields).Where(field => shared[field] > 0).Append(fields).ToArray();
            foreach (var i in used)
            {
                foreach (var j in used) products[i, j] += shared[i] * shared[j];
                if (isTogether) right[i] += shared[i];
            }
        }

        return Solve(products, right);
    }

    /// <summary>Coordinate descent; where no field helps, all count alike.</summary>
    private static double[] Solve(double[,] products, double[] right)
    {
        var fields = right.Length - 1;
        var weights = new double[right.Length];
        for (var sweep = 0; sweep < Sweeps; sweep++)
        {
            for (var i = 0; i < right.Length; i++)
            {
                if (products[i, i] <= 0) continue;
                var residual = right[i];
                for (var j = 0; j < right.Length; j++) residual -= products[i, j] * weights[j];
                var moved = weights[i] + (residual / products[i, i]);
                weights[i] = i < fields ? Math.Max(0, moved) : moved;
            }
        }

        var largest = weights[..fields].DefaultIfEmpty(0).Max();
        return [.. weights[..fields].Select(weight => largest > 0 ? weight / largest : 1)];
    }

    /// <summary>For each field the share of its values, by rarity, that two items have in common.</summary>
    private void Shares(int first, int second, double[] shared, double[] all)
    {
        var a = attributes.ValuesOf(first);
        var b = attributes.ValuesOf(second);
        shared.AsSpan(0, all.Length).Clear();
        all.AsSpan().Clear();
        foreach (var value in a)
        {
            all[attributes.FieldOf(value)] += rarity[value];
            if (b.BinarySearch(value) >= 0) shared[attributes.FieldOf(value)] += rarity[value];
        }

        foreach (var value in b)
        {
            if (a.BinarySearch(value) < 0) all[attributes.FieldOf(value)] += rarity[value];
        }

        for (var field = 0; field < all.Length; field++) shared[field] = all[field] > 0 ? shared[field] / all[field] : 0;
    }
}
