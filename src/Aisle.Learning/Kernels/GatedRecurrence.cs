using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Aisle.Learning.Kernels;

/// <summary>
/// Gated recurrent units over sequences in the order of time: with the step's inputs a = (aᵣ, a_z, aₙ) and the products p = h·U of the state before,
/// r = σ(aᵣ + pᵣ), z = σ(a_z + p_z), c = pₙ + b, n = tanh(aₙ + r∘c), h′ = (1 − z)∘n + z∘h. Each thread takes some sequences through all steps.
/// </summary>
/// <remarks>Cho et al.: Learning phrase representations using RNN encoder-decoder (EMNLP 2014), with the reset gate behind the product.</remarks>
internal static unsafe class GatedRecurrence
{
    /// <summary>Sequences that a thread takes at a time: enough rows for a product, few enough for several threads.</summary>
    private const int Block = 64;

    /// <param name="width">Numbers of a state; a row of inputs has three times as many.</param>
    /// <param name="weight">U, width × 3 · width.</param>
    /// <param name="bias">b, of the candidate's product.</param>
    /// <param name="gates">Receives r, z and n of each row, for the backward pass.</param>
    /// <param name="candidates">Receives c of each row, for the backward pass.</param>
    /// <param name="states">Receives h′ of each row.</param>
    public static void Apply(TimeOrder order, int width, ReadOnlySpan<float> inputs, ReadOnlySpan<float> weight, ReadOnlySpan<float> bias, Span<float> gates, Span<float> candidates, Span<float> states, int threads)
    {
        Check(order, width, inputs.Length, weight.Length, states.Length);
        using var packed = PackedRight.Of(weight, width, 3 * width, isTransposed: false);
        var panels = (nint)packed.Panels;
        fixed (float* input = inputs, shift = bias, gate = gates, candidate = candidates, state = states)
        {
            nint inputAt = (nint)input, shiftAt = (nint)shift, gateAt = (nint)gate, candidateAt = (nint)candidate, stateAt = (nint)state;
            ParallelRows.Run(
                threads,
                order.Count == 0 ? 0 : order.Steps[1],
                Block,
                (_, first, end) => ApplyBlock(order, width, first, end, (float*)inputAt, (float*)panels, (float*)shiftAt, (float*)gateAt, (float*)candidateAt, (float*)stateAt),
                CancellationToken.None);
        }
    }

    /// <summary>What the states' slopes say of the inputs and of the products h·U.</summary>
    /// <param name="above">Slopes of the states; those that come back through time are added to them.</param>
    /// <param name="dinputs">Overwritten.</param>
    /// <param name="dproducts">Overwritten.</param>
    public static void PassBack(TimeOrder order, int width, ReadOnlySpan<float> weight, ReadOnlySpan<float> gates, ReadOnlySpan<float> candidates, ReadOnlySpan<float> states, Span<float> above, Span<float> dinputs, Span<float> dproducts, int threads)
    {
        Check(order, width, dinputs.Length, weight.Length, states.Length);
        using var packed = PackedRight.Of(weight, 3 * width, width, isTransposed: true);
        var panels = (nint)packed.Panels;
        fixed (float* gate = gates, candidate = candidates, state = states, slope = above, input = dinputs, product = dproducts)
        {
            nint gateAt = (nint)gate, candidateAt = (nint)candidate, stateAt = (nint)state, slopeAt = (nint)slope, inputAt = (nint)input, productAt = (nint)product;
            ParallelRows.Run(
                threads,
                order.Count == 0 ? 0 : order.Steps[1],
                Block,
                (_, first, end) => PassBackBlock(order, width, first, end, (float*)panels, (float*)gateAt, (float*)candidateAt, (float*)stateAt, (float*)slopeAt, (float*)inputAt, (float*)productAt),
                CancellationToken.None);
        }
    }

    /// <summary>Plain twin of <see cref="Apply"/>, in double.</summary>
    public static void ApplyReference(TimeOrder order, int width, ReadOnlySpan<float> inputs, ReadOnlySpan<float> weight, ReadOnlySpan<float> bias, Span<float> states)
    {
        for (var t = 0; t < order.Count; t++)
        {
            for (var place = order.Steps[t]; place < order.Steps[t + 1]; place++)
            {
                var before = t == 0 ? new float[width] : states.Slice((order.Steps[t - 1] + place - order.Steps[t]) * width, width).ToArray();
                for (var j = 0; j < width; j++)
                {
                    double reset = inputs[(place * 3 * width) + j], update = inputs[(place * 3 * width) + width + j], candidate = bias[j];
                    for (var k = 0; k < width; k++)
                    {
                        reset += (double)before[k] * weight[(k * 3 * width) + j];
                        update += (double)before[k] * weight[(k * 3 * width) + width + j];
                        candidate += (double)before[k] * weight[(k * 3 * width) + (2 * width) + j];
                    }

                    var z = Sigmoid.Reference(update);
                    var n = Math.Tanh(inputs[(place * 3 * width) + (2 * width) + j] + (Sigmoid.Reference(reset) * candidate));
                    states[(place * width) + j] = (float)(((1 - z) * n) + (z * before[j]));
                }
            }
        }
    }

    private static void ApplyBlock(TimeOrder order, int width, int first, int end, float* inputs, float* panels, float* bias, float* gates, float* candidates, float* states)
    {
        using var scratch = new ScratchFloats(((long)(end - first) * 3 * width) + width);
        var products = scratch.Pointer;
        var nothing = products + ((nint)(end - first) * 3 * width);
        scratch.Span.Clear();
        for (var t = 0; t < order.Count; t++)
        {
            var rows = Math.Min(end, order.Steps[t + 1] - order.Steps[t]) - first;
            if (rows <= 0) return;
            var place = (nint)order.Steps[t] + first;
            var before = t == 0 ? nothing : states + ((order.Steps[t - 1] + (nint)first) * width);
            if (t > 0) DenseProducts.Multiply(before, panels, products, rows, width, 3 * width, accumulate: false);
            for (nint row = 0; row < rows; row++)
            {
                var at = place + row;
                var cell = new Cell(gates + (at * 3 * width), candidates + (at * width), states + (at * width), before + (t == 0 ? 0 : row * width));
                if (InstructionSets.Avx512) Step<Avx512Lanes, Vector512<float>>(width, inputs + (at * 3 * width), products + (row * 3 * width), bias, cell);
                else if (InstructionSets.Avx2) Step<Avx2Lanes, Vector256<float>>(width, inputs + (at * 3 * width), products + (row * 3 * width), bias, cell);
                else Step<PortableLanes, Vector<float>>(width, inputs + (at * 3 * width), products + (row * 3 * width), bias, cell);
            }
        }
    }

    private static void PassBackBlock(TimeOrder order, int width, int first, int end, float* panels, float* gates, float* candidates, float* states, float* above, float* dinputs, float* dproducts)
    {
        using var scratch = new ScratchFloats(2L * width);
        float* nothing = scratch.Pointer, lost = nothing + width;
        scratch.Span.Clear();
        for (var t = order.Count - 1; t >= 0; t--)
        {
            var rows = Math.Min(end, order.Steps[t + 1] - order.Steps[t]) - first;
            if (rows <= 0) continue;
            var place = (nint)order.Steps[t] + first;
            var before = t == 0 ? place : order.Steps[t - 1] + (nint)first;
            for (nint row = 0; row < rows; row++)
            {
                var at = place + row;
                var cell = new Cell(gates + (at * 3 * width), candidates + (at * width), above + (at * width), t == 0 ? nothing : states + ((before + row) * width));
                var passed = t == 0 ? lost : above + ((before + row) * width);
                if (InstructionSets.Avx512) StepBack<Avx512Lanes, Vector512<float>>(width, cell, dinputs + (at * 3 * width), dproducts + (at * 3 * width), passed);
                else if (InstructionSets.Avx2) StepBack<Avx2Lanes, Vector256<float>>(width, cell, dinputs + (at * 3 * width), dproducts + (at * 3 * width), passed);
                else StepBack<PortableLanes, Vector<float>>(width, cell, dinputs + (at * 3 * width), dproducts + (at * 3 * width), passed);
            }

            if (t > 0) DenseProducts.Multiply(dproducts + (place * 3 * width), panels, above + (before * width), rows, 3 * width, width, accumulate: true);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Step<TLanes, TVector>(int width, float* inputs, float* products, float* bias, Cell cell)
        where TLanes : ILanes<TVector>
        where TVector : struct
    {
        float* resets = cell.Gates, updates = resets + width, news = updates + width;
        var one = TLanes.Broadcast(1f);
        var j = 0;
        for (; j <= width - TLanes.Count; j += TLanes.Count)
        {
            var r = LaneFunctions.Sigmoid<TLanes, TVector>(TLanes.Add(TLanes.Load(inputs + j), TLanes.Load(products + j)));
            var z = LaneFunctions.Sigmoid<TLanes, TVector>(TLanes.Add(TLanes.Load(inputs + width + j), TLanes.Load(products + width + j)));
            var c = TLanes.Add(TLanes.Load(products + (2 * width) + j), TLanes.Load(bias + j));
            var n = LaneFunctions.Tanh<TLanes, TVector>(TLanes.MultiplyAdd(r, c, TLanes.Load(inputs + (2 * width) + j)));
            TLanes.Store(resets + j, r);
            TLanes.Store(updates + j, z);
            TLanes.Store(news + j, n);
            TLanes.Store(cell.Candidates + j, c);
            TLanes.Store(cell.States + j, TLanes.MultiplyAdd(z, TLanes.Load(cell.Before + j), TLanes.Multiply(TLanes.Subtract(one, z), n)));
        }

        for (; j < width; j++)
        {
            resets[j] = 1 / (1 + MathF.Exp(-(inputs[j] + products[j])));
            updates[j] = 1 / (1 + MathF.Exp(-(inputs[width + j] + products[width + j])));
            cell.Candidates[j] = products[(2 * width) + j] + bias[j];
            news[j] = MathF.Tanh((resets[j] * cell.Candidates[j]) + inputs[(2 * width) + j]);
            cell.States[j] = (updates[j] * cell.Before[j]) + ((1 - updates[j]) * news[j]);
        }
    }

    // With d the slope of h′: dz = d∘(h − n)∘z(1 − z), dn = d∘(1 − z)∘(1 − n²), dr = dn∘c∘r(1 − r), dc = dn∘r; h has d∘z beside what comes through U.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void StepBack<TLanes, TVector>(int width, Cell cell, float* dinputs, float* dproducts, float* passed)
        where TLanes : ILanes<TVector>
        where TVector : struct
    {
        float* resets = cell.Gates, updates = resets + width, news = updates + width;
        var one = TLanes.Broadcast(1f);
        var j = 0;
        for (; j <= width - TLanes.Count; j += TLanes.Count)
        {
            TVector r = TLanes.Load(resets + j), z = TLanes.Load(updates + j), n = TLanes.Load(news + j), d = TLanes.Load(cell.States + j);
            var kept = TLanes.Multiply(d, z);
            var left = TLanes.Subtract(one, z);
            var dz = TLanes.Multiply(TLanes.Multiply(kept, left), TLanes.Subtract(TLanes.Load(cell.Before + j), n));
            var dn = TLanes.Multiply(TLanes.Multiply(d, left), TLanes.Subtract(one, TLanes.Multiply(n, n)));
            var dc = TLanes.Multiply(dn, r);
            var dr = TLanes.Multiply(TLanes.Multiply(dc, TLanes.Subtract(one, r)), TLanes.Load(cell.Candidates + j));
            TLanes.Store(dinputs + j, dr);
            TLanes.Store(dinputs + width + j, dz);
            TLanes.Store(dinputs + (2 * width) + j, dn);
            TLanes.Store(dproducts + j, dr);
            TLanes.Store(dproducts + width + j, dz);
            TLanes.Store(dproducts + (2 * width) + j, dc);
            TLanes.Store(passed + j, TLanes.Add(TLanes.Load(passed + j), kept));
        }

        for (; j < width; j++)
        {
            float r = resets[j], z = updates[j], n = news[j], d = cell.States[j];
            var dn = d * (1 - z) * (1 - (n * n));
            dinputs[j] = dproducts[j] = dn * r * (1 - r) * cell.Candidates[j];
            dinputs[width + j] = dproducts[width + j] = d * z * (1 - z) * (cell.Before[j] - n);
            dinputs[(2 * width) + j] = dn;
            dproducts[(2 * width) + j] = dn * r;
            passed[j] += d * z;
        }
    }

    private static void Check(TimeOrder order, int width, int inputs, int weight, int states)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(inputs, checked(order.Rows.Length * 3 * width));
        ArgumentOutOfRangeException.ThrowIfNotEqual(weight, checked(3 * width * width));
        ArgumentOutOfRangeException.ThrowIfNotEqual(states, checked(order.Rows.Length * width));
    }

    /// <summary>Where one row's numbers lie.</summary>
    /// <param name="gates">r, z and n.</param>
    /// <param name="states">h′; on the way back its slope.</param>
    /// <param name="before">h.</param>
    private readonly struct Cell(float* gates, float* candidates, float* states, float* before)
    {
        public readonly float* Gates = gates;
        public readonly float* Candidates = candidates;
        public readonly float* States = states;
        public readonly float* Before = before;
    }
}
