using Aisle.Learning.Kernels;
using Aisle.Learning.Neural;

namespace Aisle.Learning.Models;

/// <summary>What the parameters of a <see cref="CfganGenerator"/> are made to.</summary>
internal sealed record CfganShape(int Items, int Dimensions, int Layers);

/// <summary>From the items that a shopper touched, through hidden layers, to a number for each item: how likely they are to touch it.</summary>
internal sealed class CfganGenerator
{
    private readonly Parameter _inputs;
    private readonly Parameter _inputBias;
    private readonly LinearLayer[] _layers;

    public CfganGenerator(CfganShape shape, ref RandomStream random)
    {
        this.Shape = shape;
        this._inputs = CfganStart.Table("inputs", shape.Items, shape.Dimensions, ref random);
        this._inputBias = new Parameter("input-bias", 1, shape.Dimensions);
        this._layers = new LinearLayer[shape.Layers - 1];
        for (var i = 0; i < this._layers.Length; i++) this._layers[i] = new LinearLayer($"layer{i}", shape.Dimensions, shape.Dimensions, ref random);
        this.Items = CfganStart.Table("outputs", shape.Items, shape.Dimensions, ref random);
        this.Bias = new Parameter("output-bias", shape.Items, 1, isTable: true);
    }

    public CfganShape Shape { get; }

    /// <summary>Items × dimensions: the output layer.</summary>
    public Parameter Items { get; }

    /// <summary>Items × 1.</summary>
    public Parameter Bias { get; }

    /// <summary>Always in the same order.</summary>
    public IEnumerable<Parameter> Parameters => [this._inputs, this._inputBias, .. this._layers.SelectMany(layer => layer.Parameters), this.Items, this.Bias];

    /// <summary>The last hidden layer.</summary>
    public Tensor Encode(Tape tape, Bags told)
    {
        var sums = tape.SumBags(this._inputs, told.Units());
        var state = tape.Activate<Tanh>(tape.AddRow(sums, this._inputBias));
        foreach (var layer in this._layers) state = tape.Activate<Tanh>(layer.Apply(tape, state));
        return state;
    }

    /// <summary>The listed places of the generated rows, each from 0 to 1.</summary>
    public Tensor Values(Tape tape, Tensor state, Bags places) =>
        tape.Activate<Sigmoid>(tape.Add(tape.BagScores(state, this.Items, places), tape.Gather(this.Bias, places.Items)));
}

/// <summary>From what a shopper touched and a row of the matrix to a score: how real the row is.</summary>
internal sealed class CfganDiscriminator
{
    private readonly Parameter _conditions;
    private readonly Parameter _rows;
    private readonly Parameter _bias;
    private readonly LinearLayer _verdict;

    public CfganDiscriminator(int items, int dimensions, ref RandomStream random)
    {
        this._conditions = CfganStart.Table("conditions", items, dimensions, ref random);
        this._rows = CfganStart.Table("rows", items, dimensions, ref random);
        this._bias = new Parameter("bias", 1, dimensions);
        this._verdict = new LinearLayer("verdict", dimensions, 1, ref random);
    }

    public IEnumerable<Parameter> Parameters => [this._conditions, this._rows, this._bias, .. this._verdict.Parameters];

    /// <param name="places">Where the rows may be other than 0.</param>
    /// <param name="values">The rows there.</param>
    public Tensor Judge(Tape tape, Bags touched, Bags places, Tensor values)
    {
        var condition = tape.SumBags(this._conditions, touched.Units());
        var row = tape.SumBags(this._rows, places, values);
        return this._verdict.Apply(tape, tape.Activate<Tanh>(tape.AddRow(tape.Add(condition, row), this._bias)));
    }
}

internal static class CfganStart
{
    /// <summary>Normal, so that a sum over a list of one norm starts with numbers well within the activation's range.</summary>
    public static Parameter Table(string name, int items, int dimensions, ref RandomStream random)
    {
        var table = new Parameter(name, items, dimensions, isTable: true);
        foreach (ref var value in table.Values) value = 0.1f * random.Normal();
        return table;
    }
}
