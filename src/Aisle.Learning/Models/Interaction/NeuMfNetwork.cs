using Aisle.Learning.Data;
using Aisle.Learning.Kernels;
using Aisle.Learning.Neural;

namespace Aisle.Learning.Models;

internal sealed record NeuMfShape(int Users, int Items, NeuMfParts Parts, int Factors, int Hidden, int Layers)
{
    public bool HasProduct => this.Parts is NeuMfParts.NeuMf or NeuMfParts.Gmf;

    public bool HasTower => this.Parts != NeuMfParts.Gmf;

    /// <summary>Widths behind the first layer, and the score.</summary>
    public int[] TowerWidths => [.. Enumerable.Range(1, this.Parts == NeuMfParts.Dense ? 0 : this.Layers - 1).Select(layer => Math.Max(1, this.Hidden >> layer)), 1];
}

/// <summary>
/// score(u, i) = h · (p_u ∘ q_i) + tower([p′_u, q′_i]) + b. The tower's first layer is linear in both of its halves, so that each is multiplied
/// once for a shopper and once for an item, not once for each pair.
/// </summary>
internal sealed class NeuMfNetwork
{
    /// <summary>Standard deviation of the embeddings at the start: as in the paper.</summary>
    private const float Spread = 0.01f;

    public NeuMfNetwork(NeuMfShape shape, ParameterSource source)
    {
        this.Shape = shape;
        if (shape.HasProduct)
        {
            this.ProductUsers = source.Make("product.users", shape.Users, shape.Factors, Spread, isTable: true);
            this.ProductItems = source.Make("product.items", shape.Items, shape.Factors, Spread, isTable: true);
            this.ProductWeights = source.Make("product.weights", 1, shape.Factors, 0f, mean: 1f);
        }

        if (shape.HasTower)
        {
            this.TowerUsers = source.Make("tower.users", shape.Users, shape.Factors, Spread, isTable: true);
            this.TowerItems = source.Make("tower.items", shape.Items, shape.Factors, Spread, isTable: true);
            var deviation = MathF.Sqrt(1f / shape.Factors);
            this.UserLayer = source.Make("tower.first.users", shape.Factors, shape.Hidden, deviation);
            this.ItemLayer = source.Make("tower.first.items", shape.Factors, shape.Hidden, deviation);
            this.FirstBias = source.Make("tower.first.bias", 1, shape.Hidden, 0f);
            this.Tower = new Mlp(source, "tower", shape.Hidden, shape.TowerWidths, endsInRelu: false);
        }

        this.Bias = source.Make("bias", 1, 1, 0f);
        this.Parameters = source.Made;
    }

    public NeuMfShape Shape { get; }

    public IReadOnlyList<Parameter> Parameters { get; }

    public Parameter? ProductUsers { get; }

    public Parameter? ProductItems { get; }

    public Parameter? ProductWeights { get; }

    public Parameter? TowerUsers { get; }

    public Parameter? TowerItems { get; }

    public Parameter? UserLayer { get; }

    public Parameter? ItemLayer { get; }

    public Parameter? FirstBias { get; }

    public Mlp? Tower { get; }

    public Parameter Bias { get; }

    /// <summary>Scores before the sigmoid, users × count.</summary>
    /// <param name="items">For each user <paramref name="count"/> items.</param>
    public Tensor Scores(Tape tape, int[] users, int[] items, int count, float dropRate)
    {
        Tensor? product = null, tower = null;
        if (this.ProductUsers is not null)
            product = tape.CandidateScores(tape.MultiplyRow(tape.Gather(this.ProductUsers, users), this.ProductWeights!), this.ProductItems!, items, count);
        if (this.TowerUsers is not null)
        {
            var places = new int[items.Length];
            for (var i = 0; i < places.Length; i++) places[i] = i / count;
            var first = tape.Add(
                tape.Linear(tape.Gather(this.TowerItems!, items), this.ItemLayer!, this.FirstBias),
                tape.Gather(tape.Linear(tape.Gather(this.TowerUsers, users), this.UserLayer!), places));
            var hidden = tape.Dropout(tape.Activate<Relu>(first), dropRate);
            tower = tape.Reshape(this.Tower!.Apply(tape, hidden, dropRate), users.Length, count);
        }

        var score = product is null ? tower! : tower is null ? product : tape.Add(product, tower);
        return tape.Reshape(tape.AddRow(tape.Reshape(score, items.Length, 1), this.Bias), users.Length, count);
    }

    /// <summary>Begins with what one of the parts has learned alone.</summary>
    public void TakeOver(NeuMfNetwork part)
    {
        foreach (var learned in part.Parameters)
        {
            // Each part alone explains all; together each begins with half of what it says (section 3.4.1 of the paper).
            var own = this.Parameters.First(parameter => parameter.Name == learned.Name);
            var isLast = ReferenceEquals(learned, part.Bias) || ReferenceEquals(learned, part.ProductWeights)
                || (part.Tower is { } tower && (ReferenceEquals(learned, tower.Layers[^1].Weight) || ReferenceEquals(learned, tower.Layers[^1].Bias)));
            if (ReferenceEquals(own, this.Bias)) Vectors.AddScaled(0.5f, learned.Values, own.Values);
            else if (isLast) for (var i = 0; i < own.Length; i++) own.Values[i] = 0.5f * learned.Values[i];
            else learned.Values.CopyTo(own.Values);
        }
    }

    /// <summary>Sets to zero what nothing was learned about: users and items without interactions are unknown.</summary>
    public void Forget(Interactions train)
    {
        var isTouched = new bool[train.Items];
        foreach (var item in train.AllItems) isTouched[item] = true;
        foreach (var table in (Parameter?[])[this.ProductItems, this.TowerItems])
        {
            for (var item = 0; item < train.Items && table is not null; item++)
            {
                if (!isTouched[item]) table.Row(item).Clear();
            }
        }

        foreach (var table in (Parameter?[])[this.ProductUsers, this.TowerUsers])
        {
            for (var user = 0; user < train.Users && table is not null; user++)
            {
                if (train.CountOf(user) == 0) table.Row(user).Clear();
            }
        }
    }
}
