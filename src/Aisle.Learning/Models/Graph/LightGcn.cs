using System.Text.Json;
using Aisle.Learning.Data;
using Aisle.Learning.Neural;

namespace Aisle.Learning.Models;

/// <summary>Options of <see cref="LightGcnTrainer"/>.</summary>
public sealed record LightGcnOptions
{
    /// <summary>Numbers per user and item. 1 to 2,048, default 64.</summary>
    public int Factors { get; init; } = 64;

    /// <summary>How far along edges an embedding is mixed. 1 to 8, default 3.</summary>
    public int Layers { get; init; } = 3;

    /// <summary>Passes over all interactions. 1 to 10,000, default 40.</summary>
    public int Epochs { get; init; } = 40;

    /// <summary>
    /// Interactions to a step. Every step goes through the whole graph, so few large ones are cheap; as published it is 2,048.
    /// 0 to 10,000,000; 0, the default, is a sixteenth of all, from 256 to 131,072.
    /// </summary>
    public int BatchSize { get; init; }

    /// <summary>Of the first step; it falls in a straight line to nothing. The larger the batch, the larger; with 2,048 it is 0.001 as published. 1e-6 to 1, default 0.02.</summary>
    public double LearningRate { get; init; } = 0.02;

    /// <summary>λ of the L2 penalty on the embeddings before the layers. 0 to 1, default 1e-4.</summary>
    public double Regularization { get; init; } = 1e-4;

    /// <summary>Default: spectral.</summary>
    public GraphStart Start { get; init; } = GraphStart.Spectral;

    /// <summary>Epochs without a better NDCG@20 on a hold-out of the training data after which training stops; 0: never, and nothing is held out. 0 to 1,000, default 0.</summary>
    public int Patience { get; init; }

    /// <summary>Seed of the start and of every draw. Default 1.</summary>
    public int Seed { get; init; } = 1;

    internal void Validate()
    {
        OptionRange.Check(LightGcnTrainer.ModelName, this.Factors, 1, 2048);
        OptionRange.Check(LightGcnTrainer.ModelName, this.Layers, 1, 8);
        OptionRange.Check(LightGcnTrainer.ModelName, this.Epochs, 1, 10_000);
        OptionRange.Check(LightGcnTrainer.ModelName, this.BatchSize, 0, 10_000_000);
        OptionRange.Check(LightGcnTrainer.ModelName, this.LearningRate, 1e-6, 1);
        OptionRange.Check(LightGcnTrainer.ModelName, this.Regularization, 0, 1);
        OptionRange.Check(LightGcnTrainer.ModelName, this.Patience, 0, 1000);
        GraphStarts.Check(LightGcnTrainer.ModelName, this.Start);
    }
}

/// <summary>
/// Light graph convolution: the embeddings of users and items are averaged over walks of up to so many edges, and what is averaged is learned
/// by Bayesian personalised ranking.
/// </summary>
/// <remarks>He, Deng, Wang, Li, Zhang, Wang: LightGCN: Simplifying and powering graph convolution network for recommendation (SIGIR 2020).</remarks>
public sealed class LightGcnTrainer : ITrainer
{
    public const string ModelName = "lightgcn";

    /// <summary>Draws until one is found that the user has not touched; who touched nearly everything learns little from more.</summary>
    private const int MostDraws = 20;

    /// <summary>Tells these draws from other random numbers of the same seed.</summary>
    private const int NegativeStream = 0x4E47;

    private readonly LightGcnOptions _options;

    public LightGcnTrainer(LightGcnOptions? options = null)
    {
        this._options = options ?? new LightGcnOptions();
        this._options.Validate();
    }

    public string Name => ModelName;

    public JsonElement Options => JsonSerializer.SerializeToElement(this._options, TrainerOptionsJson.Default.LightGcnOptions);

    public IModel Fit(Dataset data, FitContext context)
    {
        var all = TrainingInput.Check(this.Name, data, context);
        var holdOut = GraphTraining.HoldOut(this.Name, data, this._options.Patience, this._options.Seed);
        var train = holdOut?.Train.Interactions ?? all;
        var training = new GraphTraining(this.Name, train, new GraphSettings(this._options.Factors, this._options.Layers, this._options.Start, IsCosine: false, this._options.Seed), context);
        var plan = new TrainingPlan
        {
            Model = this.Name,
            Epochs = this._options.Epochs,
            BatchSize = this._options.BatchSize > 0 ? this._options.BatchSize : (int)Math.Clamp(train.Count / 16, 256, 131_072),
            LearningRate = this._options.LearningRate,
            Schedule = LearningSchedule.Linear,
            Patience = this._options.Patience,
            Seed = this._options.Seed,
        };
        training.Run(plan, checked((int)train.Count), this.LossOf(training, train), holdOut, context);
        return training.Finish(context);
    }

    private Func<Tape, int[], Tensor> LossOf(GraphTraining training, Interactions train)
    {
        var pairUsers = new int[train.Count];
        for (var user = 0; user < train.Users; user++) pairUsers.AsSpan((int)train.RowStarts[user], train.CountOf(user)).Fill(user);
        return (tape, pairs) =>
        {
            // Users, their items and the drawn items, one after another.
            var nodes = new int[3 * pairs.Length];
            for (var i = 0; i < pairs.Length; i++)
            {
                // A pair has draws of its own in each step, whichever process has the pair.
                var random = new RandomStream(this._options.Seed ^ NegativeStream, unchecked((int)tape.Step), pairs[i]);
                var user = pairUsers[pairs[i]];
                nodes[i] = user;
                nodes[pairs.Length + i] = train.Users + train.AllItems[pairs[i]];
                nodes[(2 * pairs.Length) + i] = train.Users + Draw(training.KnownItems, train.ItemsOf(user), ref random);
            }

            var (distinct, places) = training.Distinct(nodes);
            var after = training.After(tape, distinct);
            Tensor Part(int part) => tape.Gather(after, places[(part * pairs.Length)..((part + 1) * pairs.Length)]);
            var users = Part(0);
            var loss = tape.PairwiseRanking(tape.RowDots(users, Part(1)), tape.RowDots(users, Part(2)));
            return training.Penalised(tape, loss, nodes, this._options.Regularization, pairs.Length);
        };
    }

    private static int Draw(int[] known, ReadOnlySpan<int> touched, ref RandomStream random)
    {
        var item = known[random.Below(known.Length)];
        for (var draw = 1; draw < MostDraws && touched.BinarySearch(item) >= 0; draw++) item = known[random.Below(known.Length)];
        return item;
    }
}
