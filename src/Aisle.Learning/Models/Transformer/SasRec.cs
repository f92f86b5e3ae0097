using System.Text.Json;
using Aisle.Learning.Data;

namespace Aisle.Learning.Models;

/// <summary>Options of <see cref="SasRecTrainer"/>.</summary>
public sealed record SasRecOptions : SequenceOptions
{
    /// <summary>Transformer blocks. 1 to 24, default 2.</summary>
    public int Blocks { get; init; } = 2;

    /// <summary>Attention heads of each block; the dimensions are a multiple of them. 1 to 32, default 1.</summary>
    public int Heads { get; init; } = 1;

    /// <summary>Events that are read, the last ones. 2 to 1,024, default 50.</summary>
    public int Length { get; init; } = 50;

    internal TransformerShape ShapeOf(int items) => new(items, this.Dimensions, this.Blocks, this.Heads, this.Length, (float)this.DropRate, IsCausal: true);

    internal void Validate()
    {
        this.ValidateShared(SasRecTrainer.ModelName);
        OptionRange.Check(SasRecTrainer.ModelName, this.Blocks, 1, TransformerShape.MostBlocks);
        OptionRange.Check(SasRecTrainer.ModelName, this.Heads, 1, TransformerShape.MostHeads);
        OptionRange.Check(SasRecTrainer.ModelName, this.Length, 2, 1024);
        if (this.Dimensions % this.Heads != 0) throw new ArgumentException($"{SasRecTrainer.ModelName}: dimensions is {this.Dimensions}; it must be a multiple of heads, which is {this.Heads}.");
    }
}

/// <summary>
/// Self-attentive sequential recommendation: a causal transformer reads a shopper's items and predicts, at each, the next one.
/// </summary>
/// <remarks>
/// Kang, McAuley: Self-attentive sequential recommendation (ICDM 2018), with the blocks and losses that later work found better:
/// Klenitskiy, Vasilev (RecSys 2023), Petrov, Macdonald: gSASRec (RecSys 2023).
/// </remarks>
public sealed class SasRecTrainer : ITrainer
{
    public const string ModelName = "sasrec";

    private readonly SasRecOptions _options;

    public SasRecTrainer(SasRecOptions? options = null)
    {
        this._options = options ?? new SasRecOptions();
        this._options.Validate();
    }

    public string Name => ModelName;

    public JsonElement Options => JsonSerializer.SerializeToElement(this._options, TrainerOptionsJson.Default.SasRecOptions);

    public IModel Fit(Dataset data, FitContext context) =>
        SequenceTraining.Fit(this.Name, this._options, data, context, this._options.ShapeOf, this._options.Length);

    /// <exception cref="InvalidDataException">The stream does not hold a whole model of this kind; the message says what is wrong.</exception>
    internal static SequenceModel Load(Stream stream) => SequenceModel.Load(ModelName, stream, (reader, items) => TransformerShape.Read(reader, items, isCausal: true));
}
