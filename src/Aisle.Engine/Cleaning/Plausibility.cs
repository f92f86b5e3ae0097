namespace Aisle.Engine.Cleaning;

/// <summary>
/// Limits beyond which a sale is an error of typing rather than a sale. A quantity is implausible above 10,000 pieces and above 2,000
/// times the file's median; a price above 50 times the item's own median. Medians do not move with a few wild rows, and the wide
/// factors keep the verdict the same in files that overlap.
/// </summary>
internal sealed class Plausibility
{
    private const double QuantityFloor = 10_000;
    private const double QuantityFactor = 2_000;
    private const double PriceFactor = 50;
    private const int SalesToJudgePrice = 5;

    private readonly ValueCounts _quantities = new(1 << 14);
    private double? _mostPieces;

    public void AddSale(double quantity, ValueCounts itemPrices, double? price)
    {
        this._quantities.Add(quantity);
        if (price is > 0) itemPrices.Add(price.Value);
    }

    public RowProblem? Check(double quantity, ValueCounts itemPrices, double? price) =>
        this.IsImplausible(quantity) ? new RowProblem("implausible-quantity", "quantity", $"More than {this._mostPieces:0} pieces in one row.")
        : price is { } given && IsImplausible(given, itemPrices) ? new RowProblem("implausible-price", "price", $"More than {PriceFactor:0} times the item's median price.")
        : null;

    private bool IsImplausible(double quantity)
    {
        this._mostPieces ??= Math.Max(QuantityFloor, QuantityFactor * this._quantities.Median());
        return quantity > this._mostPieces;
    }

    private static bool IsImplausible(double price, ValueCounts itemPrices) =>
        itemPrices.Total >= SalesToJudgePrice && price > PriceFactor * itemPrices.Median();
}

/// <summary>How often each value occurred. Beyond the given number of distinct values new ones are no longer taken in.</summary>
internal sealed class ValueCounts(int capacity)
{
    private double[] _values = [];
    private int[] _counts = [];
    private int _distinct;
    private int _latest;
    private double? _median;

    public long Total { get; private set; }

    public void Add(double value)
    {
        if (this._latest < this._distinct && this._values[this._latest] == value)
        {
            this._counts[this._latest]++;
        }
        else
        {
            var at = Array.BinarySearch(this._values, 0, this._distinct, value);
            if (at >= 0) this._counts[at]++;
            else if (this._distinct == capacity) return;
            else this.Insert(at = ~at, value);
            this._latest = at;
        }

        this.Total++;
        this._median = null;
    }

    /// <summary>The lower median: a value that occurred; 0 where none did.</summary>
    public double Median() => this._median ??= this.FindMedian();

    private double FindMedian()
    {
        long passed = 0;
        for (var i = 0; i < this._distinct; i++)
        {
            passed += this._counts[i];
            if (passed * 2 >= this.Total) return this._values[i];
        }

        return 0;
    }

    private void Insert(int at, double value)
    {
        if (this._distinct == this._values.Length)
        {
            var size = Math.Min(capacity, Math.Max(4, this._distinct * 2));
            Array.Resize(ref this._values, size);
            Array.Resize(ref this._counts, size);
        }

        Array.Copy(this._values, at, this._values, at + 1, this._distinct - at);
        Array.Copy(this._counts, at, this._counts, at + 1, this._distinct - at);
        this._values[at] = value;
        this._counts[at] = 1;
        this._distinct++;
    }
}
