using Aisle.Learning.Data;
using Aisle.Learning.Evaluation;
using Aisle.Learning.Kernels;
using Aisle.Learning.Neural;

namespace Aisle.Learning.Models;

/// <summary>What the autoencoders have in common: shoppers are examples, a batch is their histories, validation holds a part of some histories out.</summary>
internal sealed class AutoencoderTraining
{
    private const int HeldOutUsers = 2000;

    private const double HeldOutShare = 0.2;

    private const int ListLength = 20;

    private readonly FitContext _context;
    private readonly TrainingPlan _plan;
    private readonly Interactions _all;
    private readonly Interactions _train;
    private readonly InnerHoldOut? _heldOut;
    private readonly float _weightExponent;
    private readonly bool[] _isKnown;
    private readonly int[] _users;

    /// <param name="plan">With patience, a part of the histories of some shoppers is held out to validate by.</param>
    public AutoencoderTraining(Dataset data, FitContext context, TrainingPlan plan, double weightExponent)
    {
        this._context = context;
        this._plan = plan;
        this._all = data.Interactions;
        this._weightExponent = (float)weightExponent;
        this._heldOut = plan.Patience > 0 ? InnerHoldOut.Of(plan.Model, data, HeldOutUsers, HeldOutShare, HoldOutChoice.Random, plan.Seed) : null;
        this._train = this._heldOut?.Train.Interactions ?? data.Interactions;
        this._isKnown = new bool[this._train.Items];
        foreach (var item in this._train.AllItems) this._isKnown[item] = true;
        this._users = [.. Enumerable.Range(0, this._train.Users).Where(user => this._train.CountOf(user) > 0)];
    }

    /// <summary>Steps to an epoch.</summary>
    public int Steps => (this._users.Length + this._plan.BatchSize - 1) / this._plan.BatchSize;

    /// <summary>The batch asked for; for 0, one of which sixty make an epoch, so that as many epochs suit small data and large.</summary>
    public static int BatchOf(int given, Interactions train) => given > 0 ? given : Math.Clamp(train.Users / 60, 50, 500);

    /// <summary>Refuses what does not fit in memory before anything is computed.</summary>
    /// <param name="held">Numbers held for each item, of all parameters, gradients and copies.</param>
    public static void CheckMemory(string model, AutoencoderShape shape, long held, long available)
    {
        const string Advice = "Use fewer hidden numbers or factors, or leave out the rarest items.";
        var longest = (long)shape.Items * Math.Max(shape.OutputDepth, Math.Max(shape.Hidden, 2 * shape.Factors));
        if (longest > AlignedFloats.MaxLength)
            throw new ArgumentException($"{model}: a layer of {longest} numbers was asked for; at most {AlignedFloats.MaxLength} are possible. {Advice}");
        var needed = sizeof(float) * held * shape.Items;
        if (needed > available)
            throw new ArgumentException($"{model}: training on {shape.Items} items needs {needed >> 20} MB, but {available >> 20} MB are available. {Advice}");
    }

    /// <param name="loss">Of a batch of histories, weights as they are.</param>
    /// <param name="afterEpoch">Told the epochs done.</param>
    public AutoencoderModel Run(
        AutoencoderNetwork network, Optimiser optimiser, Func<Tape, WeightedBags, Tensor> loss, Action<int>? afterEpoch = null)
    {
        this.StartFromPopularity(network.OutputBias.Values);
        var loop = new TrainingLoop(this._plan, optimiser, this._users.Length);
        loop.Run(
            this._context,
            (tape, examples) => loss(tape, this.Histories(examples.Select(example => this._users[example]))),
            this._heldOut is null ? null : () => this.Quality(network, this._heldOut),
            () => afterEpoch?.Invoke(loop.Epoch));
        return new AutoencoderModel(this._plan.Model, network.Copy(), this._all, this._weightExponent);
    }

    /// <summary>Before anything is known of a shopper, every item's probability is its share of what happened: epochs are not spent on that.</summary>
    private void StartFromPopularity(Span<float> bias)
    {
        bias.Clear();
        foreach (var item in this._train.AllItems) bias[item]++;
        foreach (ref var value in bias) value = MathF.Log(value + 1f);
    }

    private WeightedBags Histories(IEnumerable<int> users)
    {
        var bags = new HistoryBags(this._isKnown, this._weightExponent);
        foreach (var user in users) bags.Add(new History(this._train.ItemsOf(user), this._train.WeightsOf(user)));
        return bags.Take();
    }

    /// <summary>Mean NDCG@20 of what was held out.</summary>
    private double Quality(AutoencoderNetwork network, InnerHoldOut heldOut)
    {
        var model = new AutoencoderModel(this._plan.Model, network, this._train, this._weightExponent);
        var found = new double[heldOut.Users.Length];
        ParallelRows.Run(
            this._context.Threads,
            found.Length,
            grain: 16,
            (_, first, end) =>
            {
                var scores = new float[(end - first) * model.Items];
                int[] ranked = new int[ListLength];
                model.ScoreUsers(heldOut.Users.AsSpan(first, end - first), scores);
                for (var i = first; i < end; i++)
                {
                    var own = scores.AsSpan((i - first) * model.Items, model.Items);
                    foreach (var item in this._train.ItemsOf(heldOut.Users[i])) own[item] = float.NegativeInfinity;
                    var length = TopK.Select(own, ranked, new float[ListLength]);
                    found[i] = UserMetrics.Of(ranked.AsSpan(0, length), heldOut.Targets[i], ListLength).Ndcg;
                }
            },
            this._context.Cancellation);
        return found.Average();
    }
}
