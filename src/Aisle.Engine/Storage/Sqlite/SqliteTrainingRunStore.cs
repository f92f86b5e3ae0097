using Aisle.Engine.Training;
using Dapper;

namespace Aisle.Engine.Storage.Sqlite;

internal sealed class SqliteTrainingRunStore(SqliteDatabase database) : ITrainingRunStore
{
    private const string Columns =
        "id AS Id, trigger AS Trigger, state AS State, started_at AS StartedAt, finished_at AS FinishedAt, model_version AS ModelVersion, report AS Report, error AS Error";

    public Task<long> StartAsync(string trigger, DateTimeOffset startedAt, CancellationToken cancellation) =>
        database.WriteAsync(
            session => session.Connection.ExecuteScalar<long>(
                "INSERT INTO training_run (trigger, state, started_at) VALUES (@trigger, @state, @at) RETURNING id",
                new { trigger, state = (int)TrainingState.Running, at = startedAt.ToUnixTimeMilliseconds() }),
            cancellation);

    public Task FinishAsync(TrainingRunRecord run, CancellationToken cancellation) =>
        database.WriteAsync(
            session =>
            {
                var known = session.Connection.Execute(
                    """
                    UPDATE training_run
                    SET state = @State, finished_at = @FinishedAt, model_version = @ModelVersion, report = @Report, error = @Error
                    WHERE id = @Id
                    """,
                    new { State = (int)run.State, FinishedAt = run.FinishedAt?.ToUnixTimeMilliseconds(), run.ModelVersion, run.Report, run.Error, run.Id });
                return known == 1 ? known : throw new StoreException($"There is no training run {run.Id} in the store; start it before finishing it.");
            },
            cancellation);

    public TrainingRunRecord? Find(long id) =>
        database.Read(session => session.Connection.QuerySingleOrDefault<Row>($"SELECT {Columns} FROM training_run WHERE id = @id", new { id })?.ToRecord());

    public IReadOnlyList<TrainingRunRecord> Latest(int count) =>
        database.Read(session =>
            session.Connection.Query<Row>($"SELECT {Columns} FROM training_run ORDER BY id DESC LIMIT @count", new { count })
                .Select(row => row.ToRecord()).ToList());

    private sealed record Row(
        long Id, string Trigger, long State, long StartedAt, long? FinishedAt, string? ModelVersion, string? Report, string? Error)
    {
        public TrainingRunRecord ToRecord() => new(
            this.Id,
            this.Trigger,
            (TrainingState)this.State,
            DateTimeOffset.FromUnixTimeMilliseconds(this.StartedAt),
            this.FinishedAt is { } finished ? DateTimeOffset.FromUnixTimeMilliseconds(finished) : null,
            this.ModelVersion,
            this.Report,
            this.Error);
    }
}
