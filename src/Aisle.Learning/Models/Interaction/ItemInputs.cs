using Aisle.Learning.Data;
using Aisle.Learning.Neural;

namespace Aisle.Learning.Models;

/// <summary>
/// What a network reads of an item: id_i + Σ_f weight_if · feature_f. In training the id of an item that is told of is left out now and then, so
/// that its features alone say where it belongs; an item that nobody touched has no id of its own.
/// </summary>
/// <remarks>Volkovs, Yu, Poutanen: DropoutNet: addressing cold start in recommender systems (NeurIPS 2017).</remarks>
internal sealed class ItemInputs
{
    /// <summary>Rows that are written down at a time.</summary>
    private const int Block = 1024;

    private readonly Parameter _ids;
    private readonly Parameter? _features;
    private readonly Interactions? _content;
    private readonly float _idDropout;
    private readonly bool[] _isTouched;
    private readonly int[] _placeOf;

    /// <param name="content">Items × features; null where nothing is told.</param>
    /// <param name="idDropout">Chance that an item that is told of is known in a step by its features alone.</param>
    public ItemInputs(ParameterSource source, Interactions train, Interactions? content, int dimensions, double idDropout)
    {
        var deviation = 1f / MathF.Sqrt(dimensions);
        this._content = content;
        this._idDropout = (float)idDropout;
        this._ids = source.Make("ids", train.Items, dimensions, deviation, isTable: true);
        if (content is { Items: > 0 }) this._features = source.Make("features", content.Items, dimensions, deviation, isTable: true);
        this.Touched = SampledItems.Touched(train);
        this._isTouched = new bool[train.Items];
        foreach (var item in this.Touched) this._isTouched[item] = true;
        this._placeOf = new int[train.Items];
        this._placeOf.AsSpan().Fill(-1);
    }

    public int Dimensions => this._ids.Columns;

    public int Items => this._ids.Rows;

    /// <summary>Items that anyone touched, ascending.</summary>
    public int[] Touched { get; }

    /// <summary>Texts and attributes of the items as features; null where nothing is told.</summary>
    public static Interactions? Content(string model, Dataset data, TextTerms cutter, int minimumItems, int mostTerms, double attributeWeight, CancellationToken cancellation) =>
        data.ItemTexts is null && (data.ItemAttributes is null || attributeWeight == 0)
            ? null
            : ContentFeatures.Of(model, data, cutter, minimumItems, mostTerms, attributeWeight, cancellation);

    /// <summary>By item: 1 where anyone touched it or anything is told of it, else 0.</summary>
    public byte[] Known() => [.. Enumerable.Range(0, this.Items).Select(item => this._isTouched[item] || this.IsTold(item) ? (byte)1 : (byte)0)];

    /// <summary>Rows for some items.</summary>
    /// <param name="random">Says whose id is left out.</param>
    public Tensor Apply(Tape tape, int[] items, ref RandomStream random)
    {
        var rows = new int[items.Length];
        for (var i = 0; i < items.Length; i++)
        {
            var isLeftOut = tape.IsTraining ? this.IsTold(items[i]) && random.Uniform() < this._idDropout : !this._isTouched[items[i]];
            rows[i] = isLeftOut ? -1 : items[i];
        }

        var ids = tape.Gather(this._ids, rows);
        if (this._features is null) return ids;
        var starts = new int[items.Length + 1];
        List<int> values = [];
        List<float> weights = [];
        for (var i = 0; i < items.Length; i++)
        {
            values.AddRange(this._content!.ItemsOf(items[i]));
            weights.AddRange(this._content.WeightsOf(items[i]));
            starts[i + 1] = values.Count;
        }

        return tape.Add(tape.SumBags(this._features, new WeightedBags(new Bags(starts, [.. values]), [.. weights])), ids);
    }

    /// <summary>All items of the finished network, items × dimensions.</summary>
    public float[] WriteDown(Tape tape)
    {
        var unused = default(RandomStream);
        var inputs = new float[(long)this.Items * this.Dimensions];
        for (var first = 0; first < this.Items; first += Block)
        {
            tape.Begin(0);
            this.Apply(tape, [.. Enumerable.Range(first, Math.Min(Block, this.Items - first))], ref unused).Values.CopyTo(inputs.AsSpan(first * this.Dimensions));
        }

        return inputs;
    }

    /// <summary>The place of an item in a list, to which it is added if it is not there. One list at a time; <see cref="Clear"/> ends it.</summary>
    public int Place(int item, List<int> list)
    {
        if (this._placeOf[item] >= 0) return this._placeOf[item];
        this._placeOf[item] = list.Count;
        list.Add(item);
        return this._placeOf[item];
    }

    public void Clear(List<int> list)
    {
        foreach (var item in list) this._placeOf[item] = -1;
    }

    private bool IsTold(int item) => this._features is not null && this._content!.CountOf(item) > 0;
}
