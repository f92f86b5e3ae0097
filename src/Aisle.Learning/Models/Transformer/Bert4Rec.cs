using System.Text.Json;
using Aisle.Learning.Data;

namespace Aisle.Learning.Models;

/// <summary>Options of <see cref="Bert4RecTrainer"/>.</summary>
public sealed record Bert4RecOptions : SequenceOptions
{
    /// <summary>Transformer blocks. 1 to 24, default 2.</summary>
    public int Blocks { get; init; } = 2;

    /// <summary>Attention heads of each block; the dimensions are a multiple of them. 1 to 32, default 1.</summary>
    public int Heads { get; init; } = 1;

    /// <summary>Events that are read, the last ones. 2 to 1,024, default 50.</summary>
    public int Length { get; init; } = 50;

    /// <summary>Share of the events of a sequence that are masked and asked for. 0.01 to 0.99, default 0.2.</summary>
    public double MaskShare { get; init; } = 0.2;

    /// <summary>Share of the sequences of which only the last event is masked, as it is when a recommendation is asked for. 0 to 1, default 0.2.</summary>
    public double LastShare { get; init; } = 0.2;

    internal TransformerShape ShapeOf(int items) => new(items, this.Dimensions, this.Blocks, this.Heads, this.Length, (float)this.DropRate, IsCausal: false);

    internal void Validate()
    {
        this.ValidateShared(Bert4RecTrainer.ModelName);
        OptionRange.Check(Bert4RecTrainer.ModelName, this.Blocks, 1, TransformerShape.MostBlocks);
        OptionRange.Check(Bert4RecTrainer.ModelName, this.Heads, 1, TransformerShape.MostHeads);
        OptionRange.Check(Bert4RecTrainer.ModelName, this.Length, 2, 1024);
        OptionRange.Check(Bert4RecTrainer.ModelName, this.MaskShare, 0.01, 0.99);
        OptionRange.Check(Bert4RecTrainer.ModelName, this.LastShare, 0, 1);
        if (this.Dimensions % this.Heads != 0) throw new ArgumentException($"{Bert4RecTrainer.ModelName}: dimensions is {this.Dimensions}; it must be a multiple of heads, which is {this.Heads}.");
    }
}

/// <summary>A transformer that sees both ways fills in masked items; asked for a recommendation, it fills in the one after the last.</summary>
/// <remarks>
/// Sun et al.: BERT4Rec: Sequential recommendation with bidirectional encoder representations from transformer (CIKM 2019). Klenitskiy, Vasilev:
/// Turning dross into gold loss (RecSys 2023) find it no better than SASRec where both learn by the softmax.
/// </remarks>
public sealed class Bert4RecTrainer : ITrainer
{
    public const string ModelName = "bert4rec";

    /// <summary>Tells the masks from other random numbers of the same seed.</summary>
    private const int MaskStream = 0x4D41;

    private readonly Bert4RecOptions _options;

    public Bert4RecTrainer(Bert4RecOptions? options = null)
    {
        this._options = options ?? new Bert4RecOptions();
        this._options.Validate();
    }

    public string Name => ModelName;

    public JsonElement Options => JsonSerializer.SerializeToElement(this._options, TrainerOptionsJson.Default.Bert4RecOptions);

    public IModel Fit(Dataset data, FitContext context) =>
        SequenceTraining.Fit(this.Name, this._options, data, context, this._options.ShapeOf, this._options.Length, this.Masked);

    /// <exception cref="InvalidDataException">The stream does not hold a whole model of this kind; the message says what is wrong.</exception>
    internal static SequenceModel Load(Stream stream) => SequenceModel.Load(ModelName, stream, (reader, items) => TransformerShape.Read(reader, items, isCausal: false));

    /// <summary>Windows as a whole, with events masked by chance, at least one in each: those are what is asked for.</summary>
    private SequenceBatch Masked(SequenceWindows windows, int[] examples, long step)
    {
        var random = new RandomStream(this._options.Seed, MaskStream, unchecked((int)step));
        var starts = new int[examples.Length + 1];
        List<int> items = [], targets = [], asked = [];
        for (var i = 0; i < examples.Length; i++)
        {
            var events = windows.EventsOf(examples[i]);
            var isLastOnly = random.Uniform() < this._options.LastShare;

            // This one is masked in any case, so that no window is read for nothing.
            var always = isLastOnly ? events.Length - 1 : random.Below(events.Length);
            for (var place = 0; place < events.Length; place++)
            {
                var isMasked = place == always || (!isLastOnly && random.Uniform() < this._options.MaskShare);
                if (isMasked)
                {
                    asked.Add(items.Count);
                    targets.Add(events[place]);
                }

                items.Add(isMasked ? -1 : events[place]);
            }

            starts[i + 1] = items.Count;
        }

        return new SequenceBatch([.. items], starts, [.. targets], [.. asked]);
    }
}
