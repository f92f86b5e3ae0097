using System.Buffers;
using System.Collections.Concurrent;
using Aisle.Learning.Data;
using Aisle.Learning.Kernels;

namespace Aisle.Learning.Models;

/// <summary>
/// Scores are those of a linear item model whose weights are never held: c·R̃ᵀR̃ from the sparse matrix, and D^−b V diag(g) Vᵀ D^b from the
/// singular vectors V, then sharpened by products with c·R̃ᵀR̃. Items that nobody touched are unknown and score −∞, as do all items for an empty history.
/// </summary>
public sealed class SpectralModel : ScoringModel
{
    private const int LayoutVersion = 2;

    private readonly Interactions _train;
    private readonly SpectralGraph _graph;
    private readonly FactorMatrix _vectors;
    private readonly PackedMatrix _packedVectors;

    /// <summary>g: β for each singular vector, 0 for those beyond the rank.</summary>
    private readonly float[] _gains;

    /// <summary>c: one over the largest eigenvalue.</summary>
    private readonly float _slope;

    private readonly Sharpening _sharpening;

    private readonly ConcurrentBag<Smoother> _smoothers = [];

    private readonly ConcurrentBag<SingleSmoother> _singleSmoothers = [];

    /// <summary>D^b; 0 for unknown items.</summary>
    private readonly float[] _itemScales;

    [ThreadStatic]
    private static Scratch? _scratch;

    internal SpectralModel(Interactions train, SpectralGraph graph, FactorMatrix vectors, float[] gains, float slope, Sharpening sharpening)
    {
        this._train = train;
        this._graph = graph;
        this._vectors = vectors;
        this._gains = gains;
        this._slope = slope;
        this._sharpening = sharpening;
        this._packedVectors = PackedMatrix.FromColumns(vectors.All, vectors.Dimensions, vectors.Rows, vectors.Stride);
        this._itemScales = Array.ConvertAll(graph.ItemTotals, total => total > 0 ? (float)Math.Pow(total, graph.ItemExponent) : 0f);
    }

    public override string Name => SpectralTrainer.ModelName;

    public override int Users => this._train.Users;

    public override int Items => this._train.Items;

    private protected override void ScoreKnown(ReadOnlySpan<int> users, Span<float> scores)
    {
        var factors = this._gains.Length;
        var signals = ArrayPool<float>.Shared.Rent(users.Length * factors);
        for (var i = 0; i < users.Length; i++) this.Project(this._train.ItemsOf(users[i]), this._train.WeightsOf(users[i]), signals.AsSpan(i * factors, factors));
        Gemm.Multiply(signals, users.Length, factors, this._packedVectors, scores);
        ArrayPool<float>.Shared.Return(signals);
        for (var i = 0; i < users.Length; i++) this.Finish(this._train.ItemsOf(users[i]), this._train.WeightsOf(users[i]), scores.Slice(i * this.Items, this.Items));
        this.Sharpen(scores, users.Length);
    }

    private protected override void Score(History history, Span<float> scores)
    {
        this.Smooth(history.Items, history.Weights, scores);
        this.Sharpen(scores, 1);
    }

    /// <summary>What the item alone would recommend, smoothed only: sharpening takes from an item's nearest ones most.</summary>
    private protected override void ScoreLikeness(int item, Span<float> scores) => this.Smooth([item], [], scores);

    private protected override bool Contribute(History history, ReadOnlySpan<int> items, Span<float> contributions)
    {
        for (var row = 0; row < items.Length; row++)
        {
            // The sharpening is symmetric: what it makes of the asked item's own signal says how much each score before it counts.
            var sharpened = this._sharpening.Time > 0 ? this.SharpenedUnit(items[row]) : null;
            for (var i = 0; i < history.Items.Length; i++)
                contributions[(row * history.Items.Length) + i] = history.Weight(i) * (sharpened is null ? this.Weight(history.Items[i], items[row]) : this.Weight(history.Items[i], sharpened));
        }

        return true;
    }

    public override void Save(Stream stream)
    {
        using var writer = new ModelWriter(stream, this.Name, LayoutVersion);
        writer.Write(this.Users);
        writer.Write(this.Items);
        writer.Write(this._gains.Length);
        writer.Write(this._graph.UserExponent);
        writer.Write(this._graph.ItemExponent);
        writer.Write(this._slope);
        writer.Write(this._sharpening.Time);
        writer.Write(this._sharpening.Steps);
        writer.WriteSparseRows(this._train);
        writer.WriteArray<float>(this._gains);
        FactorRows.Write(writer, this._vectors);
    }

    /// <exception cref="InvalidDataException">The stream does not hold a whole model of this kind; the message says what is wrong.</exception>
    public static SpectralModel Load(Stream stream)
    {
        using var reader = new ModelReader(stream, SpectralTrainer.ModelName, LayoutVersion);
        var users = reader.ReadRows("the number of users");
        var items = reader.ReadRows("the number of items");
        var factors = reader.ReadInt32("the number of factors", 1, 2048);
        var userExponent = reader.ReadSingle("the user exponent", 0, 1);
        var itemExponent = reader.ReadSingle("the item exponent", 0, 1);
        var slope = reader.ReadSingle("the slope", 0, float.MaxValue);
        var sharpening = new Sharpening(reader.ReadSingle("the sharpening", 0, 10), reader.ReadInt32("the sharpening steps", 1, 20));
        var train = reader.ReadSparseRows("the histories", users, items);
        foreach (var weight in train.AllWeights)
        {
            if (weight is not (> 0f and <= 1e6f)) throw reader.Broken($"its histories hold the weight {weight}");
        }

        var gains = reader.ReadFiniteArray("the gains", factors);
        var vectors = FactorRows.Read(reader, "the singular vectors", items, factors);
        return new SpectralModel(train, new SpectralGraph(train, userExponent, itemExponent), vectors, gains, slope, sharpening);
    }

    private void Smooth(ReadOnlySpan<int> items, ReadOnlySpan<float> strengths, Span<float> scores)
    {
        var signal = ArrayPool<float>.Shared.Rent(this._gains.Length);
        this.Project(items, strengths, signal.AsSpan(0, this._gains.Length));
        Gemm.Multiply(signal, 1, this._gains.Length, this._packedVectors, scores);
        ArrayPool<float>.Shared.Return(signal);
        this.Finish(items, strengths, scores);
    }

    /// <summary>diag(g) Vᵀ D^−b r: the shopper's part in each singular vector.</summary>
    private void Project(ReadOnlySpan<int> items, ReadOnlySpan<float> strengths, Span<float> signal)
    {
        signal.Clear();
        for (var i = 0; i < items.Length; i++)
        {
            var scale = this._itemScales[items[i]];
            if (scale > 0f) Vectors.AddScaled((strengths.IsEmpty ? 1f : strengths[i]) / scale, this._vectors.Values(items[i]), signal);
        }

        for (var k = 0; k < signal.Length; k++) signal[k] *= this._gains[k];
    }

    /// <summary>Scales the low-pass part to the items and adds c·R̃ᵀR̃ r.</summary>
    private void Finish(ReadOnlySpan<int> items, ReadOnlySpan<float> strengths, Span<float> scores)
    {
        if (items.IsEmpty)
        {
            scores.Fill(float.NegativeInfinity);
            return;
        }

        for (var item = 0; item < scores.Length; item++) scores[item] = this._itemScales[item] > 0f ? scores[item] * this._itemScales[item] : float.NegativeInfinity;
        var scratch = _scratch is not null && _scratch.Signal.Length >= this.Users ? _scratch : _scratch = new Scratch(this.Users);
        var reached = 0;
        for (var i = 0; i < items.Length; i++)
        {
            var strength = this._slope * (strengths.IsEmpty ? 1f : strengths[i]);
            var users = this._graph.ByItem.ItemsOf(items[i]);
            var weights = this._graph.ByItem.WeightsOf(items[i]);
            for (var u = 0; u < users.Length; u++)
            {
                ref var signal = ref scratch.Signal[users[u]];
                var share = strength * weights[u];
                if (signal == 0f && share > 0f) scratch.Reached[reached++] = users[u];
                signal += share;
            }
        }

        foreach (var user in scratch.Reached.AsSpan(0, reached))
        {
            var signal = scratch.Signal[user];
            scratch.Signal[user] = 0f;
            var others = this._graph.ByUser.ItemsOf(user);
            var weights = this._graph.ByUser.WeightsOf(user);
            for (var j = 0; j < others.Length; j++) scores[others[j]] += signal * weights[j];
        }
    }

    /// <summary>What one item adds to the score of another.</summary>
    private float Weight(int from, int to)
    {
        if (!(this._itemScales[from] > 0f) || !(this._itemScales[to] > 0f)) return 0f;
        var own = this._vectors.Values(from);
        var other = this._vectors.Values(to);
        var lowPass = 0f;
        for (var k = 0; k < own.Length; k++) lowPass += own[k] * this._gains[k] * other[k];

        var users = this._graph.ByItem.ItemsOf(from);
        var others = this._graph.ByItem.ItemsOf(to);
        var weights = this._graph.ByItem.WeightsOf(from);
        var otherWeights = this._graph.ByItem.WeightsOf(to);
        var shared = 0f;
        for (int i = 0, j = 0; i < users.Length && j < others.Length;)
        {
            if (users[i] == others[j]) shared += weights[i++] * otherWeights[j++];
            else if (users[i] < others[j]) i++;
            else j++;
        }

        return (this._slope * shared) + (lowPass * this._itemScales[to] / this._itemScales[from]);
    }

    /// <summary>e^{−T L} of each row of scores.</summary>
    private void Sharpen(Span<float> scores, int count)
    {
        if (this._sharpening.Time == 0f) return;
        if (count == 1)
        {
            if (!this._singleSmoothers.TryTake(out var single)) single = new SingleSmoother(this._graph, this._slope);
            single.Sharpen(scores, this._sharpening);
            this._singleSmoothers.Add(single);
            return;
        }

        if (!this._smoothers.TryTake(out var smoother)) smoother = new Smoother(this._graph, this._slope);
        for (var first = 0; first < count; first += Smoother.Signals)
        {
            var some = Math.Min(Smoother.Signals, count - first);
            smoother.Sharpen(scores.Slice(first * this.Items, some * this.Items), some, this._sharpening);
        }

        this._smoothers.Add(smoother);
    }

    /// <summary>e^{−T L} of the signal that is 1 at one item; zeros for an unknown one, to which nothing leads.</summary>
    private float[] SharpenedUnit(int item)
    {
        var unit = new float[this.Items];
        if (!(this._itemScales[item] > 0f)) return unit;
        unit[item] = 1f;
        this.Sharpen(unit, 1);
        return unit;
    }

    /// <summary>What one item adds to a weighted sum of scores before the sharpening.</summary>
    private float Weight(int from, float[] weights)
    {
        if (!(this._itemScales[from] > 0f)) return 0f;
        var signal = new float[this.Items];
        this.Smooth([from], [], signal);
        var sum = 0f;
        for (var item = 0; item < signal.Length; item++)
        {
            if (float.IsFinite(signal[item])) sum += signal[item] * weights[item];
        }

        return sum;
    }

    /// <summary>A number per user, zero between calls, and a list of those that are not.</summary>
    private sealed class Scratch(int users)
    {
        public readonly float[] Signal = new float[users];
        public readonly int[] Reached = new int[users];
    }

    /// <summary>What <see cref="Smoother"/> does, for the one signal of a request, without the empty places of a tile.</summary>
    private sealed class SingleSmoother(SpectralGraph graph, float slope)
    {
        private readonly float[] _term = new float[graph.ByUser.Items];
        private readonly float[] _sum = new float[graph.ByUser.Items];
        private readonly float[] _users = new float[graph.ByUser.Users];

        public void Sharpen(Span<float> scores, Sharpening sharpening)
        {
            for (var item = 0; item < scores.Length; item++) this._sum[item] = float.IsFinite(scores[item]) ? scores[item] : 0f;
            for (var step = 0; step < sharpening.Steps; step++)
            {
                this._sum.CopyTo(this._term, 0);
                for (var power = 1; power <= 4; power++)
                {
                    SparseProduct.MultiplyVector(graph.ByUser, this._term, this._users);
                    SparseProduct.MultiplyVector(graph.ByItem, this._users, this._term);
                    var factor = -sharpening.Time / sharpening.Steps * slope / power;
                    foreach (ref var value in this._term.AsSpan()) value *= factor;
                    for (var item = 0; item < this._sum.Length; item++) this._sum[item] += this._term[item];
                }
            }

            for (var item = 0; item < scores.Length; item++)
            {
                if (float.IsFinite(scores[item])) scores[item] = this._sum[item];
            }
        }
    }

    /// <summary>Products of L with several signals at once, column by column of item-major buffers.</summary>
    private sealed class Smoother(SpectralGraph graph, float slope)
    {
        public const int Signals = Tile.Columns;

        private readonly FactorMatrix _term = new(graph.ByUser.Items, Signals);
        private readonly FactorMatrix _sum = new(graph.ByUser.Items, Signals);
        private readonly FactorMatrix _users = new(graph.ByUser.Users, Signals);

        /// <summary>y ← Σₖ (−h L)ᵏ/k! y for k up to 4, once per step of length h: the fourth-order Runge–Kutta method on dy/dt = −L y.</summary>
        public void Sharpen(Span<float> scores, int count, Sharpening sharpening)
        {
            var items = this._sum.Rows;
            for (var signal = 0; signal < Signals; signal++)
            {
                for (var item = 0; item < items; item++)
                {
                    var score = signal < count ? scores[(signal * items) + item] : 0f;
                    this._sum.Values(item)[signal] = float.IsFinite(score) ? score : 0f;
                }
            }

            for (var step = 0; step < sharpening.Steps; step++)
            {
                this._sum.All.CopyTo(this._term.All);
                for (var power = 1; power <= 4; power++)
                {
                    SparseProduct.Multiply(graph.ByUser, this._term, this._users, 1, default);
                    SparseProduct.Multiply(graph.ByItem, this._users, this._term, 1, default);
                    var factor = -sharpening.Time / sharpening.Steps * slope / power;
                    foreach (ref var value in this._term.All) value *= factor;
                    Vectors.AddScaled(1f, this._term.All, this._sum.All);
                }
            }

            for (var signal = 0; signal < count; signal++)
            {
                for (var item = 0; item < items; item++)
                {
                    ref var score = ref scores[(signal * items) + item];
                    if (float.IsFinite(score)) score = this._sum.Values(item)[signal];
                }
            }
        }
    }
}
