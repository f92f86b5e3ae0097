namespace Aisle.Learning.Ranking;

/// <summary>How the numbers of a feature are meant.</summary>
public enum FeatureKind
{
    /// <summary>An amount: larger is more.</summary>
    Number,

    /// <summary>The number of a category, from 0 to 1,048,575; anything else counts as missing.</summary>
    Category,
}

/// <summary>In which direction a feature alone may move a score.</summary>
public enum MonotoneDirection
{
    Any,

    /// <summary>A larger value never lowers the score.</summary>
    Rising,

    /// <summary>A larger value never raises the score.</summary>
    Falling,
}

/// <summary>One number of a row that is ranked.</summary>
/// <param name="Name">1 to 200 characters.</param>
/// <param name="Monotone">For numbers only. Binds the training; not part of what is compared between schemas.</param>
public sealed record RankingFeature(string Name, FeatureKind Kind = FeatureKind.Number, MonotoneDirection Monotone = MonotoneDirection.Any);

/// <summary>The features of a row in their order. A model keeps those that it was trained on and refuses rows of others.</summary>
public sealed class FeatureSchema
{
    internal const int MaxFeatures = 1024;
    internal const int MaxNameLength = 200;

    private readonly RankingFeature[] _features;

    /// <param name="features">1 to 1,024 with distinct names.</param>
    public FeatureSchema(IEnumerable<RankingFeature> features)
    {
        this._features = [.. features];
        if (this._features.Length is 0 or > MaxFeatures) throw new ArgumentException($"There are {this._features.Length} features; allowed are 1 to {MaxFeatures}.");
        var names = new HashSet<string>();
        foreach (var feature in this._features)
        {
            if (feature.Name.Length is 0 or > MaxNameLength) throw new ArgumentException($"The feature name '{feature.Name}' has {feature.Name.Length} characters; allowed are 1 to {MaxNameLength}.");
            if (!names.Add(feature.Name)) throw new ArgumentException($"The feature '{feature.Name}' stands twice; give each its own name.");
            if (!Enum.IsDefined(feature.Kind) || !Enum.IsDefined(feature.Monotone)) throw new ArgumentException($"The feature '{feature.Name}' has an unknown kind or direction.");
            if (feature is { Kind: FeatureKind.Category, Monotone: not MonotoneDirection.Any })
                throw new ArgumentException($"The feature '{feature.Name}' is a category, which has no larger and smaller: only numbers can be monotone.");
        }
    }

    public int Count => this._features.Length;

    public IReadOnlyList<RankingFeature> Features => this._features;

    /// <exception cref="ArgumentException">The other has other features, or the same in another order; the message names the first difference.</exception>
    public void RequireSame(FeatureSchema other)
    {
        for (var f = 0; f < Math.Max(this.Count, other.Count); f++)
        {
            var (mine, theirs) = (this.At(f), other.At(f));
            if (mine != theirs)
                throw new ArgumentException($"The features do not match: at place {f} {mine} is expected and {theirs} was found. Give the features that the model was trained on, in their order, or train it again.");
        }
    }

    private string At(int feature) => feature < this.Count ? $"'{this._features[feature].Name}' ({this._features[feature].Kind})" : "nothing";
}
