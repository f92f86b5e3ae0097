using System.Text;

namespace Aisle.Learning.Distributed;

/// <summary>
/// Keeps what a fit needs to be taken up again after it was broken off. The fits of a program are numbered in their order, which is the same in
/// each run; a fit that was finished is found finished.
/// </summary>
/// <param name="open">What was kept of fit n (1, 2…), or null; asked of process 0 only.</param>
/// <param name="replace">Puts what the given action writes in the place of what was kept of fit n: all of it or nothing, whatever happens.</param>
/// <param name="everySteps">Steps between checkpoints beside those at the end of each epoch; 0: none.</param>
/// <param name="identity">What the fits depend on (options, data): a checkpoint of something else is refused.</param>
public sealed class Checkpoints(Func<int, Stream?> open, Action<int, Action<Stream>> replace, int everySteps = 0, string identity = "")
{
    private const int LayoutVersion = 1;

    private int _fits;

    /// <summary>Steps between checkpoints within an epoch; 0: none.</summary>
    public int EverySteps { get; } = everySteps;

    /// <summary>The next fit.</summary>
    /// <param name="shape">Whatever of the fit must be as it was; said in the message if it is not.</param>
    internal Slot Begin(string model, string shape, IProcessGroup processes) => new(this, ++this._fits, $"{model}; {shape}; {identity}", processes);

    /// <summary>The place of one fit.</summary>
    internal sealed class Slot(Checkpoints all, int fit, string about, IProcessGroup processes)
    {
        public int EverySteps => all.EverySteps;

        /// <returns>Whether there was something to take up.</returns>
        /// <exception cref="InvalidDataException">What was kept is of another fit.</exception>
        public bool TryLoad(Action<BinaryReader> load)
        {
            using var kept = processes.Rank == 0 ? all.Open(fit) : null;
            Span<int> exists = [kept is null ? 0 : 1];
            processes.Broadcast(exists);
            if (exists[0] == 0) return false;
            using var reader = new BinaryReader(processes.Size == 1 ? kept! : new BroadcastStream(processes, kept), Encoding.UTF8);
            if (reader.ReadInt32() != LayoutVersion) throw new InvalidDataException("The checkpoint was written by another version of the program. Delete it, or use the program that wrote it.");
            var found = reader.ReadString();
            if (found != about)
                throw new InvalidDataException($"The checkpoint is of another training. Name another file, or delete it to start again. It holds: {found}. Asked for: {about}.");
            load(reader);
            return true;
        }

        public void Save(Action<BinaryWriter> save)
        {
            if (processes.Rank > 0) return;
            all.Replace(fit, stream =>
            {
                using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
                writer.Write(LayoutVersion);
                writer.Write(about);
                save(writer);
            });
        }
    }

    private Stream? Open(int fit) => open(fit);

    private void Replace(int fit, Action<Stream> write) => replace(fit, write);
}
