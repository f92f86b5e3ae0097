using Aisle.Learning.Data;
using Aisle.Learning.Kernels;

namespace Aisle.Learning.Models;

/// <summary>
/// A linear map from sparse features to factors: minimises Σ_i t_i |y_i − f_i W|² + λ |W|² over W. It is solved in its dual,
/// (S F Fᵀ S + λI) A = S Y with S = diag(√t) and W = FᵀS A, by conjugate gradient on all columns at once: rows are fewer than features.
/// </summary>
internal sealed class RidgeMap
{
    private const int Grain = 64;

    /// <summary>Residual over target at which a column is solved.</summary>
    private const double Tolerance = 1e-4;

    private readonly Interactions _features;
    private readonly Interactions _byFeature;
    private readonly float[] _roots;
    private readonly float _ridge;
    private readonly FactorMatrix _map;
    private readonly FitContext _context;

    private RidgeMap(Interactions features, float[] trust, double ridge, int dimensions, FitContext context)
    {
        this._features = features;
        this._byFeature = features.Transpose();
        this._roots = Array.ConvertAll(trust, MathF.Sqrt);
        this._ridge = (float)ridge;
        this._map = new FactorMatrix(features.Items, dimensions);
        this._context = context;
    }

    /// <summary>What the map says of every row, those of trust 0 among them.</summary>
    /// <param name="trust">t, one per row, ≥ 0.</param>
    public static FactorMatrix Predict(Interactions features, FactorMatrix targets, float[] trust, double ridge, int steps, FitContext context) =>
        new RidgeMap(features, trust, ridge, targets.Dimensions, context).Solve(targets, steps);

    private FactorMatrix Solve(FactorMatrix targets, int steps)
    {
        var residual = new FactorMatrix(targets.Rows, targets.Dimensions);
        for (var row = 0; row < targets.Rows; row++) Vectors.AddScaled(this._roots[row], targets.PaddedValues(row), residual.PaddedValues(row));
        var solution = new FactorMatrix(targets.Rows, targets.Dimensions);
        var direction = new FactorMatrix(targets.Rows, targets.Dimensions);
        residual.All.CopyTo(direction.All);
        var product = new FactorMatrix(targets.Rows, targets.Dimensions);
        var squares = Products(residual, residual);
        var start = (double[])squares.Clone();
        for (var step = 0; step < steps && squares.Where((square, column) => square > Tolerance * Tolerance * start[column]).Any(); step++)
        {
            this.Multiply(direction, this._roots, product);
            for (var row = 0; row < product.Rows; row++) Vectors.AddScaled(this._ridge, direction.PaddedValues(row), product.PaddedValues(row));
            var curvature = Products(direction, product);
            var stride = squares.Select((square, column) => curvature[column] > 0 ? (float)(square / curvature[column]) : 0f).ToArray();
            var next = Moved(solution, residual, direction, product, stride);
            var turn = next.Select((square, column) => squares[column] > 0 ? (float)(square / squares[column]) : 0f).ToArray();
            for (var row = 0; row < direction.Rows; row++)
            {
                var d = direction.Values(row);
                var r = residual.Values(row);
                for (var column = 0; column < d.Length; column++) d[column] = r[column] + (turn[column] * d[column]);
            }

            squares = next;
        }

        var everyone = new float[this._roots.Length];
        everyone.AsSpan().Fill(1f);
        this.Multiply(solution, everyone, product);
        return product;
    }

    /// <summary>result = diag(scale) · F Fᵀ diag(roots) · rows.</summary>
    private void Multiply(FactorMatrix rows, float[] scale, FactorMatrix result)
    {
        ParallelRows.Run(this._context.Threads, this._map.Rows, Grain, (_, first, end) =>
        {
            for (var feature = first; feature < end; feature++) Gather(this._byFeature, feature, rows, this._roots, this._map.PaddedValues(feature));
        }, this._context.Cancellation);
        ParallelRows.Run(this._context.Threads, result.Rows, Grain, (_, first, end) =>
        {
            for (var row = first; row < end; row++)
            {
                Gather(this._features, row, this._map, null, result.PaddedValues(row));
                foreach (ref var value in result.PaddedValues(row)) value *= scale[row];
            }
        }, this._context.Cancellation);
    }

    private static void Gather(Interactions sparse, int row, FactorMatrix source, float[]? scale, Span<float> sum)
    {
        sum.Clear();
        var columns = sparse.ItemsOf(row);
        var weights = sparse.WeightsOf(row);
        for (var i = 0; i < columns.Length; i++) Vectors.AddScaled(scale is null ? weights[i] : weights[i] * scale[columns[i]], source.PaddedValues(columns[i]), sum);
    }

    /// <summary>One step along each column's direction.</summary>
    /// <returns>The new squares of the residual's columns.</returns>
    private static double[] Moved(FactorMatrix solution, FactorMatrix residual, FactorMatrix direction, FactorMatrix product, float[] stride)
    {
        for (var row = 0; row < solution.Rows; row++)
        {
            var x = solution.Values(row);
            var r = residual.Values(row);
            var d = direction.Values(row);
            var q = product.Values(row);
            for (var column = 0; column < x.Length; column++)
            {
                x[column] += stride[column] * d[column];
                r[column] -= stride[column] * q[column];
            }
        }

        return Products(residual, residual);
    }

    /// <summary>Σ over rows of a·b, column by column.</summary>
    private static double[] Products(FactorMatrix a, FactorMatrix b)
    {
        var sums = new double[a.Dimensions];
        for (var row = 0; row < a.Rows; row++)
        {
            var x = a.Values(row);
            var y = b.Values(row);
            for (var column = 0; column < x.Length; column++) sums[column] += (double)x[column] * y[column];
        }

        return sums;
    }
}
