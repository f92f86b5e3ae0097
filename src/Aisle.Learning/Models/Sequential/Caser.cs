using System.Text.Json;
using Aisle.Learning.Data;

namespace Aisle.Learning.Models;

/// <summary>Options of <see cref="CaserTrainer"/>.</summary>
public sealed record CaserOptions : SequenceOptions
{
    /// <summary>With products in the place of cosines: what its filters make of few events is often nothing, which has no direction.</summary>
    public CaserOptions() => this.Temperature = 0;

    /// <summary>Events that are read, the last ones. 1 to 64, default 5.</summary>
    public int Length { get; init; } = 5;

    /// <summary>Filters that read some events in a row as a whole, of each height from 1 to the length. 1 to 256, default 16.</summary>
    public int HorizontalFilters { get; init; } = 16;

    /// <summary>Filters that weigh the events by their place, each number of an embedding alike. 1 to 64, default 4.</summary>
    public int VerticalFilters { get; init; } = 4;

    /// <summary>Events after each that it should predict. 1 to 16, default 1; the paper has up to 3.</summary>
    public int Ahead { get; init; } = 1;

    internal ConvolutionShape ShapeOf(int items) => new(items, this.Dimensions, this.HorizontalFilters, this.VerticalFilters, this.Length, (float)this.DropRate);

    internal void Validate()
    {
        this.ValidateShared(CaserTrainer.ModelName);
        OptionRange.Check(CaserTrainer.ModelName, this.Length, 1, ConvolutionShape.MostLength);
        OptionRange.Check(CaserTrainer.ModelName, this.HorizontalFilters, 1, ConvolutionShape.MostHorizontal);
        OptionRange.Check(CaserTrainer.ModelName, this.VerticalFilters, 1, ConvolutionShape.MostVertical);
        OptionRange.Check(CaserTrainer.ModelName, this.Ahead, 1, 16);
    }
}

/// <summary>Convolutions over the embeddings of a shopper's last items, laid under one another as a picture is.</summary>
/// <remarks>
/// Tang, Wang: Personalized top-N sequential recommendation via convolutional sequence embedding (WSDM 2018), without the users' own embeddings: any shopper is
/// known by their last items alone. Inputs and outputs share the items' embeddings.
/// </remarks>
public sealed class CaserTrainer : ITrainer
{
    public const string ModelName = "caser";

    /// <summary>Events that are learned from in one go: each is the end of a picture of its own, and those at the start of a window see less.</summary>
    private const int Window = 100;

    private readonly CaserOptions _options;

    public CaserTrainer(CaserOptions? options = null)
    {
        this._options = options ?? new CaserOptions();
        this._options.Validate();
    }

    public string Name => ModelName;

    public JsonElement Options => JsonSerializer.SerializeToElement(this._options, TrainerOptionsJson.Default.CaserOptions);

    public IModel Fit(Dataset data, FitContext context) =>
        SequenceTraining.Fit(this.Name, this._options, data, context, this._options.ShapeOf, Window, this.SeveralAhead);

    /// <exception cref="InvalidDataException">The stream does not hold a whole model of this kind; the message says what is wrong.</exception>
    internal static SequenceModel Load(Stream stream) => SequenceModel.Load(ModelName, stream, ConvolutionShape.Read);

    /// <summary>At each event those that come after it.</summary>
    private SequenceBatch SeveralAhead(SequenceWindows windows, int[] examples, long step)
    {
        var batch = windows.Batch(examples);
        if (this._options.Ahead == 1) return batch;
        List<int> targets = [], asked = [];
        for (var s = 0; s < examples.Length; s++)
        {
            for (var row = batch.Starts[s]; row < batch.Starts[s + 1]; row++)
            {
                for (var after = row; after < Math.Min(batch.Starts[s + 1], row + this._options.Ahead); after++)
                {
                    asked.Add(row);
                    targets.Add(batch.Targets[after]);
                }
            }
        }

        return batch with { Targets = [.. targets], Asked = [.. asked] };
    }
}
