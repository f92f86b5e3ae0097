using System.Globalization;
using Aisle.Engine.Catalog;
using Aisle.Engine.Cleaning;
using Aisle.Engine.Events;
using Aisle.Engine.Profiles;

namespace Aisle.Engine.Tests.Cleaning.EventFiles;

public sealed class EventsImportTests : IDisposable
{
    private readonly ImportBench _bench = new();

    public void Dispose() => this._bench.Dispose();

    [Fact]
    public async Task CsvRow_WithEveryField_BecomesTheEvent()
    {
        await this.CsvAsync(
            "id,type,user,item,time,quantity,price,basket,session,placement,recommendation_id,value,text",
            "e-1,purchase,ann,mug,2024-05-06T12:00:00+02:00,2.5,3.99,o-1,s-1,home/top,r-1,4.5,\"words, more\"");

        var stored = this._bench.Events().ShouldHaveSingleItem();
        stored.ShouldBe(new Event
        {
            Id = EventId.From("e-1"),
            Type = EventType.Purchase,
            User = new UserId("ann"),
            Item = new ItemId("mug"),
            Time = new DateTimeOffset(2024, 5, 6, 10, 0, 0, TimeSpan.Zero),
            Quantity = 2.5,
            Price = 3.99,
            Basket = "o-1",
            Session = "s-1",
            Placement = "home/top",
            RecommendationId = "r-1",
            Value = 4.5,
            Text = "words, more",
        });
    }

    [Fact]
    public async Task JsonLine_WithEveryField_IsTheSameEventAsTheCsvRow()
    {
        await this.CsvAsync("type,user,item,time,quantity,placement", "view,\"ann \"\"x\"\" 顾客\",7,1714996800,1,home");
        var report = await this.JsonAsync("""{"type":"view","user":"ann \"x\" \u987e\u5ba2","item":7,"time":1714996800,"quantity":1,"placement":"home","unknown":{"deep":[1]}}""");

        (report.EventsStored, report.KnownEvents).ShouldBe((0, 1));
    }

    [Theory]
    [InlineData("2024-05-06T12:00:00Z")]
    [InlineData("2024-05-06T14:00:00+02:00")]
    [InlineData("2024-05-06 12:00")]
    [InlineData("1714996800")]
    [InlineData("1714996800000")]
    public async Task Time_InEachNotation_IsTheSameMoment(string time)
    {
        await this.CsvAsync("type,user,item,time", $"view,ann,mug,{time}");

        this._bench.Events().Single().Time.ShouldBe(new DateTimeOffset(2024, 5, 6, 12, 0, 0, TimeSpan.Zero));
    }

    [Fact]
    public async Task Rows_ThatBreakARule_AreLeftOutWithTheirReason()
    {
        var report = await this.CsvAsync(
            "type,user,item,time,quantity,price,value,basket,text",
            "view,ann,mug,2024-05-06,,,,,",
            "look,ann,mug,2024-05-06,,,,,",
            ",ann,mug,2024-05-06,,,,,",
            "view,,mug,2024-05-06,,,,,",
            "view,ann,,2024-05-06,,,,,",
            "view,ann,mug,,,,,,",
            "view,ann,mug,soon,,,,,",
            "view,ann,mug,1969-01-01,,,,,",
            "view,ann,mug,2024-05-06,many,,,,",
            "purchase,ann,mug,2024-05-06,0,,,,",
            "purchase,ann,mug,2024-05-06,-1,,,,",
            "purchase,ann,mug,2024-05-06,1,-2,,,",
            "rating,ann,mug,2024-05-06,,,,,",
            "search,ann,,2024-05-06,,,,,",
            "view,ann,mug,2024-05-06",
            $"view,{new string('x', 129)},mug,2024-05-06,,,,,",
            "view,a\u0007nn,mug,2024-05-06,,,,,",
            "purchase,,mug,2024-05-06,1,1,,till-7,");

        report.EventsStored.ShouldBe(2);
        this._bench.Rejects().Select(row => row.Reason).ShouldBe(
        [
            "bad-type", "missing-type", "missing-user", "missing-item", "missing-time", "bad-time", "bad-time", "bad-quantity", "zero-quantity",
            "negative-quantity", "negative-price", "missing-value", "missing-text", "wrong-columns", "bad-user", "bad-user",
        ]);
        report.Found["anonymous_events"].ShouldBe(1);
    }

    [Fact]
    public async Task JsonLines_ThatAreNoEvents_AreLeftOutByLine()
    {
        var report = await this.JsonAsync(
            """{"type":"view","user":"ann","item":"mug","time":1714996800}""",
            "",
            "not json",
            "[1]",
            """{"type":"view","user":["ann"],"item":"mug","time":1714996800}""",
            """{"type":"view","user":"ann","item":"mug","time":1714996800} trailing""",
            """{"type":"view","user":"\ud800","item":"mug","time":1714996800}""",
            """{"type":"view","user":null,"item":"mug","time":1714996800}""",
            """{"TYPE":"click","User_ID":"ann","item":"mug","time":"1714996801"}""");

        report.EventsStored.ShouldBe(2);
        this._bench.Rejects().Select(row => (row.Line, row.Reason)).ShouldBe(
            [(3, "not-json"), (4, "not-json"), (5, "bad-user"), (6, "not-json"), (7, "not-json"), (8, "missing-user")]);
    }

    [Theory]
    [InlineData("""{"type":"view","user":"ann","item":"m""")]
    [InlineData("""{"type":"view","user":"ann","item":"mug"}""")]
    public async Task JsonLine_HalfWrittenAtTheEnd_StopsTheImport(string last)
    {
        var path = this._bench.Write("events.jsonl", """{"type":"view","user":"ann","item":"mug","time":1714996800}""" + "\n" + last);

        (await this._bench.RefusedAsync(path, "events-jsonl")).ShouldContain("line 2");
    }

    [Fact]
    public async Task JsonLine_WithoutEnd_IsRefusedBeforeItFillsMemory()
    {
        var path = this._bench.Write("events.jsonl", "{\"type\":\"" + new string('x', 3 << 20));

        (await this._bench.RefusedAsync(path, "events-jsonl")).ShouldContain("longer than 1 MiB");
    }

    [Fact]
    public async Task Columns_NamedOtherwise_AreMapped()
    {
        // The layout of RetailRocket's events.
        var path = this._bench.Write("events.csv", "timestamp,visitorid,event,itemid,transactionid\n1433221332117,257597,view,355908,\n1433221332118,257597,transaction,355908,4000\n1433221332119,257597,addtocart,355908,\n");

        var report = await this._bench.ImportAsync(path, "events-csv", ("visitorid", "user"), ("ITEMID", "item"), ("event", "type"), ("transactionid", "basket"));

        report.EventsStored.ShouldBe(3);
        this._bench.Events().Select(each => (each.Type, each.Basket)).ShouldBe([(EventType.View, null), (EventType.Purchase, "4000"), (EventType.Cart, null)]);
    }

    [Fact]
    public async Task JsonNames_Mapped_ReplaceTheUsualOnes()
    {
        var path = this._bench.Write("events.jsonl", """{"kind":"view","type":"ignored","user":"ann","item":"mug","time":1714996800}""" + "\n");

        (await this._bench.ImportAsync(path, "events-jsonl", ("kind", "type"))).EventsStored.ShouldBe(1);
    }

    [Fact]
    public void Mapping_ToAFieldThatTheFormatLacks_IsAWrongCall()
    {
        ImportFormats.Check("events-csv", new Dictionary<string, string> { ["a"] = "colour" }).ShouldNotBeNull().ShouldContain("no field 'colour'");
        ImportFormats.Check("events-csv", new Dictionary<string, string> { ["a"] = "user", ["b"] = "User" }).ShouldNotBeNull().ShouldContain("Two columns");
        ImportFormats.Check("events-csv", new Dictionary<string, string> { ["a"] = "user" }).ShouldBeNull();
    }

    [Fact]
    public async Task Crawler_WithThousandsOfViewsADay_IsLeftOutOnThatDayOnly()
    {
        var start = new DateTimeOffset(2024, 5, 6, 0, 0, 0, TimeSpan.Zero);
        var views = Enumerable.Range(0, 2001).Select(i => $"view,bot,item{i},{start.AddSeconds(i * 40).ToString("o", CultureInfo.InvariantCulture)}");
        string[] others = ["view,bot,mug,2024-05-07T10:00:00Z", "view,ann,mug,2024-05-06T10:00:00Z"];

        var report = await this.CsvAsync(["type,user,item,time", .. views, .. others]);

        report.Rejected.ShouldBe(new Dictionary<string, long> { ["bot-like-user"] = 2001 });
        (report.EventsStored, report.Users, report.Items).ShouldBe((2, 2, 1));
    }

    [Fact]
    public async Task Impressions_OfOneShopper_ManyThoughTheyAre_DoNotMakeARobot()
    {
        var rows = Enumerable.Range(0, 3000).Select(i => $"impression,ann,item{i},2024-05-06T10:00:00Z");

        (await this.CsvAsync(["type,user,item,time", .. rows])).EventsStored.ShouldBe(3000);
    }

    [Fact]
    public async Task Progress_OfAnImport_AscendsToItsEnd()
    {
        var steps = new Steps();
        var path = this._bench.Write("events.csv", "type,user,item,time\n" + string.Concat(Enumerable.Range(0, 20_000).Select(i => $"view,u{i % 50},item{i},2024-05-06\n")));

        await this._bench.ImportAsync(path, "events-csv", steps);

        steps.Fractions.ShouldBe(steps.Fractions.Order());
        (steps.Fractions[0], steps.Fractions[^1]).ShouldBe((0, 1));
        steps.Fractions.Count.ShouldBeGreaterThan(5);
    }

    private Task<ImportReport> CsvAsync(params string[] lines) =>
        this._bench.ImportAsync(this._bench.Write("events.csv", string.Join('\n', lines) + "\n"), "events-csv");

    private Task<ImportReport> JsonAsync(params string[] lines) =>
        this._bench.ImportAsync(this._bench.Write("events.jsonl", string.Join('\n', lines) + "\n"), "events-jsonl");

    private sealed class Steps : IProgress<ImportStep>
    {
        public List<double> Fractions { get; } = [];

        public void Report(ImportStep value) => this.Fractions.Add(value.Fraction);
    }
}
