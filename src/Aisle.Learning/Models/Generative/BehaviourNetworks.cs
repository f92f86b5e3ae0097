using Aisle.Learning.Data;
using Aisle.Learning.Kernels;
using Aisle.Learning.Neural;

namespace Aisle.Learning.Models;

/// <summary>What the parameters of the behaviour generator and its discriminator are made to.</summary>
internal sealed record GeneratorShape(int Items, int Values, int Dimensions);

/// <summary>The attribute values of each user, without those that too few have.</summary>
internal sealed class KnownPeople
{
    private readonly Interactions _values;

    /// <param name="values">Users × values.</param>
    /// <param name="isUsed">By value: 1 where enough users have it.</param>
    public KnownPeople(Interactions values, byte[] isUsed)
    {
        this._values = values;
        this.IsUsed = isUsed;
    }

    public byte[] IsUsed { get; }

    public Interactions Values => this._values;

    public static KnownPeople Of(string model, Attributes? attributes, Interactions train, int minimumUsers)
    {
        if (attributes is null) return new KnownPeople(Interactions.From(train.Users, 0, [], []), []);
        if (attributes.Rows != train.Users)
            throw new ArgumentException($"{model}: there are attributes of {attributes.Rows} users and interactions of {train.Users}; give one row each.");
        var counts = new int[attributes.Values];
        for (var user = 0; user < attributes.Rows; user++)
        {
            if (train.CountOf(user) == 0) continue;
            foreach (var value in attributes.ValuesOf(user)) counts[value]++;
        }

        List<int> users = [], values = [];
        for (var user = 0; user < attributes.Rows; user++)
        {
            foreach (var value in attributes.ValuesOf(user))
            {
                if (counts[value] < minimumUsers) continue;
                users.Add(user);
                values.Add(value);
            }
        }

        return new KnownPeople(Interactions.From(train.Users, attributes.Values, [.. users], [.. values]), Array.ConvertAll(counts, count => (byte)(count >= minimumUsers ? 1 : 0)));
    }

    public ReadOnlySpan<int> Of(int user) => this._values.ItemsOf(user);
}

/// <summary>From what is known of a shopper, tanh(Σ attributes / √a + Σ items / √n + b), to a distribution over items: softmax(state · itemsᵀ + bias).</summary>
internal sealed class BehaviourNetwork
{
    private readonly ShopperEncoder _encoder;
    private readonly float _dropRate;

    public BehaviourNetwork(GeneratorShape shape, float dropRate, ref RandomStream random)
    {
        this.Shape = shape;
        this._dropRate = dropRate;
        this._encoder = new ShopperEncoder("generator", shape, ref random);
        this.Items = new Parameter("generator.items", shape.Items, shape.Dimensions);
        foreach (ref var value in this.Items.Values) value = 0.02f * random.Normal();
        this.Bias = new Parameter("generator.item-bias", 1, shape.Items);
    }

    public GeneratorShape Shape { get; }

    /// <summary>Items × dimensions.</summary>
    public Parameter Items { get; }

    public Parameter Bias { get; }

    /// <summary>Always in the same order.</summary>
    public IEnumerable<Parameter> Parameters => [.. this._encoder.Parameters, this.Items, this.Bias];

    /// <summary>Training starts at what everybody does: the bias is ln Σ n^−a over the users of an item, by its mean; nobody's items stand a hundredth of the mean above nothing.</summary>
    public void StartWith(Interactions train, int[] users, double userExponent)
    {
        var sums = new double[train.Items];
        foreach (var user in users)
        {
            var weight = Math.Pow(train.CountOf(user), -userExponent);
            foreach (var item in train.ItemsOf(user)) sums[item] += weight;
        }

        var mean = sums.Sum() / train.Items;
        for (var item = 0; item < sums.Length; item++) this.Bias.Values[item] = (float)Math.Log((sums[item] + (0.01 * mean)) / mean);
    }

    public Tensor Encode(Tape tape, Bags attributes, Bags known) => tape.Dropout(this._encoder.Encode(tape, attributes, known), this._dropRate);
}

/// <summary>How real an item looks beside what is known of a shopper: the context's product with the item.</summary>
internal sealed class BehaviourDiscriminator
{
    private readonly ShopperEncoder _encoder;
    private readonly Parameter _items;
    private readonly Parameter _bias;

    public BehaviourDiscriminator(GeneratorShape shape, ref RandomStream random)
    {
        this._encoder = new ShopperEncoder("discriminator", shape, ref random);
        this._items = new Parameter("discriminator.items", shape.Items, shape.Dimensions, isTable: true);
        foreach (ref var value in this._items.Values) value = 0.02f * random.Normal();
        this._bias = new Parameter("discriminator.item-bias", shape.Items, 1, isTable: true);
    }

    public IEnumerable<Parameter> Parameters => [.. this._encoder.Parameters, this._items, this._bias];

    public Tensor Encode(Tape tape, Bags attributes, Bags known) => this._encoder.Encode(tape, attributes, known);

    /// <summary>A verdict for each item of the lists, before the sigmoid.</summary>
    public Tensor Judge(Tape tape, Tensor context, Bags lists) =>
        tape.Add(tape.BagScores(context, this._items, lists), tape.Gather(this._bias, lists.Items));
}

/// <summary>Attributes and items to a state.</summary>
internal sealed class ShopperEncoder
{
    private readonly Parameter? _attributes;
    private readonly Parameter _known;
    private readonly Parameter _bias;

    public ShopperEncoder(string name, GeneratorShape shape, ref RandomStream random)
    {
        this._attributes = shape.Values == 0 ? null : new Parameter($"{name}.attributes", shape.Values, shape.Dimensions, isTable: true);
        this._known = CfganStart.Table($"{name}.known", shape.Items, shape.Dimensions, ref random);
        this._bias = new Parameter($"{name}.bias", 1, shape.Dimensions);
        if (this._attributes is not null)
        {
            foreach (ref var value in this._attributes.Values) value = 0.1f * random.Normal();
        }
    }

    public IEnumerable<Parameter> Parameters => [this._known, .. this._attributes is null ? Array.Empty<Parameter>() : [this._attributes], this._bias];

    public Tensor Encode(Tape tape, Bags attributes, Bags known)
    {
        var sum = tape.SumBags(this._known, known.Units());
        if (this._attributes is not null) sum = tape.Add(sum, tape.SumBags(this._attributes, attributes.Units()));
        return tape.Activate<Tanh>(tape.AddRow(sum, this._bias));
    }
}
