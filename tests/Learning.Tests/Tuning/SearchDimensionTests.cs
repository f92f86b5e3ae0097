using System.Text.Json.Nodes;
using Aisle.Learning.Models;
using Aisle.Learning.Tuning;

namespace Aisle.Learning.Tests.Tuning;

public sealed class SearchDimensionTests
{
    [Fact]
    public void ValueAt_Ranges_AreEvenOrEvenInTheLogarithm()
    {
        var even = SearchDimension.Number("x", 2, 4);
        even.ValueAt(0.25).GetValue<double>().ShouldBe(2.5);
        var log = SearchDimension.Number("x", 0.01, 1, log: true);
        log.ValueAt(0.5).GetValue<double>().ShouldBe(0.1, 1e-9);
        log.PointOf(JsonValue.Create(0.1)).ShouldBe(0.5, 1e-9);
        log.PointOf(JsonValue.Create(5)).ShouldBe(1);
        var whole = SearchDimension.Whole("x", 16, 256, log: true);
        whole.ValueAt(0.5).GetValue<int>().ShouldBe(64);
        whole.ValueAt(1).GetValue<int>().ShouldBe(256);
        SearchDimension.Number("x", 0, 1).ValueAt(1.0 / 3).ToJsonString().ShouldBe("0.3333");
    }

    [Fact]
    public void ValueAt_Choices_ShareTheLineEvenly()
    {
        var choice = SearchDimension.OneOf("solver", "cg", "cholesky");
        choice.ValueAt(0.49).GetValue<string>().ShouldBe("cg");
        choice.ValueAt(1).GetValue<string>().ShouldBe("cholesky");
        choice.PointOf("cholesky").ShouldBe(0.75);
        choice.PointOf("lu").ShouldBe(0.5);
    }

    [Theory]
    [InlineData("factors=16..256")]
    [InlineData("factors=16..256:log")]
    [InlineData("shrinkage=0.5..10.0")]
    [InlineData("regularization=0.001..0.1:log")]
    [InlineData("solver=cg|cholesky")]
    [InlineData("flag=true|false")]
    [InlineData("factors=32|64")]
    public void Parse_WhatToStringWrites_IsTheSame(string text) => SearchDimension.Parse(text).ToString().ShouldBe(text);

    [Theory]
    [InlineData("factors", "Write key=16..256")]
    [InlineData("factors=a..b", "Write key=16..256")]
    [InlineData("factors=9..3", "from a smaller to a larger")]
    [InlineData("factors=0..3:log", "above 0")]
    [InlineData("solver=cg", "at least two values")]
    public void Parse_NoDimension_SaysWhatIs(string text, string expected) =>
        Should.Throw<ArgumentException>(() => SearchDimension.Parse(text)).Message.ShouldContain(expected);

    [Fact]
    public void Spaces_OfAllModels_NameTheirOptionsAndStayInRange()
    {
        foreach (var name in SearchSpaces.Models)
        {
            var family = Trainers.Find(name);
            var space = SearchSpaces.Of(family, []);
            if (space.BudgetOption is { } budget) family.OptionNames.ShouldContain(budget);
            foreach (var dimension in space.Dimensions)
            {
                family.OptionNames.ShouldContain(dimension.Name);
                foreach (var point in dimension.Choices is null ? [0.0, 0.5, 1.0] : Enumerable.Range(0, dimension.Choices.Count).Select(i => (i + 0.5) / dimension.Choices.Count))
                    family.Create(new JsonObject { [dimension.Name] = dimension.ValueAt(point) }.ToJsonString()).Name.ShouldBe(name);
            }
        }
    }

    [Fact]
    public void Spaces_OfAllFamilies_AreThere()
    {
        // A seed is no knob; families without any other option have nothing to search over.
        var without = Trainers.All.Where(family => family.OptionNames.Any(name => name != "seed")).Select(family => family.Name).Except(SearchSpaces.Models);
        without.ShouldBeEmpty();
    }

    [Fact]
    public void Of_GivenDimensions_ReplaceTheModelsOwn()
    {
        var space = SearchSpaces.Of(Trainers.Find("als"), [SearchDimension.Parse("factors=4|8"), SearchDimension.Parse("iterations=1..9")]);
        space.Dimensions.Single(dimension => dimension.Name == "factors").Choices!.Count.ShouldBe(2);
        space.BudgetOption.ShouldBeNull("iterations are searched, so that they cannot be the budget");
        Should.Throw<ArgumentException>(() => SearchSpaces.Of(Trainers.Find("als"), [SearchDimension.Parse("depth=1..9")])).Message.ShouldContain("no option 'depth'");
        var bare = Trainers.Find("als") with { Name = "bare" };
        Should.Throw<ArgumentException>(() => SearchSpaces.Of(bare, [])).Message.ShouldContain("has no search space of its own");
        SearchSpaces.Of(bare, [SearchDimension.Parse("factors=4..8")]).Dimensions.Count.ShouldBe(1);
    }
}
