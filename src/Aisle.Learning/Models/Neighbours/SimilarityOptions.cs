using System.Text.Json.Serialization;
using Aisle.Learning.Data;

namespace Aisle.Learning.Models;

/// <summary>What likeness of two rows means (items by their users, or users by their items). n is a row's number of entries, x its weights.</summary>
public enum SimilarityMeasure
{
    /// <summary>Σ x y / (|x| |y| + shrinkage).</summary>
    [JsonStringEnumMemberName("cosine")]
    Cosine,

    /// <summary>Σ x y / (|x|^2α |y|^2(1−α) + shrinkage), x being the candidate: above α = ½ much-visited candidates count less.</summary>
    [JsonStringEnumMemberName("asymmetric-cosine")]
    AsymmetricCosine,

    /// <summary>Shared / (either + shrinkage), without regard to weights.</summary>
    [JsonStringEnumMemberName("jaccard")]
    Jaccard,

    /// <summary>Cosine of weights damped by their logarithm and raised where the column is rare: log(1 + x) · log(rows / column's count).</summary>
    [JsonStringEnumMemberName("tf-idf")]
    TfIdf,

    /// <summary>Cosine of BM25 weights: as TF-IDF, but a weight saturates (k1) and a long row's weights count less (b).</summary>
    [JsonStringEnumMemberName("bm25")]
    Bm25,

    /// <summary>Dunning's G² of the 2 × 2 table "touched this one" × "touched that one", brought below 1: G² / (G² + 1 + shrinkage); 0 where the two meet less often than by chance.</summary>
    [JsonStringEnumMemberName("log-likelihood")]
    LogLikelihood,

    /// <summary>Correlation of ratings over shared columns, each row about its own mean; times shared / (shared + shrinkage).</summary>
    [JsonStringEnumMemberName("pearson")]
    Pearson,

    /// <summary>As Pearson, but each rating about the mean of its column: for items, about the mean of the user who gave it.</summary>
    [JsonStringEnumMemberName("adjusted-cosine")]
    AdjustedCosine,
}

/// <summary>The options that item and user neighbours share.</summary>
public abstract record SimilarityOptions
{
    /// <summary>What likeness means. Default cosine.</summary>
    public SimilarityMeasure Similarity { get; init; }

    /// <summary>Most similar rows that count. 1 to 10,000.</summary>
    public int Neighbours { get; init; }

    /// <summary>Pairs that share little count less: added to the denominator, or see the measure. 0 to 1,000,000.</summary>
    public double Shrinkage { get; init; }

    /// <summary>a: a shared column counts (n / mean n)^−a, n being its number of entries: being in a long list says little. 0 to 2.</summary>
    public double Damping { get; init; }

    /// <summary>p: similarities are raised to this power. Above 1 the nearest count for more. 0.1 to 10, default 1.</summary>
    public double Amplification { get; init; } = 1;

    /// <summary>θ: only rows more similar than this are neighbours. 0 to 1, default 0.</summary>
    public double Threshold { get; init; }

    /// <summary>γ: pairs that share fewer than γ columns count shared / γ. 0 to 10,000; default 0, off.</summary>
    public int Significance { get; init; }

    /// <summary>α of the asymmetric cosine; ignored by the others. 0 to 1, default 0.5.</summary>
    public double Alpha { get; init; } = 0.5;

    /// <summary>k1 of BM25: how soon more of the same stops counting; ignored by the others. 0 to 100, default 1.2.</summary>
    public double K1 { get; init; } = 1.2;

    /// <summary>b of BM25: how much long rows are held back; ignored by the others. 0 to 1, default 0.75.</summary>
    public double B { get; init; } = 0.75;

    /// <summary>The correlations look at ratings on both sides of a mean; all others at how strongly something was touched.</summary>
    internal bool IsCentred => this.Similarity is SimilarityMeasure.Pearson or SimilarityMeasure.AdjustedCosine;

    internal void Validate(string model)
    {
        OptionRange.Check(model, this.Neighbours, 1, 10_000);
        OptionRange.Check(model, this.Shrinkage, 0, 1_000_000);
        OptionRange.Check(model, this.Damping, 0, 2);
        OptionRange.Check(model, this.Amplification, 0.1, 10);
        OptionRange.Check(model, this.Threshold, 0, 1);
        OptionRange.Check(model, this.Significance, 0, 10_000);
        OptionRange.Check(model, this.Alpha, 0, 1);
        OptionRange.Check(model, this.K1, 0, 100);
        OptionRange.Check(model, this.B, 0, 1);
        if (!Enum.IsDefined(this.Similarity))
            throw new ArgumentException($"{model}: similarity is {this.Similarity}; allowed are cosine, asymmetric-cosine, jaccard, tf-idf, bm25, log-likelihood, pearson and adjusted-cosine.");
    }

    /// <summary>A correlation of ratings that are all alike is 0 / 0.</summary>
    internal void CheckRatings(string model, Interactions train)
    {
        if (this.IsCentred && train.AllWeights.IndexOfAnyExcept(train.AllWeights[0]) < 0)
            throw new ArgumentException($"{model}: {(this.Similarity == SimilarityMeasure.Pearson ? "pearson" : "adjusted-cosine")} compares ratings, but all weights here are {train.AllWeights[0]}. Choose another similarity, such as cosine.");
    }

    /// <summary>The options as a model's file keeps them, so that a loaded model can be updated.</summary>
    internal double[] ToNumbers() =>
    [
        (int)this.Similarity, this.Neighbours, this.Shrinkage, this.Damping, this.Amplification, this.Threshold, this.Significance, this.Alpha, this.K1, this.B,
    ];

    internal const int Numbers = 10;

    private protected SimilarityOptions()
    {
    }

    private protected SimilarityOptions(ReadOnlySpan<double> numbers)
    {
        this.Similarity = (SimilarityMeasure)Whole(numbers[0]);
        this.Neighbours = Whole(numbers[1]);
        this.Shrinkage = numbers[2];
        this.Damping = numbers[3];
        this.Amplification = numbers[4];
        this.Threshold = numbers[5];
        this.Significance = Whole(numbers[6]);
        this.Alpha = numbers[7];
        this.K1 = numbers[8];
        this.B = numbers[9];
    }

    /// <summary>What is no whole number becomes one that no option allows.</summary>
    private protected static int Whole(double number) => number is >= 0 and <= int.MaxValue && number == Math.Floor(number) ? (int)number : -1;
}
