using Aisle.Learning.Data;
using Aisle.Learning.Kernels;

namespace Aisle.Learning.Models;

/// <summary>
/// Learns the two factor matrices by gradient steps on observed pairs and drawn unobserved ones, for every loss of <see cref="SampledLoss"/>.
/// </summary>
/// <remarks>
/// Users and items are divided into a fixed number of blocks; a round works on one diagonal of the grid of blocks, whose
/// members share no user and no item, so it runs in parallel and gives what it would give in sequence: the thread count changes nothing.
/// Items are dealt to the blocks anew in every epoch, and every block draws from its own stream. The grid is
/// Gemulla, Nijkamp, Haas, Sismanis: Large-scale matrix factorization with distributed stochastic gradient descent (KDD 2011).
/// </remarks>
internal sealed unsafe class SampledFactorisation
{
    /// <summary>Pairs per block below which a finer grid would only make the draws less random.</summary>
    private const int FewestPairs = 2_000;

    private const int FewestItems = 100;
    private const int MostBlocks = 16;

    private readonly SampledSettings _settings;
    private readonly Interactions _train;
    private readonly FactorMatrix _users;
    private readonly FactorMatrix _items;
    private readonly int[] _knownItems;
    private readonly int[] _popularity;
    private readonly int _blocks;

    /// <summary>Pairs in the order of their user's block; within a block of users they are sorted by the block of their item in each epoch.</summary>
    private readonly long[] _blockStarts;
    private readonly int[] _pairUsers;
    private readonly int[] _pairItems;
    private readonly float[] _pairWeights;

    private SampledFactorisation(SampledSettings settings, Interactions train)
    {
        this._settings = settings;
        this._train = train;
        this._popularity = new int[train.Items];
        foreach (var item in train.AllItems) this._popularity[item]++;
        this._knownItems = [.. Enumerable.Range(0, train.Items).Where(item => this._popularity[item] > 0)];
        this._blocks = (int)Math.Clamp(Math.Min(Math.Sqrt((double)train.Count / FewestPairs), (double)this._knownItems.Length / FewestItems), 1, MostBlocks);
        var width = settings.Factors + (settings.HasItemBias ? 1 : 0);
        this._users = new FactorMatrix(train.Users, width);
        this._items = new FactorMatrix(train.Items, width);
        this._blockStarts = new long[this._blocks + 1];
        this._pairUsers = new int[train.Count];
        this._pairItems = new int[train.Count];
        this._pairWeights = new float[train.Count];
        this.DealUsers();
        this.Start();
    }

    public static FactorModel Fit(SampledSettings settings, Interactions train, FitContext context)
    {
        var fit = new SampledFactorisation(settings, train);
        for (var epoch = 0; epoch < settings.Epochs; epoch++)
        {
            fit.RunEpoch(epoch, context);
            context.Progress?.Report(new TrainingStep(settings.Model, "epoch", epoch + 1, settings.Epochs));
        }

        context.Cancellation.ThrowIfCancellationRequested();
        fit.CheckFinite();
        var diagonal = FactorBasis.Align(fit._items, fit._users, settings.Factors, context.Threads, context.Cancellation);
        return new FactorModel(settings.Model, new FactorParts(fit._users, fit._items, diagonal, FactorEquations.Fitted(train, fit._users, fit._items, diagonal, settings.Factors, fit._knownItems.Length, settings.FoldInRegularization), settings.HasItemBias));
    }

    private void DealUsers()
    {
        var order = Enumerable.Range(0, this._train.Users).ToArray();
        new RandomStream(this._settings.Seed, -1).Shuffle(order);
        var at = 0;
        for (var block = 0; block < this._blocks; block++)
        {
            var end = (int)((long)order.Length * (block + 1) / this._blocks);
            for (var i = (int)((long)order.Length * block / this._blocks); i < end; i++)
            {
                var items = this._train.ItemsOf(order[i]);
                items.CopyTo(this._pairItems.AsSpan(at));
                this._pairUsers.AsSpan(at, items.Length).Fill(order[i]);
                foreach (var weight in this._train.WeightsOf(order[i])) this._pairWeights[at++] = MathF.Log2(1f + weight);
            }

            this._blockStarts[block + 1] = at;
        }
    }

    private void Start()
    {
        var random = new RandomStream(this._settings.Seed, -2);
        var scale = this._settings.StartScale > 0f ? this._settings.StartScale : 0.1f / MathF.Sqrt(this._settings.Factors);
        for (var user = 0; user < this._train.Users; user++)
        {
            if (this._train.CountOf(user) == 0) continue;
            foreach (ref var value in this._users.Values(user)) value = scale * random.Normal();
            if (this._settings.HasItemBias) this._users.Values(user)[^1] = 1f;
        }

        foreach (var item in this._knownItems)
        {
            foreach (ref var value in this._items.Values(item)) value = scale * random.Normal();
            if (this._settings.HasItemBias) this._items.Values(item)[^1] = 0f;
        }
    }

    private void RunEpoch(int epoch, FitContext context)
    {
        var dealt = (int[])this._knownItems.Clone();
        new RandomStream(this._settings.Seed, epoch, -1).Shuffle(dealt);
        var blockOf = new int[this._train.Items];
        var draws = new CandidateItems[this._blocks];
        for (var block = 0; block < this._blocks; block++)
        {
            var first = (int)((long)dealt.Length * block / this._blocks);
            var members = dealt.AsSpan(first, (int)((long)dealt.Length * (block + 1) / this._blocks) - first);
            foreach (var item in members) blockOf[item] = block;
            draws[block] = CandidateItems.Of(members, this._popularity, this._settings.PopularityExponent);
        }

        var starts = new int[this._blocks][];
        ParallelRows.Run(
            context.Threads,
            this._blocks,
            1,
            (_, first, end) =>
            {
                for (var block = first; block < end; block++) starts[block] = this.SortPairs(block, epoch, blockOf);
            },
            context.Cancellation);
        for (var round = 0; round < this._blocks; round++)
        {
            var shift = round;
            ParallelRows.Run(
                context.Threads,
                this._blocks,
                1,
                (_, first, end) =>
                {
                    for (var block = first; block < end; block++)
                    {
                        var column = (block + shift) % this._blocks;
                        this.RunBlock(epoch, block, column, starts[block], draws[column]);
                    }
                },
                context.Cancellation);
        }
    }

    /// <summary>Sorts the pairs of a block of users by the block of their item, in random order within.</summary>
    /// <returns>Where each block of items begins, and the end.</returns>
    private int[] SortPairs(int block, int epoch, int[] blockOf)
    {
        var (first, end) = ((int)this._blockStarts[block], (int)this._blockStarts[block + 1]);
        var order = new int[end - first];
        for (var i = 0; i < order.Length; i++) order[i] = first + i;
        new RandomStream(this._settings.Seed, epoch, block).Shuffle(order);

        var starts = new int[this._blocks + 1];
        for (var i = first; i < end; i++) starts[blockOf[this._pairItems[i]] + 1]++;
        starts[0] = first;
        for (var i = 0; i < this._blocks; i++) starts[i + 1] += starts[i];
        var next = starts.AsSpan(0, this._blocks).ToArray();
        var (users, items, weights) = (new int[order.Length], new int[order.Length], new float[order.Length]);
        foreach (var from in order)
        {
            var to = next[blockOf[this._pairItems[from]]]++ - first;
            users[to] = this._pairUsers[from];
            items[to] = this._pairItems[from];
            weights[to] = this._pairWeights[from];
        }

        users.CopyTo(this._pairUsers, first);
        items.CopyTo(this._pairItems, first);
        weights.CopyTo(this._pairWeights, first);
        return starts;
    }

    private void RunBlock(int epoch, int row, int column, int[] starts, CandidateItems draws)
    {
        if (draws.Items.Length == 0 || starts[column] == starts[column + 1]) return;
        fixed (int* users = this._pairUsers, items = this._pairItems, candidates = draws.Items, alias = draws.Alias, seen = this._train.AllItems)
        fixed (float* weights = this._pairWeights, accept = draws.Accept)
        fixed (long* seenStarts = this._train.RowStarts)
        {
            var block = new SampledDescent.Block
            {
                Users = this._users.Row(0),
                Items = this._items.Row(0),
                Stride = this._users.Stride,
                BiasColumn = this._settings.HasItemBias ? this._settings.Factors : -1,
                PairUsers = users + starts[column],
                PairItems = items + starts[column],
                PairWeights = weights + starts[column],
                Pairs = starts[column + 1] - starts[column],
                Candidates = candidates,
                Accept = accept,
                Alias = alias,
                CandidateCount = draws.Items.Length,
                SeenStarts = seenStarts,
                Seen = seen,
                Loss = this._settings.Loss,
                Draws = this._settings.Draws,
                DrawsObserved = this._settings.DrawsObserved,
                KnownItems = this._knownItems.Length,
                RankScale = 1f / MathF.Log(1f + this._knownItems.Length),
                LearningRate = this._settings.RateAt(epoch),
                UserRegularization = this._settings.UserRegularization,
                ItemRegularization = this._settings.ItemRegularization,
            };
            SampledDescent.Run(block, new RandomStream(this._settings.Seed, epoch, (row * MostBlocks) + column + MostBlocks));
        }
    }

    private void CheckFinite()
    {
        // A sum of finite numbers of this size stays finite; NaN and infinity do not leave it.
        var sum = 0f;
        foreach (var value in this._users.All) sum += value * 1e-20f;
        foreach (var value in this._items.All) sum += value * 1e-20f;
        if (!float.IsFinite(sum)) throw new ArgumentException($"{this._settings.Model}: the factors left the numbers that can be held. Lower learningRate.");
    }
}

/// <summary>What a trainer asks of <see cref="SampledFactorisation"/>.</summary>
internal sealed record SampledSettings
{
    public required string Model { get; init; }

    public required SampledLoss Loss { get; init; }

    public required int Factors { get; init; }

    public required int Epochs { get; init; }

    /// <summary>Of the first epoch; it falls in a straight line to nothing.</summary>
    public required float LearningRate { get; init; }

    public bool IsRateConstant { get; init; }

    public required float UserRegularization { get; init; }

    public required float ItemRegularization { get; init; }

    /// <summary>Unobserved items drawn per observed pair.</summary>
    public required int Draws { get; init; }

    /// <summary>β: an item is drawn with probability in proportion to popularity^β; 0 = all alike.</summary>
    public float PopularityExponent { get; init; }

    /// <summary>Whether an observed item may be drawn as well, as if all cells were noughts beside the ones.</summary>
    public bool DrawsObserved { get; init; }

    public bool HasItemBias { get; init; }

    /// <summary>Standard deviation of the random start; 0 = 0.1 / √factors.</summary>
    public float StartScale { get; init; }

    public float FoldInRegularization { get; init; } = 2f;

    public required int Seed { get; init; }

    public float RateAt(int epoch) => this.IsRateConstant ? this.LearningRate : this.LearningRate * (this.Epochs - epoch) / this.Epochs;
}
