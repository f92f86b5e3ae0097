using System.Numerics;
using Aisle.Learning.Kernels;

namespace Aisle.Learning.Index;

/// <summary>A vector in the form in which a <see cref="VectorTable"/> compares it.</summary>
internal sealed class QueryVector
{
    public AlignedRows<float> Values { get; private set; } = new(0);

    public AlignedRows<short> Codes { get; private set; } = new(0);

    /// <summary>Of the codes.</summary>
    public float Step { get; set; }

    /// <summary>‖q‖², where distances are made of products.</summary>
    public float SquaredLength { get; set; }

    /// <summary>‖q‖, where scores are products.</summary>
    public float Length { get; set; }

    public void Fit(int floats, int codes)
    {
        if (this.Values.Stride == floats && this.Codes.Stride == codes) return;
        this.Values = new AlignedRows<float>(floats);
        this.Values.Grow(1);
        this.Codes = new AlignedRows<short>(codes);
        this.Codes.Grow(1);
    }
}

/// <summary>
/// The vectors of an index in slots, as floats, as bytes, or both; which item is in which slot; scores of a query with listed slots. One writer,
/// or any number of readers.
/// </summary>
internal sealed unsafe class VectorTable
{
    /// <summary>Sums of squares stay below the largest float, also of a difference.</summary>
    private const double LargestSquare = float.MaxValue / 8;

    /// <summary>Scores are rounded, and the query's codes too: by less than this part.</summary>
    private const double LengthRounding = 1e-3;

    private readonly VectorMeasure _measure;
    private readonly AlignedRows<float>? _floats;
    private readonly AlignedRows<sbyte>? _codes;
    private readonly int _floatStride;
    private readonly int _codeStride;
    private readonly Dictionary<int, int> _slots = [];
    private float[] _steps = [];
    private float[] _squaredLengths = [];

    /// <summary>Of each block of slots, what no vector in it is longer than, nor was; where scores are products.</summary>
    private float[] _lengths = [];
    private int[] _items = [];

    public VectorTable(VectorMeasure measure, int dimensions, bool keepsFloats, bool keepsCodes)
    {
        this._measure = measure;
        this.Dimensions = dimensions;
        this._floatStride = InstructionSets.Padded(dimensions);
        this._codeStride = CodedRows.Padded(dimensions);
        if (keepsFloats) this._floats = new AlignedRows<float>(this._floatStride);
        if (keepsCodes) this._codes = new AlignedRows<sbyte>(this._codeStride);
    }

    public int Dimensions { get; }

    /// <summary>Slots that there is room for.</summary>
    public int Room => this._items.Length;

    /// <summary>Items that are in a slot.</summary>
    public int Count => this._slots.Count;

    public bool HasFloats => this._floats is not null;

    /// <summary>The item in a slot, or −1.</summary>
    public int ItemOf(int slot) => this._items[slot];

    public ReadOnlySpan<int> Items(int slots) => this._items.AsSpan(0, slots);

    public bool TryFind(int item, out int slot) => this._slots.TryGetValue(item, out slot);

    public void Grow(int slots)
    {
        var before = this._items.Length;
        if (slots <= before) return;
        this._floats?.Grow(slots);
        this._codes?.Grow(slots);
        if (this._codes is not null) Array.Resize(ref this._steps, slots);
        if (this._codes is not null && this._measure == VectorMeasure.SquaredEuclidean) Array.Resize(ref this._squaredLengths, slots);
        if (this._measure == VectorMeasure.InnerProduct) Array.Resize(ref this._lengths, (slots / SearchScratch.Block) + 1);
        Array.Resize(ref this._items, slots);
        this._items.AsSpan(before).Fill(-1);
    }

    /// <summary>Puts a checked vector into a slot that holds no item.</summary>
    public void Put(int slot, int item, ReadOnlySpan<float> vector, QueryVector scratch)
    {
        scratch.Fit(this._floatStride, this._codeStride);
        this.Normalise(vector, scratch.Values[0]);
        this.PutRow(slot, item, scratch.Values[0]);
    }

    /// <summary>As <see cref="Put"/>, with numbers that a table has held before.</summary>
    /// <param name="row">At least as long as there are dimensions; what is beyond is 0.</param>
    public void PutRow(int slot, int item, ReadOnlySpan<float> row)
    {
        row = row[..this.Dimensions];
        if (this._floats is not null)
        {
            row.CopyTo(this._floats[slot]);
            this._floats[slot][this.Dimensions..].Clear();
        }

        if (this._codes is not null) this.PutCodes(slot, CodedRows.Encode(row, this._codes[slot]));
        if (this._floats is not null && this._measure == VectorMeasure.InnerProduct) this.Measure(slot, Math.Sqrt(Vectors.DotReference(row, row)));
        this.Name(slot, item);
    }

    /// <summary>As <see cref="PutRow"/> for a table of codes alone.</summary>
    public void PutCodes(int slot, int item, ReadOnlySpan<sbyte> codes, float step)
    {
        codes.CopyTo(this._codes![slot]);
        this._codes[slot][codes.Length..].Clear();
        this.PutCodes(slot, step);
        this.Name(slot, item);
    }

    public ReadOnlySpan<float> Row(int slot) => this._floats![slot][..this.Dimensions];

    public ReadOnlySpan<sbyte> Codes(int slot) => this._codes![slot][..this.Dimensions];

    public float Step(int slot) => this._steps[slot];

    /// <summary>What was put, with length 1 under the cosine and as the codes say it where there are only codes.</summary>
    public void Read(int slot, Span<float> vector)
    {
        if (this._floats is not null) this.Row(slot).CopyTo(vector);
        else
            for (var i = 0; i < this.Dimensions; i++) vector[i] = this._codes![slot][i] * this._steps[slot];
    }

    /// <summary>The item is forgotten; the vector stays until the slot is used again.</summary>
    public void Forget(int slot)
    {
        this._slots.Remove(this._items[slot]);
        this._items[slot] = -1;
    }

    /// <summary>Moves vector and item into a slot that holds no item.</summary>
    public void Move(int from, int to)
    {
        var item = this._items[from];
        this.Forget(from);
        if (this._floats is not null) this._floats[from].CopyTo(this._floats[to]);
        if (this._codes is not null)
        {
            this._codes[from].CopyTo(this._codes[to]);
            this._steps[to] = this._steps[from];
            if (this._squaredLengths.Length > 0) this._squaredLengths[to] = this._squaredLengths[from];
        }

        // Nobody keeps the vector's own length: it is no longer than the longest of the block that it comes from.
        if (this._lengths.Length > 0) this._lengths[to / SearchScratch.Block] = Math.Max(this._lengths[to / SearchScratch.Block], this._lengths[from / SearchScratch.Block]);
        this.Name(to, item);
    }

    public void Prepare(ReadOnlySpan<float> vector, QueryVector query)
    {
        query.Fit(this._floatStride, this._codeStride);
        this.Normalise(vector, query.Values[0]);
        query.Length = (float)Math.Sqrt(Vectors.DotReference(vector, vector));
        this.PrepareCodes(query);
    }

    /// <summary>The vector of a slot as a query.</summary>
    public void PrepareRow(int slot, QueryVector query)
    {
        query.Fit(this._floatStride, this._codeStride);
        this._floats![slot].CopyTo(query.Values[0]);
        query.Length = (float)Math.Sqrt(Vectors.DotReference(query.Values[0], query.Values[0]));
        this.PrepareCodes(query);
    }

    /// <summary>By codes where there are codes.</summary>
    public void Score(QueryVector query, int* slots, int count, float* scores)
    {
        if (this._codes is null)
        {
            this.ScoreExactly(query, slots, count, scores);
            return;
        }

        var products = (int*)scores;
        CodedRows.Products(query.Codes.Pointer, this._codes.Pointer, this._codeStride, slots, count, products);
        fixed (float* steps = this._steps, lengths = this._squaredLengths)
        {
            if (this._measure == VectorMeasure.SquaredEuclidean)
                for (var i = 0; i < count; i++) scores[i] = (2 * query.Step * steps[slots[i]] * products[i]) - lengths[slots[i]] - query.SquaredLength;
            else if (slots[count - 1] - slots[0] == count - 1 && AreInOrder(slots, count))
                ScaleRange(query.Step, steps + slots[0], products, count, scores);
            else
                for (var i = 0; i < count; i++) scores[i] = query.Step * steps[slots[i]] * products[i];
        }
    }

    private static bool AreInOrder(int* slots, int count)
    {
        var i = 0;
        for (var next = Vector<int>.Indices + new Vector<int>(slots[0]); i <= count - Vector<int>.Count; i += Vector<int>.Count, next += new Vector<int>(Vector<int>.Count))
            if (*(Vector<int>*)(slots + i) != next) return false;
        for (; i < count; i++)
            if (slots[i] != slots[0] + i) return false;
        return true;
    }

    /// <summary>Products and scores lie in the same place.</summary>
    private static void ScaleRange(float step, float* steps, int* products, int count, float* scores)
    {
        var i = 0;
        for (; i <= count - Vector<float>.Count; i += Vector<float>.Count)
            *(Vector<float>*)(scores + i) = new Vector<float>(step) * *(Vector<float>*)(steps + i) * Vector.ConvertToSingle(*(Vector<int>*)(products + i));
        for (; i < count; i++) scores[i] = step * steps[i] * products[i];
    }

    public void ScoreExactly(QueryVector query, int* slots, int count, float* scores) => this.ScoreExactly(query.Values.Pointer, slots, count, scores);

    /// <summary>The vector of a slot against those of others.</summary>
    public void ScoreExactly(int slot, int* slots, int count, float* scores) =>
        this.ScoreExactly(this._floats!.Pointer + ((nint)slot * this._floatStride), slots, count, scores);

    /// <summary>Asks for what <see cref="Score"/> will read, so that it is on its way when the time comes.</summary>
    public void Prefetch(int slot)
    {
        if (!System.Runtime.Intrinsics.X86.Sse.IsSupported) return;
        if (this._codes is not null)
        {
            Lines((byte*)(this._codes.Pointer + ((nint)slot * this._codeStride)), this._codeStride);
            fixed (float* steps = this._steps) System.Runtime.Intrinsics.X86.Sse.Prefetch0(steps + slot);
            return;
        }

        Lines((byte*)(this._floats!.Pointer + ((nint)slot * this._floatStride)), this._floatStride * sizeof(float));
    }

    /// <summary>Whether a vector of the block that begins at a slot may score as much: |q · x| ≤ ‖q‖ ‖x‖ (Cauchy, Schwarz).</summary>
    public bool MayReach(QueryVector query, int slot, float score) =>
        this._lengths.Length == 0 || query.Length * this._lengths[slot / SearchScratch.Block] >= score;

    private static void Lines(byte* start, int bytes)
    {
        for (var i = 0; i < bytes; i += 64) System.Runtime.Intrinsics.X86.Sse.Prefetch0(start + i);
    }

    /// <param name="name">Of the vector, for the message.</param>
    public static void Check(string name, ReadOnlySpan<float> vector, int dimensions)
    {
        if (vector.Length != dimensions) throw new ArgumentException($"{name} has {vector.Length} dimensions; the index has {dimensions}.");
        var square = 0.0;
        foreach (var value in vector) square += (double)value * value;
        if (square <= LargestSquare) return;
        for (var i = 0; i < vector.Length; i++)
            if (!float.IsFinite(vector[i])) throw new ArgumentException($"{name} has {vector[i]} as number {i}; give finite numbers.");
        throw new ArgumentException($"{name} has a squared length of {square:g3}; at most {LargestSquare:g3} is allowed. Scale all vectors down.");
    }

    private void ScoreExactly(float* vector, int* slots, int count, float* scores)
    {
        var rows = this._floats!.Pointer;
        if (this._measure == VectorMeasure.SquaredEuclidean) ListedRows.NegatedDistances(vector, rows, this._floatStride, slots, count, scores);
        else ListedRows.Products(vector, rows, this._floatStride, slots, count, scores);
    }

    private void Normalise(ReadOnlySpan<float> vector, Span<float> row)
    {
        row[vector.Length..].Clear();
        var square = 0.0;
        if (this._measure == VectorMeasure.Cosine)
            foreach (var value in vector) square += (double)value * value;

        // A row of zeros stays what it is.
        var scale = square > 0 ? 1 / Math.Sqrt(square) : 1;
        for (var i = 0; i < vector.Length; i++) row[i] = (float)(vector[i] * scale);
    }

    private void PrepareCodes(QueryVector query)
    {
        if (this._codes is null) return;
        var values = query.Values[0][..this.Dimensions];
        query.Step = CodedRows.EncodeQuery(values, query.Codes[0]);
        query.SquaredLength = this._measure == VectorMeasure.SquaredEuclidean ? (float)Vectors.DotReference(values, values) : 0;
    }

    private void PutCodes(int slot, float step)
    {
        this._steps[slot] = step;
        if (this._measure == VectorMeasure.Cosine || (this._measure == VectorMeasure.InnerProduct && this.HasFloats)) return;
        var square = 0L;
        foreach (var code in this._codes![slot]) square += code * code;
        if (this._measure == VectorMeasure.SquaredEuclidean) this._squaredLengths[slot] = (float)((double)step * step * square);
        else this.Measure(slot, step * Math.Sqrt(square));
    }

    private void Measure(int slot, double length)
    {
        ref var longest = ref this._lengths[slot / SearchScratch.Block];
        longest = Math.Max(longest, (float)(length * (1 + LengthRounding)));
    }

    private void Name(int slot, int item)
    {
        this._items[slot] = item;
        if (item >= 0) this._slots.Add(item, slot);
    }
}
