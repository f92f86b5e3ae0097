using System.Runtime.InteropServices;
using Aisle.Engine.ChoicePoints;

namespace Aisle.Engine.Storage.Sqlite;

internal sealed class SqliteChoiceStore(SqliteDatabase database) : IChoiceStore
{
    /// <summary>Dropped in one transaction, so that others need not wait long.</summary>
    private const int TrimmedAtOnce = 5000;

    private const string Select =
        """
        SELECT d.sequence, d.choice, d.id, d.user, d.mode, d.made_at, d.closes_at, d.chosen, d.propensities, d.rewards, d.settled, d.settled_at, q.question
        FROM choice_decision d JOIN choice_question q ON q.decision = d.sequence
        """;

    public Task<IReadOnlyList<ChoiceOutcome>> WriteAsync(IReadOnlyList<ChoiceWrite> writes, CancellationToken cancellation) =>
        database.WriteAsync<IReadOnlyList<ChoiceOutcome>>(
            session => [.. writes.Select(write => write is DecisionWrite decision ? Insert(session, decision.Record) : Reward(session, (RewardWrite)write))],
            cancellation);

    public ChoiceRecord? Find(string choice, string id) => database.Read(session => Find(session, choice, id));

    public async Task<int> SettleDueAsync(DateTimeOffset now, int most, CancellationToken cancellation)
    {
        // Asked first by a reader, since a transaction that writes is not for nothing.
        if (database.Read(session => Due(session, now, 1)).Count == 0) return 0;
        return await database.WriteAsync(
            session =>
            {
                var due = Due(session, now, most);
                foreach (var (sequence, choice) in due) Settle(session, choice, sequence, now);
                return due.Count;
            },
            cancellation);
    }

    public IReadOnlyList<ChoiceRecord> ReadSettled(string choice, long after, int most) => database.Read(session =>
    {
        var statement = session.Prepare($"{Select} WHERE d.choice = ?1 AND d.settled > ?2 ORDER BY d.settled LIMIT ?3");
        statement.Bind(1, choice);
        statement.Bind(2, after);
        statement.Bind(3, most);
        var records = new List<ChoiceRecord>();
        while (statement.Step()) records.Add(Read(statement));
        return records;
    });

    public long LastSettled(string choice) => database.Read(session =>
    {
        var statement = session.Prepare("SELECT settled FROM choice WHERE name = ?1");
        statement.Bind(1, choice);
        return First(statement);
    });

    public long CountWaiting(string choice) => database.Read(session =>
    {
        var statement = session.Prepare("SELECT count(*) FROM choice_decision WHERE settled IS NULL AND choice = ?1");
        statement.Bind(1, choice);
        return First(statement);
    });

    public ChoiceSnapshot? Snapshot(string choice) => database.Read(session =>
    {
        var statement = session.Prepare("SELECT snapshot_settled, snapshot_fingerprint, snapshot FROM choice WHERE name = ?1 AND snapshot IS NOT NULL");
        statement.Bind(1, choice);
        var snapshot = statement.Step() ? new ChoiceSnapshot(statement.Integer(0), statement.Text(1), statement.Bytes(2).ToArray()) : null;
        statement.Reset();
        return snapshot;
    });

    public Task SaveSnapshotAsync(string choice, ChoiceSnapshot snapshot, CancellationToken cancellation) => database.WriteAsync(
        session =>
        {
            // Of the same point a later one stays: another process may have been faster.
            var statement = session.Prepare(
                "UPDATE choice SET snapshot_settled = ?2, snapshot_fingerprint = ?3, snapshot = ?4 WHERE name = ?1 AND (snapshot IS NULL OR snapshot_fingerprint <> ?3 OR snapshot_settled < ?2)");
            statement.Bind(1, choice);
            statement.Bind(2, snapshot.Settled);
            statement.Bind(3, snapshot.Fingerprint);
            statement.BindBlob(4, snapshot.State);
            return statement.Execute();
        },
        cancellation);

    public async Task<int> TrimAsync(string choice, string fingerprint, int kept, DateTimeOffset before, CancellationToken cancellation)
    {
        var old = database.Read(session => Old(session, choice, fingerprint, kept, before));
        if (old.Count == 0) return 0;
        return await database.WriteAsync(
            session =>
            {
                var (decision, question) = (session.Prepare("DELETE FROM choice_decision WHERE sequence = ?1"), session.Prepare("DELETE FROM choice_question WHERE decision = ?1"));
                foreach (var sequence in old)
                {
                    decision.Bind(1, sequence);
                    decision.Execute();
                    question.Bind(1, sequence);
                    question.Execute();
                }

                return old.Count;
            },
            cancellation);
    }

    private static List<long> Old(SqliteSession session, string choice, string fingerprint, int kept, DateTimeOffset before)
    {
        var statement = session.Prepare(
            """
            SELECT d.sequence FROM choice c JOIN choice_decision d ON d.choice = c.name AND d.settled <= c.snapshot_settled
            WHERE c.name = ?1 AND c.snapshot_fingerprint = ?2 AND (d.settled <= c.settled - ?3 OR d.settled_at < ?4)
            ORDER BY d.settled LIMIT ?5
            """);
        statement.Bind(1, choice);
        statement.Bind(2, fingerprint);
        statement.Bind(3, kept);
        statement.Bind(4, before.ToUnixTimeMilliseconds());
        statement.Bind(5, TrimmedAtOnce);
        var old = new List<long>();
        while (statement.Step()) old.Add(statement.Integer(0));
        return old;
    }

    private static ChoiceOutcome Insert(SqliteSession session, ChoiceRecord record)
    {
        var decision = session.Prepare(
            """
            INSERT INTO choice_decision (choice, id, user, mode, made_at, closes_at, chosen, propensities, rewards)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (choice, id) DO NOTHING
            """);
        decision.Bind(1, record.Choice);
        decision.Bind(2, record.Id);
        decision.Bind(3, record.User);
        decision.Bind(4, (long)record.Mode);
        decision.Bind(5, record.MadeAt.ToUnixTimeMilliseconds());
        decision.Bind(6, record.ClosesAt.ToUnixTimeMilliseconds());
        decision.BindBlob(7, MemoryMarshal.AsBytes(record.Chosen.AsSpan()));
        decision.BindBlob(8, MemoryMarshal.AsBytes(record.Propensities.AsSpan()));
        decision.BindBlob(9, MemoryMarshal.AsBytes(record.Rewards.AsSpan()));
        if (decision.Execute() == 0) return new ChoiceOutcome(Find(session, record.Choice, record.Id));
        var sequence = session.Scalar("SELECT last_insert_rowid()");
        var question = session.Prepare("INSERT INTO choice_question (decision, question) VALUES (?1, ?2)");
        question.Bind(1, sequence);
        question.BindBlob(2, record.Question.ToBytes());
        question.Execute();
        return new ChoiceOutcome(record with { Sequence = sequence });
    }

    private static ChoiceOutcome Reward(SqliteSession session, RewardWrite reward)
    {
        if (Waiting(session, reward.Choice, reward.Id) is not var (sequence, closesAt, isSettled, rewards) || reward.Place >= rewards.Length) return new ChoiceOutcome(null);
        var known = rewards[reward.Place];
        if (!double.IsNaN(known)) return new ChoiceOutcome(null, RewardOutcome.Known, known, closesAt);
        if (isSettled || reward.At >= closesAt) return new ChoiceOutcome(null, RewardOutcome.Late, 0, closesAt);
        rewards[reward.Place] = reward.Reward;
        var statement = session.Prepare("UPDATE choice_decision SET rewards = ?2 WHERE sequence = ?1");
        statement.Bind(1, sequence);
        statement.BindBlob(2, MemoryMarshal.AsBytes(rewards.AsSpan()));
        statement.Execute();
        var settles = reward.Settle == SettleWhen.Now || reward.Settle == SettleWhen.Complete && !rewards.Any(double.IsNaN);
        if (settles) Settle(session, reward.Choice, sequence, reward.At);
        return new ChoiceOutcome(null, RewardOutcome.Recorded, reward.Reward, closesAt, settles);
    }

    private static (long Sequence, DateTimeOffset ClosesAt, bool IsSettled, double[] Rewards)? Waiting(SqliteSession session, string choice, string id)
    {
        var statement = session.Prepare("SELECT sequence, closes_at, settled, rewards FROM choice_decision WHERE choice = ?1 AND id = ?2");
        statement.Bind(1, choice);
        statement.Bind(2, id);
        (long, DateTimeOffset, bool, double[])? found = statement.Step()
            ? (statement.Integer(0), DateTimeOffset.FromUnixTimeMilliseconds(statement.Integer(1)), !statement.IsNull(2), MemoryMarshal.Cast<byte, double>(statement.Bytes(3)).ToArray())
            : null;
        statement.Reset();
        return found;
    }

    private static void Settle(SqliteSession session, string choice, long sequence, DateTimeOffset at)
    {
        var counter = session.Prepare("INSERT INTO choice (name, settled) VALUES (?1, 1) ON CONFLICT (name) DO UPDATE SET settled = settled + 1");
        counter.Bind(1, choice);
        counter.Execute();
        var statement = session.Prepare("UPDATE choice_decision SET settled = (SELECT settled FROM choice WHERE name = ?2), settled_at = ?3 WHERE sequence = ?1");
        statement.Bind(1, sequence);
        statement.Bind(2, choice);
        statement.Bind(3, at.ToUnixTimeMilliseconds());
        statement.Execute();
    }

    private static List<(long Sequence, string Choice)> Due(SqliteSession session, DateTimeOffset now, int most)
    {
        var statement = session.Prepare("SELECT sequence, choice FROM choice_decision WHERE settled IS NULL AND closes_at <= ?1 ORDER BY closes_at, sequence LIMIT ?2");
        statement.Bind(1, now.ToUnixTimeMilliseconds());
        statement.Bind(2, most);
        var due = new List<(long, string)>();
        while (statement.Step()) due.Add((statement.Integer(0), statement.Text(1)));
        return due;
    }

    private static ChoiceRecord? Find(SqliteSession session, string choice, string id)
    {
        var statement = session.Prepare($"{Select} WHERE d.choice = ?1 AND d.id = ?2");
        statement.Bind(1, choice);
        statement.Bind(2, id);
        var found = statement.Step() ? Read(statement) : null;
        statement.Reset();
        return found;
    }

    private static ChoiceRecord Read(Statement row) => new()
    {
        Sequence = row.Integer(0),
        Choice = row.Text(1),
        Id = row.Text(2),
        User = row.TextOrNull(3),
        Mode = (ChoiceMode)row.Integer(4),
        MadeAt = DateTimeOffset.FromUnixTimeMilliseconds(row.Integer(5)),
        ClosesAt = DateTimeOffset.FromUnixTimeMilliseconds(row.Integer(6)),
        Chosen = MemoryMarshal.Cast<byte, int>(row.Bytes(7)).ToArray(),
        Propensities = MemoryMarshal.Cast<byte, double>(row.Bytes(8)).ToArray(),
        Rewards = MemoryMarshal.Cast<byte, double>(row.Bytes(9)).ToArray(),
        Settled = row.IntegerOrNull(10),
        SettledAt = row.IntegerOrNull(11) is { } settled ? DateTimeOffset.FromUnixTimeMilliseconds(settled) : null,
        Question = ChoiceQuestion.FromBytes(row.Bytes(12)),
    };

    private static long First(Statement statement)
    {
        var value = statement.Step() ? statement.Integer(0) : 0;
        statement.Reset();
        return value;
    }
}
