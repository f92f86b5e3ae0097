using System.Text;

namespace Aisle.Engine.ChoicePoints;

/// <summary>Whom a feature tells of.</summary>
public enum FeatureOwner
{
    Action,
    Context,

    /// <summary>An attribute of the shopper's record.</summary>
    Shopper,
}

/// <summary>A number or a text.</summary>
public readonly record struct FeatureValue(float Number, string? Text);

/// <summary>One feature that a choice point knows.</summary>
/// <param name="Range">Numbers between these become 0 to 1, others are cut; null for numbers as they come.</param>
/// <param name="Values">Of categories: one place each, none for any other text; empty for numbers and hashed categories.</param>
/// <param name="Buckets">Of hashed categories; 0 otherwise.</param>
public sealed record ChoiceFeature(string Name, FeatureOwner Owner, (double From, double To)? Range, IReadOnlyList<string> Values, int Buckets)
{
    public bool IsNumber => this.Buckets == 0 && this.Values.Count == 0;

    public int Width => this.IsNumber ? 1 : this.Buckets > 0 ? this.Buckets : this.Values.Count;

    internal void Encode(FeatureValue? value, Span<float> row)
    {
        if (value is not { } given) return;
        if (this.IsNumber)
        {
            row[0] = this.Range is { } range ? (float)Math.Clamp((given.Number - range.From) / (range.To - range.From), 0, 1) : given.Number;
            return;
        }

        var text = given.Text ?? "";
        var place = this.Buckets > 0 ? (int)((ulong)StableHash.Of(text) % (ulong)this.Buckets) : this.PlaceOf(text);
        if (place >= 0) row[place] = 1;
    }

    private int PlaceOf(string text)
    {
        for (var place = 0; place < this.Values.Count; place++)
        {
            if (this.Values[place] == text) return place;
        }

        return -1;
    }
}

/// <summary>Turns what is known of an action into a row of numbers: a constant 1, a block for each feature, and for each cross the products of two blocks.</summary>
public sealed class FeatureLayout
{
    public const int MostWidth = 256;

    private readonly int[] _offsets;
    private readonly Dictionary<string, int> _places = [];

    public FeatureLayout(IReadOnlyList<ChoiceFeature> features, IReadOnlyList<(int One, int Other)> crosses)
    {
        this.Features = features;
        this.Crosses = crosses;
        this._offsets = new int[features.Count];
        var width = 1;
        for (var place = 0; place < features.Count; place++)
        {
            this._offsets[place] = width;
            this._places[features[place].Name] = place;
            width += features[place].Width;
        }

        this.Width = width + crosses.Sum(cross => features[cross.One].Width * features[cross.Other].Width);
    }

    public IReadOnlyList<ChoiceFeature> Features { get; }

    public IReadOnlyList<(int One, int Other)> Crosses { get; }

    public int Width { get; }

    public bool AsksShopper => this.Features.Any(feature => feature.Owner == FeatureOwner.Shopper);

    /// <summary>Two layouts with the same description encode alike.</summary>
    public string Description
    {
        get
        {
            var text = new StringBuilder();
            foreach (var feature in this.Features)
                text.Append(System.Globalization.CultureInfo.InvariantCulture, $"{feature.Name}|{feature.Owner}|{feature.Range}|{feature.Buckets}|{string.Join(',', feature.Values.Select(value => Uri.EscapeDataString(value)))};");
            foreach (var (one, other) in this.Crosses) text.Append(System.Globalization.CultureInfo.InvariantCulture, $"{one}x{other};");
            return text.ToString();
        }
    }

    public ChoiceFeature? Find(string name) => this._places.TryGetValue(name, out var place) ? this.Features[place] : null;

    /// <summary>A row for each action of the question.</summary>
    internal float[] Encode(ChoiceQuestion question)
    {
        var rows = new float[this.Width * question.Actions.Count];
        for (var action = 0; action < question.Actions.Count; action++)
            this.Encode(question.Context, question.Actions[action].Features, rows.AsSpan(action * this.Width, this.Width));
        return rows;
    }

    private void Encode(IReadOnlyDictionary<string, FeatureValue> context, IReadOnlyDictionary<string, FeatureValue> action, Span<float> row)
    {
        row[0] = 1;
        for (var place = 0; place < this.Features.Count; place++)
        {
            var feature = this.Features[place];
            var known = feature.Owner == FeatureOwner.Action ? action : context;
            feature.Encode(known.TryGetValue(feature.Name, out var value) ? value : null, row.Slice(this._offsets[place], feature.Width));
        }

        var next = this._offsets.Length == 0 ? 1 : this._offsets[^1] + this.Features[^1].Width;
        foreach (var (one, other) in this.Crosses)
        {
            for (var left = 0; left < this.Features[one].Width; left++)
            {
                for (var right = 0; right < this.Features[other].Width; right++) row[next++] = row[this._offsets[one] + left] * row[this._offsets[other] + right];
            }
        }
    }
}
