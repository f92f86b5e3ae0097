namespace Aisle.Learning.Index;

/// <summary>What "near" means. A score is always the higher the nearer.</summary>
public enum VectorMeasure
{
    /// <summary>Score: q · x.</summary>
    InnerProduct,

    /// <summary>Score: q · x / (‖q‖ ‖x‖), in [−1, 1]; 0 where either is zero. Vectors are kept with length 1.</summary>
    Cosine,

    /// <summary>Score: −‖q − x‖².</summary>
    SquaredEuclidean,
}
