using Aisle.Learning.Neural;
using static Aisle.Learning.Tests.Neural.Gradients;

namespace Aisle.Learning.Tests.Neural;

public sealed class CatalogueLikelihoodTests
{
    [Fact]
    public void ListLikelihood_WeightsOfEitherSign_PassesGradientsBack()
    {
        Parameter x = Random("x", 9, 5, 1), table = Random("table", 7, 5, 2), bias = Random("bias", 1, 7, 3);
        var lists = ItemLists.Of([[1, 4, 4], [], [0], [6, 5], [2], [3], [1], [0], [6, 2, 1]]);
        float[] weights = [1f, 0.5f, -0.25f, 2f, 1f, -1f, 0.1f, 1f, 1f, 1f, 0.3f, 0.3f, -0.6f];
        Check([x, table, bias], tape => tape.ListLikelihood(x, table, bias, lists, weights));
    }

    [Fact]
    public void ListLikelihood_OneItemEach_IsTheCrossEntropy()
    {
        Parameter x = Random("x", 3, 5, 1), table = Random("table", 7, 5, 2), bias = Random("bias", 1, 7, 3);
        var tape = new Tape(2);
        tape.Begin(0);
        var loss = tape.ListLikelihood(x, table, bias, ItemLists.Of([[4], [0], [2]]), [1f, 1f, 1f]).Values[0];
        ((double)loss).ShouldBe(tape.CatalogueSoftmax(x, table, [4, 0, 2], bias).Values[0], 1e-5);
    }

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
        CatalogueLikelihood.Draw([0f, 0.25f, 0.7499f, 0f], [0f, 0.99999f], drawn);
        drawn.ToArray().ShouldBe([1, 2]);
    }
}
