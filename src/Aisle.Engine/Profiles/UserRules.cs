namespace Aisle.Engine.Profiles;

/// <summary>What every shopper's record must keep to.</summary>
public static class UserRules
{
    public const int MaxAttributes = 100;
    public const int MaxAttributeLength = 1000;

    public static FieldProblem? Check(User user)
    {
        if (user.Id.Value.Length is 0 or > UserId.MaxLength || user.Id.Value.Any(char.IsControl))
            return new FieldProblem("id", $"id must have 1 to {UserId.MaxLength} characters, without control characters.");
        return user.Attributes.Count > MaxAttributes
            || user.Attributes.Any(pair => pair.Key.Length is 0 or > MaxAttributeLength || pair.Value is null || pair.Value.Length > MaxAttributeLength)
            ? new FieldProblem("attributes", $"attributes must hold at most {MaxAttributes} names with text values of at most {MaxAttributeLength} characters.")
            : null;
    }
}
