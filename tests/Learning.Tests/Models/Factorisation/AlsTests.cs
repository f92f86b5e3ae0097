using Aisle.Learning.Data;
using Aisle.Learning.Models;

namespace Aisle.Learning.Tests.Models;

public sealed class AlsTests : ModelContract
{
    private static readonly AlsOptions Small = new() { Factors = 8, Iterations = 10, UnobservedWeight = 0.1 };

    private protected override ITrainer Trainer { get; } = new AlsTrainer(Small);

    private protected override string OptionsJson => """{"factors":8,"solver":"cholesky","regularization":0.25}""";

    [Theory]
    [InlineData(AlsSolver.Cholesky, 8)]
    [InlineData(AlsSolver.Subspace, 70)]
    public void Fit_OtherSolvers_RankWithheldItemFirst(AlsSolver solver, int factors)
    {
        var model = new AlsTrainer(Small with { Solver = solver, Factors = factors, BlockSize = 32 }).Fit(Checkerboard.Train, new FitContext());
        for (var user = 0; user < Checkerboard.Size; user++) Best(Scores(model, user), Checkerboard.Train.ItemsOf(user)).ShouldBe(user);
    }

    [Fact]
    public void Fit_BothSolvers_AgreeWhenConjugateGradientRunsToItsEnd()
    {
        var exact = AllScores(new AlsTrainer(Small with { Solver = AlsSolver.Cholesky }).Fit(Checkerboard.Train, new FitContext()));
        var steps = AllScores(new AlsTrainer(Small with { ConjugateGradientSteps = 50 }).Fit(Checkerboard.Train, new FitContext()));
        for (var i = 0; i < exact.Length; i++) ((double)steps[i]).ShouldBe(exact[i], 1e-3);
    }

    [Fact]
    public void Fit_Subspaces_ComeToWhatTheExactSolverComesTo()
    {
        var options = Small with { Factors = 70, Iterations = 100, Solver = AlsSolver.Cholesky };
        var exact = AllScores(new AlsTrainer(options).Fit(Checkerboard.Train, new FitContext()));
        var blocks = AllScores(new AlsTrainer(options with { Solver = AlsSolver.Subspace, BlockSize = 32 }).Fit(Checkerboard.Train, new FitContext()));
        for (var i = 0; i < exact.Length; i++) ((double)blocks[i]).ShouldBe(exact[i], 1e-2);
    }

    [Theory]
    [InlineData(AlsSolver.ConjugateGradient)]
    [InlineData(AlsSolver.Cholesky)]
    [InlineData(AlsSolver.Subspace)]
    public void Fit_OneFactor_ConvergesToTheClosedForm(AlsSolver solver)
    {
        var options = new AlsOptions { Factors = 1, Iterations = 300, UnobservedWeight = 0.2, Regularization = 0.05, FrequencyExponent = 0.5, Solver = solver };
        var train = Interactions.From(3, 2, [0, 0, 1, 2], [0, 1, 1, 1], [1f, 2f, 3f, 1f]);
        var scores = AllScores(new AlsTrainer(options).Fit(train, new FitContext()));
        var expected = OneFactorReference(train, options);
        for (var i = 0; i < scores.Length; i++) ((double)scores[i]).ShouldBe(expected[i], 1e-4);
    }

    [Fact]
    public void Fit_UnobservedWeightLeftOpen_IsChosenByTheNumberOfItems()
    {
        var chosen = AllScores(new AlsTrainer(Small with { UnobservedWeight = 0 }).Fit(Checkerboard.Train, new FitContext()));
        chosen.ShouldBe(AllScores(new AlsTrainer(Small with { UnobservedWeight = 0.5 }).Fit(Checkerboard.Train, new FitContext())));

        var wide = Interactions.From(2, 8_000, [0, 1, 1], [0, 0, 7_999]);
        AllScores(new AlsTrainer(Small with { UnobservedWeight = 0 }).Fit(wide, new FitContext()))
            .ShouldBe(AllScores(new AlsTrainer(Small with { UnobservedWeight = 0.05 }).Fit(wide, new FitContext())));
    }

    [Fact]
    public void Update_NewUsersAndItems_RankLikeAFitFromTheStart()
    {
        // What the last ten users did, and all of the last four items, comes later.
        var (old, later) = Divided(user => user < 40, item => item < 46);
        var model = (IUpdatable)new AlsTrainer(Small).Fit(old, new FitContext());
        var updated = model.Update(new Dataset(later), new FitContext { Threads = 2 });
        updated.Users.ShouldBe(Checkerboard.Size);
        updated.Items.ShouldBe(Checkerboard.Size);
        for (var user = 0; user < Checkerboard.Size; user++) Best(Scores(updated, user), Checkerboard.Train.ItemsOf(user)).ShouldBe(user);
        AllScores(model.Update(new Dataset(later), new FitContext { Threads = 5 })).ShouldBe(AllScores(updated));
        model.Users.ShouldBe(40, "the model that was updated stays as it is");
        model.Items.ShouldBe(46);
    }

    [Fact]
    public void Update_TouchedUsers_AreSolvedExactly()
    {
        var (old, later) = Divided(user => user < 40, _ => true);
        var loaded = (IUpdatable)Reloaded(new AlsTrainer(Small).Fit(old, new FitContext()));
        var updated = loaded.Update(new Dataset(later), new FitContext());
        for (var user = 40; user < Checkerboard.Size; user++)
        {
            var folded = Folded(updated, Checkerboard.Train.ItemsOf(user).ToArray(), []);
            var scores = Scores(updated, user);
            for (var item = 0; item < folded.Length; item++) ((double)scores[item]).ShouldBe(folded[item], 1e-4);
        }
    }

    [Fact]
    public void Update_SmallerShape_SaysWhatIsNeeded()
    {
        var model = (IUpdatable)new AlsTrainer(Small).Fit(Checkerboard.Train, new FitContext());
        Should.Throw<ArgumentException>(() => model.Update(new Dataset(Interactions.From(1, 1, [0], [0])), new FitContext())).Message.ShouldContain("the model of 50 and 50");
    }

    [Fact]
    public void Fit_InteractionsNotKept_GivesASmallerModelThatCannotBeUpdated()
    {
        var kept = new AlsTrainer(Small).Fit(Checkerboard.Train, new FitContext());
        var plain = new AlsTrainer(Small with { KeepInteractions = false }).Fit(Checkerboard.Train, new FitContext());
        plain.ShouldNotBeAssignableTo<IUpdatable>();
        Saved(plain).Length.ShouldBeLessThan(Saved(kept).Length);
        var loaded = Reloaded(plain);
        loaded.ShouldNotBeAssignableTo<IUpdatable>();
        AllScores(loaded).ShouldBe(AllScores(kept));
    }

    [Fact]
    public void Fit_OtherSeed_StartsElsewhere() =>
        AllScores(new AlsTrainer(Small with { Seed = 2, Iterations = 1 }).Fit(Checkerboard.Train, new FitContext()))
            .ShouldNotBe(AllScores(new AlsTrainer(Small with { Seed = 1, Iterations = 1 }).Fit(Checkerboard.Train, new FitContext())));

    [Theory]
    [InlineData("""{"factors":0}""", "factors is 0; allowed are 1 to 2048")]
    [InlineData("""{"iterations":0}""", "iterations is 0")]
    [InlineData("""{"unobservedWeight":-1}""", "unobservedWeight is -1")]
    [InlineData("""{"regularization":-1}""", "regularization is -1")]
    [InlineData("""{"frequencyExponent":3}""", "0 to 2")]
    [InlineData("""{"conjugateGradientSteps":0}""", "conjugateGradientSteps is 0")]
    [InlineData("""{"blockSize":0}""", "blockSize is 0")]
    [InlineData("""{"solver":"lu"}""", "one of \"cg\", \"cholesky\", \"subspace\"")]
    [InlineData("""{"factors":"many"}""", "factors takes a whole number, not \"many\"")]
    public void Options_Wrong_SayWhatIsAllowed(string json, string expected) =>
        Should.Throw<ArgumentException>(() => Trainers.Create("als", json)).Message.ShouldContain(expected);

    /// <summary>The checkerboard's users and items that are there at first, in a matrix of their own, and the rest in one of the whole shape.</summary>
    private static (Interactions Old, Interactions Later) Divided(Func<int, bool> isOldUser, Func<int, bool> isOldItem)
    {
        var pairs = Enumerable.Range(0, Checkerboard.Size).SelectMany(user => Checkerboard.Train.ItemsOf(user).ToArray().Select(item => (User: user, Item: item))).ToArray();
        var old = pairs.Where(pair => isOldUser(pair.User) && isOldItem(pair.Item)).ToArray();
        var later = pairs.Except(old).ToArray();
        return (
            Interactions.From(old.Max(pair => pair.User) + 1, old.Max(pair => pair.Item) + 1, [.. old.Select(pair => pair.User)], [.. old.Select(pair => pair.Item)]),
            Interactions.From(Checkerboard.Size, Checkerboard.Size, [.. later.Select(pair => pair.User)], [.. later.Select(pair => pair.Item)]));
    }

    /// <summary>The loss solved coordinate by coordinate: with one factor, x = Σ (α + w) y / (α Σ y² + Σ w y² + λ (n + α·others)^ν).</summary>
    private static double[] OneFactorReference(Interactions train, AlsOptions options)
    {
        var users = Enumerable.Repeat(1.0, train.Users).ToArray();
        var items = Enumerable.Repeat(1.0, train.Items).ToArray();
        var byItem = train.Transpose();
        for (var iteration = 0; iteration < options.Iterations; iteration++)
        {
            Solve(users, train, items);
            Solve(items, byItem, users);
        }

        Solve(users, train, items);
        return [.. users.SelectMany(x => items.Select(y => x * y))];

        void Solve(double[] target, Interactions rows, double[] source)
        {
            for (var row = 0; row < target.Length; row++)
            {
                var (right, left) = (0.0, options.UnobservedWeight * source.Sum(y => y * y));
                for (var i = 0; i < rows.CountOf(row); i++)
                {
                    var y = source[rows.ItemsOf(row)[i]];
                    right += (options.UnobservedWeight + rows.WeightsOf(row)[i]) * y;
                    left += rows.WeightsOf(row)[i] * y * y;
                }

                target[row] = right / (left + (options.Regularization * Math.Pow(rows.CountOf(row) + (options.UnobservedWeight * source.Length), options.FrequencyExponent)));
            }
        }
    }
}
