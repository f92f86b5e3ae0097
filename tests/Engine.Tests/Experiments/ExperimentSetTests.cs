using Aisle.Engine.Configuration;
using Aisle.Engine.Experiments;

namespace Aisle.Engine.Tests.Experiments;

public sealed class ExperimentSetTests
{
    [Fact]
    public void Parse_ADocument_GivesItsExperiments()
    {
        var experiment = ExperimentSet.Parse(
            """
            experiments:
              home-mix:
                about: Does a mixed row sell more?
                variants: {control: {}, mixed: {pipeline: mix, weight: 3}}
                layer: {name: home, to: 0.5}
                placements: [home/*]
                metrics: [conversion, click-through, custom:sign-up]
                guardrails: [{metric: revenue, margin: 0.02}]
                from: 2026-06-01
            """,
            name => name == "mix").Experiments.Single();

        experiment.Assignment.Shares.ShouldBe([0.25, 0.75]);
        experiment.Assignment.Stretch!.Value.To.ShouldBe(0.5);
        experiment.Pipelines.ShouldBe([null, "mix"]);
        experiment.Metrics.Select(metric => metric.Name).ShouldBe(["conversion", "click-through", "custom:sign-up"]);
        experiment.Metrics[2].Event.ShouldBe("sign-up");
        experiment.Guardrails.Single().Margin.ShouldBe(0.02);
        experiment.Scope.Covers("trending", "home/row").ShouldBeTrue();
        experiment.Scope.Covers("trending", "cart").ShouldBeFalse();
        experiment.Scope.IsActive(new DateTimeOffset(2026, 5, 31, 0, 0, 0, TimeSpan.Zero)).ShouldBeFalse();
    }

    [Theory]
    [InlineData("x: {}", "experiments.x.variants is missing")]
    [InlineData("x: {variants: {a: {}}}", "it needs two at least")]
    [InlineData("x: {variants: {a: {}, b: {pipeline: nowhere}}}", "there is no pipeline nowhere")]
    [InlineData("x: {variants: {a: {}, b: {wieght: 2}}}", "did you mean weight?")]
    [InlineData("x: {variants: {a: {}, b: {}}, segments: [country, value]}", "value is told anyway")]
    [InlineData("x: {variants: {a: {}, b: {}}, segments: [a, b, c, d, e, f]}", "at most 5 are allowed")]
    [InlineData("x: {variants: {a: {}, b: {}}, from: 2026-06-03, until: 2026-06-02}", "until must lie after from")]
    [InlineData("x: {variants: {a: {}, b: {}}, metrics: [conversions]}", "did you mean conversion?")]
    [InlineData("x: {variants: {a: {}, b: {}}, metrics: []}", "the first metric decides")]
    [InlineData("x: {variants: {a: {}, b: {}}, guardrails: [{metric: revenue, margin: 2}]}", "margin must be a number from 0 to 0.99")]
    [InlineData("x: {variants: {a: {}, b: {}}, layer: {name: l, from: 0.6, to: 0.4}}", "rising stretch")]
    [InlineData("x: {variants: {a: {}, b: {}}, layer: {name: l}}, y: {variants: {a: {}, b: {}}, layer: {name: l, from: 0.5}}", "layer")]
    public void Parse_AWrongExperiment_IsRefusedWithHelp(string experiments, string message) =>
        Should.Throw<ConfigurationException>(() => ExperimentSet.Parse($"experiments: {{{experiments}}}", _ => false)).Message.ShouldContain(message);
}
