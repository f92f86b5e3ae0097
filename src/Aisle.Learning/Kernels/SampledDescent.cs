using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Aisle.Learning.Kernels;

/// <summary>What a step of <see cref="SampledDescent"/> makes of an observed pair and the unobserved items drawn beside it.</summary>
internal enum SampledLoss
{
    /// <summary>−log of the pair's share in the softmax over itself and the items drawn; with one item drawn, BPR: −log σ(x_ui − x_uj).</summary>
    Softmax,

    /// <summary>BPR against the best-scored of the items drawn.</summary>
    Hardest,

    /// <summary>WARP: draws until an item comes within the margin of the pair; the more draws that took, the better the pair ranks and the less it moves.</summary>
    RankWeighted,

    /// <summary>Logistic: the pair is a one with its weight, each item drawn a nought.</summary>
    Logistic,
}

/// <summary>
/// Stochastic gradient descent over one block of observed pairs, with unobserved items drawn from the block's own items. Nothing
/// outside the block's users and items is touched, so blocks that share neither run side by side and give what they would give one after the other.
/// </summary>
internal static unsafe class SampledDescent
{
    /// <summary>Draws before a pair is given up for whose user nearly everything was observed.</summary>
    private const int MostRejections = 20;

    /// <summary>Hinge margin of the rank-weighted loss.</summary>
    private const float Margin = 1f;

    /// <param name="block">What to work on.</param>
    /// <param name="random">The block's own stream.</param>
    public static void Run(in Block block, RandomStream random)
    {
        if (InstructionSets.Avx512) Run<Avx512Lanes, Vector512<float>>(block, random);
        else if (InstructionSets.Avx2) Run<Avx2Lanes, Vector256<float>>(block, random);
        else Run<PortableLanes, Vector<float>>(block, random);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run<TLanes, TVector>(in Block block, RandomStream random)
        where TLanes : ILanes<TVector>
        where TVector : struct
    {
        var places = block.Draws + 1;
        var rows = stackalloc float*[places];
        var coefficients = stackalloc float[places];
        var gradient = stackalloc float[block.Stride];
        for (var pair = 0; pair < block.Pairs; pair++)
        {
            var user = block.PairUsers[pair];
            var x = block.Users + ((nint)user * block.Stride);
            rows[0] = block.Items + ((nint)block.PairItems[pair] * block.Stride);
            if (pair + 1 < block.Pairs) Prefetch(block, pair + 1);
            var count = block.Loss == SampledLoss.RankWeighted
                ? RankWeighted<TLanes, TVector>(block, ref random, user, x, rows, coefficients)
                : Draw(block, ref random, user, rows);
            if (count < 2) continue;
            if (block.Loss != SampledLoss.RankWeighted)
            {
                ConjugateGradient.Dots<TLanes, TVector>(rows, x, count, coefficients, block.Stride);
                count = Weigh(block, pair, rows, coefficients, count);
            }

            if (count == 2) StepOnPair<TLanes, TVector>(block, x, rows[0], rows[1], coefficients[0], coefficients[1]);
            else Step<TLanes, TVector>(block, x, rows, coefficients, count, gradient);
        }
    }

    /// <summary>Brings the rows of a pair near: the pairs come in random order, which the hardware cannot foresee.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(in Block block, int pair)
    {
        if (!Sse.IsSupported) return;
        var x = block.Users + ((nint)block.PairUsers[pair] * block.Stride);
        var y = block.Items + ((nint)block.PairItems[pair] * block.Stride);
        for (nint i = 0; i < block.Stride; i += 16)
        {
            Sse.Prefetch0(x + i);
            Sse.Prefetch0(y + i);
        }
    }

    /// <summary>Turns scores into coefficients: minus the derivative of the loss by each score.</summary>
    /// <returns>How many rows are to move.</returns>
    private static int Weigh(in Block block, int pair, float** rows, float* scores, int count)
    {
        switch (block.Loss)
        {
            case SampledLoss.Logistic:
                scores[0] = block.PairWeights[pair] * Sigmoid(-scores[0]);
                for (var i = 1; i < count; i++) scores[i] = -Sigmoid(scores[i]);
                return count;
            case SampledLoss.Hardest:
                var best = 1;
                for (var i = 2; i < count; i++) best = scores[i] > scores[best] ? i : best;
                rows[1] = rows[best];
                scores[1] = scores[best];
                count = 2;
                break;
        }

        if (count == 2)
        {
            scores[0] = Sigmoid(scores[1] - scores[0]);
            scores[1] = -scores[0];
            return 2;
        }

        var top = scores[0];
        for (var i = 1; i < count; i++) top = Math.Max(top, scores[i]);
        var sum = 0f;
        for (var i = 0; i < count; i++) sum += scores[i] = MathF.Exp(scores[i] - top);
        for (var i = 0; i < count; i++) scores[i] /= -sum;
        scores[0] += 1f;
        return count;
    }

    private static float Sigmoid(float value) => 1f / (1f + MathF.Exp(-value));

    /// <summary>Draws the wanted number of items; where they must be unobserved, fewer if they cannot be found.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Draw(in Block block, ref RandomStream random, int user, float** rows)
    {
        var count = 1;
        var rejections = 0;
        while (count <= block.Draws)
        {
            var item = block.Candidate(ref random);
            if (block.DrawsObserved || !block.WasSeen(user, item)) rows[count++] = block.Items + ((nint)item * block.Stride);
            else if (++rejections == MostRejections) break;
        }

        return count;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int RankWeighted<TLanes, TVector>(in Block block, ref RandomStream random, int user, float* x, float** rows, float* coefficients)
        where TLanes : ILanes<TVector>
        where TVector : struct
    {
        var bound = Vectors.Dot<TLanes, TVector>(x, rows[0], block.Stride) - Margin;
        for (var trial = 1; trial <= block.Draws; trial++)
        {
            var item = block.Candidate(ref random);
            if (block.WasSeen(user, item)) continue;
            rows[1] = block.Items + ((nint)item * block.Stride);
            if (Vectors.Dot<TLanes, TVector>(x, rows[1], block.Stride) <= bound) continue;
            var rank = Math.Max(1, (block.KnownItems - 1) / trial);
            coefficients[0] = MathF.Log(1f + rank) * block.RankScale;
            coefficients[1] = -coefficients[0];
            return 2;
        }

        return 1;
    }

    /// <summary><see cref="Step"/> for one drawn item, in one pass.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StepOnPair<TLanes, TVector>(in Block block, float* x, float* y, float* z, float up, float down)
        where TLanes : ILanes<TVector>
        where TVector : struct
    {
        var toY = TLanes.Broadcast(block.LearningRate * up);
        var toZ = TLanes.Broadcast(block.LearningRate * down);
        var keepUser = TLanes.Broadcast(1f - (block.LearningRate * block.UserRegularization));
        var keepItem = TLanes.Broadcast(1f - (block.LearningRate * block.ItemRegularization));
        var zero = TLanes.Broadcast(0);
        for (nint i = 0; i < block.Stride; i += TLanes.Count)
        {
            var user = TLanes.Load(x + i);
            var liked = TLanes.Load(y + i);
            var drawn = TLanes.Load(z + i);
            var moved = TLanes.MultiplyAdd(keepUser, user, TLanes.MultiplyAdd(toY, liked, TLanes.MultiplyAdd(toZ, drawn, zero)));
            TLanes.Store(y + i, TLanes.MultiplyAdd(keepItem, liked, TLanes.MultiplyAdd(toY, user, zero)));
            TLanes.Store(z + i, TLanes.MultiplyAdd(keepItem, drawn, TLanes.MultiplyAdd(toZ, user, zero)));
            TLanes.Store(x + i, moved);
        }

        if (block.BiasColumn >= 0) x[block.BiasColumn] = 1f;
    }

    /// <summary>x ← (1 − ηλ) x + η Σ cᵢ yᵢ, and each yᵢ ← (1 − ηλ) yᵢ + η cᵢ x with the old x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Step<TLanes, TVector>(in Block block, float* x, float** rows, float* coefficients, int count, float* gradient)
        where TLanes : ILanes<TVector>
        where TVector : struct
    {
        var zero = TLanes.Broadcast(0);
        for (nint j = 0; j < block.Stride; j += TLanes.Count) TLanes.Store(gradient + j, zero);
        ConjugateGradient.AddRows<TLanes, TVector>(rows, coefficients, count, gradient, block.Stride);
        var keepItem = TLanes.Broadcast(1f - (block.LearningRate * block.ItemRegularization));
        for (var i = 0; i < count; i++)
        {
            var y = rows[i];
            var toY = TLanes.Broadcast(block.LearningRate * coefficients[i]);
            for (nint j = 0; j < block.Stride; j += TLanes.Count)
                TLanes.Store(y + j, TLanes.MultiplyAdd(keepItem, TLanes.Load(y + j), TLanes.MultiplyAdd(toY, TLanes.Load(x + j), zero)));
        }

        var keepUser = TLanes.Broadcast(1f - (block.LearningRate * block.UserRegularization));
        var rate = TLanes.Broadcast(block.LearningRate);
        for (nint j = 0; j < block.Stride; j += TLanes.Count)
            TLanes.Store(x + j, TLanes.MultiplyAdd(keepUser, TLanes.Load(x + j), TLanes.MultiplyAdd(rate, TLanes.Load(gradient + j), zero)));
        if (block.BiasColumn >= 0) x[block.BiasColumn] = 1f;
    }

    /// <summary>Plain twin of <see cref="Run(in Block, RandomStream)"/> in double, which draws the same items.</summary>
    public static void RunReference(in Block block, RandomStream random)
    {
        for (var pair = 0; pair < block.Pairs; pair++)
        {
            var user = block.PairUsers[pair];
            var rows = new float*[block.Draws + 1];
            rows[0] = block.Items + ((nint)block.PairItems[pair] * block.Stride);
            var coefficients = new float[block.Draws + 1];
            int count;
            fixed (float** drawn = rows)
            fixed (float* scores = coefficients)
            {
                var x = block.Users + ((nint)user * block.Stride);
                if (block.Loss == SampledLoss.RankWeighted)
                {
                    count = RankWeighted<PortableLanes, Vector<float>>(block, ref random, user, x, drawn, scores);
                }
                else
                {
                    count = Draw(block, ref random, user, drawn);
                    for (var i = 0; i < count; i++) scores[i] = (float)Vectors.DotReference(new(x, block.Stride), new(rows[i], block.Stride));
                    if (count > 1) count = Weigh(block, pair, drawn, scores, count);
                }

                if (count < 2) continue;
                for (var j = 0; j < block.Stride; j++)
                {
                    var old = (double)x[j];
                    var moved = old * (1 - (block.LearningRate * block.UserRegularization));
                    for (var i = 0; i < count; i++) moved += block.LearningRate * scores[i] * (double)rows[i][j];
                    for (var i = 0; i < count; i++)
                        rows[i][j] = (float)((rows[i][j] * (1 - (block.LearningRate * block.ItemRegularization))) + (block.LearningRate * scores[i] * old));
                    x[j] = j == block.BiasColumn ? 1f : (float)moved;
                }
            }
        }
    }

    /// <summary>One block: its pairs, the items it may draw, and the settings that all blocks share.</summary>
    public struct Block
    {
        /// <summary>Factors of all users and items, at <see cref="Stride"/>.</summary>
        public float* Users;
        public float* Items;
        public int Stride;

        /// <summary>The column that holds the items' biases and the users' ones; −1 where there is none.</summary>
        public int BiasColumn;

        public int* PairUsers;
        public int* PairItems;

        /// <summary>Read by the logistic loss only.</summary>
        public float* PairWeights;
        public int Pairs;

        /// <summary>The block's items, each with a chance: it is taken with probability Accept, else its Alias is. Accept is null where all are alike.</summary>
        public int* Candidates;
        public float* Accept;
        public int* Alias;
        public int CandidateCount;

        /// <summary>The observed items of each user, ascending, in compressed rows.</summary>
        public long* SeenStarts;
        public int* Seen;

        public SampledLoss Loss;

        /// <summary>Items drawn per pair; for the rank-weighted loss, at most.</summary>
        public int Draws;

        /// <summary>Whether observed items may be drawn like the others; not for the rank-weighted loss.</summary>
        public bool DrawsObserved;

        /// <summary>For the rank-weighted loss: among how many items the pair ranks, and what its logarithm is multiplied by.</summary>
        public int KnownItems;
        public float RankScale;

        public float LearningRate;
        public float UserRegularization;
        public float ItemRegularization;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly int Candidate(ref RandomStream random)
        {
            var at = random.Below(this.CandidateCount);
            if (this.Accept is not null && random.Uniform() >= this.Accept[at]) at = this.Alias[at];
            return this.Candidates[at];
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly bool WasSeen(int user, int item)
        {
            var first = this.Seen + this.SeenStarts[user];
            var length = (int)(this.SeenStarts[user + 1] - this.SeenStarts[user]);
            while (length > 1)
            {
                var half = length >> 1;
                first += first[half] <= item ? half : 0;
                length -= half;
            }

            return *first == item;
        }
    }
}
