using Aisle.Learning.Data;

namespace Aisle.Learning.Models;

/// <summary>What is told of rows in one field: rows × values, with weights.</summary>
internal sealed record ToldField(string Name, Interactions Rows)
{
    public static IEnumerable<ToldField> Of(string prefix, Attributes? attributes)
    {
        for (var field = 0; field < (attributes?.Fields.Count ?? 0); field++)
        {
            var numbers = new int[attributes!.Values];
            var count = 0;
            for (var value = 0; value < numbers.Length; value++) numbers[value] = attributes.FieldOf(value) == field ? count++ : -1;
            var starts = new long[attributes.Rows + 1];
            List<int> values = [];
            List<float> weights = [];
            for (var row = 0; row < attributes.Rows; row++)
            {
                foreach (var value in attributes.ValuesOf(row))
                {
                    if (numbers[value] >= 0) values.Add(numbers[value]);
                }

                for (var i = (int)starts[row]; i < values.Count; i++) weights.Add(1f / (values.Count - starts[row]));
                starts[row + 1] = values.Count;
            }

            yield return new ToldField($"{prefix}.{attributes.Fields[field]}", Interactions.FromSortedRows(count, starts, [.. values], [.. weights]));
        }
    }
}

/// <summary>
/// Makes rows of features of a shopper and items: the item, what is told of it, the history, its latest event, what the user is, hour and
/// weekday; as numbers ln(1 + times the item was taken up) and ln(1 + length of the history).
/// </summary>
internal sealed class ClickFeatures
{
    public const int HistoryField = 1;
    public const int LatestField = 2;
    public const int HourField = 3;
    public const int WeekdayField = 4;
    public const int ToldFields = 5;
    public const int NumberCount = 2;

    private readonly float[] _itemNumbers;

    /// <param name="counts">How often each item was taken up in training.</param>
    /// <param name="isOrdered">Whether histories are told oldest first.</param>
    public ClickFeatures(IReadOnlyList<ToldField> items, IReadOnlyList<ToldField> users, int[] counts, bool isOrdered, int historyLength)
    {
        this.ItemFields = items;
        this.UserFields = users;
        this.Counts = counts;
        this.IsOrdered = isOrdered;
        this.HistoryLength = historyLength;
        this._itemNumbers = Array.ConvertAll(counts, count => count == 0 ? float.NaN : MathF.Log(1 + count));
        this.Fields =
        [
            new("item", counts.Length),
            new("history", counts.Length),
            new("latest", counts.Length),
            new("hour", 24),
            new("weekday", 7),
            .. items.Concat(users).Select(field => new ClickField(field.Name, Math.Max(1, field.Rows.Items))),
        ];
    }

    public IReadOnlyList<ToldField> ItemFields { get; }

    public IReadOnlyList<ToldField> UserFields { get; }

    public int[] Counts { get; }

    public bool IsOrdered { get; }

    public int HistoryLength { get; }

    public IReadOnlyList<ClickField> Fields { get; }

    public static IReadOnlyList<string> Numbers { get; } = ["item.interactions", "history.length"];

    /// <summary>Whether anything is known of an item: that it was taken up, or what is told of it.</summary>
    public bool IsKnown(int item) => this.Counts[item] > 0 || this.IsTold(item);

    public bool IsTold(int item) => this.ItemFields.Any(field => field.Rows.CountOf(item) > 0);

    public ClickRows New(int rows) => new(rows, this.Fields.Count, NumberCount);

    /// <summary>Writes what a shopper is and did into a range of rows.</summary>
    /// <param name="user">−1 for someone unknown.</param>
    /// <param name="when">Unix seconds; null where unknown.</param>
    public void WriteShopper(ClickRows rows, int first, int count, ReadOnlySpan<int> history, int user, long? when)
    {
        Fill(HistoryField, history, default);
        if (this.IsOrdered && !history.IsEmpty) Fill(LatestField, history[^1..], default);
        if (when is { } seconds)
        {
            Fill(HourField, [(int)(seconds / 3600 % 24)], default);

            // 1 January 1970 was a Thursday; 0 is Monday.
            Fill(WeekdayField, [(int)(((seconds / 86_400) + 3) % 7)], default);
        }

        for (var field = 0; field < this.UserFields.Count && user >= 0; field++)
            Fill(ToldFields + this.ItemFields.Count + field, this.UserFields[field].Rows.ItemsOf(user), this.UserFields[field].Rows.WeightsOf(user));
        for (var row = first; row < first + count; row++) rows.Numbers[(row * NumberCount) + 1] = MathF.Log(1 + history.Length);

        void Fill(int field, ReadOnlySpan<int> values, ReadOnlySpan<float> weights)
        {
            if (!values.IsEmpty) rows.Fields[field].Bags.AsSpan(first, count).Fill(rows.Fields[field].Add(values, weights));
        }
    }

    /// <summary>Writes what an item is into a row.</summary>
    /// <param name="withId">False: the item is known by what is told of it alone.</param>
    public void WriteItem(ClickRows rows, int row, int item, bool withId)
    {
        if (withId && this.Counts[item] > 0)
        {
            rows.Fields[0].Bags[row] = rows.Fields[0].Add([item]);
            rows.Numbers[row * NumberCount] = this._itemNumbers[item];
        }

        for (var field = 0; field < this.ItemFields.Count; field++)
        {
            var told = this.ItemFields[field].Rows;
            if (told.CountOf(item) > 0) rows.Fields[ToldFields + field].Bags[row] = rows.Fields[ToldFields + field].Add(told.ItemsOf(item), told.WeightsOf(item));
        }
    }
}
