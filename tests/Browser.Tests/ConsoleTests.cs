using Aisle.Engine.Catalog;
using Aisle.Engine.ChoicePoints;
using Aisle.Engine.Events;
using Aisle.Engine.Profiles;
using Aisle.Engine.Recommending;
using Aisle.Engine.Training;
using Microsoft.Playwright;

namespace Aisle.Browser.Tests;

[Collection(BrowserCollection.Name)]
public sealed class ConsoleTests(ShopInBrowser shop)
{
    [Fact]
    public async Task Overview_WhileAShopperFillsTheCart_CountsItWithoutAReload()
    {
        await using var operatorPage = await shop.OpenAsync();
        await operatorPage.Page.GotoAsync("/console");
        var before = await CountAsync(operatorPage.Page, "carts");
        await using var visitor = await shop.OpenAsync();
        await visitor.Page.GotoAsync("/");

        await visitor.Page.ClickAsync("#home-best-sellers .add >> nth=0");
        await visitor.Page.WaitForSelectorAsync("#toast.shown");

        await operatorPage.Page.WaitForFunctionAsync(
            "before => Number(document.querySelector('[data-tile=carts] .tile-value').textContent.replaceAll(',', '')) > before", before);
        operatorPage.Troubles.ShouldBeEmpty();
    }

    [Fact]
    public async Task AskAsShopper_ShowsWhatTheyDidAndTheirListWithReasons()
    {
        await using var visitor = await shop.OpenAsync();
        var page = visitor.Page;
        await page.GotoAsync("/");
        await page.ClickAsync("#home-best-sellers .add >> nth=1");
        await page.WaitForSelectorAsync("#toast.shown");
        var added = (await visitor.ItemsOfAsync("home-best-sellers"))[1];
        var shopper = await visitor.VisitorAsync();

        await page.GotoAsync("/console/shopper");
        await page.FillAsync("input[name=user]", shopper);
        await page.ClickAsync("form.ask button");
        // Until the page has loaded, nobody listens to its selects.
        await page.WaitForURLAsync("**user=**");

        (await page.GetAttributeAsync("#history [data-item] >> nth=0", "data-item")).ShouldBe(added);
        (await page.InnerTextAsync("#history .reason >> nth=0")).ShouldBe("in the cart");
        (await page.InnerTextAsync("#list .reason >> nth=0")).ShouldStartWith("Because you were interested in");
        (await page.InnerTextAsync("#list .source >> nth=0")).ShouldStartWith("personal");
        await page.SelectOptionAsync("select[name=scenario]", "bought-together");
        await page.WaitForURLAsync("**scenario=bought-together**");
        (await page.Locator("#list [data-item]").CountAsync()).ShouldBe(12);
        visitor.Troubles.ShouldBeEmpty();
    }

    [Fact]
    public async Task Merchandising_ARuleIsMadeInTheForm_SeenInThePreview_PublishedAndUndone()
    {
        await using var visitor = await shop.OpenAsync();
        var page = visitor.Page;
        await page.GotoAsync("/console/merchandising");
        await page.FillAsync("input[name=rule-name]", "Nothing dear");
        await page.SelectOptionAsync("select[name=rule-do]", "only");
        await page.FillAsync("input[name=rule-where]", "item.price < 10");
        await page.ClickAsync("button[value=add]");

        (await page.InputValueAsync("textarea[name=document]")).ShouldContain("Nothing dear");
        (await page.Locator(".columns section:nth-child(2) .item-price").AllInnerTextsAsync()).Select(Price).ShouldAllBe(price => price < 10);
        (await page.Locator(".columns section:nth-child(1) .item-price").AllInnerTextsAsync()).Select(Price).ShouldContain(price => price >= 10);
        shop.Engine.Rules.Version.ShouldBeNull();

        await page.ClickAsync("button[value=publish]");
        (await page.InnerTextAsync("#rules tbody")).ShouldContain("Shows nothing but items with item.price < 10");
        await page.FillAsync("textarea[name=document]", "rules: []");
        await page.ClickAsync("button[value=publish]");
        (await page.Locator("#versions tbody tr").CountAsync()).ShouldBe(2);
        await page.FillAsync("textarea[name=document]", "rules: [{name: x, do: hied, items: a}]");
        await page.ClickAsync("button[value=publish]");
        (await page.InnerTextAsync(".problem")).ShouldContain("did you mean hide?");
        (await page.InputValueAsync("textarea[name=document]")).ShouldContain("hied");
        shop.Engine.Rules.Version!.Version.ShouldBe(2);
        visitor.Troubles.ShouldBeEmpty();

        static double Price(string text) => double.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
    }

    [Theory]
    [InlineData(1440, "en-GB")]
    [InlineData(390, "zh-CN")]
    public async Task ChoicesAndRanking_ArePublished_AndSayWhatHoldsAndWhatToDo(int width, string locale)
    {
        await using var visitor = await shop.OpenAsync(width, locale: locale);
        var page = visitor.Page;
        await page.GotoAsync("/console/merchandising/choices");
        var name = $"banner-{width}";
        await page.FillAsync("textarea[name=document]", $"choices: {{{name}: {{about: Which banner?, learns: at-reward}}}}");
        await page.ClickAsync("button[value=publish]");
        (await page.InnerTextAsync($"[data-choice={name}] .empty")).ShouldContain($"/api/v1/choices/{name}/rank");
        var point = shop.Engine.ChoicePoints.Current.Find(name)!;
        var nothing = new Dictionary<string, FeatureValue>();
        for (var visit = 0; visit < 200; visit++)
        {
            var decision = await shop.Engine.Choices.RankAsync(point, new ChoiceQuestion(nothing, [new ChoiceAction("spring", nothing), new ChoiceAction("sale", nothing)]), 1, null, null, CancellationToken.None);
            await shop.Engine.Choices.RewardAsync(point, decision.Id, null, decision.Chosen[0], CancellationToken.None);
        }

        await page.ReloadAsync();
        (await page.Locator($"[data-choice={name}] [data-action]").CountAsync()).ShouldBe(2);
        (await page.InnerTextAsync("[data-action=sale] .candidate-score b")).ShouldBe("1");
        await page.ClickAsync($"[data-choice={name}] a");
        (await page.Locator($"[data-choice={name}] tbody tr").CountAsync()).ShouldBe(3);
        (await page.EvaluateAsync<int>("document.documentElement.scrollWidth")).ShouldBeLessThanOrEqualTo(width);

        await page.GotoAsync("/console/merchandising/ranking");
        await page.FillAsync("textarea[name=document]", "exchange: {share: 0.1}\ngains: {revenue: 0.05}");
        await page.ClickAsync("button[value=publish]");
        (await page.InnerTextAsync("#ranking")).ShouldContain("0.05");
        (await page.InnerTextAsync("#ranking")).ShouldContain("10 %");
        await page.GotoAsync("/console/models");
        (await page.Locator("#rankers .empty").CountAsync()).ShouldBe(1);
        (await page.EvaluateAsync<int>("document.documentElement.scrollWidth")).ShouldBeLessThanOrEqualTo(width);
        visitor.Troubles.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(1440, "en-GB")]
    [InlineData(390, "zh-CN")]
    public async Task PipelineInTheShadow_IsJudgedByWhatWasServed(int width, string locale)
    {
        await using var visitor = await shop.OpenAsync(width, locale: locale);
        var page = visitor.Page;
        var name = $"tried-{width}";
        await page.GotoAsync("/console/merchandising/pipelines");
        await page.FillAsync("textarea[name=document]", $"pipelines: {{other: {{sources: [best-sellers], limits: [{{at-most: 1, same: brand}}]}}, {name}: {{sources: [best-sellers], explore: {{share: 0.2, below: 1000000}}, shadow: other}}}}");
        await page.ClickAsync("button[value=publish]");
        await page.ClickAsync($"a[href*='judge={name}']");
        (await page.InnerTextAsync("#shadow .empty")).ShouldContain("200");

        for (var asked = 0; asked < 100_000 && shop.Engine.Served.Latest(400).Count(list => list.Pipeline == name) < 220; asked++)
        {
            var list = shop.Engine.Recommendations.Recommend(new RecommendationRequest { Scenario = new Scenario(name), User = new UserId($"reader-{asked % 60}"), Count = 5 });
            await shop.Engine.Intake.AcceptAsync([.. list.Items.Select(item => Seen(EventType.Impression, item.Id)), .. list.Items.Take(asked % 2).Select(item => Seen(EventType.Click, item.Id))], CancellationToken.None);
            if (asked % 50 == 49) await shop.Engine.TendAsync(CancellationToken.None);

            Event Seen(EventType type, ItemId item) => new()
            {
                Id = EventId.From($"{list.Id}-{type}-{item.Value}"), Type = type, User = new UserId($"reader-{asked % 60}"), Item = item, Time = TimeProvider.System.GetUtcNow(), RecommendationId = list.Id,
            };
        }

        await page.ReloadAsync();
        (await page.Locator("#shadow [data-reward]").CountAsync()).ShouldBe(4);
        (await page.Locator("#shadow [data-reward=click] svg").CountAsync()).ShouldBe(1);
        (await page.InnerTextAsync("#shadow [data-reward=click] .candidate-score b")).ShouldContain("%");
        (await page.EvaluateAsync<int>("document.documentElement.scrollWidth")).ShouldBeLessThanOrEqualTo(width);
        visitor.Troubles.ShouldBeEmpty();
    }

    [Fact]
    public async Task TrainNow_PublishesAVersion_AndTheEarlierOneCanBeServedAgain()
    {
        await using var visitor = await shop.OpenAsync();
        var page = visitor.Page;
        page.Dialog += async (_, dialog) => await dialog.AcceptAsync();
        await page.GotoAsync("/console");
        var first = shop.Engine.Models.Serving!.Manifest.Version;

        await page.ClickAsync("text=Train now");
        // A run takes 20 seconds of a processor, which the machine may have to share.
        await page.WaitForSelectorAsync($"#runs td:has-text('Published version {first + 1}')", new PageWaitForSelectorOptions { Timeout = 180_000 });

        await page.GotoAsync("/console/models");
        await page.ClickAsync("text=Serve this version");
        await page.WaitForURLAsync("**/console/models");
        (await page.InnerTextAsync("section:has(.badge) h2")).ShouldStartWith($"Version {first}");
        shop.Engine.Models.Serving!.Manifest.Version.ShouldBe(first);
        visitor.Troubles.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(1440)]
    [InlineData(390)]
    public async Task Models_AfterARun_ShowsCandidatesWithIntervalsAndWhyOneWon(int width)
    {
        await using var visitor = await shop.OpenAsync(width);
        var page = visitor.Page;
        await page.GotoAsync("/console/models");
        var report = TrainingRun.ReadReport(shop.Engine.TrainingRuns.Latest(10).First(run => run.Report is not null))!;

        var shown = await page.Locator("#candidates [data-candidate]").EvaluateAllAsync<string[]>("rows => rows.map(row => row.dataset.candidate)");
        shown.ShouldBe(report.Validation.OrderByDescending(score => score.Metrics[report.Metric]).Select(score => score.Model));
        (await page.Locator("#candidates .whisker").CountAsync()).ShouldBe(shown.Length);
        (await page.GetAttributeAsync("#candidates li.chosen", "data-candidate")).ShouldBe(report.Chosen);
        (await page.InnerTextAsync("#candidates .verdict")).ShouldContain("won: NDCG@10");
        (await page.Locator("#versions-over-time .dot.serving").CountAsync()).ShouldBe(1);
        // What a reader opened stays open while the page refreshes itself.
        await page.ClickAsync("#candidates summary");
        await page.WaitForResponseAsync(response => response.Url.EndsWith("/console/models", StringComparison.Ordinal));
        (await page.IsVisibleAsync("#candidates table")).ShouldBeTrue();
        (await page.EvaluateAsync<int>("document.documentElement.scrollWidth")).ShouldBeLessThanOrEqualTo(width);
        visitor.Troubles.ShouldBeEmpty();
    }

    [Fact]
    public async Task TrainNow_OnTheModelsPageInChinese_TellsWhereItStandsAndCanBeStopped()
    {
        await using var visitor = await shop.OpenAsync(width: 390, locale: "zh-CN");
        var page = visitor.Page;
        await page.GotoAsync("/console/models");

        await page.ClickAsync("text=立即训练");

        await page.WaitForSelectorAsync("#training .progress");
        (await page.InnerTextAsync("#training .progress")).ShouldContain("%");
        // A run of so small a shop may be over before the page next refreshes itself.
        while (!(await page.InnerTextAsync("#training .progress")).Contains("正在试用", StringComparison.Ordinal)) await page.ReloadAsync();
        (await page.EvaluateAsync<int>("document.documentElement.scrollWidth")).ShouldBeLessThanOrEqualTo(390);
        await page.ClickAsync("text=停止");
        await page.WaitForSelectorAsync("#training:has-text('训练已取消')");
        await page.WaitForSelectorAsync("text=立即训练");
        visitor.Troubles.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("/console", "概览")]
    [InlineData("/console/shopper", "以顾客身份查看")]
    [InlineData("/console/models", "模型")]
    public async Task Page_InChineseOnAPhone_SpeaksChineseAndFits(string address, string title)
    {
        await using var visitor = await shop.OpenAsync(width: 390, locale: "zh-CN");
        var page = visitor.Page;

        await page.GotoAsync(address);

        (await page.InnerTextAsync("h1")).ShouldBe(title);
        (await page.EvaluateAsync<int>("document.documentElement.scrollWidth")).ShouldBeLessThanOrEqualTo(390);
        // No word of the pages' own was left in English.
        (await page.InnerTextAsync("main")).ShouldNotContain("Training");
        visitor.Troubles.ShouldBeEmpty();
    }

    private static async Task<int> CountAsync(IPage page, string tile) =>
        int.Parse((await page.InnerTextAsync($"[data-tile={tile}] .tile-value")).Replace(",", "", StringComparison.Ordinal), System.Globalization.CultureInfo.InvariantCulture);
}
