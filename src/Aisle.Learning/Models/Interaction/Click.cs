using System.Text.Json;
using System.Text.Json.Serialization;
using Aisle.Learning.Data;
using Aisle.Learning.Neural;

namespace Aisle.Learning.Models;

/// <summary>How features meet.</summary>
public enum ClickInteraction
{
    /// <summary>Cross layers beside a tower (DCN-v2).</summary>
    [JsonStringEnumMemberName("dcn")]
    Dcn,

    /// <summary>A factorisation machine beside a tower (DeepFM).</summary>
    [JsonStringEnumMemberName("deepfm")]
    DeepFm,
}

/// <summary>Options of <see cref="ClickTrainer"/>.</summary>
public sealed record ClickOptions : HistoryNetworkOptions
{
    public ClickOptions()
    {
        this.IdDropout = 0.1;
        this.Epochs = 5;
        this.BatchSize = 256;
        this.MostTerms = 20_000;
    }

    /// <summary>How features meet. Default dcn.</summary>
    public ClickInteraction Interaction { get; init; } = ClickInteraction.Dcn;

    /// <summary>Numbers per value of a field. 1 to 256, default 16.</summary>
    public int Dimensions { get; init; } = 16;

    /// <summary>Cross layers (dcn). 1 to 6, default 2.</summary>
    public int CrossLayers { get; init; } = 2;

    /// <summary>Width of the tower's first layer, each further one half as wide. 1 to 4,096, default 64.</summary>
    public int Hidden { get; init; } = 64;

    /// <summary>Dense layers of the tower. 1 to 6, default 2.</summary>
    public int Layers { get; init; } = 2;

    /// <summary>Items drawn for each example, as if shown and not taken up. 1 to 1,000, default 4.</summary>
    public int Negatives { get; init; } = 4;

    /// <summary>Default: adam.</summary>
    public OptimiserKind Optimiser { get; init; } = OptimiserKind.Adam;

    internal void Validate()
    {
        const string model = ClickTrainer.ModelName;
        this.ValidateShared(model);
        OptionRange.Check(model, this.Dimensions, 1, 256);
        OptionRange.Check(model, this.CrossLayers, 1, 6);
        OptionRange.Check(model, this.Hidden, 1, 4096);
        OptionRange.Check(model, this.Layers, 1, 6);
        OptionRange.Check(model, this.Negatives, 1, 1000);
        Optimisers.Check(model, this.Optimiser);
    }
}

/// <summary>
/// A click model: the chance that a shopper takes up an item that they are shown, from categorical and numeric features of shopper, item and
/// moment. Items drawn by chance stand in for what was shown and not taken up.
/// </summary>
public sealed class ClickTrainer : ITrainer
{
    public const string ModelName = "click-model";

    private const int DrawStream = 0x434C;

    /// <summary>Chance that a step does not know the moment: whoever asks need not tell it.</summary>
    private const float MomentDropout = 0.5f;

    /// <summary>Chance that a step does not know what the shopper is told to be: of someone new nothing is.</summary>
    private const float UserDropout = 0.5f;

    private readonly ClickOptions _options;

    public ClickTrainer(ClickOptions? options = null)
    {
        this._options = options ?? new ClickOptions();
        this._options.Validate();
    }

    public string Name => ModelName;

    public JsonElement Options => JsonSerializer.SerializeToElement(this._options, TrainerOptionsJson.Default.ClickOptions);

    public IModel Fit(Dataset data, FitContext context)
    {
        TrainingInput.Check(this.Name, data, context);
        var holdOut = this._options.HoldOut(this.Name, data);
        var learned = holdOut?.Train ?? data;
        var train = learned.Interactions;
        var examples = HistoryExamples.Of(learned, this._options.HistoryLength);
        var features = this.Features(data, train, examples.IsOrdered, context.Cancellation);
        var scales = Scales(train, examples);
        var source = new ParameterSource(this._options.Seed);
        var network = new ClickNetwork(source, new ClickShape(
            [.. features.Fields.Select(field => field.Values)], ClickFeatures.NumberCount, this._options.Interaction, this._options.Dimensions, this._options.CrossLayers, this._options.Hidden, this._options.Layers));
        var model = Model(examples);
        var catalogue = SampledItems.Touched(train);
        var optimiser = Optimisers.Of(this._options.Optimiser, network.Parameters, context.Threads, this._options.WeightDecay);
        new TrainingLoop(this._options.Plan(this.Name), optimiser, examples.Count).Run(
            context,
            (tape, batch) =>
            {
                var rows = this.Rows(tape, features, examples, train, catalogue, batch, out var labels);
                return tape.BinaryCrossEntropy(network.Scores(tape, rows, model.Scaled(rows), (float)this._options.Dropout), labels);
            },
            holdOut is null ? null : () => holdOut.Quality(model, context));
        return holdOut is null ? model : Model(HistoryExamples.Of(data, this._options.HistoryLength));

        ClickModel Model(HistoryExamples told) => new(
            network, features, scales, Sequences.From(train.Items, Enumerable.Range(0, train.Users).Select(user => told.HistoryOf(user).ToArray()).ToArray()));
    }

    private ClickFeatures Features(Dataset data, Interactions train, bool isOrdered, CancellationToken cancellation)
    {
        List<ToldField> items = [];
        if (data.ItemTexts is not null)
            items.Add(new ToldField("item.words", TextFeatures.Of(ContentInput.Texts(this.Name, data), new TextTerms(characters: false), this._options.MinimumItems, this._options.MostTerms, cancellation).Rows));
        if (data.ItemAttributes is not null) items.AddRange(ToldField.Of("item", ContentInput.Attributes(this.Name, data)));
        if (data.UserAttributes is { } told && told.Rows != train.Users)
            throw new ArgumentException($"{this.Name}: there are attributes of {told.Rows} users where there are {train.Users} users; give a row each, an empty one where nothing is known.");
        var counts = new int[train.Items];
        foreach (var item in train.AllItems) counts[item]++;
        return new ClickFeatures(items, [.. ToldField.Of("user", data.UserAttributes)], counts, isOrdered, this._options.HistoryLength);
    }

    /// <summary>Mean and deviation of each number: over the catalogue's items that were taken up, and over the users.</summary>
    private static NumberScale[] Scales(Interactions train, HistoryExamples examples)
    {
        var counts = new double[train.Items];
        foreach (var item in train.AllItems) counts[item]++;
        return
        [
            NumberScale.Of(counts.Where(count => count > 0).Select(count => Math.Log(1 + count))),
            NumberScale.Of(Enumerable.Range(0, train.Users).Select(user => Math.Log(1 + examples.HistoryOf(user).Length))),
        ];
    }

    private ClickRows Rows(Tape tape, ClickFeatures features, HistoryExamples examples, Interactions train, int[] catalogue, int[] batch, out float[] labels)
    {
        var count = 1 + this._options.Negatives;
        var rows = features.New(batch.Length * count);
        var items = new int[rows.Count];
        labels = new float[rows.Count];
        List<int> history = [];
        for (var i = 0; i < batch.Length; i++)
        {
            var random = new RandomStream(this._options.Seed ^ DrawStream, unchecked((int)tape.Step), i);
            var user = examples.UserOf(batch[i]);
            history.Clear();
            examples.AddHistory(batch[i], ref random, history);
            SampledItems.Fill(examples.TargetOf(batch[i]), train.ItemsOf(user), catalogue, ref random, items.AsSpan(i * count, count), labels.AsSpan(i * count, count));
            long? when = examples.HasTimes && random.Uniform() >= MomentDropout ? examples.TimeOf(batch[i]) : null;
            features.WriteShopper(rows, i * count, count, history.ToArray(), random.Uniform() >= UserDropout ? user : -1, when);
            for (var j = i * count; j < (i + 1) * count; j++)
                features.WriteItem(rows, j, items[j], withId: !features.IsTold(items[j]) || random.Uniform() >= this._options.IdDropout);
        }

        return rows;
    }
}
