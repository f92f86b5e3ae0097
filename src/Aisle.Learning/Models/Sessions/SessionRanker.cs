using System.Text.Json;
using Aisle.Learning.Data;
using Aisle.Learning.Kernels;
using Aisle.Learning.Ranking;

namespace Aisle.Learning.Models;

/// <summary>Options of <see cref="SessionRankerTrainer"/>.</summary>
public sealed record SessionRankerOptions
{
    /// <summary>Best items of the blend that are ranked anew; behind them the blend's order stays. 5 to 1,000, default 100.</summary>
    public int Candidates { get; init; } = 100;

    /// <summary>Share of the events, the latest, from which ranking is learned; where times are unknown, of the sequences. 0.01 to 0.5, default 0.1.</summary>
    public double HeldOutShare { get; init; } = 0.1;

    /// <summary>Events of that part that are learned from at most. 100 to 1,000,000, default 30,000.</summary>
    public int Cases { get; init; } = 30_000;

    /// <summary>Trees at most; a tenth of the cases says when there are enough. 1 to 10,000, default 400.</summary>
    public int Trees { get; init; } = 400;

    /// <summary>Leaves of a tree. 2 to 256, default 31.</summary>
    public int Leaves { get; init; } = 31;

    /// <summary>What each tree counts. 0.001 to 1, default 0.05.</summary>
    public double LearningRate { get; init; } = 0.05;

    /// <summary>Seed of the draw of cases. Default 1.</summary>
    public int Seed { get; init; } = 1;

    internal void Validate()
    {
        const string model = SessionRankerTrainer.ModelName;
        OptionRange.Check(model, this.Candidates, 5, 1000);
        OptionRange.Check(model, this.HeldOutShare, 0.01, 0.5);
        OptionRange.Check(model, this.Cases, 100, 1_000_000);
        OptionRange.Check(model, this.Trees, 1, 10_000);
        OptionRange.Check(model, this.Leaves, 2, BoostedTrees.MaxLeaves);
        OptionRange.Check(model, this.LearningRate, 0.001, 1);
    }
}

/// <summary>
/// Finds candidates as <see cref="SessionBlendTrainer"/> does and ranks the best of them by gradient-boosted trees (LambdaMART) over what neighbours,
/// transitions, popularity and the session itself say of each.
/// </summary>
/// <remarks>
/// The trees are learned from events that the counts have not seen, the latest ones. Then the counts are taken of everything, and the trees stay. Burges: From RankNet to LambdaRank to LambdaMART (2010); on learned weights of session neighbours and other
/// scores: Jannach, Ludewig (RecSys 2017).
/// </remarks>
public sealed class SessionRankerTrainer : ITrainer
{
    public const string ModelName = "session-ranker";

    /// <summary>With fewer cases than this that hold what came next, trees would learn chance: the blend's order stays.</summary>
    private const int LeastLists = 200;

    /// <summary>Rows of a leaf at least: among a hundred candidates one is right.</summary>
    private const int LeafRows = 100;

    /// <summary>One case of so many validates, the latest.</summary>
    private const int ValidationPart = 10;

    private const int Steps = 4;

    private readonly SessionRankerOptions _options;

    public SessionRankerTrainer(SessionRankerOptions? options = null)
    {
        this._options = options ?? new SessionRankerOptions();
        this._options.Validate();
    }

    public string Name => ModelName;

    public JsonElement Options => JsonSerializer.SerializeToElement(this._options, TrainerOptionsJson.Default.SessionRankerOptions);

    public IModel Fit(Dataset data, FitContext context)
    {
        TrainingInput.Check(this.Name, data, context);
        var sequences = TrainingInput.CheckOrder(this.Name, data);
        var quiet = context with { Progress = null };
        var told = 0;
        var trees = this.Learn(data, sequences, quiet, Tell);
        Tell("all events", Steps);
        return new SessionRankerModel((SessionBlendModel)new SessionBlendTrainer().Fit(data, quiet), trees, this._options.Candidates);

        // Where there is too little to learn from, steps are left out.
        void Tell(string stage, int step)
        {
            for (; told < step && !context.Cancellation.IsCancellationRequested; told++) context.Progress?.Report(new TrainingStep(this.Name, stage, told + 1, Steps));
        }
    }

    /// <returns>Null where there is too little to learn from, or what was learned ranks no better than the blend.</returns>
    private BoostedTrees? Learn(Dataset data, Sequences sequences, FitContext context, Action<string, int> tell)
    {
        tell("earlier events", 1);
        var isHeld = this.Latest(sequences);
        var earlier = sequences.Where((user, place) => !isHeld(user, place));
        if (earlier.Count == 0) return null;
        var features = new SessionFeatures((SessionBlendModel)new SessionBlendTrainer().Fit(data.With(earlier.ToInteractions(), earlier), context));
        tell("candidates of the latest events", 2);
        var lists = this.Lists(sequences, this.Draw(sequences, isHeld, earlier.CountItems()), features, context);
        if (lists.Count < LeastLists) return null;
        RankingExamples train = new(SessionFeatures.Schema), validation = new(SessionFeatures.Schema);
        for (var i = 0; i < lists.Count; i++)
        {
            (i < lists.Count - (lists.Count / ValidationPart) ? train : validation).AddList(lists[i].Rows, lists[i].Labels);
            lists[i] = default; // The examples have copied it: a million rows should not lie in memory twice.
        }

        tell("trees", 3);
        var options = new BoostedTreesOptions
        {
            Trees = this._options.Trees,
            Leaves = this._options.Leaves,
            LearningRate = this._options.LearningRate,
            MinLeafRows = LeafRows,
            Seed = this._options.Seed,
        };
        var trees = new BoostedTreesTrainer(options).Fit(train, validation, context);
        return Quality(validation, trees) > Quality(validation, null) ? trees : null;
    }

    /// <summary>Mean NDCG of lists in which one candidate is right.</summary>
    /// <param name="trees">Null: in the order in which the candidates stand, the blend's.</param>
    private static double Quality(RankingExamples lists, BoostedTrees? trees)
    {
        var sum = 0.0;
        for (var list = 0; list < lists.Lists; list++)
        {
            var rows = lists.Starts[list]..lists.Starts[list + 1];
            var right = lists.Labels[rows].IndexOf(1f);
            var place = right;
            if (trees is not null)
            {
                var scores = new float[lists.Labels[rows].Length];
                trees.Score(lists.Features[(rows.Start.Value * lists.Schema.Count)..(rows.End.Value * lists.Schema.Count)], scores);
                place = scores.Count(score => score > scores[right]);
            }

            sum += 1 / Math.Log2(place + 2);
        }

        return sum / lists.Lists;
    }

    /// <summary>
    /// The latest events where times are known, as a model is asked about what came after its fit, of shoppers whose earlier events it was fitted on; else
    /// the last sequences, whole.
    /// </summary>
    private Func<int, int, bool> Latest(Sequences sequences)
    {
        if (!sequences.HasTimes)
        {
            var first = sequences.Users - (int)(sequences.Users * this._options.HeldOutShare);
            return (user, _) => user >= first;
        }

        var times = sequences.AllTimes.ToArray();
        Array.Sort(times);
        var from = times[(int)(times.Length * (1 - this._options.HeldOutShare))];
        return (user, place) => sequences.TimesOf(user)[place] >= from;
    }

    /// <summary>Events that are asked for: of those put away, none that begins a sequence, and of items that the earlier events hold. Drawn at random, in the order of the sequences.</summary>
    private List<(int User, int Place)> Draw(Sequences sequences, Func<int, int, bool> isHeld, int[] counts)
    {
        var able = new List<(int User, int Place)>();
        for (var user = 0; user < sequences.Users; user++)
        {
            var items = sequences.ItemsOf(user);
            for (var place = 1; place < items.Length; place++)
            {
                if (counts[items[place]] > 0 && isHeld(user, place)) able.Add((user, place));
            }
        }

        if (able.Count <= this._options.Cases) return able;
        var order = Enumerable.Range(0, able.Count).ToArray();
        var random = new RandomStream(this._options.Seed);
        random.Shuffle(order);
        return [.. order[..this._options.Cases].Order().Select(i => able[i])];
    }

    /// <summary>Of each case its candidates; those are left out that lack what came next, from which nothing is learned.</summary>
    private List<(float[] Rows, float[] Labels)> Lists(Sequences sequences, List<(int User, int Place)> cases, SessionFeatures features, FitContext context)
    {
        var lists = new (float[] Rows, float[] Labels)?[cases.Count];
        ParallelRows.Run(
            context.Threads,
            cases.Count,
            grain: 64,
            (_, first, end) =>
            {
                var blended = new float[sequences.Items];
                for (var i = first; i < end; i++)
                {
                    var (user, place) = cases[i];
                    var next = sequences.ItemsOf(user)[place];
                    var (candidates, rows) = features.Of(new History(sequences.ItemsOf(user)[..place]), this._options.Candidates, blended);
                    if (candidates.AsSpan().Contains(next)) lists[i] = (rows, Array.ConvertAll(candidates, item => item == next ? 1f : 0f));
                }
            },
            context.Cancellation);
        return [.. lists.Where(list => list is not null).Select(list => list!.Value)];
    }
}
