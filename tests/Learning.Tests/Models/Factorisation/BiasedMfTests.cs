using Aisle.Learning.Data;
using Aisle.Learning.Models;

namespace Aisle.Learning.Tests.Models;

public abstract class BiasedMfContract : RatingModelContract
{
    private protected override string OptionsJson => """{"factors":8,"solver":"als","regularization":0.25}""";
}

public sealed class BiasedMfByDescentTests : BiasedMfContract
{
    private protected override ITrainer Trainer { get; } = new BiasedMfTrainer(new BiasedMfOptions { Factors = 6, Iterations = 100, Regularization = 0.02, LearningRateDecay = 0.99 });

    private protected override string QuickOptionsJson => """{"factors":16}""";

    [Fact]
    public void Fit_StepTooLarge_SaysWhichOptionToLower() =>
        Should.Throw<ArgumentException>(() => new BiasedMfTrainer(new BiasedMfOptions { LearningRate = 1, LearningRateDecay = 1, Regularization = 1e-6 }).Fit(Checkerboard.Rated, new FitContext()))
            .Message.ShouldContain("Lower learningRate");

    [Fact]
    public void Fit_Descent_ReachesTheLossOfLeastSquares()
    {
        var ratings = WithheldRatings.LowRank(100, 40);
        var options = new BiasedMfOptions { Factors = 2, Iterations = 400, Regularization = 0.05, BiasRegularization = 0.05, LearningRateDecay = 0.99 };
        var descended = (IRatingModel)new BiasedMfTrainer(options).Fit(ratings.Train, new FitContext());
        var solved = (IRatingModel)new BiasedMfTrainer(options with { Solver = BiasedMfSolver.AlternatingLeastSquares }).Fit(ratings.Train, new FitContext());
        ratings.Error(descended).ShouldBe(ratings.Error(solved), 0.02);
    }

    [Theory]
    [InlineData("""{"factors":0}""", "factors is 0; allowed are 1 to 1024")]
    [InlineData("""{"iterations":-1}""", "iterations is -1")]
    [InlineData("""{"regularization":0}""", "regularization is 0")]
    [InlineData("""{"biasRegularization":-1}""", "biasRegularization is -1")]
    [InlineData("""{"learningRate":2}""", "learningRate is 2")]
    [InlineData("""{"learningRateDecay":2}""", "learningRateDecay is 2")]
    [InlineData("""{"solver":"lu"}""", "one of \"sgd\", \"als\"")]
    public void Options_Wrong_SayWhatIsAllowed(string json, string expected) =>
        Should.Throw<ArgumentException>(() => Trainers.Create("biased-mf", json)).Message.ShouldContain(expected);
}

public sealed class BiasedMfByLeastSquaresTests : BiasedMfContract
{
    private protected override ITrainer Trainer { get; } =
        new BiasedMfTrainer(new BiasedMfOptions { Factors = 6, Solver = BiasedMfSolver.AlternatingLeastSquares, Iterations = 20, Regularization = 0.02 });

    private protected override string QuickOptionsJson => """{"factors":16,"solver":"als"}""";

    [Fact]
    public void Fit_OneFactor_ConvergesToTheClosedForm()
    {
        var options = new BiasedMfOptions { Factors = 1, Solver = BiasedMfSolver.AlternatingLeastSquares, Iterations = 1000, Regularization = 0.05, BiasRegularization = 0.2 };
        var train = Interactions.From(4, 3, [0, 0, 1, 1, 2, 2, 3, 3, 3], [0, 1, 1, 2, 0, 2, 0, 1, 2], [5f, 1f, 2f, 4f, 4f, 5f, 1f, 5f, 2f]);
        var scores = AllScores(new BiasedMfTrainer(options).Fit(train, new FitContext()));
        var expected = OneFactorReference(train, options);
        for (var i = 0; i < scores.Length; i++) ((double)scores[i]).ShouldBe(expected[i], 5e-3);
    }

    [Fact]
    public void ScoreHistory_RatingsOfAUser_GiveTheKnownUsersScores()
    {
        var model = this.Fit();
        var folded = Folded(model, Checkerboard.Rated.ItemsOf(3).ToArray(), Checkerboard.Rated.WeightsOf(3).ToArray());
        var known = Scores(model, 3);
        for (var item = 0; item < known.Length; item++) ((double)folded[item]).ShouldBe(known[item], 1e-3);
    }

    /// <summary>Bias and factor of each row from their two normal equations, solved by Cramer's rule in double.</summary>
    private static double[] OneFactorReference(Interactions train, BiasedMfOptions options)
    {
        var ratings = Enumerable.Range(0, train.Users).SelectMany(user => train.WeightsOf(user).ToArray()).Select(rating => (double)rating).ToArray();
        var mean = ratings.Average();
        var deviation = Math.Sqrt(ratings.Average(rating => (rating - mean) * (rating - mean)));
        var users = new (double Bias, double Factor)[train.Users];
        var items = new (double Bias, double Factor)[] { (0, 0.3), (0, -0.2), (0, 0.1) };
        var byItem = train.Transpose();
        for (var iteration = 0; iteration < options.Iterations; iteration++)
        {
            Solve(users, train, items);
            Solve(items, byItem, users);
        }

        Solve(users, train, items);
        return [.. users.SelectMany(user => items.Select(item => mean + (deviation * (user.Bias + item.Bias + (user.Factor * item.Factor)))))];

        void Solve((double Bias, double Factor)[] target, Interactions rows, (double Bias, double Factor)[] source)
        {
            for (var row = 0; row < target.Length; row++)
            {
                var count = rows.CountOf(row);
                var (bb, bf, ff, rb, rf) = (count * (1 + options.BiasRegularization), 0.0, count * options.Regularization, 0.0, 0.0);
                for (var i = 0; i < count; i++)
                {
                    var (bias, factor) = source[rows.ItemsOf(row)[i]];
                    var rest = ((rows.WeightsOf(row)[i] - mean) / deviation) - bias;
                    bf += factor;
                    ff += factor * factor;
                    rb += rest;
                    rf += rest * factor;
                }

                var determinant = (bb * ff) - (bf * bf);
                target[row] = (((rb * ff) - (rf * bf)) / determinant, ((bb * rf) - (bf * rb)) / determinant);
            }
        }
    }
}
