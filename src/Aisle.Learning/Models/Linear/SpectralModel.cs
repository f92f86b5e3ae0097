using System.Buffers;
using Aisle.Learning.Data;
using Aisle.Learning.Kernels;

namespace Aisle.Learning.Models;

/// <summary>
/// Scores are those of a linear item model whose weights are never held: c·R̃ᵀR̃ from the sparse matrix, and D^−b V diag(g) Vᵀ D^b from the
/// singular vectors V. Items that nobody touched are unknown and score −∞, as do all items for an empty history.
/// </summary>
public sealed class SpectralModel : IModel
{
    private const int LayoutVersion = 1;

    private readonly Interactions _train;
    private readonly SpectralGraph _graph;
    private readonly FactorMatrix _vectors;
    private readonly PackedMatrix _packedVectors;

    /// <summary>g: what each singular vector adds to what the sparse product gives it already.</summary>
    private readonly float[] _gains;

    /// <summary>c.</summary>
    private readonly float _slope;

    /// <summary>D^b; 0 for unknown items.</summary>
    private readonly float[] _itemScales;

    [ThreadStatic]
    private static Scratch? _scratch;

    internal SpectralModel(Interactions train, SpectralGraph graph, FactorMatrix vectors, float[] gains, float slope)
    {
        this._train = train;
        this._graph = graph;
        this._vectors = vectors;
        this._gains = gains;
        this._slope = slope;
        this._packedVectors = PackedMatrix.FromColumns(vectors.All, vectors.Dimensions, vectors.Rows, vectors.Stride);
        this._itemScales = Array.ConvertAll(graph.ItemTotals, total => total > 0 ? (float)Math.Pow(total, graph.ItemExponent) : 0f);
    }

    public string Name => SpectralTrainer.ModelName;

    public int Users => this._train.Users;

    public int Items => this._train.Items;

    public void ScoreUsers(ReadOnlySpan<int> users, Span<float> scores)
    {
        TrainingInput.CheckUsers(this, users);
        TrainingInput.CheckScores(this, users.Length, scores);
        var factors = this._gains.Length;
        var signals = ArrayPool<float>.Shared.Rent(users.Length * factors);
        for (var i = 0; i < users.Length; i++) this.Project(this._train.ItemsOf(users[i]), this._train.WeightsOf(users[i]), signals.AsSpan(i * factors, factors));
        Gemm.Multiply(signals, users.Length, factors, this._packedVectors, scores);
        ArrayPool<float>.Shared.Return(signals);
        for (var i = 0; i < users.Length; i++) this.Finish(this._train.ItemsOf(users[i]), this._train.WeightsOf(users[i]), scores.Slice(i * this.Items, this.Items));
    }

    public void ScoreHistory(History history, Span<float> scores)
    {
        TrainingInput.CheckHistory(this, history);
        TrainingInput.CheckScores(this, 1, scores);
        this.Score(history.Items, history.Weights, scores);
    }

    /// <summary>What the item alone would recommend.</summary>
    public void ScoreSimilar(int item, Span<float> scores)
    {
        TrainingInput.CheckItem(this, item);
        TrainingInput.CheckScores(this, 1, scores);
        this.Score([item], [], scores);
        scores[item] = float.NegativeInfinity;
    }

    public bool Explain(History history, ReadOnlySpan<int> items, Span<float> contributions)
    {
        TrainingInput.CheckHistory(this, history);
        TrainingInput.CheckContributions(this, history, items, contributions);
        for (var row = 0; row < items.Length; row++)
        {
            for (var i = 0; i < history.Items.Length; i++)
                contributions[(row * history.Items.Length) + i] = history.Weight(i) * this.Weight(history.Items[i], items[row]);
        }

        return true;
    }

    public void Save(Stream stream)
    {
        using var writer = new ModelWriter(stream, this.Name, LayoutVersion);
        writer.Write(this.Users);
        writer.Write(this.Items);
        writer.Write(this._gains.Length);
        writer.Write(this._graph.UserExponent);
        writer.Write(this._graph.ItemExponent);
        writer.Write(this._slope);
        writer.WriteSparseRows(this._train);
        writer.WriteArray<float>(this._gains);
        writer.WriteLength((long)this.Items * this._gains.Length);
        for (var item = 0; item < this.Items; item++) writer.WriteValues<float>(this._vectors.Values(item));
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
        var train = reader.ReadSparseRows("the histories", users, items);
        foreach (var weight in train.AllWeights)
        {
            if (weight is not (> 0f and <= 1e6f)) throw reader.Broken($"its histories hold the weight {weight}");
        }

        var gains = reader.ReadFiniteArray("the gains", factors);
        if ((long)items * FactorMatrix.StrideOf(factors) > AlignedFloats.MaxLength) throw reader.Broken($"{items} × {factors} singular vectors do not fit in memory");
        var values = reader.ReadFiniteArray("the singular vectors", (long)items * factors);
        var vectors = new FactorMatrix(items, factors);
        for (var item = 0; item < items; item++) values.AsSpan(item * factors, factors).CopyTo(vectors.Values(item));
        return new SpectralModel(train, new SpectralGraph(train, userExponent, itemExponent), vectors, gains, slope);
    }

    private void Score(ReadOnlySpan<int> items, ReadOnlySpan<float> strengths, Span<float> scores)
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

    /// <summary>A number per user, zero between calls, and a list of those that are not.</summary>
    private sealed class Scratch(int users)
    {
        public readonly float[] Signal = new float[users];
        public readonly int[] Reached = new int[users];
    }
}
