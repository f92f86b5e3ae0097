using System.Text.Json;
using Aisle.Learning.Data;
using Aisle.Learning.Neural;

namespace Aisle.Learning.Models;

/// <summary>Options of <see cref="GraphSoftmaxTrainer"/>.</summary>
public sealed record GraphSoftmaxOptions
{
    /// <summary>Numbers per user and item. 1 to 2,048, default 128.</summary>
    public int Factors { get; init; } = 128;

    /// <summary>How far along edges an embedding is mixed. 1 to 8, default 2.</summary>
    public int Layers { get; init; } = 2;

    /// <summary>Passes over all users. 1 to 10,000, default 20.</summary>
    public int Epochs { get; init; } = 20;

    /// <summary>Users to a step, each with all items of their history. 0 to 1,000,000; 0, the default, is a sixteenth of all, from 32 to 8,192.</summary>
    public int BatchSize { get; init; }

    /// <summary>Items drawn for a step, which all of its users are compared with. 1 to 1,000,000, default 4,096.</summary>
    public int Negatives { get; init; } = 4096;

    /// <summary>Items are drawn by popularity to this power; 0: all alike, each at most once. The larger, the less what is popular is preferred. 0 to 1, default 0.</summary>
    public double DrawExponent { get; init; }

    /// <summary>τ: cosines are divided by it. The smaller, the more the hardest items count. 0.01 to 10, default 0.1.</summary>
    public double Temperature { get; init; } = 0.1;

    /// <summary>How much the length of a user's history counts: a user of n interactions weighs n to this power. 0 to 1, default 0.5.</summary>
    public double ActivityExponent { get; init; } = 0.5;

    /// <summary>Of the first step; it falls in a straight line to nothing. 1e-6 to 1, default 0.02.</summary>
    public double LearningRate { get; init; } = 0.02;

    /// <summary>λ of the L2 penalty on the embeddings before the layers. 0 to 1, default 0.</summary>
    public double Regularization { get; init; }

    /// <summary>Default: spectral.</summary>
    public GraphStart Start { get; init; } = GraphStart.Spectral;

    /// <summary>Epochs without a better NDCG@20 on a hold-out of the training data after which training stops; 0: never, and nothing is held out. 0 to 1,000, default 0.</summary>
    public int Patience { get; init; }

    /// <summary>Seed of the start and of every draw. Default 1.</summary>
    public int Seed { get; init; } = 1;

    internal void Validate()
    {
        OptionRange.Check(GraphSoftmaxTrainer.ModelName, this.Factors, 1, 2048);
        OptionRange.Check(GraphSoftmaxTrainer.ModelName, this.Layers, 1, 8);
        OptionRange.Check(GraphSoftmaxTrainer.ModelName, this.Epochs, 1, 10_000);
        OptionRange.Check(GraphSoftmaxTrainer.ModelName, this.BatchSize, 0, 1_000_000);
        OptionRange.Check(GraphSoftmaxTrainer.ModelName, this.Negatives, 1, 1_000_000);
        OptionRange.Check(GraphSoftmaxTrainer.ModelName, this.DrawExponent, 0, 1);
        OptionRange.Check(GraphSoftmaxTrainer.ModelName, this.Temperature, 0.01, 10);
        OptionRange.Check(GraphSoftmaxTrainer.ModelName, this.ActivityExponent, 0, 1);
        OptionRange.Check(GraphSoftmaxTrainer.ModelName, this.LearningRate, 1e-6, 1);
        OptionRange.Check(GraphSoftmaxTrainer.ModelName, this.Regularization, 0, 1);
        OptionRange.Check(GraphSoftmaxTrainer.ModelName, this.Patience, 0, 1000);
        GraphStarts.Check(GraphSoftmaxTrainer.ModelName, this.Start);
    }
}

/// <summary>
/// Light graph convolution learned by contrast: a user's cosine with each item of their history against those with many drawn items at once,
/// in a softmax.
/// </summary>
/// <remarks>
/// Wu, Wang, Gao, Chen, Fu, Qiu: On the effectiveness of sampled softmax loss for item recommendation (TOIS 2024); the layers are those of
/// LightGCN (SIGIR 2020).
/// </remarks>
public sealed class GraphSoftmaxTrainer : ITrainer
{
    public const string ModelName = "graph-softmax";

    /// <summary>Tells these draws from other random numbers of the same seed.</summary>
    private const int NegativeStream = 0x4E53;

    private readonly GraphSoftmaxOptions _options;

    public GraphSoftmaxTrainer(GraphSoftmaxOptions? options = null)
    {
        this._options = options ?? new GraphSoftmaxOptions();
        this._options.Validate();
    }

    public string Name => ModelName;

    public JsonElement Options => JsonSerializer.SerializeToElement(this._options, TrainerOptionsJson.Default.GraphSoftmaxOptions);

    public IModel Fit(Dataset data, FitContext context)
    {
        var all = TrainingInput.Check(this.Name, data, context);
        var holdOut = GraphTraining.HoldOut(this.Name, data, this._options.Patience, this._options.Seed);
        var train = holdOut?.Train.Interactions ?? all;
        var training = new GraphTraining(this.Name, train, new GraphSettings(this._options.Factors, this._options.Layers, this._options.Start, IsCosine: true, this._options.Seed), context);
        int[] users = [.. Enumerable.Range(0, train.Users).Where(user => train.CountOf(user) > 0)];
        var plan = new TrainingPlan
        {
            Model = this.Name,
            Epochs = this._options.Epochs,
            BatchSize = this._options.BatchSize > 0 ? this._options.BatchSize : Math.Clamp(users.Length / 16, 32, 8192),
            LearningRate = this._options.LearningRate,
            Schedule = LearningSchedule.Linear,
            Patience = this._options.Patience,
            Seed = this._options.Seed,
        };
        var popularity = new int[train.Items];
        foreach (var item in train.AllItems) popularity[item]++;
        var candidates = CandidateItems.Of(training.KnownItems, popularity, (float)this._options.DrawExponent);
        training.Run(plan, users.Length, (tape, chosen) => this.Loss(tape, Array.ConvertAll(chosen, i => users[i]), training, train, candidates), holdOut, context);
        return training.Finish(context);
    }

    /// <summary>Over users of weight w_u: Σ w_u · mean over their items of (−cos / τ + ln Σ_drawn exp(cos / τ)) / Σ w_u.</summary>
    private Tensor Loss(Tape tape, int[] users, GraphTraining training, Interactions train, CandidateItems drawable)
    {
        var starts = new int[users.Length + 1];
        for (var i = 0; i < users.Length; i++) starts[i + 1] = starts[i] + train.CountOf(users[i]);
        var drawn = Math.Min(this._options.Negatives, drawable.Items.Length);
        var nodes = this.Nodes(users, starts, drawn, (int)tape.Step, train, drawable);
        var (distinct, places) = training.Distinct(nodes);
        var after = tape.RowsOfLength(training.After(tape, distinct), 1f);
        var shoppers = tape.Gather(after, places[..users.Length]);
        var touched = tape.SumBags(after, new Bags(starts, places[users.Length..^drawn]).Means());
        var candidates = tape.Gather(after, places[^drawn..]);

        var weights = Array.ConvertAll(users, user => MathF.Pow(train.CountOf(user), (float)this._options.ActivityExponent));
        var total = weights.Sum();
        for (var i = 0; i < weights.Length; i++) weights[i] /= total;
        var scale = (float)(1 / this._options.Temperature);
        var near = tape.Sum(tape.Multiply(tape.RowDots(shoppers, touched), tape.Constant(users.Length, 1, weights)));
        var loss = tape.Add(tape.LogSumExp(shoppers, candidates, weights, scale), near, -scale);
        return training.Penalised(tape, loss, nodes, this._options.Regularization, users.Length);
    }

    /// <summary>The users, the items of each, and the drawn items, one after another.</summary>
    private int[] Nodes(int[] users, int[] starts, int drawn, int step, Interactions train, CandidateItems drawable)
    {
        var nodes = new int[users.Length + starts[^1] + drawn];
        users.CopyTo(nodes, 0);
        for (var i = 0; i < users.Length; i++)
        {
            for (var j = 0; j < train.CountOf(users[i]); j++) nodes[users.Length + starts[i] + j] = train.Users + train.ItemsOf(users[i])[j];
        }

        this.Draw(nodes.AsSpan(nodes.Length - drawn), drawable, train.Users, step);
        return nodes;
    }

    /// <summary>Items all alike are drawn without replacement; by popularity, with it.</summary>
    private void Draw(Span<int> drawn, CandidateItems drawable, int firstItem, int step)
    {
        var random = new RandomStream(this._options.Seed, step, NegativeStream);
        if (drawable.Accept is not null)
        {
            foreach (ref var item in drawn) item = firstItem + drawable.Draw(ref random);
            return;
        }

        // A copy: a training that goes on from a checkpoint draws as one that was never interrupted.
        var known = drawable.Items.ToArray();
        for (var i = 0; i < drawn.Length; i++)
        {
            var j = i + random.Below(known.Length - i);
            (known[i], known[j]) = (known[j], known[i]);
            drawn[i] = firstItem + known[i];
        }
    }
}
