using System.Text.Json.Serialization;
using Aisle.Learning.Models;

namespace Aisle.Learning.Ranking;

/// <summary>What <see cref="BoostedTreesTrainer"/> makes small.</summary>
public enum RankingObjective
{
    /// <summary>−y log p − (1 − y) log(1 − p) with p = 1/(1 + e^(−score)), each row for itself; labels in [0, 1].</summary>
    [JsonStringEnumMemberName("logistic")]
    Logistic,

    /// <summary>½ (score − y)², each row for itself.</summary>
    [JsonStringEnumMemberName("squared-error")]
    SquaredError,

    /// <summary>1 − NDCG, by the pairs within each list (Burges 2010); labels are graded gains of any size.</summary>
    [JsonStringEnumMemberName("lambdamart")]
    LambdaMart,
}

/// <summary>Options of <see cref="BoostedTreesTrainer"/>.</summary>
public sealed record BoostedTreesOptions
{
    /// <summary>Default: LambdaMART.</summary>
    public RankingObjective Objective { get; init; } = RankingObjective.LambdaMart;

    /// <summary>Trees at most; fewer where the validation stops the training. 1 to 10,000, default 300.</summary>
    public int Trees { get; init; } = 300;

    /// <summary>What each tree counts. 0.001 to 1, default 0.1.</summary>
    public double LearningRate { get; init; } = 0.1;

    /// <summary>Leaves of a tree at most; the leaf with the greatest gain is split first. 2 to 256, default 31.</summary>
    public int Leaves { get; init; } = 31;

    /// <summary>Splits between the root and a leaf at most. 1 to 64, default 12.</summary>
    public int MaxDepth { get; init; } = 12;

    /// <summary>Rows of a leaf at least. 1 to 1,000,000, default 20.</summary>
    public int MinLeafRows { get; init; } = 20;

    /// <summary>Sum of second derivatives (for squared error: of weights) of a leaf at least. 0 to 1,000,000, default 0.001.</summary>
    public double MinLeafWeight { get; init; } = 0.001;

    /// <summary>What a split must lower the objective by. 0 to 1,000,000, default 0.</summary>
    public double MinSplitGain { get; init; }

    /// <summary>λ in a leaf's value −Σg / (Σh + λ). 0.001 to 1,000,000, default 1.</summary>
    public double L2 { get; init; } = 1;

    /// <summary>Share of the lists that each tree is learned from. 0.05 to 1, default 1.</summary>
    public double ListShare { get; init; } = 1;

    /// <summary>Share of the features that each tree may split by. 0.05 to 1, default 1.</summary>
    public double FeatureShare { get; init; } = 1;

    /// <summary>Bins that the values of a feature are put in, beside one for missing values. 2 to 254, default 254.</summary>
    public int Bins { get; init; } = 254;

    /// <summary>K of NDCG@K, by which validation is measured, and the place that at least one item of a pair must stand within in LambdaMART. 1 to 1,000, default 20.</summary>
    public int Truncation { get; init; } = 20;

    /// <summary>Whether a label y is a gain of 2^y − 1 (grades, at most 30) or of y (clicks, sums of gains) in LambdaMART and NDCG. Default: y.</summary>
    public bool ExponentialGain { get; init; }

    /// <summary>Trees without a better validation after which training stops. 1 to 10,000, default 30. Without validation lists all trees are kept.</summary>
    public int Patience { get; init; } = 30;

    /// <summary>How many rows of average label a category is thought to begin with. 0.01 to 100,000, default 10.</summary>
    public double CategorySmoothing { get; init; } = 10;

    /// <summary>Seed of the draws of lists and features. Default 1.</summary>
    public int Seed { get; init; } = 1;

    internal void Validate()
    {
        const string Name = BoostedTreesTrainer.ModelName;
        OptionRange.Check(Name, this.Trees, 1, 10_000);
        OptionRange.Check(Name, this.LearningRate, 0.001, 1);
        OptionRange.Check(Name, this.Leaves, 2, BoostedTrees.MaxLeaves);
        OptionRange.Check(Name, this.MaxDepth, 1, BoostedTrees.MaxDepth);
        OptionRange.Check(Name, this.MinLeafRows, 1, 1_000_000);
        OptionRange.Check(Name, this.MinLeafWeight, 0, 1_000_000);
        OptionRange.Check(Name, this.MinSplitGain, 0, 1_000_000);
        OptionRange.Check(Name, this.L2, 0.001, 1_000_000);
        OptionRange.Check(Name, this.ListShare, 0.05, 1);
        OptionRange.Check(Name, this.FeatureShare, 0.05, 1);
        OptionRange.Check(Name, this.Bins, 2, BinnedRows.MaxBins);
        OptionRange.Check(Name, this.Truncation, 1, 1000);
        OptionRange.Check(Name, this.Patience, 1, 10_000);
        OptionRange.Check(Name, this.CategorySmoothing, 0.01, 100_000);
        if (!Enum.IsDefined(this.Objective)) throw new ArgumentException($"{Name}: objective is {this.Objective}; allowed are logistic, squared-error and lambdamart.");
    }
}
