using Aisle.Learning.Data;
using Aisle.Learning.Kernels;

namespace Aisle.Learning.Models;

/// <summary>How <see cref="RatingDescent"/> walks. Regularisation is that of ratings with a standard deviation of 1.</summary>
internal sealed record RatingDescentSettings(
    string Model, int Factors, int Epochs, float LearningRate, float LearningRateDecay, float Regularization, float BiasRegularization, bool IsImplicit, int Seed);

/// <summary>
/// Stochastic gradient descent on Σ (r − μ − b_u − b_i − q_i·(p_u + s_u))² + λ(…), where s_u = |N(u)|^-½ Σ_{j ∈ N(u)} y_j with the
/// implicit part and 0 without. A user's ratings are walked one after the other; a group of users walks at the same time, each seeing the
/// items as they were before the group. Then the items' moves are added up, in the order of the users. So neither the number of threads nor
/// their speed changes the result.
/// </summary>
internal sealed unsafe class RatingDescent
{
    /// <summary>Users that walk at the same time, at most.</summary>
    private const int MostGroupUsers = 64;

    /// <summary>As many users walk at the same time as make an item they share feel this many moves at once.</summary>
    private const double MovesAtOnce = 4;

    /// <summary>A group is closed early once it has this many ratings, whose moves are all kept in memory.</summary>
    private const int GroupRatings = 1 << 15;

    /// <summary>Standard deviation of each number at the start.</summary>
    private const float StartDeviation = 0.05f;

    private readonly Interactions _train;
    private readonly RatingDescentSettings _settings;
    private readonly FitContext _context;
    private readonly RatingScale _scale;
    private readonly FactorMatrix _users;
    private readonly FactorMatrix _items;
    private readonly FactorMatrix? _implicit;
    private readonly float[] _userBiases;
    private readonly float[] _itemBiases;
    private readonly double[] _squaredErrors;

    // Of one group, with the implicit part: where z of each user began, and where it is; then what each y of the user is moved by.
    private readonly FactorMatrix? _starts;
    private readonly FactorMatrix? _tastes;

    // Of one group: a move per rating.
    private readonly AlignedFloats _moves;
    private readonly float[] _biasMoves;
    private readonly int[] _groupStarts;
    private readonly int[] _itemBlocks;

    private RatingDescent(Interactions train, RatingDescentSettings settings, FitContext context)
    {
        this._train = train;
        this._settings = settings;
        this._context = context;
        this._scale = RatingScale.Of(train);
        this._users = new FactorMatrix(train.Users, settings.Factors);
        this._items = new FactorMatrix(train.Items, settings.Factors);
        this._implicit = !settings.IsImplicit ? null : new FactorMatrix(train.Items, settings.Factors);
        this._userBiases = new float[train.Users];
        this._itemBiases = new float[train.Items];
        this._squaredErrors = new double[train.Users];
        this._groupStarts = Groups(train, out var largest);
        this._starts = settings.IsImplicit ? new FactorMatrix(MostGroupUsers, settings.Factors) : null;
        this._tastes = settings.IsImplicit ? new FactorMatrix(MostGroupUsers, settings.Factors) : null;
        this._moves = new AlignedFloats((long)largest * this._items.Stride, cleared: false);
        this._biasMoves = new float[largest];
        this._itemBlocks = BlocksOfItems(train);
    }

    public static RatingFactors Fit(Interactions train, RatingDescentSettings settings, FitContext context) => new RatingDescent(train, settings, context).Run();

    private RatingFactors Run()
    {
        this.Start();
        var random = new RandomStream(this._settings.Seed, 1);
        var order = Enumerable.Range(0, this._groupStarts.Length - 1).ToArray();
        var rate = this._settings.LearningRate;
        for (var epoch = 1; epoch <= this._settings.Epochs; epoch++)
        {
            random.Shuffle(order);
            var turn = random.Below(int.MaxValue);
            foreach (var group in order) this.Walk(this._groupStarts[group], this._groupStarts[group + 1], rate, turn);
            rate *= this._settings.LearningRateDecay;
            var loss = Math.Sqrt(this._squaredErrors.Sum() / this._train.Count) * this._scale.Deviation;
            this._context.Progress?.Report(new TrainingStep(this._settings.Model, "epoch", epoch, this._settings.Epochs, loss));
        }

        return this.Finish();
    }

    /// <summary>Small random vectors for users and items that have ratings; nothing for others.</summary>
    private void Start()
    {
        var random = new RandomStream(this._settings.Seed);
        var byItem = new int[this._train.Items];
        foreach (var item in this._train.AllItems) byItem[item]++;
        for (var user = 0; user < this._train.Users; user++)
        {
            if (this._train.CountOf(user) == 0) continue;
            foreach (ref var value in this._users.Values(user)) value = StartDeviation * random.Normal();
        }

        for (var item = 0; item < this._train.Items; item++)
        {
            if (byItem[item] == 0) continue;
            foreach (ref var value in this._items.Values(item)) value = StartDeviation * random.Normal();
        }
    }

    private void Walk(int firstUser, int endUser, float rate, int turn)
    {
        ParallelRows.Run(this._context.Threads, endUser - firstUser, 1, (_, slot, _) => this.WalkUser(firstUser, slot, rate, turn), this._context.Cancellation);
        ParallelRows.Run(
            this._context.Threads, this._itemBlocks.Length - 1, 1, (_, block, _) => this.MoveItems(firstUser, endUser, this._itemBlocks[block], this._itemBlocks[block + 1], rate), this._context.Cancellation);
    }

    private void WalkUser(int firstUser, int slot, float rate, int turn)
    {
        var user = firstUser + slot;
        var items = this._train.ItemsOf(user);
        if (items.IsEmpty) return;
        var ratings = this._train.WeightsOf(user);
        var stride = this._items.Stride;
        var taste = this._implicit is null ? this._users.Row(user) : this.SumImplicit(user, slot);
        var offset = (int)(this._train.RowStarts[user] - this._train.RowStarts[firstUser]);
        var decay = rate * this._settings.Regularization;
        var biasDecay = rate * this._settings.BiasRegularization;
        var pull = this._implicit is null ? rate : 2 * rate;
        var userBias = this._userBiases[user];

        // Each epoch begins elsewhere, so that no item always has the last word.
        var squaredErrors = 0.0;
        for (var (i, left) = (turn % items.Length, items.Length); left > 0; i = i + 1 == items.Length ? 0 : i + 1, left--)
        {
            var item = items[i];
            var itemBias = this._itemBiases[item];
            var error = this._scale.Shrink(ratings[i]) - userBias - itemBias - Vectors.Dot(new ReadOnlySpan<float>(taste, stride), this._items.PaddedValues(item));
            squaredErrors += error * error;
            userBias += (rate * error) - (biasDecay * userBias);
            this._biasMoves[offset + i] = (rate * error) - (biasDecay * itemBias);
            RatingStep.Move(rate * error, pull * error, decay, taste, this._items.Row(item), this._moves.Pointer + ((nint)(offset + i) * stride), stride);
        }

        this._userBiases[user] = userBias;
        this._squaredErrors[user] = squaredErrors;
        if (this._implicit is not null) this.ShareOut(user, slot, Keep(decay, items.Length));
    }

    /// <returns>z = p_u + s_u, which walks; where it began is kept beside.</returns>
    private float* SumImplicit(int user, int slot)
    {
        var items = this._train.ItemsOf(user);
        var sum = this._starts!.PaddedValues(slot);
        this._users.PaddedValues(user).CopyTo(sum);
        foreach (var item in items) Vectors.AddScaled(1f / MathF.Sqrt(items.Length), this._implicit!.PaddedValues(item), sum);
        sum.CopyTo(this._tastes!.PaddedValues(slot));
        return this._tastes.Row(slot);
    }

    /// <summary>
    /// p_u and s_u are pulled alike by every rating, so each has made half of the way that z made beyond its decay. All y_j of the user
    /// move alike too: |N|^½ of them by E / |N|^½ each move s_u by E.
    /// </summary>
    private void ShareOut(int user, int slot, float keep)
    {
        var way = this._tastes!.PaddedValues(slot);
        Vectors.AddScaled(-keep, this._starts!.PaddedValues(slot), way);
        var p = this._users.PaddedValues(user);
        for (var i = 0; i < way.Length; i++)
        {
            p[i] = (keep * p[i]) + (0.5f * way[i]);
            way[i] *= 0.5f / MathF.Sqrt(this._train.CountOf(user));
        }
    }

    /// <summary>What is left of a number after a user's ratings have each let it decay.</summary>
    private static float Keep(float decay, int ratings) => MathF.Pow(Math.Max(0, 1 - decay), ratings);

    /// <summary>Adds what the users of a group noted for the items from <paramref name="firstItem"/> on.</summary>
    private void MoveItems(int firstUser, int endUser, int firstItem, int endItem, float rate)
    {
        var stride = this._items.Stride;
        for (var user = firstUser; user < endUser; user++)
        {
            var items = this._train.ItemsOf(user);
            var offset = (int)(this._train.RowStarts[user] - this._train.RowStarts[firstUser]);
            var start = items.BinarySearch(firstItem);
            var keep = Keep(rate * this._settings.Regularization, items.Length);
            for (var i = start < 0 ? ~start : start; i < items.Length && items[i] < endItem; i++)
            {
                var item = items[i];
                Vectors.AddScaled(1, new ReadOnlySpan<float>(this._moves.Pointer + ((nint)(offset + i) * stride), stride), this._items.PaddedValues(item));
                this._itemBiases[item] += this._biasMoves[offset + i];
                if (this._implicit is null) continue;
                var y = this._implicit.PaddedValues(item);
                foreach (ref var value in y) value *= keep;
                Vectors.AddScaled(1, this._tastes!.PaddedValues(user - firstUser), y);
            }
        }
    }

    private RatingFactors Finish()
    {
        if (!this._users.All.ContainsAnyExceptInRange(-1e6f, 1e6f) && !this._items.All.ContainsAnyExceptInRange(-1e6f, 1e6f))
            return new RatingFactors(this._scale, this._settings.Factors, this._users, this._userBiases, this._items, this._itemBiases, this._implicit);
        throw new ArgumentException($"{this._settings.Model}: the descent ran away from the ratings. Lower learningRate, which is {this._settings.LearningRate}.");
    }

    /// <summary>The part of users that touched an item, averaged over the ratings, is the part that two users have in common.</summary>
    private static int GroupUsers(Interactions train)
    {
        var counts = new int[train.Items];
        foreach (var item in train.AllItems) counts[item]++;
        var shared = counts.Sum(count => (double)count * count) / train.Count / train.Users;
        return (int)Math.Clamp(MovesAtOnce / shared, 2, MostGroupUsers);
    }

    private static int[] Groups(Interactions train, out int largest)
    {
        var users = GroupUsers(train);
        var starts = new List<int> { 0 };
        long Ratings(int from, int end) => train.RowStarts[end] - train.RowStarts[from];
        largest = 0;
        for (var user = 1; user <= train.Users; user++)
        {
            if (user < train.Users && user - starts[^1] < users && Ratings(starts[^1], user) < GroupRatings) continue;
            largest = Math.Max(largest, (int)Ratings(starts[^1], user));
            starts.Add(user);
        }

        return [.. starts];
    }

    /// <summary>Ranges of items with about equally many ratings each.</summary>
    private static int[] BlocksOfItems(Interactions train)
    {
        const int Blocks = 32;
        var counts = new int[train.Items];
        foreach (var item in train.AllItems) counts[item]++;
        var starts = new List<int> { 0 };
        long sum = 0;
        for (var item = 0; item + 1 < train.Items; item++)
        {
            sum += counts[item];
            if (sum * Blocks >= train.Count * starts.Count) starts.Add(item + 1);
        }

        starts.Add(train.Items);
        return [.. starts];
    }
}
