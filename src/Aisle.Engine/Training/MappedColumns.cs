using System.Buffers;
using System.IO.MemoryMappedFiles;
using System.Runtime.CompilerServices;

namespace Aisle.Engine.Training;

/// <summary>
/// Columns as files that are mapped: what is not being read need not be in memory, and the system takes pages back when memory is short. A file
/// is gone when the space is, also when the process dies (on Windows: when the system has closed it).
/// </summary>
/// <param name="folder">Made when first needed. On a real disk: a folder that is itself memory gains nothing.</param>
internal sealed class MappedColumns(string folder) : IColumnSpace
{
    private readonly List<IDisposable> _columns = [];

    /// <exception cref="IOException">There is no room on the disk; the message names the folder.</exception>
    public Memory<T> New<T>(int length)
        where T : unmanaged
    {
        if (length == 0) return default;
        var column = new Column<T>(folder, length);
        this._columns.Add(column);
        return column.Memory;
    }

    public IColumnSpace Another() => new MappedColumns(folder);

    public void Dispose()
    {
        foreach (var column in this._columns) column.Dispose();
        this._columns.Clear();
    }

    private sealed unsafe class Column<T> : MemoryManager<T>
        where T : unmanaged
    {
        private readonly FileStream _file;
        private readonly MemoryMappedFile _mapped;
        private readonly MemoryMappedViewAccessor _view;
        private readonly int _length;

        /// <summary>Null after the end: who reads then is told, and reads no memory that is not there.</summary>
        private byte* _start;

        public Column(string folder, int length)
        {
            var bytes = (long)length * Unsafe.SizeOf<T>();
            this._length = length;
            this._file = Create(folder, bytes);
            this._mapped = MemoryMappedFile.CreateFromFile(this._file, null, bytes, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: true);
            this._view = this._mapped.CreateViewAccessor(0, bytes, MemoryMappedFileAccess.ReadWrite);

            // Taking the pointer also keeps the finaliser from unmapping what a span may still look at.
            this._view.SafeMemoryMappedViewHandle.AcquirePointer(ref this._start);
        }

        public override Span<T> GetSpan()
        {
            ObjectDisposedException.ThrowIf(this._start is null, typeof(MappedColumns));
            return new Span<T>(this._start, this._length);
        }

        public override MemoryHandle Pin(int elementIndex = 0)
        {
            ObjectDisposedException.ThrowIf(this._start is null, typeof(MappedColumns));
            return new MemoryHandle((T*)this._start + elementIndex);
        }

        public override void Unpin()
        {
            // Mapped memory does not move.
        }

        protected override void Dispose(bool disposing)
        {
            if (!disposing || this._start is null) return;
            this._start = null;
            this._view.SafeMemoryMappedViewHandle.ReleasePointer();
            this._view.Dispose();
            this._mapped.Dispose();
            this._file.Dispose();
        }

        /// <summary>Room is taken on the disk at once: a write into a mapped file that finds none would end the process.</summary>
        private static FileStream Create(string folder, long bytes)
        {
            Directory.CreateDirectory(folder);
            var path = Path.Combine(folder, $"{Guid.NewGuid():N}.column");
            var options = new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                Options = FileOptions.DeleteOnClose,
                PreallocationSize = bytes,
                BufferSize = 0,
            };
            FileStream file;
            try
            {
                file = new FileStream(path, options);
            }
            catch (IOException full)
            {
                throw new IOException($"{bytes / 1e6:N0} MB for the events of a training could not be kept in {folder}: {full.Message} Make room on that disk, or hold the events in memory (--events memory).", full);
            }

            file.SetLength(bytes);
            if (!OperatingSystem.IsWindows()) File.Delete(path);
            return file;
        }
    }
}
