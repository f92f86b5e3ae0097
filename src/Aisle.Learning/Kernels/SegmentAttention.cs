using System.Runtime.CompilerServices;

namespace Aisle.Learning.Kernels;

/// <summary>The shape of an attention over several sequences that lie one after another, without padding between them.</summary>
/// <param name="Starts">Sequence s is rows Starts[s] … Starts[s + 1) of the queries, keys and values.</param>
/// <param name="Heads">Divides the width.</param>
/// <param name="Width">Columns of queries, keys and values each; a row of the input holds all three, in this order.</param>
/// <param name="IsCausal">Whether a place sees only itself and what is before it.</param>
/// <param name="DropRate">Of the attention weights.</param>
/// <param name="Key">Of the noise that drops them.</param>
internal sealed record AttentionShape(int[] Starts, int Heads, int Width, bool IsCausal, float DropRate = 0, uint Key = 0)
{
    public int Rows => this.Starts[^1];

    public int HeadWidth => this.Width / this.Heads;

    /// <summary>Where the weights of each sequence start; those of one sequence are heads × length × <see cref="Stride"/>.</summary>
    public int[] WeightStarts { get; } = WeightStartsOf(Starts, Heads);

    public static int Stride(int length) => (length + Tile.Columns - 1) / Tile.Columns * Tile.Columns;

    /// <summary>Place of the first attention weight among those of the whole batch, by which the noise is drawn.</summary>
    public uint FirstPlace { get; init; }

    /// <summary>How many weights the sequences of the given lengths have; modulo 2³², as places are.</summary>
    public static uint PlacesOf(IEnumerable<int> lengths, int heads) =>
        unchecked((uint)lengths.Sum(length => (long)heads * length * Stride(length)));

    private static int[] WeightStartsOf(int[] starts, int heads)
    {
        var offsets = new int[starts.Length];
        for (var s = 0; s + 1 < starts.Length; s++)
        {
            var length = starts[s + 1] - starts[s];
            offsets[s + 1] = checked(offsets[s] + (heads * length * Stride(length)));
        }

        return offsets;
    }
}

/// <summary>
/// Scaled dot-product attention, softmax(QKᵀ / √d + bias) · V, within each sequence and head (Vaswani et al. 2017). Sequences and heads are
/// shared out among threads; nothing is spent on padding.
/// </summary>
internal static unsafe class SegmentAttention
{
    /// <param name="inputs">Rows × 3 · width: queries, keys and values side by side.</param>
    /// <param name="bias">Heads × places: added to the score of a key that lies so many places back (the last stands for all beyond); for later keys the same distance counts. Empty for none.</param>
    /// <param name="weights">Receives the attention weights before dropout, for the backward pass.</param>
    /// <param name="outputs">Rows × width; overwritten.</param>
    public static void Apply(AttentionShape shape, ReadOnlySpan<float> inputs, ReadOnlySpan<float> bias, Span<float> weights, Span<float> outputs, int threads)
    {
        fixed (float* input = inputs, biases = bias, weight = weights, output = outputs)
        {
            nint inputAt = (nint)input, biasAt = (nint)biases, weightAt = (nint)weight, outputAt = (nint)output;
            var places = bias.Length / shape.Heads;
            ParallelRows.Run(
                threads,
                (shape.Starts.Length - 1) * shape.Heads,
                grain: 4,
                (_, first, end) =>
                {
                    for (var pair = first; pair < end; pair++)
                        ApplyHead(shape, pair / shape.Heads, pair % shape.Heads, (float*)inputAt, (float*)biasAt, places, (float*)weightAt, (float*)outputAt);
                },
                CancellationToken.None);
        }
    }

    /// <summary>dinputs += what doutputs say of queries, keys and values.</summary>
    /// <param name="dbias">Sequences × heads × places: what each sequence says of the bias; overwritten. Empty for none.</param>
    public static void PassBack(AttentionShape shape, ReadOnlySpan<float> inputs, ReadOnlySpan<float> weights, ReadOnlySpan<float> doutputs, Span<float> dinputs, Span<float> dbias, int threads)
    {
        fixed (float* input = inputs, weight = weights, above = doutputs, target = dinputs, biases = dbias)
        {
            nint inputAt = (nint)input, weightAt = (nint)weight, aboveAt = (nint)above, targetAt = (nint)target, biasAt = (nint)biases;
            var sequences = shape.Starts.Length - 1;
            var places = dbias.Length / Math.Max(1, sequences * shape.Heads);
            ParallelRows.Run(
                threads,
                sequences * shape.Heads,
                grain: 4,
                (_, first, end) =>
                {
                    for (var pair = first; pair < end; pair++)
                        PassBackHead(shape, pair / shape.Heads, pair % shape.Heads, (float*)inputAt, (float*)weightAt, (float*)aboveAt, (float*)targetAt, (float*)biasAt + ((nint)pair * places), places);
                },
                CancellationToken.None);
        }
    }

    /// <summary>Plain twin of <see cref="Apply"/>, in double.</summary>
    public static void ApplyReference(AttentionShape shape, ReadOnlySpan<float> inputs, ReadOnlySpan<float> bias, Span<float> outputs)
    {
        var (width, depth) = (shape.Width, shape.HeadWidth);
        for (var s = 0; s + 1 < shape.Starts.Length; s++)
        {
            int start = shape.Starts[s], length = shape.Starts[s + 1] - start, stride = AttentionShape.Stride(length);
            for (var head = 0; head < shape.Heads; head++)
            {
                for (var i = 0; i < length; i++)
                {
                    var keys = shape.IsCausal ? i + 1 : length;
                    var scores = new double[keys];
                    for (var j = 0; j < keys; j++)
                    {
                        for (var k = 0; k < depth; k++)
                            scores[j] += (double)inputs[((start + i) * 3 * width) + (head * depth) + k] * inputs[((start + j) * 3 * width) + width + (head * depth) + k];
                        scores[j] /= Math.Sqrt(depth);
                        var places = bias.Length / shape.Heads;
                        if (places > 0) scores[j] += bias[(head * places) + Math.Min(places - 1, Math.Abs(i - j))];
                    }

                    var largest = scores.Max();
                    var sum = scores.Sum(score => Math.Exp(score - largest));
                    for (var k = 0; k < depth; k++)
                    {
                        var value = 0.0;
                        for (var j = 0; j < keys; j++)
                        {
                            var weight = Math.Exp(scores[j] - largest) / sum;
                            var place = shape.FirstPlace + (uint)(shape.WeightStarts[s] + (((head * length) + i) * stride) + j);
                            if (shape.DropRate > 0) weight *= CounterNoise.At(place, shape.Key) >= shape.DropRate ? 1 / (1 - (double)shape.DropRate) : 0;
                            value += weight * inputs[((start + j) * 3 * width) + (2 * width) + (head * depth) + k];
                        }

                        outputs[((start + i) * width) + (head * depth) + k] = (float)value;
                    }
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ApplyHead(AttentionShape shape, int sequence, int head, float* inputs, float* bias, int places, float* weights, float* outputs)
    {
        int start = shape.Starts[sequence], length = shape.Starts[sequence + 1] - start, width = shape.Width, depth = shape.HeadWidth;
        if (length == 0) return;
        int stride = AttentionShape.Stride(length), inputStride = 3 * width;
        var depthStride = AttentionShape.Stride(depth);
        var queries = inputs + ((nint)start * inputStride) + (head * depth);
        var offset = shape.WeightStarts[sequence] + (head * length * stride);
        var own = weights + offset;
        using var scratch = new ScratchFloats(((long)depth * stride) + ((long)length * depthStride) + ((long)Tile.Rows * stride));
        var keys = scratch.Pointer;
        var values = keys + ((nint)depth * stride);
        var dropped = values + ((nint)length * depthStride);
        PackedRight.Pack(queries + width, keys, depth, length, inputStride, isTransposed: true);
        PackedRight.Pack(queries + (2 * width), values, length, depth, inputStride, isTransposed: false);
        var scale = 1f / MathF.Sqrt(depth);
        for (var row = 0; row < length; row += Tile.Rows)
        {
            var height = Math.Min(Tile.Rows, length - row);
            var seen = shape.IsCausal ? Math.Min(length, row + height) : length;
            var block = own + ((nint)row * stride);
            for (var column = 0; column < seen; column += Tile.Columns)
                Product(depth, queries + ((nint)row * inputStride), inputStride, keys + ((nint)column * depth), block + column, stride, height, Tile.Columns);
            for (var i = 0; i < height; i++)
            {
                var weight = block + ((nint)i * stride);
                var count = shape.IsCausal ? row + i + 1 : length;
                if (places > 0) AddBias(weight, count, row + i, bias + ((nint)head * places), places, 1f / scale);
                SoftmaxRow.Apply(weight, count, scale);
                new Span<float>(weight + count, stride - count).Clear();
            }

            var used = block;
            if (shape.DropRate > 0)
            {
                Dropping.Apply(new ReadOnlySpan<float>(block, height * stride), new Span<float>(dropped, height * stride), shape.DropRate, shape.FirstPlace + (uint)(offset + (row * stride)), shape.Key, accumulate: false);
                used = dropped;
            }

            var target = outputs + ((nint)(start + row) * width) + (head * depth);
            for (var column = 0; column < depth; column += Tile.Columns)
                Product(seen, used, stride, values + ((nint)column * length), target + column, width, height, Math.Min(Tile.Columns, depth - column));
        }
    }

    // With P the weights, M the dropout mask, S = QKᵀ/√d: dV = (P∘M)ᵀ dO; dP = (dO Vᵀ)∘M; dS = P∘(dP − Σⱼ P dP); dQ = dS K/√d; dK = dSᵀ Q/√d.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PassBackHead(AttentionShape shape, int sequence, int head, float* inputs, float* weights, float* above, float* dinputs, float* dbias, int places)
    {
        if (places > 0) new Span<float>(dbias, places).Clear();
        int start = shape.Starts[sequence], length = shape.Starts[sequence + 1] - start, width = shape.Width, depth = shape.HeadWidth;
        if (length == 0) return;
        int stride = AttentionShape.Stride(length), inputStride = 3 * width, depthStride = AttentionShape.Stride(depth);
        var padded = (length + Tile.Rows - 1) / Tile.Rows * Tile.Rows;
        var queries = inputs + ((nint)start * inputStride) + (head * depth);
        var offset = shape.WeightStarts[sequence] + (head * length * stride);
        var own = weights + offset;
        var outputs = above + ((nint)start * width) + (head * depth);
        var target = dinputs + ((nint)start * inputStride) + (head * depth);

        using var scratch = new ScratchFloats((3L * length * depthStride) + ((long)depth * stride) + (2L * padded * stride) + ((long)stride * depthStride));
        var packedQueries = scratch.Pointer;
        var packedKeys = packedQueries + ((nint)length * depthStride);
        var packedAbove = packedKeys + ((nint)length * depthStride);
        var values = packedAbove + ((nint)length * depthStride);
        var dropped = values + ((nint)depth * stride);
        var slopes = dropped + ((nint)padded * stride);
        PackedRight.Pack(queries, packedQueries, length, depth, inputStride, isTransposed: false);
        PackedRight.Pack(queries + width, packedKeys, length, depth, inputStride, isTransposed: false);
        PackedRight.Pack(outputs, packedAbove, length, depth, width, isTransposed: false);
        PackedRight.Pack(queries + (2 * width), values, depth, length, inputStride, isTransposed: true);

        var scale = 1f / MathF.Sqrt(depth);
        var used = own;
        if (shape.DropRate > 0)
        {
            Dropping.Apply(new ReadOnlySpan<float>(own, length * stride), new Span<float>(dropped, length * stride), shape.DropRate, shape.FirstPlace + (uint)offset, shape.Key, accumulate: false);
            used = dropped;
        }

        for (var row = 0; row < length; row += Tile.Rows)
        {
            var height = Math.Min(Tile.Rows, length - row);
            var seen = shape.IsCausal ? Math.Min(length, row + height) : length;
            var block = slopes + ((nint)row * stride);
            for (var column = 0; column < seen; column += Tile.Columns)
                Product(depth, outputs + ((nint)row * width), width, values + ((nint)column * depth), block + column, stride, height, Tile.Columns);
            for (var i = 0; i < height; i++)
            {
                var slope = block + ((nint)i * stride);
                var weight = own + ((nint)(row + i) * stride);
                var count = shape.IsCausal ? row + i + 1 : length;
                if (shape.DropRate > 0)
                {
                    var place = shape.FirstPlace + (uint)(offset + ((row + i) * stride));
                    Dropping.Apply(new ReadOnlySpan<float>(slope, count), new Span<float>(slope, count), shape.DropRate, place, shape.Key, accumulate: false);
                }

                var pull = Vectors.Dot(new ReadOnlySpan<float>(slope, count), new ReadOnlySpan<float>(weight, count));
                for (var j = 0; j < count; j++) slope[j] = weight[j] * (slope[j] - pull);
                if (places > 0)
                {
                    for (var j = 0; j < count; j++) dbias[Math.Min(places - 1, Math.Abs(row + i - j))] += slope[j];
                }

                for (var j = 0; j < count; j++) slope[j] *= scale;
                new Span<float>(slope + count, stride - count).Clear();
            }

            for (var column = 0; column < depth; column += Tile.Columns)
                ProductAdd(seen, block, stride, packedKeys + ((nint)column * length), target + ((nint)row * inputStride) + column, inputStride, height, Math.Min(Tile.Columns, depth - column));
        }

        // Keys and values gather from the places that saw them: in a causal attention those from themselves on.
        for (var key = 0; key < length; key += Tile.Rows)
        {
            var height = Math.Min(Tile.Rows, length - key);
            var from = shape.IsCausal ? key : 0;
            for (var column = 0; column < depth; column += Tile.Columns)
            {
                var panel = ((nint)column * length) + ((nint)from * Tile.Columns);
                var columns = Math.Min(Tile.Columns, depth - column);
                TransposedAdd(length - from, slopes + ((nint)from * stride) + key, stride, packedQueries + panel, target + ((nint)key * inputStride) + width + column, inputStride, height, columns);
                TransposedAdd(length - from, used + ((nint)from * stride) + key, stride, packedAbove + panel, target + ((nint)key * inputStride) + (2 * width) + column, inputStride, height, columns);
            }
        }
    }

    private static void AddBias(float* scores, int count, int place, float* bias, int places, float factor)
    {
        for (var j = 0; j < count; j++) scores[j] += factor * bias[Math.Min(places - 1, Math.Abs(place - j))];
    }

    private static void Product(int depth, float* a, nint aStride, float* panel, float* c, nint cStep, int rows, int columns)
    {
        if (rows == Tile.Rows && columns == Tile.Columns) RowTile.Multiply(depth, a, aStride, panel, Tile.Columns, c, cStep, accumulate: false);
        else RowTile.MultiplyEdge(depth, a, aStride, panel, Tile.Columns, c, cStep, rows, columns, accumulate: false);
    }

    private static void ProductAdd(int depth, float* a, nint aStride, float* panel, float* c, nint cStep, int rows, int columns)
    {
        if (rows == Tile.Rows && columns == Tile.Columns) RowTile.Multiply(depth, a, aStride, panel, Tile.Columns, c, cStep, accumulate: true);
        else RowTile.MultiplyEdge(depth, a, aStride, panel, Tile.Columns, c, cStep, rows, columns, accumulate: true);
    }

    /// <summary>The rows of A are padded to 32, so that eight of its columns can always be read.</summary>
    private static void TransposedAdd(int depth, float* a, nint aStep, float* panel, float* c, nint cStep, int rows, int columns)
    {
        if (rows == Tile.Rows && columns == Tile.Columns)
        {
            Tile.Multiply(depth, a, aStep, panel, Tile.Columns, c, cStep, accumulate: true);
            return;
        }

        var edge = stackalloc float[Tile.Rows * Tile.Columns];
        Tile.Multiply(depth, a, aStep, panel, Tile.Columns, edge, Tile.Columns, accumulate: false);
        for (var i = 0; i < rows; i++)
        {
            for (var j = 0; j < columns; j++) c[(i * cStep) + j] += edge[(i * Tile.Columns) + j];
        }
    }
}
