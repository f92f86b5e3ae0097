using Aisle.Learning.Data;

namespace Aisle.Learning.Models;

/// <summary>
/// An item's score is the sum over the rules that lead to it and whose antecedent stands in the history; how strongly or how often
/// something was touched makes no difference. An item to which no rule leads is unknown for that shopper and scores −∞.
/// </summary>
public sealed class CoPurchaseModel : ScoringModel, IUpdatable
{
    private const int LayoutVersion = 2;

    private readonly Interactions _train;
    private readonly CoPurchaseRules _rules;
    private readonly CoPurchaseOptions _options;
    private readonly float[] _values;

    /// <summary>Rules whose antecedent begins with item i stand from _firsts[i] to _firsts[i + 1].</summary>
    private readonly int[] _firsts;

    internal CoPurchaseModel(Interactions train, CoPurchaseRules rules, CoPurchaseOptions options)
    {
        this._train = train;
        this._rules = rules;
        this._options = options;
        this._values = new float[rules.Count];
        this._firsts = new int[train.Items + 1];
        for (var rule = 0; rule < rules.Count; rule++)
        {
            this._values[rule] = (float)rules.Measure(rule, options.Measure);
            this._firsts[rules.Antecedents.ItemsOf(rule)[0] + 1]++;
        }

        for (var item = 0; item < train.Items; item++) this._firsts[item + 1] += this._firsts[item];
    }

    public override string Name => CoPurchaseTrainer.ModelName;

    public override int Users => this._train.Users;

    public override int Items => this._train.Items;

    private protected override History HistoryOf(int user) => new(this._train.ItemsOf(user));

    /// <summary>Each rule is divided evenly among its items; one that stands in the history repeatedly has it at its first place.</summary>
    private protected override bool Contribute(History history, ReadOnlySpan<int> items, Span<float> contributions)
    {
        contributions.Clear();
        var present = Distinct(history.Items);
        foreach (var first in present)
        {
            for (var rule = this._firsts[first]; rule < this._firsts[first + 1]; rule++)
            {
                if (!items.Contains(this._rules.Consequents[rule]) || !this.Holds(rule, present)) continue;
                var antecedent = this._rules.Antecedents.ItemsOf(rule);
                for (var asked = 0; asked < items.Length; asked++)
                {
                    if (items[asked] != this._rules.Consequents[rule]) continue;
                    foreach (var item in antecedent) contributions[(asked * history.Items.Length) + history.Items.IndexOf(item)] += this._values[rule] / antecedent.Length;
                }
            }
        }

        return true;
    }

    /// <summary>Exactly a new fit: the least support moves with the number of baskets, and with it every rule, so the baskets are mined again.</summary>
    public IModel Update(Dataset added, FitContext context)
    {
        var fresh = AddedBehaviour.Check(this, added, context);
        var train = this._train.Enlarged(fresh.Users, fresh.Items).With(fresh);
        return new CoPurchaseModel(train, CoPurchaseTrainer.Mine(train, this._options, context), this._options);
    }

    public override void Save(Stream stream)
    {
        using var writer = new ModelWriter(stream, this.Name, LayoutVersion);
        writer.Write(this.Users);
        writer.Write(this.Items);
        writer.Write(this._rules.Count);
        writer.Write((int)this._options.Measure);
        writer.Write(this._options.MinCount);
        writer.Write(this._options.MaxItems);
        writer.WriteArray([this._options.MinSupport, this._options.MinConfidence, this._options.MinLift]);
        writer.Write(this._rules.Baskets);
        writer.WriteSparseRows(this._train);
        writer.WriteArray<int>(this._rules.ItemCounts);
        writer.WriteSparseRows(this._rules.Antecedents);
        writer.WriteArray<int>(this._rules.Consequents);
        writer.WriteArray<int>(this._rules.AntecedentCounts);
        writer.WriteArray<int>(this._rules.RuleCounts);
    }

    /// <exception cref="InvalidDataException">The stream does not hold a whole model of this kind; the message says what is wrong.</exception>
    public static CoPurchaseModel Load(Stream stream)
    {
        using var reader = new ModelReader(stream, CoPurchaseTrainer.ModelName, LayoutVersion);
        var users = reader.ReadRows("the number of users");
        var items = reader.ReadRows("the number of items");
        var count = reader.ReadInt32("the number of rules", 0, 10 * FrequentItemsets.MostSets);
        var options = OptionsIn(reader);
        var baskets = reader.ReadInt32("the number of baskets", 1, int.MaxValue);
        var train = reader.ReadSparseRows("the histories", users, items);
        var itemCounts = reader.ReadArray<int>("the counts of items", items);
        var rules = new CoPurchaseRules(
            baskets,
            itemCounts,
            reader.ReadSparseRows("the antecedents", count, items),
            reader.ReadArray<int>("the consequents", count),
            reader.ReadArray<int>("the counts of antecedents", count),
            reader.ReadArray<int>("the counts of rules", count));
        for (var rule = 0; rule < count; rule++)
        {
            var antecedent = rules.Antecedents.ItemsOf(rule);
            if (antecedent.IsEmpty || (uint)rules.Consequents[rule] >= (uint)items || (rule > 0 && CoPurchaseRules.Order(rules.Antecedents.ItemsOf(rule - 1), antecedent) > 0))
                throw reader.Broken($"rule {rule} is from nothing, to an unknown item, or out of order");
            var both = rules.RuleCounts[rule];
            if (both < 1 || both > rules.AntecedentCounts[rule] || both > itemCounts[rules.Consequents[rule]] || rules.AntecedentCounts[rule] > baskets)
                throw reader.Broken($"rule {rule} claims {both} of {rules.AntecedentCounts[rule]} baskets");
        }

        return new CoPurchaseModel(train, rules, options);
    }

    private static CoPurchaseOptions OptionsIn(ModelReader reader)
    {
        var measure = (RuleMeasure)reader.ReadInt32("the measure", 0, (int)RuleMeasure.Conviction);
        var (minCount, maxItems) = (reader.ReadInt32("the least count", 1, int.MaxValue), reader.ReadInt32("the most items of a rule", 2, 10));
        var shares = reader.ReadArray<double>("the least support, confidence and lift", 3);
        var options = new CoPurchaseOptions { Measure = measure, MinCount = minCount, MaxItems = maxItems, MinSupport = shares[0], MinConfidence = shares[1], MinLift = shares[2] };
        reader.Validate(options.Validate);
        return options;
    }

    private protected override void Score(History history, Span<float> scores)
    {
        scores.Fill(float.NegativeInfinity);
        var present = Distinct(history.Items);
        foreach (var first in present)
        {
            for (var rule = this._firsts[first]; rule < this._firsts[first + 1]; rule++)
            {
                if (!this.Holds(rule, present)) continue;
                ref var score = ref scores[this._rules.Consequents[rule]];
                score = float.IsNegativeInfinity(score) ? this._values[rule] : score + this._values[rule];
            }
        }
    }

    private bool Holds(int rule, ReadOnlySpan<int> present)
    {
        foreach (var item in this._rules.Antecedents.ItemsOf(rule)[1..])
            if (present.BinarySearch(item) < 0) return false;
        return true;
    }

    private static int[] Distinct(ReadOnlySpan<int> items) => [.. new SortedSet<int>(items.ToArray())];
}
