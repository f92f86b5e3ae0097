using System.Text.Json;
using Aisle.Learning.Data;
using Aisle.Learning.Kernels;
using Aisle.Learning.Neural;

namespace Aisle.Learning.Models;

/// <summary>Options of <see cref="UltraGcnTrainer"/>.</summary>
public sealed record UltraGcnOptions
{
    /// <summary>Numbers per user and item. 1 to 2,048, default 64.</summary>
    public int Factors { get; init; } = 64;

    /// <summary>Passes over all interactions. 1 to 10,000, default 40.</summary>
    public int Epochs { get; init; } = 40;

    /// <summary>Interactions to a step. 0 to 1,000,000; 0, the default, is a 1,500th of all, from 32 to 4,096.</summary>
    public int BatchSize { get; init; }

    /// <summary>Items drawn for a step, noughts of all of its users. 1 to 1,000,000, default 1,500.</summary>
    public int Negatives { get; init; } = 1500;

    /// <summary>What a user's drawn items weigh together beside one interaction. 0 to 1e6, default 300.</summary>
    public double NegativeWeight { get; init; } = 300;

    /// <summary>What every pair weighs beside β of its degrees. 0 to 1,000, default 1e-6.</summary>
    public double LeastWeight { get; init; } = 1e-6;

    /// <summary>λ: what a user's items of the same baskets as an interaction's weigh beside it. 0 to 1,000, default 5e-4.</summary>
    public double NeighbourWeight { get; init; } = 5e-4;

    /// <summary>Such items for each item. 1 to 1,000, default 10.</summary>
    public int Neighbours { get; init; } = 10;

    /// <summary>γ of an L2 penalty on all embeddings, for each step of 512 interactions. 0 to 1, default 1e-4.</summary>
    public double Regularization { get; init; } = 1e-4;

    /// <summary>Adam's rate in the first step. Every step moves every embedding: what was learned of one goes on moving it. Published: 1e-4. 1e-6 to 1, default 0.05.</summary>
    public double LearningRate { get; init; } = 0.05;

    /// <summary>How the rate goes on. Default: falls in a straight line to nothing.</summary>
    public LearningSchedule Schedule { get; init; } = LearningSchedule.Linear;

    /// <summary>Epochs without a better NDCG@20 on a hold-out of the training data after which training stops; 0: never, and nothing is held out. 0 to 1,000, default 0.</summary>
    public int Patience { get; init; }

    /// <summary>Seed of the start and of every draw. Default 1.</summary>
    public int Seed { get; init; } = 1;

    internal void Validate()
    {
        OptionRange.Check(UltraGcnTrainer.ModelName, this.Factors, 1, 2048);
        OptionRange.Check(UltraGcnTrainer.ModelName, this.Epochs, 1, 10_000);
        OptionRange.Check(UltraGcnTrainer.ModelName, this.BatchSize, 0, 1_000_000);
        OptionRange.Check(UltraGcnTrainer.ModelName, this.Negatives, 1, 1_000_000);
        OptionRange.Check(UltraGcnTrainer.ModelName, this.NegativeWeight, 0, 1e6);
        OptionRange.Check(UltraGcnTrainer.ModelName, this.LeastWeight, 0, 1000);
        OptionRange.Check(UltraGcnTrainer.ModelName, this.NeighbourWeight, 0, 1000);
        OptionRange.Check(UltraGcnTrainer.ModelName, this.Neighbours, 1, 1000);
        OptionRange.Check(UltraGcnTrainer.ModelName, this.Regularization, 0, 1);
        OptionRange.Check(UltraGcnTrainer.ModelName, this.LearningRate, 1e-6, 1);
        OptionRange.Check(UltraGcnTrainer.ModelName, this.Patience, 0, 1000);
        if (!Enum.IsDefined(this.Schedule)) throw new ArgumentException($"{UltraGcnTrainer.ModelName}: schedule is {this.Schedule}; allowed are constant, linear and cosine.");
    }
}

/// <summary>
/// Graph convolution without its layers: what infinitely many of them would converge to is a constraint on dot products, which a logistic loss learns
/// with weights by the degrees of both sides; users are drawn to the items that go with theirs as well.
/// </summary>
/// <remarks>
/// Mao, Zhu, Xiao, Lu, Wang, He: UltraGCN: Ultra simplification of graph convolutional networks for recommendation (CIKM 2021), equations 7 to 13.
/// Here the users of a step share the drawn items, which makes a product of matrices of them, and the penalty meets an embedding when a step touches
/// it, by as much as the steps in between would have added up to.
/// </remarks>
public sealed class UltraGcnTrainer : ITrainer
{
    public const string ModelName = "ultragcn";

    /// <summary>Tells these draws from other random numbers of the same seed.</summary>
    private const int NegativeStream = 0x5547;

    private const float StartScale = 0.1f;
    private const int UsualBatch = 512;
    private const float FoldInRegularization = 2f;

    private readonly UltraGcnOptions _options;

    public UltraGcnTrainer(UltraGcnOptions? options = null)
    {
        this._options = options ?? new UltraGcnOptions();
        this._options.Validate();
    }

    public string Name => ModelName;

    public JsonElement Options => JsonSerializer.SerializeToElement(this._options, TrainerOptionsJson.Default.UltraGcnOptions);

    public IModel Fit(Dataset data, FitContext context)
    {
        var all = TrainingInput.Check(this.Name, data, context);
        var holdOut = GraphTraining.HoldOut(this.Name, data, this._options.Patience, this._options.Seed);
        var fit = new Training(this._options, holdOut?.Train.Interactions ?? all, context);
        fit.Run(holdOut is null ? null : () => holdOut.Quality(fit.Finish(), context));
        return fit.Finish();
    }

    /// <summary>A step of one fit: the embeddings, what pairs weigh, and the items that go together.</summary>
    private sealed class Training
    {
        private readonly UltraGcnOptions _options;
        private readonly Interactions _train;
        private readonly FitContext _context;
        private readonly Parameter _users;
        private readonly Parameter _items;
        private readonly int[] _pairUsers;
        private readonly int[] _knownItems;
        private readonly float[] _userWeights;
        private readonly float[] _itemWeights;
        private readonly float[] _userPenalties;
        private readonly float[] _itemPenalties;
        private readonly ItemsTogether? _together;
        private readonly int _batch;
        private readonly int _drawn;

        public Training(UltraGcnOptions options, Interactions train, FitContext context)
        {
            (this._options, this._train, this._context) = (options, train, context);
            this._batch = options.BatchSize > 0 ? options.BatchSize : (int)Math.Clamp(train.Count / 1500, 32, 4096);
            this._pairUsers = new int[train.Count];
            for (var user = 0; user < train.Users; user++) this._pairUsers.AsSpan((int)train.RowStarts[user], train.CountOf(user)).Fill(user);
            var degrees = new int[train.Items];
            foreach (var item in train.AllItems) degrees[item]++;
            this._knownItems = [.. Enumerable.Range(0, train.Items).Where(item => degrees[item] > 0)];
            this._drawn = Math.Min(options.Negatives, this._knownItems.Length);

            // β = √(d_u + 1) / d_u · 1 / √(d_i + 1), equation 8.
            this._userWeights = [.. Enumerable.Range(0, train.Users).Select(user => train.CountOf(user) is > 0 and var degree ? MathF.Sqrt(degree + 1) / degree : 0f)];
            this._itemWeights = [.. degrees.Select(degree => 1 / MathF.Sqrt(degree + 1))];
            this._together = options.NeighbourWeight > 0 ? ItemsTogether.Of(train, options.Neighbours, context) : null;

            // An embedding is met so often in the steps of an epoch; the penalty of the steps in between comes with it.
            var steps = (double)train.Count / this._batch;
            var drawnOften = steps * this._drawn / this._knownItems.Length;
            this._userPenalties = [.. Enumerable.Range(0, train.Users).Select(user => train.CountOf(user) is > 0 and var degree ? (float)(steps / degree) : 0f)];
            this._itemPenalties = [.. degrees.Select(degree => (float)(steps / (degree + drawnOften)))];

            // Moved only in the steps that touch them, embeddings learn far less (docs/models/ultragcn.md).
            this._users = new Parameter("users", train.Users, options.Factors, isTable: true, movesWhole: true);
            this._items = new Parameter("items", train.Items, options.Factors, isTable: true, movesWhole: true);
            var random = new RandomStream(options.Seed, -1);
            foreach (ref var value in this._users.Values) value = StartScale * random.Normal();
            foreach (ref var value in this._items.Values) value = StartScale * random.Normal();
        }

        public void Run(Func<double>? validate)
        {
            var plan = new TrainingPlan
            {
                Model = ModelName,
                Epochs = this._options.Epochs,
                BatchSize = this._batch,
                LearningRate = this._options.LearningRate,
                Schedule = this._options.Schedule,
                Patience = this._options.Patience,
                Seed = this._options.Seed,
            };
            new TrainingLoop(plan, new Adam([this._users, this._items], this._context.Threads), checked((int)this._train.Count)).Run(this._context, this.Loss, validate);
        }

        public FactorModel Finish()
        {
            var factors = this._options.Factors;
            var (users, items) = (new FactorMatrix(this._train.Users, factors), new FactorMatrix(this._train.Items, factors));
            for (var user = 0; user < this._train.Users; user++)
            {
                if (this._train.CountOf(user) > 0) this._users.Row(user).CopyTo(users.Values(user));
            }

            foreach (var item in this._knownItems) this._items.Row(item).CopyTo(items.Values(item));
            var diagonal = FactorBasis.Align(items, users, factors, this._context.Threads, this._context.Cancellation);
            return new FactorModel(ModelName, new FactorParts(users, items, diagonal, FactorEquations.Fitted(this._train, users, items, diagonal, factors, this._knownItems.Length, FoldInRegularization)));
        }

        /// <summary>Mean over the pairs of a step of equation 13.</summary>
        private Tensor Loss(Tape tape, int[] pairs)
        {
            int[] who = [.. pairs.Select(pair => this._pairUsers[pair])];
            int[] what = [.. pairs.Select(pair => this._train.AllItems[pair])];
            var drawn = this.Draw((int)tape.Step);
            var (users, items, noughts) = (tape.Gather(this._users, who), tape.Gather(this._items, what), tape.Gather(this._items, drawn));
            var least = (float)this._options.LeastWeight;

            float[] weights = [.. pairs.Select((_, row) => least + (this._userWeights[who[row]] * this._itemWeights[what[row]]))];
            var loss = tape.BinaryCrossEntropy(tape.RowDots(users, items), Ones(pairs.Length), weights);
            var share = (float)(this._options.NegativeWeight / drawn.Length);
            if (share > 0)
                loss = tape.Add(loss, tape.CatalogueNoughts(users, noughts, [.. who.Select(user => this._userWeights[user])], [.. drawn.Select(item => this._itemWeights[item])], least), share);
            if (this._together is { } together)
            {
                var (near, omegas) = together.Of(what);
                loss = tape.Add(loss, tape.BinaryCrossEntropy(tape.CandidateScores(users, this._items, near, together.Count), Ones(near.Length), omegas), (float)this._options.NeighbourWeight);
            }

            // γ / 2 of the sum over a step of 512 pairs is γ / 1024 of its mean.
            var strength = (float)(this._options.Regularization / (2 * UsualBatch));
            if (strength == 0f) return loss;
            // Of a batch that several processes share, each has a part of the pairs, which their number makes up for, and all of the drawn items.
            var part = strength * this._batch / pairs.Length;
            loss = Penalised(tape, loss, users, who, this._userPenalties, part);
            loss = Penalised(tape, loss, items, what, this._itemPenalties, part);
            return Penalised(tape, loss, noughts, drawn, this._itemPenalties, strength);
        }

        /// <summary>The loss with strength · Σ penalty ‖row‖².</summary>
        private static Tensor Penalised(Tape tape, Tensor loss, Tensor rows, int[] which, float[] penalties, float strength) =>
            tape.Add(loss, tape.Sum(tape.Multiply(tape.RowDots(rows, rows), tape.Constant(which.Length, 1, Array.ConvertAll(which, row => penalties[row])))), strength);

        private int[] Draw(int step)
        {
            var random = new RandomStream(this._options.Seed, step, NegativeStream);
            // A copy: a training that goes on from a checkpoint draws as one that was never interrupted.
            var known = this._knownItems.ToArray();
            for (var i = 0; i < this._drawn; i++)
            {
                var j = i + random.Below(known.Length - i);
                (known[i], known[j]) = (known[j], known[i]);
            }

            return known[..this._drawn];
        }

        private static float[] Ones(int count)
        {
            var ones = new float[count];
            ones.AsSpan().Fill(1f);
            return ones;
        }
    }
}
