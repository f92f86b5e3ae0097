using System.Text.Json;
using Aisle.Learning.Data;

namespace Aisle.Learning.Models;

/// <summary>Options of <see cref="Gru4RecTrainer"/>.</summary>
public sealed record Gru4RecOptions : SequenceOptions
{
    /// <summary>Layers of gated recurrent units. 1 to 8, default 1.</summary>
    public int Layers { get; init; } = 1;

    /// <summary>Events that are read, the last ones. 2 to 1,024, default 50.</summary>
    public int Length { get; init; } = 50;

    internal GatedShape ShapeOf(int items) => new(items, this.Dimensions, this.Layers, this.Length, (float)this.DropRate);

    internal void Validate()
    {
        this.ValidateShared(Gru4RecTrainer.ModelName);
        OptionRange.Check(Gru4RecTrainer.ModelName, this.Layers, 1, GatedShape.MostLayers);
        OptionRange.Check(Gru4RecTrainer.ModelName, this.Length, 2, 1024);
    }
}

/// <summary>A recurrent network reads a shopper's items one after another and predicts, at each, the next one.</summary>
/// <remarks>
/// Hidasi, Karatzoglou, Baltrunas, Tikk: Session-based recommendations with recurrent neural networks (ICLR 2016); its later losses: Hidasi, Karatzoglou
/// (CIKM 2018). Inputs and outputs share the items' embeddings.
/// </remarks>
public sealed class Gru4RecTrainer : ITrainer
{
    public const string ModelName = "gru4rec";

    private readonly Gru4RecOptions _options;

    public Gru4RecTrainer(Gru4RecOptions? options = null)
    {
        this._options = options ?? new Gru4RecOptions();
        this._options.Validate();
    }

    public string Name => ModelName;

    public JsonElement Options => JsonSerializer.SerializeToElement(this._options, TrainerOptionsJson.Default.Gru4RecOptions);

    public IModel Fit(Dataset data, FitContext context) =>
        SequenceTraining.Fit(this.Name, this._options, data, context, this._options.ShapeOf, this._options.Length);

    /// <exception cref="InvalidDataException">The stream does not hold a whole model of this kind; the message says what is wrong.</exception>
    internal static SequenceModel Load(Stream stream) => SequenceModel.Load(ModelName, stream, GatedShape.Read);
}
