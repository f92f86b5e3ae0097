using System.Text.Json;
using System.Text.Json.Nodes;

namespace Aisle.Learning.Tuning;

/// <summary>One measurement of one set of options.</summary>
/// <param name="Configuration">Number of the set of options, from 0; 0 are the model's defaults.</param>
/// <param name="Budget">Share of the whole effort that was spent, up to 1.</param>
/// <param name="Score">What the metric was; NaN where the fit failed.</param>
/// <param name="Failure">Why it failed; null where it did not.</param>
public sealed record Trial(int Configuration, double Budget, JsonObject Options, double Score, double Seconds, string? Failure = null);

/// <summary>Everything that a search has to remember to go on where it stopped.</summary>
/// <param name="Question">What is searched: model, data, metric, space, method and seed in one text. Trials of another question are no answer to this one.</param>
public sealed record TuningState(string Question, IReadOnlyList<Trial> Trials)
{
    public string ToJson() => JsonSerializer.Serialize(this, TuningJson.Default.TuningState);

    /// <exception cref="InvalidDataException">The text is no state, or one of another question; the message says what to do.</exception>
    public static TuningState FromJson(string json, string question)
    {
        TuningState? state;
        try
        {
            state = JsonSerializer.Deserialize(json, TuningJson.Default.TuningState);
        }
        catch (JsonException failure)
        {
            throw new InvalidDataException($"The file of trials cannot be read ({failure.Message}). Remove it, or name another.", failure);
        }

        if (state?.Trials is null || state.Trials.Any(trial => trial?.Options is null)) throw new InvalidDataException("The file of trials is incomplete. Remove it, or name another.");
        return state.Question == question
            ? state
            : throw new InvalidDataException($"The file of trials belongs to another search ({state.Question}); this one is {question}. Remove it, or name another.");
    }
}
