using Aisle.Engine.Profiles;

namespace Aisle.Engine.Storage.Sqlite;

/// <summary>Users told of by the shop and users seen in events share one table, so that either way of arriving makes a user known.</summary>
internal sealed class SqliteUserStore(SqliteDatabase database) : IUserStore
{
    private const string Upsert =
        "INSERT INTO user (id, attributes, in_events) VALUES (?1, ?2, 0) ON CONFLICT (id) DO UPDATE SET attributes = excluded.attributes";

    public Task UpsertAsync(IReadOnlyList<User> users, CancellationToken cancellation) =>
        database.WriteAsync(
            session =>
            {
                var statement = session.Prepare(Upsert);
                foreach (var user in users)
                {
                    statement.Bind(1, user.Id.Value);
                    statement.Bind(2, StoredJson.Write(user.Attributes));
                    statement.Execute();
                }

                return users.Count;
            },
            cancellation);

    public User? Find(UserId id) => database.Read(session =>
    {
        var statement = session.Prepare("SELECT id, attributes FROM user WHERE id = ?1");
        statement.Bind(1, id.Value);
        var user = statement.Step() ? Read(statement) : null;
        statement.Reset();
        return user;
    });

    public IReadOnlyList<User> List(UserId? after, int count) => database.Read(session =>
    {
        var statement = session.Prepare("SELECT id, attributes FROM user WHERE id > ?1 ORDER BY id LIMIT ?2");
        statement.Bind(1, after?.Value ?? "");
        statement.Bind(2, count);
        var users = new List<User>();
        while (statement.Step()) users.Add(Read(statement));
        return users;
    });

    private static User Read(Statement statement)
    {
        var id = new UserId(statement.Text(0));
        return statement.IsNull(1) ? new User { Id = id } : new User { Id = id, Attributes = StoredJson.ReadValues(statement.Text(1)) };
    }
}
