using Aisle.Learning.Data;
using Aisle.Learning.Kernels;

namespace Aisle.Learning.Models;

/// <summary>
/// What the linear item models solve: XᵀDX with a ridge. D = diag(count^−a) over users; item i's ridge is λ·(g_i / ḡ)^ν, where g is the
/// diagonal of XᵀDX and ḡ its mean.
/// </summary>
internal sealed class ItemEquations
{
    private readonly double _strength;
    private readonly double _exponent;

    /// <param name="strength">λ; 0 chooses <paramref name="meanWeights"/> · ḡ.</param>
    /// <param name="exponent">ν.</param>
    public ItemEquations(Interactions train, double userExponent, double strength, double meanWeights, double exponent)
    {
        this.Train = train;
        this.ByItem = train.Transpose();
        this.UserWeights = new float[train.Users];
        for (var user = 0; user < train.Users; user++) this.UserWeights[user] = train.CountOf(user) == 0 ? 0f : (float)Math.Pow(train.CountOf(user), -userExponent);
        this.Diagonal = new float[train.Items];
        for (var item = 0; item < train.Items; item++)
        {
            for (var i = 0; i < this.ByItem.CountOf(item); i++)
            {
                var weight = this.ByItem.WeightsOf(item)[i];
                this.Diagonal[item] += this.UserWeights[this.ByItem.ItemsOf(item)[i]] * weight * weight;
            }
        }

        var mean = 0.0;
        foreach (var weight in this.Diagonal) mean += (double)weight / train.Items;
        this.Mean = mean;
        this._strength = strength > 0 ? strength : meanWeights * mean;
        this._exponent = exponent;
    }

    public Interactions Train { get; }

    public Interactions ByItem { get; }

    /// <summary>D.</summary>
    public float[] UserWeights { get; }

    /// <summary>g.</summary>
    public float[] Diagonal { get; }

    /// <summary>ḡ.</summary>
    public double Mean { get; }

    public float Ridge(int item) => (float)(this.Diagonal[item] > 0 ? this._strength * Math.Pow(this.Diagonal[item] / this.Mean, this._exponent) : this._strength);

    /// <summary>Groups of items that are alike by the cosine in these equations.</summary>
    /// <param name="neighbours">Nearest items of each that may enter its group's equations.</param>
    public ItemGroup[] Groups(int neighbours, int members, int support, FitContext context, Action<int> report)
    {
        var lengths = Array.ConvertAll(this.Diagonal, MathF.Sqrt);
        var workers = new (ItemProducts Products, int[] Items, float[] Cosines)[context.Threads];
        var similar = ItemWeightsBuilder.Build(
            this.Train.Items,
            neighbours,
            context,
            (worker, item) =>
            {
                if (workers[worker].Products is null)
                    workers[worker] = (new ItemProducts(this.Train, this.ByItem, this.UserWeights), new int[this.Train.Items], new float[this.Train.Items]);
                var (products, items, cosines) = workers[worker];
                products.Compute(item);
                var count = 0;
                foreach (var other in products.Touched)
                {
                    if (other == item || !(lengths[other] > 0f)) continue;
                    items[count] = other;
                    cosines[count++] = products[other] / (lengths[item] * lengths[other]);
                }

                return (new ArraySegment<int>(items, 0, count), new ArraySegment<float>(cosines, 0, count));
            },
            report);
        var counts = new int[this.Train.Items];
        for (var item = 0; item < counts.Length; item++) counts[item] = this.ByItem.CountOf(item);
        return ItemGroups.Make(similar, counts, members, support);
    }
}

/// <summary>The lower triangle of XᵀDX over the items of a group's support; one per thread.</summary>
internal sealed unsafe class GroupGram(ItemEquations equations, int largestSupport)
{
    private readonly AlignedFloats _matrix = new((long)SymmetricInverse.Padded(largestSupport) * SymmetricInverse.Padded(largestSupport));
    private readonly int[] _places = NoPlaces(equations.Train.Items);
    private readonly bool[] _isSeen = new bool[equations.Train.Users];
    private readonly int[] _seen = new int[equations.Train.Users];
    private readonly int[] _own = new int[largestSupport];
    private readonly float[] _weights = new float[largestSupport];

    /// <summary>Row-major; rows and stride are the <see cref="SymmetricInverse.Padded"/> size of the support, the identity beyond it.</summary>
    public float* Pointer => this._matrix.Pointer;

    public void Compute(ReadOnlySpan<int> support)
    {
        var size = SymmetricInverse.Padded(support.Length);
        this._matrix.Span[..(size * size)].Clear();
        for (var i = support.Length; i < size; i++) this._matrix.Span[(i * size) + i] = 1f;
        for (var i = 0; i < support.Length; i++) this._places[support[i]] = i;
        var seen = 0;
        foreach (var item in support)
        {
            foreach (var user in equations.ByItem.ItemsOf(item))
            {
                if (this._isSeen[user]) continue;
                this._isSeen[user] = true;
                this._seen[seen++] = user;
            }
        }

        foreach (var user in this._seen.AsSpan(0, seen))
        {
            this._isSeen[user] = false;
            this.Add(user, size);
        }

        foreach (var item in support) this._places[item] = -1;
    }

    /// <summary>The user's items in the support stand in the order of both, so that every pair falls into the lower triangle once.</summary>
    private void Add(int user, int size)
    {
        var items = equations.Train.ItemsOf(user);
        var weights = equations.Train.WeightsOf(user);
        var count = 0;
        for (var i = 0; i < items.Length; i++)
        {
            var place = this._places[items[i]];
            if (place < 0) continue;
            this._own[count] = place;
            this._weights[count++] = weights[i];
        }

        for (var i = 0; i < count; i++)
        {
            var row = this.Pointer + ((nint)this._own[i] * size);
            var weight = this._weights[i] * equations.UserWeights[user];
            for (var j = 0; j <= i; j++) row[this._own[j]] += weight * this._weights[j];
        }
    }

    private static int[] NoPlaces(int items)
    {
        var places = new int[items];
        Array.Fill(places, -1);
        return places;
    }
}
