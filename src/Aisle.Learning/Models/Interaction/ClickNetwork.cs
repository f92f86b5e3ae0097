using Aisle.Learning.Neural;

namespace Aisle.Learning.Models;

/// <param name="Fields">Values of each field.</param>
internal sealed record ClickShape(IReadOnlyList<int> Fields, int Numbers, ClickInteraction Interaction, int Dimensions, int CrossLayers, int Hidden, int Layers)
{
    public int Width => (this.Fields.Count * this.Dimensions) + this.Numbers;
}

/// <summary>
/// x₀ = the fields' embeddings and the numbers side by side. dcn: x_{l+1} = x₀ ∘ (W x_l + b) + x_l beside a tower of dense layers over x₀, and a
/// linear score of both. deepfm: Σ weights + Σ_{f&lt;g} e_f · e_g + tower(x₀).
/// </summary>
/// <remarks>Wang et al.: DCN V2 (WWW 2021); Guo, Tang, Ye, Li, He: DeepFM (IJCAI 2017).</remarks>
internal sealed class ClickNetwork
{
    private readonly Parameter[] _tables;
    private readonly Parameter[] _linear = [];
    private readonly DenseLayer[] _crosses = [];
    private readonly Mlp _tower;
    private readonly DenseLayer _score;

    public ClickNetwork(ParameterSource source, ClickShape shape)
    {
        this.Shape = shape;
        var deviation = 0.5f / MathF.Sqrt(shape.Dimensions);
        this._tables = [.. shape.Fields.Select((values, field) => source.Make($"field{field}", values, shape.Dimensions, deviation, isTable: true))];
        this._tower = new Mlp(source, "tower", shape.Width, [.. Enumerable.Range(0, shape.Layers).Select(layer => Math.Max(1, shape.Hidden >> layer))], endsInRelu: true);
        var outputs = this._tower.Outputs;
        if (shape.Interaction == ClickInteraction.Dcn)
        {
            outputs += shape.Width;
            this._crosses = [.. Enumerable.Range(0, shape.CrossLayers).Select(layer => Dense(source, $"cross{layer}", shape.Width, shape.Width))];
        }
        else
        {
            outputs += shape.Numbers;
            this._linear = [.. shape.Fields.Select((values, field) => source.Make($"linear{field}", values, 1, 0f, isTable: true))];
        }

        this._score = Dense(source, "score", outputs, 1);
        this.Parameters = source.Made;
    }

    public ClickShape Shape { get; }

    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>Scores before the sigmoid, a row for each row of features.</summary>
    /// <param name="numbers">Rows × numbers, brought to mean 0 and variance 1; 0 where one is not known.</param>
    public Tensor Scores(Tape tape, ClickRows rows, ReadOnlySpan<float> numbers, float dropRate)
    {
        var embeddings = new Tensor[this._tables.Length];
        Tensor? linear = null;
        for (var field = 0; field < embeddings.Length; field++)
        {
            var values = rows.Fields[field].Take();
            embeddings[field] = tape.Gather(tape.SumBags(this._tables[field], values), rows.Fields[field].Bags);
            if (this._linear.Length == 0) continue;
            var own = tape.Gather(tape.SumBags(this._linear[field], values), rows.Fields[field].Bags);
            linear = linear is null ? own : tape.Add(linear, own);
        }

        var measured = tape.Constant(rows.Count, this.Shape.Numbers, numbers);
        var x = tape.Concat([.. embeddings, measured]);
        var deep = this._tower.Apply(tape, x, dropRate);
        if (linear is not null)
            return tape.Add(this._score.Apply(tape, tape.Concat(deep, measured)), tape.Add(linear, Pairs(tape, embeddings)));
        var crossed = x;
        foreach (var cross in this._crosses) crossed = tape.Add(tape.Multiply(x, cross.Apply(tape, crossed)), crossed);
        return this._score.Apply(tape, tape.Concat(deep, crossed));
    }

    /// <summary>Σ_{f&lt;g} e_f · e_g = ½ (|Σ e|² − Σ |e|²).</summary>
    private static Tensor Pairs(Tape tape, Tensor[] embeddings)
    {
        var sum = embeddings[0];
        var squares = tape.RowDots(sum, sum);
        foreach (var embedding in embeddings.AsSpan(1))
        {
            sum = tape.Add(sum, embedding);
            squares = tape.Add(squares, tape.RowDots(embedding, embedding));
        }

        return tape.Scale(tape.Add(tape.RowDots(sum, sum), squares, -1f), 0.5f);
    }

    private static DenseLayer Dense(ParameterSource source, string name, int inputs, int outputs) =>
        new(source.Make($"{name}.weight", inputs, outputs, MathF.Sqrt(1f / inputs)), source.Make($"{name}.bias", 1, outputs, 0f));
}
