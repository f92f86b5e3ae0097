namespace Aisle.Learning.Distributed;

/// <summary>What process 0 reads, all read: a file need be on one machine only. Every process makes the same reads.</summary>
/// <param name="source">Null in every process but the first.</param>
internal sealed class BroadcastStream(IProcessGroup processes, Stream? source) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => this.Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        Span<int> count = [source?.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false) ?? 0];
        processes.Broadcast(count);
        processes.Broadcast(buffer[..count[0]]);
        return count[0];
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
