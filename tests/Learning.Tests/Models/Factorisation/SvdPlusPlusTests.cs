using Aisle.Learning.Data;
using Aisle.Learning.Models;

namespace Aisle.Learning.Tests.Models;

public sealed class SvdPlusPlusTests : RatingModelContract
{
    private protected override ITrainer Trainer { get; } =
        new SvdPlusPlusTrainer(new SvdPlusPlusOptions { Factors = 6, Epochs = 100, Regularization = 0.02, LearningRateDecay = 0.99 });

    private protected override string OptionsJson => """{"factors":8,"epochs":5,"regularization":0.25}""";

    private protected override string QuickOptionsJson => """{"factors":16}""";

    /// <summary>
    /// Users of two tastes each rate six of their taste's twenty items, always with a 3. Users of one taste love item 40, the others hate it.
    /// What a user rated tells their taste; the ratings do not.
    /// </summary>
    [Fact]
    public void PredictRatings_TasteShownByChoiceAlone_IsUnderstood()
    {
        var random = new Random(3);
        var (users, items, ratings) = (new List<int>(), new List<int>(), new List<float>());
        for (var user = 0; user < 200; user++)
        {
            var own = Enumerable.Range(0, 20).OrderBy(_ => random.Next()).Take(6).Select(item => item + (20 * (user % 2))).ToList();
            foreach (var item in own) Add(user, item, 3);
            if (user < 150) Add(user, 40, user % 2 == 0 ? 5 : 1);
        }

        var train = Interactions.From(200, 41, [.. users], [.. items], [.. ratings]);
        var choice = Predictions((IRatingModel)this.Trainer.Fit(train, new FitContext()));
        var ratingsOnly = Predictions((IRatingModel)new BiasedMfTrainer(new BiasedMfOptions { Factors = 6, Regularization = 0.02 }).Fit(train, new FitContext()));
        (choice.Even - choice.Odd).ShouldBeGreaterThan(2);
        (ratingsOnly.Even - ratingsOnly.Odd).ShouldBeLessThan(1);

        void Add(int user, int item, float rating)
        {
            users.Add(user);
            items.Add(item);
            ratings.Add(rating);
        }

        static (double Even, double Odd) Predictions(IRatingModel model)
        {
            int[] asked = [.. Enumerable.Range(150, 50)];
            var predicted = new float[50];
            model.PredictRatings(asked, [.. Enumerable.Repeat(40, 50)], predicted);
            return (predicted.Where((_, i) => i % 2 == 0).Average(), predicted.Where((_, i) => i % 2 == 1).Average());
        }
    }

    [Theory]
    [InlineData("""{"factors":2000}""", "factors is 2000; allowed are 1 to 1024")]
    [InlineData("""{"epochs":0}""", "epochs is 0")]
    [InlineData("""{"regularization":0}""", "regularization is 0")]
    [InlineData("""{"biasRegularization":-1}""", "biasRegularization is -1")]
    [InlineData("""{"learningRate":2}""", "learningRate is 2")]
    [InlineData("""{"learningRateDecay":2}""", "learningRateDecay is 2")]
    public void Options_Wrong_SayWhatIsAllowed(string json, string expected) =>
        Should.Throw<ArgumentException>(() => Trainers.Create("svdpp", json)).Message.ShouldContain(expected);
}
