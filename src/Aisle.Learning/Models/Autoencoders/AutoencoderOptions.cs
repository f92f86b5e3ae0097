using Aisle.Learning.Data;
using Aisle.Learning.Neural;

namespace Aisle.Learning.Models;

/// <summary>Options that all autoencoders of histories have in common.</summary>
public abstract record AutoencoderOptions
{
    /// <summary>Numbers of the code that stands for a shopper. 1 to 4,096, default 200.</summary>
    public int Factors { get; init; } = 200;

    /// <summary>Shoppers to a step. 0 to 100,000; default 0 chooses a sixtieth of the shoppers, at least 50 and at most 500.</summary>
    public int BatchSize { get; init; }

    /// <summary>How the learning rate goes on over the steps. Default linear.</summary>
    public LearningSchedule Schedule { get; init; } = LearningSchedule.Linear;

    /// <summary>Share of a history's interactions that the encoder is not shown, drawn anew each time. 0 to 0.95, default 0.5, of recvae 0.7.</summary>
    public double Dropout { get; init; } = 0.5;

    /// <summary>Weights of interactions are raised to this power; 0: all count alike. 0 to 1, default 0.</summary>
    public double WeightExponent { get; init; }

    /// <summary>
    /// Epochs (of recvae, rounds) without a better validation after which training stops; a part of some histories is then held out. 0 for all epochs. 0 to
    /// 1,000, default 0.
    /// </summary>
    public int Patience { get; init; }

    /// <summary>Seed of the start, of the order and of the noise. Default 1.</summary>
    public int Seed { get; init; } = 1;

    private protected void ValidateShared(string model)
    {
        OptionRange.Check(model, this.Factors, 1, AutoencoderShape.Largest);
        OptionRange.Check(model, this.BatchSize, 0, 100_000);
        OptionRange.Check(model, this.Dropout, 0, 0.95);
        OptionRange.Check(model, this.WeightExponent, 0, 1);
        OptionRange.Check(model, this.Patience, 0, 1000);
    }

    private protected TrainingPlan Plan(string model, int epochs, double learningRate, Interactions train) => new()
    {
        Model = model,
        Epochs = epochs,
        BatchSize = AutoencoderTraining.BatchOf(this.BatchSize, train),
        LearningRate = learningRate,
        Schedule = this.Schedule,
        Patience = this.Patience,
        Seed = this.Seed,
    };
}

/// <summary>Options that Mult-DAE and Mult-VAE have in common.</summary>
public abstract record MultinomialOptions : AutoencoderOptions
{
    /// <summary>Size of the encoder's hidden layer; 0 for none. 0 to 4,096, default 0, of mult-vae 600.</summary>
    public int Hidden { get; init; }

    /// <summary>Size of the decoder's hidden layer, which the cost of training grows with; 0 for none: scores are then linear in the code. 0 to 4,096, default 0.</summary>
    public int DecoderHidden { get; init; }

    /// <summary>Passes over the shoppers. 1 to 10,000, default 20.</summary>
    public int Epochs { get; init; } = 20;

    /// <summary>Above 0, at most 1; default 0.003.</summary>
    public double LearningRate { get; init; } = 0.003;

    /// <summary>Weight decay, apart from the gradient (AdamW). 0 to 1, default 0, of mult-dae 0.01.</summary>
    public double WeightDecay { get; init; }

    internal TrainingPlan PlanOf(string model, Interactions train) => this.Plan(model, this.Epochs, this.LearningRate, train);

    private protected void ValidateMultinomial(string model)
    {
        this.ValidateShared(model);
        OptionRange.Check(model, this.Hidden, 0, AutoencoderShape.Largest);
        OptionRange.Check(model, this.DecoderHidden, 0, AutoencoderShape.Largest);
        OptionRange.Check(model, this.Epochs, 1, 10_000);
        OptionRange.Check(model, this.LearningRate, 1e-9, 1);
        OptionRange.Check(model, this.WeightDecay, 0, 1);
    }
}
