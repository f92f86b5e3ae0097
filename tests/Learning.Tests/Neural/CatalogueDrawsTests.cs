using Aisle.Learning.Neural;

namespace Aisle.Learning.Tests.Neural;

public sealed class CatalogueDrawsTests
{
    [Fact]
    public void DrawItems_ManyDraws_ComeAsOftenAsTheirShare()
    {
        // A state of 1 and scores ln 1, ln 2, ln 5 and nothing: shares .125, .25, .625, 0.
        Parameter x = new("x", 2, 1), table = new("table", 4, 1), bias = new("bias", 1, 4);
        x.Values.Fill(1f);
        float[] scores = [0f, MathF.Log(2), MathF.Log(5), float.NegativeInfinity];
        scores.CopyTo(bias.Values);
        var tape = new Tape(2);
        tape.Begin(0);
        var drawn = tape.DrawItems(x, table, bias, 4000, key: 5);
        for (var row = 0; row < 2; row++)
        {
            var own = drawn.Of(row).ToArray();
            own.Length.ShouldBe(4000);
            (own.Count(item => item == 0) / 4000.0).ShouldBe(0.125, 0.02);
            (own.Count(item => item == 2) / 4000.0).ShouldBe(0.625, 0.02);
            own.ShouldNotContain(3);
        }

        tape.DrawItems(x, table, bias, 4000, key: 5).Items.ShouldBe(drawn.Items);
    }

    [Fact]
    public void Draw_PlaceAtTheEnd_IsAnItemThatCanBe()
    {
        Span<int> drawn = [0, 0];
        CatalogueDraws.Draw([0f, 0.25f, 0.7499f, 0f], [0f, 0.99999f], drawn);
        drawn.ToArray().ShouldBe([1, 2]);
    }
}
