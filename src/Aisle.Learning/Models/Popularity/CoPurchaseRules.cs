using Aisle.Learning.Data;

namespace Aisle.Learning.Models;

/// <summary>Rules by their antecedents, in lexicographic order.</summary>
/// <param name="Baskets">All baskets that were looked at.</param>
/// <param name="ItemCounts">Baskets with each item; 0 for items below the least support.</param>
/// <param name="Antecedents">Rules × items: what must be there, at least one item each.</param>
/// <param name="Consequents">What is then taken too, one a rule.</param>
/// <param name="AntecedentCounts">Baskets with all of the antecedent.</param>
/// <param name="RuleCounts">Baskets with the consequent as well.</param>
internal sealed record CoPurchaseRules(int Baskets, int[] ItemCounts, Interactions Antecedents, int[] Consequents, int[] AntecedentCounts, int[] RuleCounts)
{
    public int Count => this.Consequents.Length;

    public double Confidence(int rule) => (double)this.RuleCounts[rule] / this.AntecedentCounts[rule];

    public double Lift(int rule) => this.Confidence(rule) * this.Baskets / this.ItemCounts[this.Consequents[rule]];

    public double Measure(int rule, RuleMeasure measure) => measure switch
    {
        RuleMeasure.Lift => this.Lift(rule),
        RuleMeasure.Leverage => ((double)this.RuleCounts[rule] / this.Baskets) - ((double)this.AntecedentCounts[rule] / this.Baskets * this.ItemCounts[this.Consequents[rule]] / this.Baskets),

        // A rule that never failed is given half a failure: the more often it was tried, the more it is worth.
        RuleMeasure.Conviction => (1 - ((double)this.ItemCounts[this.Consequents[rule]] / this.Baskets)) / Math.Max(1 - this.Confidence(rule), 0.5 / this.AntecedentCounts[rule]),
        _ => this.Confidence(rule),
    };

    /// <summary>Every frequent set gives a rule for each of its items, of which the strong ones stay.</summary>
    public static CoPurchaseRules From(List<(int[] Items, int Count)> sets, int baskets, int items, double minConfidence, double minLift)
    {
        var counts = sets.ToDictionary(set => set.Items, set => set.Count, SameItems.Instance);
        var itemCounts = new int[items];
        foreach (var (set, count) in sets)
            if (set.Length == 1) itemCounts[set[0]] = count;

        List<(int[] Antecedent, int Consequent, int AntecedentCount, int Count)> rules = [];
        foreach (var (set, count) in sets)
        {
            if (set.Length == 1) continue;
            foreach (var consequent in set)
            {
                // Every part of a frequent set is frequent.
                int[] antecedent = [.. set.Where(item => item != consequent)];
                var antecedentCount = counts[antecedent];
                var confidence = (double)count / antecedentCount;
                if (confidence >= minConfidence && confidence * baskets >= minLift * itemCounts[consequent])
                    rules.Add((antecedent, consequent, antecedentCount, count));
            }
        }

        rules.Sort((x, y) => Order(x.Antecedent, y.Antecedent) is not 0 and var order ? order : x.Consequent.CompareTo(y.Consequent));
        return new CoPurchaseRules(
            baskets, itemCounts, AntecedentsOf(rules, items), [.. rules.Select(rule => rule.Consequent)], [.. rules.Select(rule => rule.AntecedentCount)], [.. rules.Select(rule => rule.Count)]);
    }

    private static Interactions AntecedentsOf(List<(int[] Antecedent, int, int, int)> rules, int items)
    {
        var starts = new long[rules.Count + 1];
        for (var rule = 0; rule < rules.Count; rule++) starts[rule + 1] = starts[rule] + rules[rule].Antecedent.Length;
        int[] columns = [.. rules.SelectMany(rule => rule.Antecedent)];
        var ones = new float[columns.Length];
        Array.Fill(ones, 1f);
        return Interactions.FromSortedRows(items, starts, columns, ones);
    }

    internal static int Order(ReadOnlySpan<int> x, ReadOnlySpan<int> y) => x.SequenceCompareTo(y);

    private sealed class SameItems : IEqualityComparer<int[]>
    {
        public static readonly SameItems Instance = new();

        public bool Equals(int[]? x, int[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(int[] items)
        {
            var hash = default(HashCode);
            foreach (var item in items) hash.Add(item);
            return hash.ToHashCode();
        }
    }
}
