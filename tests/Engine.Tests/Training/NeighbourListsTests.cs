using Aisle.Engine.Training;
using Aisle.Learning.Data;
using Aisle.Learning.Kernels;
using Aisle.Learning.Models;

namespace Aisle.Engine.Tests.Training;

public sealed class NeighbourListsTests
{
    private const int Items = 1_000;

    private readonly IModel _model = Model();

    [Theory]
    [InlineData(10)]
    [InlineData(NeighbourLists.Length)]
    [InlineData(Items)]
    public void Rank_AnyLength_IsWhatTheModelSaysEachTime(int length)
    {
        var lists = new NeighbourLists(this._model);
        var all = new float[Items];
        this._model.ScoreSimilar(3, all);
        var (expected, values) = (new int[length], new float[length]);
        var count = TopK.SelectReference(all, expected, values);
        for (var time = 0; time < 2; time++)
        {
            var (items, scores) = (new int[length], new float[length]);
            lists.Rank(3, items, scores).ShouldBe(count);
            items.ShouldBe(expected);
            scores.ShouldBe(values);
        }
    }

    [Fact]
    public void Rank_MoreItemsThanThereIsRoomFor_ForgetsTheOldestAndAnswersAlike()
    {
        var lists = new NeighbourLists(this._model, capacity: 5);
        var first = Asked(3);
        for (var item = 0; item < 40; item++) Asked(item);

        lists.Count.ShouldBe(5);
        Asked(3).ShouldBe(first);

        int[] Asked(int item)
        {
            var items = new int[10];
            lists.Rank(item, items, new float[10]);
            return items;
        }
    }

    private static IModel Model()
    {
        // Everyone took item 3 and some others: all items are its neighbours, some more than others.
        var pairs = Enumerable.Range(0, 300).SelectMany(user => Enumerable.Range(0, 20).Select(place => (User: user, Item: place == 0 ? 3 : ((user * 31) + (place * place * 17)) % Items))).Distinct().ToList();
        return new AlsTrainer(new AlsOptions { Factors = 8, Iterations = 2 }).Fit(
            new Dataset(Interactions.From(300, Items, [.. pairs.Select(pair => pair.User)], [.. pairs.Select(pair => pair.Item)])), new FitContext { Threads = 1 });
    }
}
