using System.Xml.Linq;
using Aisle.Cli.Commands;

namespace Aisle.Hosts.Tests.Cli;

public sealed class ParetoPictureTests
{
    [Fact]
    public void Frontier_KeepsWhatNoneIsBothFasterAndBetterThan()
    {
        var points = new[] { Point("slow", 100, 0.2), Point("fast", 1, 0.1), Point("beaten", 50, 0.09), Point("level", 120, 0.2), Point("middle", 10, 0.15) };
        ParetoPicture.Frontier(points).Select(point => point.Name).ShouldBe(["fast", "middle", "slow"]);
    }

    [Fact]
    public void Labels_OfCrowdedPoints_DoNotCollide()
    {
        var random = new Random(4);
        var points = Enumerable.Range(0, 24).Select(i => Point($"model-number-{i}", Math.Pow(10, 2 * random.NextDouble()), 0.15 + (0.02 * random.NextDouble()))).ToArray();
        var axes = ParetoPicture.Axes.Of(points);
        var labels = ParetoPicture.Labels(points, axes);
        labels.Count.ShouldBe(24);
        for (var one = 0; one < labels.Count; one++)
        {
            for (var other = 0; other < one; other++) labels[one].Box.Overlap(labels[other].Box).ShouldBe(0, $"{labels[one].Name} and {labels[other].Name}");
        }
    }

    [Fact]
    public void Draw_AnyPoints_IsWellFormedAndReadsInTheDark()
    {
        var svg = ParetoPicture.Draw([Point("a<b&c", 0, 0.1), new ParetoPoint("plain", 3, 0.2, 0.19, 0.21)], "A & B", "seconds", "NDCG");
        var document = XDocument.Parse(svg);
        document.Descendants().Count(element => element.Name.LocalName == "circle").ShouldBe(2);
        document.Descendants().Where(element => element.Name.LocalName == "text").Select(element => element.Value).ShouldContain("a<b&c");
        svg.ShouldContain("prefers-color-scheme: dark");
        foreach (var single in new[] { Point("one", 1, 0), Point("same", 1, 0.5) }) XDocument.Parse(ParetoPicture.Draw([single, single], "t", "x", "y"));
    }

    private static ParetoPoint Point(string name, double seconds, double score) => new(name, seconds, score, double.NaN, double.NaN);
}
