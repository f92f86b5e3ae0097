using System.Text.Json;
using System.Text.Json.Serialization;
using Aisle.Learning.Models;

namespace Aisle.Learning.Exploration;

/// <summary>What a policy has learned: sums over observations. Used by one thread at a time.</summary>
internal sealed class PolicyState
{
    private const int LayoutVersion = 1;
    private const int MaxActions = 1 << 26;
    private const int MaxOptionBytes = 4096;

    /// <summary>An action whose count was forgotten down to this is forgotten.</summary>
    private const double LeastCount = 1e-6;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };

    private readonly PolicyOptions _options;
    private readonly Dictionary<long, CountSums> _counts = [];
    private readonly Dictionary<long, LinearBelief> _linear = [];

    /// <summary>Null but for the shared belief.</summary>
    private readonly LinearBelief? _shared;

    /// <summary>Of an action that is not known yet.</summary>
    private readonly LinearBelief? _blank;

    public PolicyState(PolicyOptions options)
    {
        this._options = options;
        if (options.Belief == Belief.SharedLinear) this._shared = this.NewLinear();
        if (options.Belief == Belief.Linear) this._blank = this.NewLinear();
    }

    public PolicyOptions Options => this._options;

    public int ActionCount => this._options.Belief == Belief.Counts ? this._counts.Count : this._linear.Count;

    public double Observations { get; private set; }

    public LinearBelief Shared => this._shared!;

    public void Learn(long action, ReadOnlySpan<float> features, double reward)
    {
        this.Observations++;
        if (this._options.Belief == Belief.Counts) this.SumsOf(action).Add(1, reward);
        else this.LinearOf(action).Learn(features, reward);
    }

    public void Amend(long action, ReadOnlySpan<float> features, double before, double after)
    {
        if (this._options.Belief == Belief.Counts) this.SumsOf(action).Add(0, after - before);
        else this.LinearOf(action).Amend(features, before, after);
    }

    public void Forget(double kept)
    {
        this.Observations *= kept;
        this._shared?.Scale(kept);
        foreach (var (action, sums) in this._counts.ToArray())
        {
            sums.Scale(kept);
            if (sums.Count < LeastCount) this._counts.Remove(action);
        }

        foreach (var (action, belief) in this._linear.ToArray())
        {
            belief.Scale(kept);
            if (belief.Count < LeastCount) this._linear.Remove(action);
        }
    }

    public void Remove(long action)
    {
        if (this._counts.Remove(action, out var sums)) this.Observations -= sums.Count;
        if (this._linear.Remove(action, out var belief)) this.Observations -= belief.Count;
    }

    public void Add(PolicyState other)
    {
        this.Observations += other.Observations;
        foreach (var (action, sums) in other._counts) this.SumsOf(action).Add(sums.Count, sums.Rewards);
        foreach (var (action, belief) in other._linear) this.LinearOf(action).Add(belief.Gram, belief.Products, belief.SquaredRewards, belief.Count);
        if (other._shared is { } shared) this.Shared.Add(shared.Gram, shared.Products, shared.SquaredRewards, shared.Count);
    }

    /// <summary>What is known of an action: two parameters of its belief (of a Beta, or mean and deviation), its expectation, and the bonus of optimism.</summary>
    public (double One, double Other, Expectation Expectation, double Bonus) Believe(long action, ReadOnlySpan<float> features)
    {
        if (this._options.Belief != Belief.Counts)
        {
            var belief = this._shared ?? this._linear.GetValueOrDefault(action) ?? this._blank!;
            var (mean, spread) = belief.Expect(features);
            var deviation = Math.Sqrt(spread * belief.NoiseVariance(this._options.Noise));
            return (mean, deviation, new Expectation(mean, deviation), this._options.Optimism * Math.Sqrt(spread));
        }

        // A process that has only heard of late rewards may hold more of them than choices.
        var sums = this._counts.GetValueOrDefault(action);
        var count = sums?.Count ?? 0;
        var successes = this._options.PriorSuccesses + Math.Clamp(sums?.Rewards ?? 0, 0, count);
        var total = this._options.PriorSuccesses + this._options.PriorFailures + count;
        if (total == 0) return (0, 0, new Expectation(0, double.PositiveInfinity), double.PositiveInfinity);
        var rate = successes / total;
        var bonus = this._options.Optimism * Math.Sqrt(Math.Log(Math.Max(1, this.Observations)) / total);
        return (successes, total - successes, new Expectation(rate, Math.Sqrt(rate * (1 - rate) / (total + 1))), bonus);
    }

    public void Save(Stream stream)
    {
        using var writer = new ModelWriter(stream, PolicyOptions.Owner, LayoutVersion);
        writer.WriteText(JsonSerializer.Serialize(this._options, Json));
        writer.WriteArray<double>([this.Observations]);
        long[] counted = [.. this._counts.Keys.Order()];
        writer.Write(counted.Length);
        writer.WriteArray<long>(counted);
        writer.WriteArray<double>([.. counted.SelectMany(action => new[] { this._counts[action].Count, this._counts[action].Rewards })]);
        long[] believed = [.. this._linear.Keys.Order()];
        writer.Write(believed.Length);
        writer.WriteArray<long>(believed);
        foreach (var action in believed) Write(writer, this._linear[action]);
        if (this._shared is not null) Write(writer, this._shared);
    }

    public static PolicyState Load(Stream stream)
    {
        using var reader = new ModelReader(stream, PolicyOptions.Owner, LayoutVersion);
        var options = ReadOptions(reader);
        var state = new PolicyState(options) { Observations = Checked(reader, "the number of observations", reader.ReadArray<double>("the number of observations", 1)[0], 0) };
        var counted = ReadActions(reader, options.Belief == Belief.Counts);
        var sums = reader.ReadArray<double>("the counts and rewards of actions", 2L * counted.Length);
        for (var i = 0; i < counted.Length; i++)
            state.SumsOf(counted[i]).Add(Checked(reader, $"the count of action {counted[i]}", sums[2 * i], 0), Checked(reader, $"the rewards of action {counted[i]}", sums[(2 * i) + 1]));

        // An action's sums are made room for only once the bytes of the one before it were there.
        foreach (var action in ReadActions(reader, options.Belief == Belief.Linear)) Read(reader, state.LinearOf(action), options.Dimensions);
        if (state._shared is not null) Read(reader, state._shared, options.Dimensions);
        return state;
    }

    private static PolicyOptions ReadOptions(ModelReader reader)
    {
        try
        {
            var options = JsonSerializer.Deserialize<PolicyOptions>(reader.ReadText("the options", MaxOptionBytes), Json) ?? throw reader.Broken("it has no options");
            reader.Validate(options.Validate);
            return options;
        }
        catch (JsonException failure)
        {
            throw reader.Broken($"its options cannot be read: {failure.Message}");
        }
    }

    private static long[] ReadActions(ModelReader reader, bool allowed)
    {
        var count = reader.ReadInt32("the number of actions", 0, allowed ? MaxActions : 0);
        var actions = reader.ReadArray<long>("the actions", count);
        for (var i = 1; i < actions.Length; i++)
        {
            if (actions[i] <= actions[i - 1]) throw reader.Broken($"its actions are not in order: {actions[i]} follows {actions[i - 1]}");
        }

        return actions;
    }

    private static void Write(ModelWriter writer, LinearBelief belief)
    {
        writer.WriteArray<double>(belief.Gram);
        writer.WriteArray<double>(belief.Products);
        writer.WriteArray<double>([belief.SquaredRewards, belief.Count]);
    }

    private static void Read(ModelReader reader, LinearBelief belief, int dimensions)
    {
        var gram = reader.ReadArray<double>("the products of features", (long)dimensions * dimensions);
        for (var i = 0; i < dimensions; i++)
        {
            for (var j = 0; j < i; j++)
            {
                if (gram[(i * dimensions) + j] != gram[(j * dimensions) + i]) throw reader.Broken("the products of features are not symmetric");
            }
        }

        var products = reader.ReadArray<double>("the products with rewards", dimensions);
        foreach (var product in products) Checked(reader, "a product with rewards", product);
        var sums = reader.ReadArray<double>("the squares of rewards and their count", 2);
        belief.Add(gram, products, Checked(reader, "the sum of squared rewards", sums[0]), Checked(reader, "a count", sums[1], 0));
        if (!belief.IsSound()) throw reader.Broken("the products of features are not those of observations");
    }

    private static double Checked(ModelReader reader, string what, double value, double minimum = double.MinValue) =>
        value >= minimum && double.IsFinite(value) ? value : throw reader.Broken($"{what} is {value}");

    private CountSums SumsOf(long action)
    {
        if (!this._counts.TryGetValue(action, out var sums)) this._counts[action] = sums = new CountSums();
        return sums;
    }

    private LinearBelief LinearOf(long action)
    {
        if (this._shared is not null) return this._shared;
        if (!this._linear.TryGetValue(action, out var belief)) this._linear[action] = belief = this.NewLinear();
        return belief;
    }

    private LinearBelief NewLinear() => new(this._options.Dimensions, this._options.Regularization);

    private sealed class CountSums
    {
        public double Count { get; private set; }

        public double Rewards { get; private set; }

        public void Add(double count, double rewards)
        {
            this.Count += count;
            this.Rewards += rewards;
        }

        public void Scale(double factor)
        {
            this.Count *= factor;
            this.Rewards *= factor;
        }
    }
}
