using Aisle.Learning.Data;

namespace Aisle.Learning.Models;

/// <summary>Items × features for models that learn from both: terms of the texts and values of the attributes, each side of length 1.</summary>
internal static class ContentFeatures
{
    /// <param name="attributeWeight">Length of the attributes' side beside 1 for the texts'.</param>
    /// <exception cref="ArgumentException">The data set has neither texts nor attributes.</exception>
    public static Interactions Of(string model, Dataset data, TextTerms cutter, int minimumItems, int mostTerms, double attributeWeight, CancellationToken cancellation)
    {
        if (data.ItemTexts is null && data.ItemAttributes is null)
            throw new ArgumentException($"{model} needs texts or attributes of the items, and there are neither. Import a catalogue (aisle evaluate, tune and benchmark take a file: --items), or choose a model that learns from behaviour alone.");
        var terms = data.ItemTexts is null ? null : TextFeatures.Of(ContentInput.Texts(model, data), cutter, minimumItems, mostTerms, cancellation).Rows;
        var values = data.ItemAttributes is null || attributeWeight == 0 ? null : Values(ContentInput.Attributes(model, data), attributeWeight);
        return terms is null ? values ?? throw new ArgumentException($"{model}: attributeWeight is 0 and there are no texts, so nothing is left to learn from.")
            : values is null ? terms
            : Beside(terms, values);
    }

    private static Interactions Values(Attributes attributes, double weight)
    {
        var spread = new int[attributes.Values];
        for (var item = 0; item < attributes.Rows; item++)
        {
            foreach (var value in attributes.ValuesOf(item)) spread[value]++;
        }

        var starts = new long[attributes.Rows + 1];
        List<int> columns = [];
        List<float> weights = [];
        for (var item = 0; item < attributes.Rows; item++)
        {
            var own = attributes.ValuesOf(item).ToArray();
            var rarity = Array.ConvertAll(own, value => Math.Log(1 + ((double)attributes.Rows / spread[value])));
            var length = Math.Sqrt(rarity.Sum(value => value * value));
            columns.AddRange(own);
            weights.AddRange(rarity.Select(value => (float)(weight * value / length)));
            starts[item + 1] = columns.Count;
        }

        return Interactions.FromSortedRows(attributes.Values, starts, [.. columns], [.. weights]);
    }

    private static Interactions Beside(Interactions left, Interactions right)
    {
        var starts = new long[left.Users + 1];
        var columns = new int[left.Count + right.Count];
        var weights = new float[left.Count + right.Count];
        for (var row = 0; row < left.Users; row++)
        {
            var at = (int)starts[row];
            left.ItemsOf(row).CopyTo(columns.AsSpan(at));
            left.WeightsOf(row).CopyTo(weights.AsSpan(at));
            at += left.CountOf(row);
            right.WeightsOf(row).CopyTo(weights.AsSpan(at));
            foreach (var column in right.ItemsOf(row)) columns[at++] = left.Items + column;
            starts[row + 1] = at;
        }

        return Interactions.FromSortedRows(left.Items + right.Items, starts, columns, weights);
    }
}
