using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Aisle.Learning.Data;

/// <summary>What a trainer may learn from. Only the interactions are always there; a trainer that needs more says what is missing.</summary>
public sealed record Dataset
{
    /// <param name="interactions">Users × items: who touched what, how strongly.</param>
    public Dataset(Interactions interactions) => this.Interactions = interactions;

    /// <summary>Everything in a row of events; the interactions are counted from it.</summary>
    public Dataset(Sequences sequences)
        : this(sequences.ToInteractions()) => this.Sequences = sequences;

    /// <summary>Users × items; for explicit feedback the weight is the rating.</summary>
    public Interactions Interactions { get; init; }

    /// <summary>The same behaviour in order, with repeats; null where the order is unknown.</summary>
    public Sequences? Sequences { get; init; }

    /// <summary>Words about each item (title, description), Items entries; an item without any has an empty text. Null where there are none.</summary>
    public IReadOnlyList<string>? ItemTexts { get; init; }

    /// <summary>What each item is (category, brand, price band…), Items rows; null where nothing is known.</summary>
    public Attributes? ItemAttributes { get; init; }

    /// <summary>What each user is, Users rows; null where nothing is known.</summary>
    public Attributes? UserAttributes { get; init; }

    /// <summary>Vectors brought by the caller, row-major Items × dimensions; an item without one has zeros. Null where there are none.</summary>
    public ItemVectors? ItemVectors { get; init; }

    /// <summary>The sequences as given, or those that the times of the interactions tell; null where neither is known.</summary>
    public Sequences? InOrder() => this.Sequences ?? (this.Interactions.HasTimes ? Sequences.From(this.Interactions) : null);

    /// <summary>A short text that is equal for equal behaviour, in every process.</summary>
    public string Fingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var (train, sequences) = (this.Interactions, this.Sequences);
        hash.AppendData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{train.Users} {train.Items} {train.Count} {sequences?.Count}")));
        for (var user = 0; user < train.Users; user++)
        {
            hash.AppendData(MemoryMarshal.AsBytes(train.ItemsOf(user)));
            hash.AppendData(MemoryMarshal.AsBytes(train.WeightsOf(user)));
            hash.AppendData(MemoryMarshal.AsBytes(train.TimesOf(user)));
            if (sequences is null || user >= sequences.Users) continue;
            hash.AppendData(MemoryMarshal.AsBytes(sequences.ItemsOf(user)));
            hash.AppendData(MemoryMarshal.AsBytes(sequences.TimesOf(user)));
            hash.AppendData(sequences.KindsOf(user));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 16));
    }

    /// <summary>The same items known by other behaviour: a part of a split, or a resample.</summary>
    public Dataset With(Interactions interactions, Sequences? sequences = null) => this with { Interactions = interactions, Sequences = sequences };
}

/// <summary>Vectors of items from outside, row-major.</summary>
public sealed record ItemVectors(int Dimensions, float[] Values)
{
    public ReadOnlySpan<float> Of(int item) => this.Values.AsSpan(item * this.Dimensions, this.Dimensions);
}
