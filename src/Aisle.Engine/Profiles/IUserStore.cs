namespace Aisle.Engine.Profiles;

public interface IUserStore
{
    /// <summary>Inserts or replaces, in one durable transaction.</summary>
    Task UpsertAsync(IReadOnlyList<User> users, CancellationToken cancellation);

    /// <summary>The user, or null if neither told of nor seen in an event.</summary>
    User? Find(UserId id);

    /// <summary>Users in id order after <paramref name="after"/>, at most <paramref name="count"/>.</summary>
    IReadOnlyList<User> List(UserId? after, int count);
}
