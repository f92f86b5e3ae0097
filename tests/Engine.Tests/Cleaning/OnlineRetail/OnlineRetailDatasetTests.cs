namespace Aisle.Engine.Tests.Cleaning.OnlineRetail;

/// <summary>
/// The whole published file, where this machine has it, against the counts that its SOURCE.txt states; elsewhere a file made here, with
/// dirt of each kind in known numbers.
/// </summary>
public sealed class OnlineRetailDatasetTests : IDisposable
{
    private readonly ImportBench _bench = new();

    public void Dispose() => this._bench.Dispose();

    [Fact]
    public async Task Dataset_ImportedTwice_AgreesWithItsKnownCountsAndAddsNothing()
    {
        var (path, known) = SharedData.Find("online-retail/online_retail.csv.gz") is { } published ? (published, Published()) : this.Made();

        var report = await this._bench.ImportAsync(path, "online-retail");

        report.RowsRead.ShouldBe(known.Rows);
        report.Users.ShouldBe(known.Customers);
        report.Duplicates.ShouldBe(known.Duplicates);
        foreach (var (what, count) in known.Found) report.Found.GetValueOrDefault(what).ShouldBe(count, what);
        (report.EventsStored + report.Duplicates + report.Rejected.Values.Sum()).ShouldBe(report.RowsRead);
        this._bench.Store.Events.Totals().Events.ShouldBe(report.EventsStored);
        this._bench.Rejects().Count.ShouldBe((int)report.Rejected.Values.Sum());

        var again = await this._bench.ImportAsync(path, "online-retail");
        (again.EventsStored, again.KnownEvents, again.ItemsChanged).ShouldBe((0, report.EventsStored, 0));
    }

    private static KnownCounts Published() => new(541_909, 4_372, 5_268, new()
    {
        ["exact_duplicates"] = 5_268,
        ["rows_without_customer"] = 135_080,
        ["rows_without_title"] = 1_454,
        ["titles_with_outer_spaces"] = 113_452,
        ["cancellation_rows"] = 9_288,
        ["negative_quantity"] = 10_624,
        ["negative_quantity_without_cancellation"] = 1_336,
        ["negative_price"] = 2,
        ["zero_price"] = 2_515,
        ["codes_in_lower_case"] = 1_943,
        ["codes_in_two_cases"] = 112,
        // POST, DOT, M and m, C2, D, S, BANK CHARGES, AMAZONFEE, CRUK, PADS, B; gift_0001_xx; DCGS*; Next Day Carriage and PACKING CHARGE.
        ["non_product_rows"] = 1256 + 710 + 572 + 144 + 77 + 63 + 37 + 34 + 16 + 4 + 3 + 34 + 47 + 96,
    });

    /// <summary>Thirty days, each with the same sales and the same dirt.</summary>
    private (string Path, KnownCounts Known) Made()
    {
        const int Days = 30;
        var lines = new List<string>();
        for (var day = 1; day <= Days; day++)
        {
            string At(int hour) => $"2011-03-{day:00} {hour:00}:00:00";
            for (var customer = 0; customer < 20; customer++)
                lines.Add(SalesText.Line($"{day}{customer:00}", $"{20000 + customer % 7}", quantity: $"{1 + customer}", time: At(9), customer: $"{100 + customer}"));
            lines.Add(lines[^1]);
            lines.Add(SalesText.Line($"{day}50", "85099b", " BAG ", time: At(10), customer: ""));
            lines.Add(SalesText.Line($"{day}51", "85099B", "BAG", time: At(11)));
            lines.Add(SalesText.Line($"C{day}52", "85099B", "BAG", "-6", At(12)));
            lines.Add(SalesText.Line($"C{day}53", "85099B", "BAG", "-600", At(13)));
            lines.Add(SalesText.Line($"{day}54", "POST", "POSTAGE", time: At(14)));
            lines.Add(SalesText.Line($"{day}55", "20001", "", "-3", At(15), "0", ""));
        }

        return (this._bench.Write("made.csv.gz", ImportBench.Gzip(SalesText.File(lines))), new(Days * 27, 21, Days, new()
        {
            ["exact_duplicates"] = Days,
            ["rows_without_customer"] = 2 * Days,
            ["rows_without_title"] = Days,
            ["titles_with_outer_spaces"] = Days,
            ["cancellation_rows"] = 2 * Days,
            ["cancellations_matched"] = Days,
            ["negative_quantity"] = 3 * Days,
            ["negative_quantity_without_cancellation"] = Days,
            ["zero_price"] = Days,
            ["codes_in_lower_case"] = Days,
            ["codes_in_two_cases"] = 1,
            ["non_product_rows"] = Days,
        }));
    }

    private sealed record KnownCounts(long Rows, long Customers, long Duplicates, Dictionary<string, long> Found);
}
