namespace Aisle.Engine.Training;

/// <summary>Room for the long columns of numbers that a training reads: in memory, or on disk where they would fill it.</summary>
internal interface IColumnSpace : IDisposable
{
    /// <summary>A column of zeros, usable as long as the space.</summary>
    Memory<T> New<T>(int length)
        where T : unmanaged;

    /// <summary>A space of the same kind, for what is needed for a shorter time.</summary>
    IColumnSpace Another();
}

/// <summary>Columns as arrays.</summary>
internal sealed class MemoryColumns : IColumnSpace
{
    public Memory<T> New<T>(int length)
        where T : unmanaged => new T[length];

    public IColumnSpace Another() => new MemoryColumns();

    public void Dispose()
    {
        // Arrays go when nobody refers to them any more.
    }
}
