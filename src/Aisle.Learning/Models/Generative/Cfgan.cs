using System.Text.Json;
using System.Text.Json.Serialization;
using Aisle.Learning.Data;
using Aisle.Learning.Neural;

namespace Aisle.Learning.Models;

/// <summary>What <see cref="CfganTrainer"/> makes of items that a shopper did not touch, so that the generator does not answer "everything".</summary>
public enum CfganZeros
{
    /// <summary>Zero reconstruction: the generator is held to 0 on drawn items.</summary>
    [JsonStringEnumMemberName("zr")]
    Reconstruction,

    /// <summary>Partial masking: the discriminator sees what is generated for drawn items.</summary>
    [JsonStringEnumMemberName("pm")]
    Masking,

    /// <summary>Both, of items drawn apart.</summary>
    [JsonStringEnumMemberName("zp")]
    Both,
}

/// <summary>Options of <see cref="CfganTrainer"/>.</summary>
public sealed record CfganOptions
{
    /// <summary>Numbers of each hidden layer of the generator. 4 to 4,096, default 128.</summary>
    public int Dimensions { get; init; } = 128;

    /// <summary>Hidden layers of the generator. 1 to 5, default 1.</summary>
    public int Layers { get; init; } = 1;

    /// <summary>Numbers of the discriminator's hidden layer. 4 to 4,096, default 128.</summary>
    public int DiscriminatorDimensions { get; init; } = 128;

    /// <summary>Default: zp.</summary>
    public CfganZeros Zeros { get; init; } = CfganZeros.Both;

    /// <summary>Items drawn for zero reconstruction, for each item that the shopper touched. 0.01 to 100, default 4.</summary>
    public double ReconstructionShare { get; init; } = 4;

    /// <summary>α: weight of a square that should be 0, beside the discriminator's verdict. 0 to 100, default 0.1.</summary>
    public double ReconstructionWeight { get; init; } = 0.1;

    /// <summary>Items drawn for partial masking, for each item that the shopper touched. 0.01 to 100, default 4.</summary>
    public double MaskingShare { get; init; } = 4;

    /// <summary>Share of the shopper's items that the generator is not told in training. 0 (the paper) to 0.9, default 0.5.</summary>
    public double DropRate { get; init; } = 0.5;

    /// <summary>Passes over the users. 1 to 10,000, default 50.</summary>
    public int Epochs { get; init; } = 50;

    /// <summary>Users to a step. 1 to 65,536, default 128.</summary>
    public int BatchSize { get; init; } = 128;

    /// <summary>Of the generator's Adam. 1e-6 to 1, default 0.001.</summary>
    public double LearningRate { get; init; } = 0.001;

    /// <summary>Of the discriminator's Adam. 1e-6 to 1, default 0.001.</summary>
    public double DiscriminatorRate { get; init; } = 0.001;

    /// <summary>λ of AdamW, for both. 0 to 1, default 0.</summary>
    public double WeightDecay { get; init; }

    /// <summary>Share of their average that each step keeps when the generator's weights are averaged over steps; 0: no average. 0 to 0.9999, default 0.</summary>
    public double AverageDecay { get; init; }

    /// <summary>Seed of the random start, the order and the draws. Default 1.</summary>
    public int Seed { get; init; } = 1;

    internal void Validate()
    {
        OptionRange.Check(CfganTrainer.ModelName, this.Dimensions, 4, 4096);
        OptionRange.Check(CfganTrainer.ModelName, this.Layers, 1, 5);
        OptionRange.Check(CfganTrainer.ModelName, this.DiscriminatorDimensions, 4, 4096);
        OptionRange.Check(CfganTrainer.ModelName, this.ReconstructionShare, 0.01, 100);
        OptionRange.Check(CfganTrainer.ModelName, this.ReconstructionWeight, 0, 100);
        OptionRange.Check(CfganTrainer.ModelName, this.MaskingShare, 0.01, 100);
        OptionRange.Check(CfganTrainer.ModelName, this.DropRate, 0, 0.9);
        OptionRange.Check(CfganTrainer.ModelName, this.Epochs, 1, 10_000);
        OptionRange.Check(CfganTrainer.ModelName, this.BatchSize, 1, 65_536);
        OptionRange.Check(CfganTrainer.ModelName, this.LearningRate, 1e-6, 1);
        OptionRange.Check(CfganTrainer.ModelName, this.DiscriminatorRate, 1e-6, 1);
        OptionRange.Check(CfganTrainer.ModelName, this.WeightDecay, 0, 1);
        OptionRange.Check(CfganTrainer.ModelName, this.AverageDecay, 0, 0.9999);
        if (!Enum.IsDefined(this.Zeros)) throw new ArgumentException($"{CfganTrainer.ModelName}: zeros is {this.Zeros}; allowed are zr, pm and zp.");
    }
}

/// <summary>
/// A generator that is told what a shopper touched writes their whole row of the matrix, as numbers from 0 to 1; a discriminator, told the
/// same, learns to tell it from the real row; the generator learns to deceive it.
/// </summary>
/// <remarks>Chae, Kang, Kim, Lee: CFGAN: a generic collaborative filtering framework based on generative adversarial networks (CIKM 2018).</remarks>
public sealed class CfganTrainer : ITrainer
{
    public const string ModelName = "cfgan";

    private readonly CfganOptions _options;

    public CfganTrainer(CfganOptions? options = null)
    {
        this._options = options ?? new CfganOptions();
        this._options.Validate();
    }

    public string Name => ModelName;

    public JsonElement Options => JsonSerializer.SerializeToElement(this._options, TrainerOptionsJson.Default.CfganOptions);

    public IModel Fit(Dataset data, FitContext context)
    {
        var train = TrainingInput.Check(this.Name, data, context);
        var random = new RandomStream(this._options.Seed);
        var generator = new CfganGenerator(new CfganShape(train.Items, this._options.Dimensions, this._options.Layers), ref random);
        var discriminator = new CfganDiscriminator(train.Items, this._options.DiscriminatorDimensions, ref random);
        var plan = new TrainingPlan
        {
            Model = this.Name,
            Epochs = this._options.Epochs,
            BatchSize = this._options.BatchSize,
            LearningRate = this._options.LearningRate,
            AverageDecay = this._options.AverageDecay,
            Seed = this._options.Seed,
        };
        int[] users = [.. Enumerable.Range(0, train.Users).Where(user => train.CountOf(user) > 0)];
        var loop = new AdversarialLoop(
            plan,
            new Adam([.. generator.Parameters], context.Threads, weightDecay: this._options.WeightDecay),
            new Adam([.. discriminator.Parameters], context.Threads, weightDecay: this._options.WeightDecay),
            this._options.DiscriminatorRate,
            users.Length);
        var loss = new CfganLoss(this._options, generator, discriminator, train);
        int[] UsersOf(int[] batch) => Array.ConvertAll(batch, example => users[example]);
        loop.Run(context, (tape, batch) => loss.OfDiscriminator(tape, UsersOf(batch)), (tape, batch) => loss.OfGenerator(tape, UsersOf(batch)));
        return new CfganModel(generator, train);
    }
}

/// <summary>What the two networks of <see cref="CfganTrainer"/> make small. Only drawn places of users × items are ever computed.</summary>
internal sealed class CfganLoss(CfganOptions options, CfganGenerator generator, CfganDiscriminator discriminator, Interactions train)
{
    /// <summary>Mean over users of −ln D(real row) − ln(1 − D(generated row)).</summary>
    public Tensor OfDiscriminator(Tape tape, int[] users)
    {
        var rows = new CfganRows(options, train, users, tape.NextKey());
        var made = generator.Values(tape, generator.Encode(tape, rows.Told), rows.Seen);
        var real = discriminator.Judge(tape, rows.Touched, rows.Touched, tape.Constant(rows.Touched.Items.Length, 1, rows.Touched.Units().Weights));
        var fake = discriminator.Judge(tape, rows.Touched, rows.Seen, tape.Constant(made.Rows, 1, Scaled(made.Values, rows.SeenWeights)));
        return tape.Add(Against(tape, real, 1f), Against(tape, fake, 0f));
    }

    /// <summary>Mean over users of −ln D(generated row) + α · Σ over drawn zeros of half their generated value's square.</summary>
    public Tensor OfGenerator(Tape tape, int[] users)
    {
        var rows = new CfganRows(options, train, users, tape.NextKey());
        var state = generator.Encode(tape, rows.Told);
        var made = generator.Values(tape, state, rows.Seen);
        var verdict = discriminator.Judge(tape, rows.Touched, rows.Seen, tape.Multiply(made, tape.Constant(made.Rows, 1, rows.SeenWeights)));
        var loss = Against(tape, verdict, 1f);
        if (rows.Zeros.Items.Length == 0 || options.ReconstructionWeight == 0) return loss;
        var zeros = generator.Values(tape, state, rows.Zeros);
        var squares = tape.SquaredError(zeros, new float[zeros.Length]);
        return tape.Add(loss, squares, (float)(options.ReconstructionWeight * zeros.Rows / users.Length));
    }

    private static Tensor Against(Tape tape, Tensor verdicts, float label)
    {
        var labels = new float[verdicts.Length];
        Array.Fill(labels, label);
        return tape.BinaryCrossEntropy(verdicts, labels);
    }

    private static float[] Scaled(ReadOnlySpan<float> values, float[] weights)
    {
        var scaled = new float[weights.Length];
        for (var i = 0; i < scaled.Length; i++) scaled[i] = values[i] * weights[i];
        return scaled;
    }
}

/// <summary>The places of the matrix that one step looks at.</summary>
internal sealed class CfganRows
{
    public CfganRows(CfganOptions options, Interactions train, int[] users, uint key)
    {
        List<int>[] touched = new List<int>[users.Length], told = new List<int>[users.Length], seen = new List<int>[users.Length], zeros = new List<int>[users.Length];
        var weights = new List<float>();
        for (var row = 0; row < users.Length; row++)
        {
            var random = new RandomStream((int)key, users[row]);
            var items = train.ItemsOf(users[row]);
            touched[row] = [.. items];
            told[row] = [];
            foreach (var item in items)
            {
                if (random.Uniform() >= options.DropRate) told[row].Add(item);
            }

            seen[row] = [.. items];
            if (options.Zeros != CfganZeros.Reconstruction) Draw(seen[row], items, options.MaskingShare, train.Items, ref random);
            zeros[row] = [];
            if (options.Zeros != CfganZeros.Masking) Draw(zeros[row], items, options.ReconstructionShare, train.Items, ref random);

            // Generated rows are scaled as the real one is, so that only what is generated tells them apart.
            weights.AddRange(Enumerable.Repeat(1f / MathF.Sqrt(items.Length), seen[row].Count));
        }

        this.Touched = Bags.Of(touched);
        this.Told = Bags.Of(told);
        this.Seen = Bags.Of(seen);
        this.Zeros = Bags.Of(zeros);
        this.SeenWeights = [.. weights];
    }

    /// <summary>All that the user touched: the real row, and the condition that the discriminator is given.</summary>
    public Bags Touched { get; }

    /// <summary>The condition that the generator is given.</summary>
    public Bags Told { get; }

    /// <summary>The places of a generated row that the discriminator sees: those touched, and those drawn by partial masking.</summary>
    public Bags Seen { get; }

    public float[] SeenWeights { get; }

    /// <summary>The places that zero reconstruction has drawn.</summary>
    public Bags Zeros { get; }

    private static void Draw(List<int> drawn, ReadOnlySpan<int> touched, double share, int items, ref RandomStream random)
    {
        var count = Math.Min(items - touched.Length, (int)Math.Ceiling(share * touched.Length));
        while (count > 0)
        {
            var item = random.Below(items);
            if (touched.BinarySearch(item) >= 0) continue;
            drawn.Add(item);
            count--;
        }
    }
}
