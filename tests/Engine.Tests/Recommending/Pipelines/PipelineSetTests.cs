using Aisle.Engine.Configuration;
using Aisle.Engine.Expressions;
using Aisle.Engine.Recommending;
using Aisle.Engine.Recommending.Pipelines;

namespace Aisle.Engine.Tests.Recommending.Pipelines;

public sealed class PipelineSetTests
{
    private static readonly ExpressionCache Expressions = new(ShopEnvironment.Instance);

    [Fact]
    public void Parse_LikeAnother_TakesOverAllButWhatItIsFor()
    {
        var set = PipelineSet.Parse("pipelines: {mine: {like: trending}, trending: {like: trending, pool: 50}}", Expressions);

        set.Find(new Scenario("mine"))!.SourceNames.ShouldBe(set.Find(Scenario.Trending)!.SourceNames);
        set.Find(new Scenario("mine"))!.About.ShouldBeNull();
        set.Find(Scenario.Trending)!.About.ShouldNotBeNull();
    }

    [Fact]
    public void Default_HasAPipelineForEveryPlacementOfAShop()
    {
        var set = PipelineSet.Parse(null, Expressions);

        set.Pipelines.Select(pipeline => pipeline.Name).ShouldBe(
            [
                "recommended-for-you", "similar", "bought-together", "complete-the-look", "cart", "checkout", "free-shipping", "category", "search", "empty-search",
                "e-mail", "articles", "buy-again", "recently-viewed", "best-sellers", "trending", "new-arrivals",
            ],
            ignoreOrder: true);
        set.Pipelines.ShouldAllBe(pipeline => pipeline.About != null);
        set.PageOf("home").ShouldNotBeNull().Select(row => set.PlacementOf(row)).ShouldAllBe(placement => placement != null);
    }

    [Fact]
    public void Parse_AShopsDocument_ReplacesByNameAndKeepsTheRest()
    {
        var set = PipelineSet.Parse(
            """
            pipelines:
              trending: {about: Hot, sources: [new-arrivals, trending: 3], pool: 50, limits: [{at-most: 2, same: brand}]}
              summer:
                like: trending
                filter: '"summer" in item.tags'
            placements:
              home/hero: {pipeline: summer, count: 4}
            pages:
              landing: [home/hero, home/trending]
            """,
            Expressions);

        var summer = set.Find(new Scenario("summer")).ShouldNotBeNull();
        summer.Pool.ShouldBe(50);
        summer.Limits.ShouldBe([new GroupLimit(2, ItemGroup.Brand)]);
        summer.Filter!.Text.ShouldBe("\"summer\" in item.tags");
        summer.Sources.Select(source => (source.Source.Name, source.Weight)).ShouldBe([("new-arrivals", 1), ("trending", 3)]);
        summer.Fallback.ShouldBeEmpty();
        set.Find(Scenario.Similar).ShouldNotBeNull();
        set.PlacementOf("home/hero").ShouldBe(new Placement("home/hero", "summer", 4));
        set.PageOf("landing").ShouldBe(["home/hero", "home/trending"]);
    }

    [Theory]
    [InlineData("pipelines: {x: {sources: [persnal]}}", "pipelines.x.sources[1]: there is no source persnal; did you mean personal?")]
    [InlineData("pipelines: {x: {sources: [model:alss]}}", "pipelines.x.sources[1]: there is no model alss; did you mean als? Models are popularity")]
    [InlineData("pipelines: {x: {sources: [model:itemkn: 2]}}", "there is no model itemkn; did you mean itemknn?")]
    [InlineData("pipelines: {x: {sources: [personal], fallback: [segment-populr]}}", "pipelines.x.fallback[1]: there is no source segment-populr; did you mean segment-popular?")]
    [InlineData("pipelines: {x: {sources: [{model: als}]}}", "and for a family of models model:NAME and similar:NAME, such as model:als")]
    [InlineData("pipelines: {x: {sources: [personal], fitler: 'true'}}", "There is no setting fitler in pipelines.x; did you mean filter?")]
    [InlineData("pipelines: {x: {about: nothing}}", "pipelines.x has no sources")]
    [InlineData("pipelines: {x: {sources: [personal: 0]}}", "pipelines.x.sources[1].personal must be a number from 0.001 to 1000")]
    [InlineData("pipelines: {x: {sources: [personal], filter: item.price}}", "pipelines.x.filter: ")]
    [InlineData("pipelines: {x: {sources: [personal], filter: item.prise < 3}}", "did you mean item.price?")]
    [InlineData("pipelines: {x: {sources: [personal], pool: 5}}", "pipelines.x.pool must be a whole number from 10 to 2000")]
    [InlineData("pipelines: {x: {sources: [personal], seen: never}}", "Allowed are include, exclude-bought, exclude-seen")]
    [InlineData("pipelines: {x: {sources: [given], among: items}}", "among: items asks for needs: [items]")]
    [InlineData("pipelines: {x: {like: y}}", "there is no pipeline y")]
    [InlineData("pipelines: {'a b': {sources: [personal]}}", "letters, digits")]
    [InlineData("placements: {home: {count: 3}}", "placements.home.pipeline is missing")]
    [InlineData("placements: {home: {pipeline: trending, count: 500}}", "placements.home.count must be a whole number from 1 to 200")]
    [InlineData("pages: {home: [nowhere]}", "there is no placement nowhere")]
    [InlineData("pages: {home: []}", "pages.home has no rows")]
    [InlineData("pipeline: {}", "did you mean pipelines?")]
    [InlineData("- 1", "The document must hold names with values")]
    [InlineData("pipelines: &a {x: *a}", "Anchors (& and *) are not allowed")]
    [InlineData("pipelines: [", "This is not YAML")]
    [InlineData("pipelines: {x: {sources: [personal]}, x: {sources: [trending]}}", "This is not YAML")]
    public void Parse_AWrongDocument_IsRefusedWithPlaceAndHelp(string document, string message) =>
        Should.Throw<ConfigurationException>(() => PipelineSet.Parse(document, Expressions)).Message.ShouldContain(message);

    [Fact]
    public void Parse_AWrongSetting_TellsItsLine()
    {
        var wrong = Should.Throw<ConfigurationException>(() => PipelineSet.Parse("pipelines:\n  x:\n    sources: [personal]\n    pool: many\n", Expressions));

        (wrong.Line, wrong.Column).ShouldBe((4, 11));
    }

    [Fact]
    public void Parse_HostileNesting_IsRefused()
    {
        var deep = "pipelines: " + string.Concat(Enumerable.Repeat("{a: ", 5000)) + new string('}', 5000);

        Should.Throw<ConfigurationException>(() => PipelineSet.Parse(deep, Expressions)).Message.ShouldContain("nested deeper than 20 levels");
        Should.Throw<ConfigurationException>(() => PipelineSet.Parse(new string('a', 300_000), Expressions)).Message.ShouldContain("at most 262144");
    }
}
