namespace Aisle.Engine.Profiles;

/// <summary>The shop's own identifier of a shopper, known or anonymous: 1 to 128 characters, no control characters, case-sensitive.</summary>
public readonly record struct UserId(string Value)
{
    public const int MaxLength = 128;

    public override string ToString() => this.Value;
}
