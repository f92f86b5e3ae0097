using Aisle.Learning.Kernels;
using Aisle.Learning.Neural;

namespace Aisle.Learning.Models;

internal sealed record DinShape(int Items, int Dimensions, int AttentionHidden, int Hidden, int HistoryLength);

/// <summary>
/// For item c and events h of n:  a_h = w · relu(Aᵀh + Bᵀc + Cᵀ(h ∘ c) + age_h + b) + w₀;  v = Σ a_h h / √n;  score = dense([v, c, v ∘ c]) + v · c.
/// The paper's unit reads h − c too, which is in the span of h and c already. The weights are not brought to a sum of 1: how strong an interest
/// is counts as well.
/// </summary>
internal sealed class DinNetwork
{
    private readonly Parameter _events;
    private readonly Parameter _items;
    private readonly Parameter _products;
    private readonly Parameter _bias;
    private readonly Parameter _ages;
    private readonly Parameter _weights;
    private readonly Parameter _constant;
    private readonly Mlp _dense;

    public DinNetwork(ParameterSource source, DinShape shape)
    {
        this.Shape = shape;
        var (width, hidden) = (shape.Dimensions, shape.AttentionHidden);
        var deviation = MathF.Sqrt(1f / width);
        this._events = source.Make("attention.events", width, hidden, deviation);
        this._items = source.Make("attention.items", width, hidden, deviation);
        this._products = source.Make("attention.products", width, hidden, deviation);
        this._bias = source.Make("attention.bias", 1, hidden, 0f);
        this._ages = source.Make("attention.ages", shape.HistoryLength + 1, hidden, 0f, isTable: true);
        this._weights = source.Make("attention.weights", hidden, 1, MathF.Sqrt(1f / hidden));
        this._constant = source.Make("attention.constant", 1, 1, 0f, mean: 1f);
        this._dense = new Mlp(source, "dense", 3 * width, [shape.Hidden, 1], endsInRelu: false);
        this.Parameters = [.. source.Made];
    }

    public DinShape Shape { get; }

    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>Scores before the sigmoid, a row for each candidate.</summary>
    /// <param name="inputs">What is read of items.</param>
    /// <param name="starts">History e is values[starts[e]] … values[starts[e + 1] − 1], rows of the inputs, oldest first.</param>
    /// <param name="candidates">For each history <paramref name="count"/> rows of the inputs.</param>
    public Tensor Scores(Tape tape, Tensor inputs, int[] starts, int[] values, bool isOrdered, int[] candidates, int count, float dropRate)
    {
        // A row for each event of each candidate.
        var bags = new int[candidates.Length + 1];
        for (var c = 0; c < candidates.Length; c++) bags[c + 1] = bags[c] + starts[(c / count) + 1] - starts[c / count];
        int[] events = new int[bags[^1]], items = new int[events.Length], ages = new int[events.Length];
        var shares = new float[events.Length];
        for (var c = 0; c < candidates.Length; c++)
        {
            var first = starts[c / count];
            var length = bags[c + 1] - bags[c];
            for (var i = 0; i < length; i++)
            {
                events[bags[c] + i] = values[first + i];
                items[bags[c] + i] = candidates[c];
                ages[bags[c] + i] = this.Age(i, length, isOrdered);
                shares[bags[c] + i] = 1f / MathF.Sqrt(length);
            }
        }

        var products = tape.Linear(tape.Multiply(tape.Gather(inputs, events), tape.Gather(inputs, items)), this._products);
        var alone = tape.Add(tape.Gather(tape.Linear(inputs, this._events, this._bias), events), tape.Gather(tape.Linear(inputs, this._items), items));
        var hidden = tape.Activate<Relu>(tape.Add(tape.Add(products, alone), tape.Gather(this._ages, ages)));
        var weights = tape.Multiply(tape.Linear(hidden, this._weights, this._constant), tape.Constant(shares.Length, 1, shares));
        return this.Judge(tape, tape.SumBags(inputs, new Bags(bags, events), weights), tape.Gather(inputs, candidates), dropRate);
    }

    /// <summary>
    /// The same for one history and many items, without a row for each pair: what an event makes of an item is linear in the item's numbers,
    /// (B + diag(h) C)ᵀ c, so that all events of all items of a block are one matrix product.
    /// </summary>
    /// <param name="items">Rows × dimensions: the items to score.</param>
    /// <param name="history">Events × dimensions, oldest first; at least one.</param>
    public Tensor ScoreBlock(Tape tape, Tensor items, Tensor history, bool isOrdered)
    {
        int width = this.Shape.Dimensions, hidden = this.Shape.AttentionHidden, events = history.Rows;
        var maps = tape.New(width, events * hidden, needsGradient: false);
        var constants = tape.New(1, events * hidden, needsGradient: false);
        var alone = tape.Linear(history, this._events, this._bias);
        for (var h = 0; h < events; h++)
        {
            for (var d = 0; d < width; d++)
            {
                var map = maps.Row(d).Slice(h * hidden, hidden);
                this._items.Row(d).CopyTo(map);
                Vectors.AddScaled(history.Row(h)[d], this._products.Row(d), map);
            }

            var constant = constants.Values.Slice(h * hidden, hidden);
            alone.Row(h).CopyTo(constant);
            Vectors.AddScaled(1f, this._ages.Row(this.Age(h, events, isOrdered)), constant);
        }

        var active = tape.Activate<Relu>(tape.Linear(items, maps, constants));
        var weights = tape.Linear(tape.Reshape(active, items.Rows * events, hidden), this._weights, this._constant);
        var interests = tape.Scale(tape.Linear(tape.Reshape(weights, items.Rows, events), history), 1f / MathF.Sqrt(events));
        return this.Judge(tape, interests, items, dropRate: 0f);
    }

    private Tensor Judge(Tape tape, Tensor interests, Tensor items, float dropRate) => tape.Add(
        this._dense.Apply(tape, tape.Concat(interests, items, tape.Multiply(interests, items)), dropRate),
        tape.RowDots(interests, items));

    private int Age(int place, int length, bool isOrdered) => isOrdered ? Math.Min(this.Shape.HistoryLength - 1, length - 1 - place) : this.Shape.HistoryLength;
}
