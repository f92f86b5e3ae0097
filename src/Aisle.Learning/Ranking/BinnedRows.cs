using Aisle.Learning.Kernels;

namespace Aisle.Learning.Ranking;

/// <summary>
/// The rows with each value as the number of its bin. Eight features stand side by side in a word, so that one load brings eight bins
/// of a row. Bin b of a feature holds the values above bound b − 1 and up to bound b; the last bin has no upper bound.
/// </summary>
internal sealed class BinnedRows
{
    public const int MaxBins = 254;
    public const int Missing = 255;

    /// <summary>Bins, counting the one of missing values, as a histogram has them.</summary>
    public const int Stride = 256;

    public const int GroupSize = 8;

    /// <summary>Rows that the bounds are chosen by, evenly spread: enough for 254 quantiles.</summary>
    private const int SampledRows = 100_000;

    private readonly ulong[][] _groups;
    private readonly float[][] _bounds;

    private BinnedRows(ulong[][] groups, float[][] bounds)
    {
        this._groups = groups;
        this._bounds = bounds;
    }

    public int Features => this._bounds.Length;

    public int Rows => this._groups[0].Length;

    public int Groups => this._groups.Length;

    public ReadOnlySpan<ulong> Group(int group) => this._groups[group];

    /// <summary>Bins of values of a feature.</summary>
    public int BinsOf(int feature) => this._bounds[feature].Length + 1;

    /// <summary>Values up to this one go left at a split after <paramref name="bin"/>; after the last bin only missing values go right.</summary>
    public float Threshold(int feature, int bin) => bin < this._bounds[feature].Length ? this._bounds[feature][bin] : float.PositiveInfinity;

    public int Bin(int feature, int row) => (byte)(this._groups[feature / GroupSize][row] >> (8 * (feature % GroupSize)));

    /// <summary>Chooses bounds: between all values where there are few enough, else so that the bins hold about as many rows each.</summary>
    public static BinnedRows Of(FeatureColumns columns, int bins, int threads, CancellationToken cancellation) =>
        Of(columns, values => Bounds(values, bins), threads, cancellation);

    /// <summary>Other rows in the bins of these.</summary>
    public BinnedRows Like(FeatureColumns columns, int threads, CancellationToken cancellation) => Of(columns, null, threads, cancellation, this._bounds);

    private static BinnedRows Of(FeatureColumns columns, Func<float[], float[]>? choose, int threads, CancellationToken cancellation, float[][]? known = null)
    {
        var groups = new ulong[(columns.Count + GroupSize - 1) / GroupSize][];
        var bounds = known ?? new float[columns.Count][];
        ParallelRows.Run(
            threads,
            groups.Length,
            1,
            (_, first, end) =>
            {
                var values = new float[columns.Rows];
                for (var group = first; group < end; group++)
                {
                    var words = groups[group] = new ulong[columns.Rows];
                    for (var f = group * GroupSize; f < Math.Min(columns.Count, (group + 1) * GroupSize); f++)
                    {
                        columns.Read(f, values);
                        if (choose is not null) bounds[f] = choose(values);
                        Fill(words, 8 * (f % GroupSize), values, bounds[f]);
                    }
                }
            },
            cancellation);
        return new BinnedRows(groups, bounds);
    }

    private static void Fill(ulong[] words, int shift, float[] values, float[] bounds)
    {
        for (var row = 0; row < words.Length; row++)
        {
            var bin = float.IsNaN(values[row]) ? Missing : BinOf(values[row], bounds);
            words[row] |= (ulong)bin << shift;
        }
    }

    /// <summary>The number of bounds below the value.</summary>
    private static int BinOf(float value, float[] bounds)
    {
        int low = 0, high = bounds.Length;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (value > bounds[middle]) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    private static float[] Bounds(float[] values, int bins)
    {
        var step = Math.Max(1, values.Length / SampledRows);
        var sample = new List<float>(Math.Min(values.Length, 2 * SampledRows));
        for (var row = 0; row < values.Length; row += step)
        {
            if (!float.IsNaN(values[row])) sample.Add(values[row]);
        }

        sample.Sort();
        var distinct = sample.Distinct().Take(bins + 1).ToArray();
        if (distinct.Length <= bins) return [.. distinct.Zip(distinct.Skip(1), Between)];
        var bounds = new List<float>();

        // A value with many rows fills a bin alone; the rows that are left are shared out among the bins that are left.
        var taken = 0;
        for (var bin = 0; bin < bins - 1 && taken < sample.Count; bin++)
        {
            var last = taken + Math.Max(1, (sample.Count - taken) / (bins - bin)) - 1;
            while (last + 1 < sample.Count && sample[last + 1] == sample[last]) last++;
            if (last + 1 >= sample.Count) break;
            bounds.Add(Between(sample[last], sample[last + 1]));
            taken = last + 1;
        }

        return [.. bounds];
    }

    /// <summary>A bound with lower ≤ bound &lt; higher, in the middle where there is one.</summary>
    private static float Between(float lower, float higher)
    {
        var middle = (float)(((double)lower + higher) / 2);
        return middle >= lower && middle < higher ? middle : lower;
    }
}

/// <summary>The features of rows as columns of numbers, categories encoded.</summary>
internal sealed class FeatureColumns(RankingExamples examples, float[]?[] encoded)
{
    public int Count => examples.Schema.Count;

    public int Rows => examples.Rows;

    /// <summary>Training rows: categories are encoded without the part that a row stands in.</summary>
    /// <param name="tables">Receives by feature what other rows are encoded by; null for numbers.</param>
    public static FeatureColumns OfTraining(RankingExamples examples, double smoothing, out float[]?[] tables)
    {
        var encoded = new float[]?[examples.Schema.Count];
        tables = new float[]?[examples.Schema.Count];
        for (var f = 0; f < encoded.Length; f++)
        {
            if (examples.Schema.Features[f].Kind == FeatureKind.Category) tables[f] = CategoryStatistics.Fit(examples, f, smoothing, encoded[f] = new float[examples.Rows]);
        }

        return new FeatureColumns(examples, encoded);
    }

    public static FeatureColumns OfOthers(RankingExamples examples, float[]?[] tables)
    {
        var encoded = new float[]?[tables.Length];
        var raw = new FeatureColumns(examples, encoded);
        for (var f = 0; f < tables.Length; f++)
        {
            if (tables[f] is not { } table) continue;
            var values = new float[examples.Rows];
            raw.Read(f, values);
            encoded[f] = Array.ConvertAll(values, value => CategoryStatistics.Encode(value, table));
        }

        return raw;
    }

    public void Read(int feature, Span<float> values)
    {
        if (encoded[feature] is { } column)
        {
            column.CopyTo(values);
            return;
        }

        var features = examples.Features;
        for (var row = 0; row < values.Length; row++) values[row] = features[(row * this.Count) + feature];
    }
}
