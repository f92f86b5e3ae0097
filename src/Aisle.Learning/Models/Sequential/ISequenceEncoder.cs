using Aisle.Learning.Neural;

namespace Aisle.Learning.Models;

/// <summary>Items in a row to a state: what is known of the shopper after it. The state's product with an item's embedding is the item's score.</summary>
internal interface ISequenceEncoder
{
    ISequenceShape Shape { get; }

    /// <summary>Items × dimensions.</summary>
    Parameter Items { get; }

    /// <summary>Always in the same order.</summary>
    IEnumerable<Parameter> Parameters { get; }

    /// <summary>A state for each event, as it is learned from.</summary>
    /// <param name="starts">Sequence s is items[starts[s]…starts[s + 1]).</param>
    Tensor Encode(Tape tape, int[] items, int[] starts);

    /// <summary>A state for each sequence: of what comes after its last event. Nothing is said of empty sequences.</summary>
    Tensor Next(Tape tape, int[] items, int[] starts);
}

/// <summary>What the parameters of an encoder are made to.</summary>
internal interface ISequenceShape
{
    int Items { get; }

    int Dimensions { get; }

    /// <summary>Events that are read, the last ones.</summary>
    int Length { get; }

    /// <summary>The encoder has at least so many numbers: what a file that claims this shape must hold.</summary>
    long LeastNumbers { get; }

    /// <summary>What the family's reader of shapes reads; not the number of items.</summary>
    void Write(ModelWriter writer);

    ISequenceEncoder Encoder(int seed);
}

internal static class LastEvents
{
    /// <summary>The last row of each sequence; −1 where it is empty.</summary>
    public static int[] Of(int[] starts) => [.. Enumerable.Range(0, starts.Length - 1).Select(s => starts[s + 1] > starts[s] ? starts[s + 1] - 1 : -1)];
}
