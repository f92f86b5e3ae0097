using Aisle.Learning.Data;
using Aisle.Learning.Kernels;

namespace Aisle.Learning.Models;

/// <summary>
/// The least squares that place one row (a user, or an item) against the rows of the other side:
/// Σ_observed w (1 − x·y)² + α Σ_all (p − x·y)² + λ (n + α·others)^ν |x|², p being 1 for observed pairs and 0 elsewhere.
/// </summary>
/// <param name="UnobservedWeight">α.</param>
/// <param name="Strength">λ.</param>
/// <param name="FrequencyExponent">ν.</param>
/// <param name="Scale">What a solution is multiplied by, so that a shopper folded in has the length of a trained user where the training loss was another.</param>
internal readonly record struct FactorEquations(float UnobservedWeight, float Strength, float FrequencyExponent, float Scale = 1f)
{
    /// <summary>
    /// What the unobserved cells of one user weigh together where α is left to the trainer: the value that did well on the validation
    /// parts of five data sets of 1,400 to 41,000 items, of very different density.
    /// </summary>
    private const double UnobservedPerUser = 400;

    /// <summary>Users on whom the length of folded-in shoppers is measured.</summary>
    private const int ScaleSample = 1_000;

    public static double UsualUnobservedWeight(int items) => Math.Min(0.5, UnobservedPerUser / items);

    /// <summary>
    /// The least squares for shoppers to come of factors that were learned by another loss: α as ALS would choose it, λ in proportion to the size of the item
    /// factors, and the scale at which trained users, folded in by what they did, come nearest to what training made of them.
    /// </summary>
    /// <param name="diagonal">As <see cref="FactorBasis.Align"/> gave it for the items.</param>
    /// <param name="factors">Numbers per row, biases apart.</param>
    public static FactorEquations Fitted(Interactions train, FactorMatrix users, FactorMatrix items, AlignedFloats diagonal, int factors, int knownItems, float regularization)
    {
        var squares = 0.0;
        foreach (var value in diagonal.Span) squares += value;
        var strength = (float)Math.Clamp(regularization * squares / knownItems / factors, 1e-8, 1e6);
        var equations = new FactorEquations((float)UsualUnobservedWeight(train.Items), strength, 1f);
        var solver = new NormalEquations(items, equations.Unobserved(diagonal.Span), factors);
        var folded = new AlignedFloats(items.Stride);
        double agreement = 0, length = 0;
        var every = Math.Max(1, train.Users / ScaleSample);
        for (var user = 0; user < train.Users; user += every)
        {
            if (train.CountOf(user) == 0) continue;
            unsafe
            {
                equations.Solve(solver, train.Items, train.ItemsOf(user), train.WeightsOf(user), folded.Pointer, folded.Length);
            }

            var solved = folded.Span[..factors];
            agreement += Vectors.Dot(solved, users.Values(user)[..factors]);
            length += Vectors.Dot(solved, solved);
        }

        GC.KeepAlive(folded);
        var scale = (float)(agreement / length);
        return equations with { Scale = float.IsFinite(scale) && scale > 0f ? scale : 1f };
    }

    /// <summary>λ·(n + α·others)^ν for a row with n interactions, of the <paramref name="others"/> possible.</summary>
    public float Ridge(int interactions, int others) =>
        this.Strength * MathF.Pow(interactions + (this.UnobservedWeight * others), this.FrequencyExponent);

    /// <summary>α times the diagonal that <see cref="FactorBasis.Align"/> gave: what the unobserved cells add to every row's system.</summary>
    public AlignedFloats Unobserved(ReadOnlySpan<float> diagonal)
    {
        var scaled = new AlignedFloats(diagonal.Length);
        for (var i = 0; i < diagonal.Length; i++) scaled.Span[i] = this.UnobservedWeight * diagonal[i];
        return scaled;
    }

    /// <param name="x">Receives the solution: stride floats.</param>
    public unsafe void Solve(NormalEquations equations, int others, ReadOnlySpan<int> indices, ReadOnlySpan<float> weights, float* x, int stride)
    {
        if (!equations.Solve(this.Ridge(indices.Length, others), indices, weights, this.UnobservedWeight, x)) throw TooWeak();
        foreach (ref var value in new Span<float>(x, stride)) value *= this.Scale;
    }

    public void Save(ModelWriter writer)
    {
        writer.Write(this.UnobservedWeight);
        writer.Write(this.Strength);
        writer.Write(this.FrequencyExponent);
        writer.Write(this.Scale);
    }

    public static FactorEquations Load(ModelReader reader) => new(
        reader.ReadSingle("the unobserved weight", float.Epsilon, 10),
        reader.ReadSingle("the regularisation", float.Epsilon, float.MaxValue),
        reader.ReadSingle("the frequency exponent", 0, 2),
        reader.ReadSingle("the scale of folding in", float.Epsilon, float.MaxValue));

    public static ArgumentException TooWeak() =>
        new($"{AlsTrainer.ModelName}: a user's or item's equations have no stable solution with this little regularisation. Raise regularization, or lower factors.");
}
