using System.Text.Json;
using Aisle.Learning.Data;
using Aisle.Learning.Neural;

namespace Aisle.Learning.Models;

/// <summary>Options of <see cref="BehaviourGeneratorTrainer"/>.</summary>
public sealed record BehaviourGeneratorOptions
{
    /// <summary>Numbers that a shopper, an attribute and an item are known by. 4 to 1,024, default 16.</summary>
    public int Dimensions { get; init; } = 16;

    /// <summary>Share of the examples in which nothing but attributes is told. 0 to 1, default 0.5.</summary>
    public double EmptyShare { get; init; } = 0.5;

    /// <summary>In the others, from one to so many of the shopper's items are told. 1 to 1,000, default 10.</summary>
    public int MaximumKnown { get; init; } = 10;

    /// <summary>Attribute values of fewer users are left aside. 1 to 1,000,000, default 10.</summary>
    public int MinimumUsers { get; init; } = 10;

    /// <summary>Users of fewer items are not learned from: what came first alone does not say how somebody goes on. Where nobody has as many, all are. 1 to 1,000, default 2.</summary>
    public int MinimumItems { get; init; } = 2;

    /// <summary>A shopper of n items counts n^−a for each of them: 0 all items alike, 1 all shoppers alike. 0 to 1, default 0.</summary>
    public double UserExponent { get; init; }

    /// <summary>Weight of the discriminator's verdict beside the likelihood of what shoppers really did; 0: no discriminator. 0 to 100, default 0.1.</summary>
    public double AdversarialWeight { get; init; } = 0.1;

    /// <summary>Items drawn for each shopper and step, for the discriminator to judge. 2 to 1,000, default 8.</summary>
    public int Draws { get; init; } = 8;

    /// <summary>Share of attributes and of the state's numbers dropped in training. 0 to 0.9, default 0.3.</summary>
    public double DropRate { get; init; } = 0.3;

    /// <summary>Passes over the users at most. 1 to 10,000, default 20.</summary>
    public int Epochs { get; init; } = 20;

    /// <summary>
    /// Epochs without a better validation after which training stops; the best weights are kept. Validation is the likelihood of what a tenth of
    /// the users did, told by attributes alone, who are then not learned from. 0 trains all epochs on everybody. 0 to 10,000, default 0.
    /// </summary>
    public int Patience { get; init; }

    /// <summary>Users to a step. 1 to 65,536, default 64.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>Of the generator's Adam. 1e-6 to 1, default 0.002.</summary>
    public double LearningRate { get; init; } = 0.002;

    /// <summary>Of the discriminator's Adam. 1e-6 to 1, default 0.002.</summary>
    public double DiscriminatorRate { get; init; } = 0.002;

    /// <summary>λ of AdamW, for both. 0 to 1, default 0.01.</summary>
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>Seed of the random start, the order and the draws. Default 1.</summary>
    public int Seed { get; init; } = 1;

    internal void Validate()
    {
        OptionRange.Check(BehaviourGeneratorTrainer.ModelName, this.Dimensions, 4, 1024);
        OptionRange.Check(BehaviourGeneratorTrainer.ModelName, this.EmptyShare, 0, 1);
        OptionRange.Check(BehaviourGeneratorTrainer.ModelName, this.MaximumKnown, 1, 1000);
        OptionRange.Check(BehaviourGeneratorTrainer.ModelName, this.MinimumUsers, 1, 1_000_000);
        OptionRange.Check(BehaviourGeneratorTrainer.ModelName, this.MinimumItems, 1, 1000);
        OptionRange.Check(BehaviourGeneratorTrainer.ModelName, this.UserExponent, 0, 1);
        OptionRange.Check(BehaviourGeneratorTrainer.ModelName, this.AdversarialWeight, 0, 100);
        OptionRange.Check(BehaviourGeneratorTrainer.ModelName, this.Draws, 2, 1000);
        OptionRange.Check(BehaviourGeneratorTrainer.ModelName, this.DropRate, 0, 0.9);
        OptionRange.Check(BehaviourGeneratorTrainer.ModelName, this.Epochs, 1, 10_000);
        OptionRange.Check(BehaviourGeneratorTrainer.ModelName, this.Patience, 0, 10_000);
        OptionRange.Check(BehaviourGeneratorTrainer.ModelName, this.BatchSize, 1, 65_536);
        OptionRange.Check(BehaviourGeneratorTrainer.ModelName, this.LearningRate, 1e-6, 1);
        OptionRange.Check(BehaviourGeneratorTrainer.ModelName, this.DiscriminatorRate, 1e-6, 1);
        OptionRange.Check(BehaviourGeneratorTrainer.ModelName, this.WeightDecay, 0, 1);
    }
}

/// <summary>
/// What somebody of whom little is known will do: a distribution over items, given attributes and the first items, if any. Learned by the
/// likelihood of what shoppers did and, beside it, by a discriminator that tells their items from drawn ones.
/// </summary>
/// <remarks>
/// Mirza, Osindero: Conditional generative adversarial nets (2014); discrete items by policy gradient as in Yu, Zhang, Wang, Yu: SeqGAN (AAAI
/// 2017) and Wang et al.: IRGAN (SIGIR 2017).
/// </remarks>
public sealed class BehaviourGeneratorTrainer : ITrainer
{
    public const string ModelName = "behaviour-generator";

    /// <summary>Of the users, for validation: one in so many.</summary>
    private const int ValidationPart = 10;

    private readonly BehaviourGeneratorOptions _options;

    public BehaviourGeneratorTrainer(BehaviourGeneratorOptions? options = null)
    {
        this._options = options ?? new BehaviourGeneratorOptions();
        this._options.Validate();
    }

    public string Name => ModelName;

    public JsonElement Options => JsonSerializer.SerializeToElement(this._options, TrainerOptionsJson.Default.BehaviourGeneratorOptions);

    public IModel Fit(Dataset data, FitContext context)
    {
        var train = TrainingInput.Check(this.Name, data, context);
        var people = KnownPeople.Of(this.Name, data.UserAttributes, train, this._options.MinimumUsers);
        var random = new RandomStream(this._options.Seed);
        var shape = new GeneratorShape(train.Items, people.IsUsed.Length, this._options.Dimensions);
        var generator = new BehaviourNetwork(shape, (float)this._options.DropRate, ref random);
        var users = this.LearnedFrom(train);
        generator.StartWith(train, users, this._options.UserExponent);
        var discriminator = new BehaviourDiscriminator(shape, ref random);
        var plan = new TrainingPlan
        {
            Model = this.Name,
            Epochs = this._options.Epochs,
            BatchSize = this._options.BatchSize,
            LearningRate = this._options.LearningRate,
            Patience = this._options.Patience,
            Seed = this._options.Seed,
        };
        var held = this._options.Patience > 0 ? users[..(users.Length / ValidationPart)] : [];
        var learned = users[held.Length..];
        var loop = new AdversarialLoop(
            plan,
            new Adam([.. generator.Parameters], context.Threads, weightDecay: this._options.WeightDecay),
            new Adam([.. discriminator.Parameters], context.Threads, weightDecay: this._options.WeightDecay),
            this._options.AdversarialWeight > 0 ? this._options.DiscriminatorRate : 0,
            learned.Length);
        var loss = new BehaviourLoss(this._options, generator, discriminator, train, people);
        int[] UsersOf(int[] batch) => Array.ConvertAll(batch, example => learned[example]);
        loop.Run(
            context,
            (tape, batch) => loss.OfDiscriminator(tape, UsersOf(batch)),
            (tape, batch) => loss.OfGenerator(tape, UsersOf(batch)),
            held.Length > 0 ? () => loss.LikelihoodOf(held, context) : null);
        return new BehaviourGeneratorModel(generator, train, people);
    }

    /// <summary>In random order, so that a part of them is a sample.</summary>
    private int[] LearnedFrom(Interactions train)
    {
        int[] users = [.. Enumerable.Range(0, train.Users).Where(user => train.CountOf(user) >= this._options.MinimumItems)];
        if (users.Length == 0) users = [.. Enumerable.Range(0, train.Users).Where(user => train.CountOf(user) > 0)];
        new RandomStream(this._options.Seed, ValidationPart).Shuffle<int>(users);
        return users;
    }
}

/// <summary>What the two networks of <see cref="BehaviourGeneratorTrainer"/> make small.</summary>
internal sealed class BehaviourLoss(BehaviourGeneratorOptions options, BehaviourNetwork generator, BehaviourDiscriminator discriminator, Interactions train, KnownPeople people)
{
    /// <summary>Mean of −ln D(real item) − ln(1 − D(drawn item)), as many of either.</summary>
    public Tensor OfDiscriminator(Tape tape, int[] users)
    {
        var examples = this.Examples(users, tape.NextKey());
        var drawn = tape.DrawItems(generator.Encode(tape, examples.Attributes, examples.Known), generator.Items, generator.Bias, options.Draws, tape.NextKey());
        var real = Resampled(examples.Targets, options.Draws, tape.NextKey());
        var context = discriminator.Encode(tape, examples.Attributes, examples.Known);
        return tape.Add(Against(tape, discriminator.Judge(tape, context, real), 1f), Against(tape, discriminator.Judge(tape, context, drawn), 0f));
    }

    /// <summary>
    /// Mean over users of −Σ n^−a · ln p(item) over what they did, and −Σ advantage · ln p(item) over drawn items: how much likelier the
    /// discriminator thinks the item real than the shopper's other drawn items (REINFORCE, Williams 1992).
    /// </summary>
    public Tensor OfGenerator(Tape tape, int[] users)
    {
        var examples = this.Examples(users, tape.NextKey());
        var state = generator.Encode(tape, examples.Attributes, examples.Known);
        var lists = new List<int>[users.Length];
        var weights = new List<float>[users.Length];
        for (var row = 0; row < users.Length; row++)
        {
            lists[row] = [.. examples.Targets.Of(row)];
            weights[row] = [.. Enumerable.Repeat(MathF.Pow(lists[row].Count, -(float)options.UserExponent), lists[row].Count)];
        }

        if (options.AdversarialWeight > 0) this.AddDrawn(tape, state, examples, lists, weights);
        return tape.CatalogueMultinomial(state, generator.Items, new WeightedBags(Bags.Of(lists), [.. weights.SelectMany(row => row)]), generator.Bias);
    }

    /// <summary>Mean of ln p(item) over what users did, given their attributes alone.</summary>
    public double LikelihoodOf(int[] users, FitContext context)
    {
        var tape = new Tape(context.Threads, isTraining: false);
        var sum = 0.0;
        for (var first = 0; first < users.Length; first += options.BatchSize)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            var part = users[first..Math.Min(users.Length, first + options.BatchSize)];
            tape.Begin(0);
            var targets = Bags.Of(Array.ConvertAll(part, user => train.ItemsOf(user).ToArray()));
            var state = generator.Encode(tape, Bags.Of(Array.ConvertAll(part, user => people.Of(user).ToArray())), Bags.Of(Array.ConvertAll<int, int[]>(part, _ => [])));
            sum -= tape.CatalogueMultinomial(state, generator.Items, targets.Means(), generator.Bias).Values[0] * part.Length;
        }

        return sum / users.Length;
    }

    private void AddDrawn(Tape tape, Tensor state, BehaviourExamples examples, List<int>[] lists, List<float>[] weights)
    {
        var drawn = tape.DrawItems(state, generator.Items, generator.Bias, options.Draws, tape.NextKey());
        var verdicts = tape.Activate<Kernels.Sigmoid>(discriminator.Judge(tape, discriminator.Encode(tape, examples.Attributes, examples.Known), drawn));
        for (var row = 0; row < lists.Length; row++)
        {
            var own = verdicts.Values.Slice(row * options.Draws, options.Draws);
            var sum = 0f;
            foreach (var verdict in own) sum += verdict;

            // As heavy, all together, as what the shopper did.
            var scale = (float)options.AdversarialWeight * MathF.Pow(lists[row].Count, 1 - (float)options.UserExponent) / options.Draws;
            for (var j = 0; j < options.Draws; j++) weights[row].Add(scale * (own[j] - ((sum - own[j]) / (options.Draws - 1))));
            lists[row].AddRange(drawn.Of(row));
        }
    }

    private static Tensor Against(Tape tape, Tensor verdicts, float label)
    {
        var labels = new float[verdicts.Length];
        Array.Fill(labels, label);
        return tape.BinaryCrossEntropy(verdicts, labels);
    }

    /// <summary>So many items of each list, with replacement.</summary>
    private static Bags Resampled(Bags lists, int count, uint key) => Bags.Of(Array.ConvertAll([.. Enumerable.Range(0, lists.Count)], row =>
    {
        var random = new RandomStream((int)key, row);
        var items = new int[count];
        foreach (ref var item in items.AsSpan()) item = lists.Of(row)[random.Below(lists.CountOf(row))];
        return items;
    }));

    private BehaviourExamples Examples(int[] users, uint key)
    {
        int[][] attributes = new int[users.Length][], known = new int[users.Length][], targets = new int[users.Length][];
        for (var row = 0; row < users.Length; row++)
        {
            var random = new RandomStream((int)key, users[row]);
            List<int> told = [];
            foreach (var value in people.Of(users[row]))
            {
                if (random.Uniform() >= options.DropRate) told.Add(value);
            }

            var items = train.ItemsOf(users[row]).ToArray();
            random.Shuffle<int>(items);
            var count = items.Length == 1 || random.Uniform() < options.EmptyShare ? 0 : 1 + random.Below(Math.Min(options.MaximumKnown, items.Length - 1));
            (attributes[row], known[row], targets[row]) = ([.. told], items[..count], items[count..]);
        }

        return new BehaviourExamples(Bags.Of(attributes), Bags.Of(known), Bags.Of(targets));
    }

    /// <summary>What is told of each shopper, and what is to be said.</summary>
    private sealed record BehaviourExamples(Bags Attributes, Bags Known, Bags Targets);
}
