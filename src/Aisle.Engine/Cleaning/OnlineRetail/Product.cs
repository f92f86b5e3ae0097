using System.Text;

namespace Aisle.Engine.Cleaning.OnlineRetail;

/// <summary>What the file tells of one stock code.</summary>
internal sealed class Product(string id)
{
    private const int MostTitles = 32;
    private const int MostPrices = 64;

    private readonly List<TitleVote> _titles = [];

    public string Id { get; } = id;

    public bool IsProduct { get; } = StockCodes.IsProduct(id);

    public ValueCounts Prices { get; } = new(MostPrices);

    public bool SeenAsIs { get; private set; }

    public bool SeenInOtherCase { get; private set; }

    public long Sales { get; private set; }

    public DateTimeOffset FirstSale { get; private set; } = DateTimeOffset.MaxValue;

    /// <summary>More than one title was in use.</summary>
    public bool HasConflict => this._titles.Count > 1;

    public void SawCode(ReadOnlySpan<byte> code)
    {
        if (Ascii.Equals(code, this.Id)) this.SeenAsIs = true;
        else this.SeenInOtherCase = true;
    }

    /// <summary>Counts a row that was kept as a sale; its title has a vote. Notes on write-offs never come here, they are no sales.</summary>
    public void Sold(DateTimeOffset time, ReadOnlySpan<byte> title)
    {
        this.Sales++;
        if (time < this.FirstSale) this.FirstSale = time;
        if (title.IsEmpty) return;
        foreach (var vote in this._titles)
        {
            if (!title.SequenceEqual(vote.Title)) continue;
            vote.Count++;
            if (time > vote.Last) vote.Last = time;
            return;
        }

        if (this._titles.Count < MostTitles) this._titles.Add(new TitleVote(title.ToArray()) { Count = 1, Last = time });
    }

    /// <summary>The most frequent title, the later one of two that are equally frequent; the code where no row had a title.</summary>
    public string Title() =>
        this._titles
            .GroupBy(vote => OneSpaced(Encoding.UTF8.GetString(vote.Title)))
            .OrderByDescending(group => group.Sum(vote => vote.Count))
            .ThenByDescending(group => group.Max(vote => vote.Last))
            .ThenBy(group => group.Key, StringComparer.Ordinal)
            .FirstOrDefault()?.Key ?? this.Id;

    private static string OneSpaced(string title) => string.Join(' ', title.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private sealed class TitleVote(byte[] title)
    {
        public byte[] Title { get; } = title;

        public long Count { get; set; }

        public DateTimeOffset Last { get; set; }
    }
}
