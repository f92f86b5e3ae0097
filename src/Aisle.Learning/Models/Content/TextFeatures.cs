using System.Runtime.InteropServices;
using Aisle.Learning.Data;

namespace Aisle.Learning.Models;

/// <summary>Items × terms: (1 + ln tf) · ln(1 + items / df), each row of length 1. A text without known terms is an empty row.</summary>
/// <param name="Rows">Weights above 0.</param>
/// <param name="Terms">In the order of the columns.</param>
internal sealed record TextFeatures(Interactions Rows, string[] Terms)
{
    /// <param name="minimumItems">Terms of fewer items are left out.</param>
    /// <param name="mostTerms">Beyond this many, the rarest terms are left out.</param>
    public static TextFeatures Of(IReadOnlyList<string> texts, TextTerms cutter, int minimumItems, int mostTerms, CancellationToken cancellation)
    {
        var numbers = new Dictionary<string, int>();
        var spread = new List<int>();
        var counts = new (int Term, int Count)[texts.Count][];
        var own = new Dictionary<int, int>();
        for (var item = 0; item < texts.Count; item++)
        {
            if (item % 1024 == 0) cancellation.ThrowIfCancellationRequested();
            own.Clear();
            cutter.Cut(texts[item] ?? "", term =>
            {
                ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(numbers, term, out var known);
                if (!known)
                {
                    number = spread.Count;
                    spread.Add(0);
                }

                CollectionsMarshal.GetValueRefOrAddDefault(own, number, out _)++;
            });
            counts[item] = [.. own.Select(pair => (pair.Key, pair.Value))];
            foreach (var term in own.Keys) spread[term]++;
        }

        var columns = Columns(spread, minimumItems, mostTerms, out var kept);
        var terms = new string[kept];
        foreach (var (term, number) in numbers)
        {
            if (columns[number] >= 0) terms[columns[number]] = term;
        }

        return new TextFeatures(Weighted(counts, columns, spread, kept), terms);
    }

    /// <summary>For each term its column, in the order in which terms were met; −1 for those left out.</summary>
    private static int[] Columns(List<int> spread, int minimumItems, int mostTerms, out int kept)
    {
        var chosen = Enumerable.Range(0, spread.Count).Where(term => spread[term] >= minimumItems).ToArray();
        if (chosen.Length > mostTerms) chosen = [.. chosen.OrderByDescending(term => spread[term]).ThenBy(term => term).Take(mostTerms).Order()];
        var columns = new int[spread.Count];
        columns.AsSpan().Fill(-1);
        for (var i = 0; i < chosen.Length; i++) columns[chosen[i]] = i;
        kept = chosen.Length;
        return columns;
    }

    private static Interactions Weighted((int Term, int Count)[][] counts, int[] columns, List<int> spread, int kept)
    {
        var starts = new long[counts.Length + 1];
        List<int> all = [];
        List<float> weights = [];
        for (var item = 0; item < counts.Length; item++)
        {
            var row = counts[item].Where(entry => columns[entry.Term] >= 0).OrderBy(entry => columns[entry.Term])
                .Select(entry => (Column: columns[entry.Term], Weight: (1 + Math.Log(entry.Count)) * Math.Log(1 + ((double)counts.Length / spread[entry.Term])))).ToArray();
            var length = Math.Sqrt(row.Sum(entry => entry.Weight * entry.Weight));
            foreach (var (column, weight) in row)
            {
                all.Add(column);
                weights.Add((float)(weight / length));
            }

            starts[item + 1] = all.Count;
        }

        return Interactions.FromSortedRows(kept, starts, [.. all], [.. weights]);
    }
}
