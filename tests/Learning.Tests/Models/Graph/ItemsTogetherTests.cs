using Aisle.Learning.Data;
using Aisle.Learning.Models;

namespace Aisle.Learning.Tests.Models;

public sealed class ItemsTogetherTests
{
    [Fact]
    public void Of_ThreeUsers_EqualsTheWeightsDoneByHand()
    {
        // G: 0 and 1 share two users, 0 and 2 one. g = 6, 4, 2; without the diagonal 3, 2, 1.
        var together = ItemsTogether.Of(Interactions.From(3, 4, [0, 0, 1, 1, 2, 2], [0, 1, 0, 1, 0, 2]), most: 2, new FitContext());

        var (items, omegas) = together.Of([0, 1, 2, 3]);

        items.ShouldBe([1, 2, 0, 1, 0, 2, 3, 3]);
        float[] expected =
        [
            2 / 3f * MathF.Sqrt(6 / 4f), 1 / 3f * MathF.Sqrt(6 / 2f),
            2 / 2f * MathF.Sqrt(4 / 6f), 0,
            1 / 1f * MathF.Sqrt(2 / 6f), 0,
            0, 0,
        ];
        omegas.ShouldBe(expected, 1e-6);
    }

    [Fact]
    public void Of_AUserWithNearlyEverything_IsLeftOut()
    {
        var items = Enumerable.Range(0, ItemsTogether.MostOfUser + 1).ToArray();
        var train = Interactions.From(2, items.Length, [.. items.Select(_ => 0), 1, 1], [.. items, 5, 7]);

        var (near, omegas) = ItemsTogether.Of(train, most: 3, new FitContext()).Of([5, 6]);

        near.ShouldBe([7, 5, 5, 6, 6, 6]);
        omegas.ShouldBe([1, 0, 0, 0, 0, 0]);
    }
}
