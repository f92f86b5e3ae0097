namespace Aisle.Engine.Cleaning.EventFiles;

/// <summary>Reads a text line by line as bytes. Spans hold until the next <see cref="Read"/>.</summary>
internal sealed class LineReader(SourceFile file) : IDisposable
{
    private const int MaxLineBytes = 1 << 20;

    private readonly SourceReading _reading = file.Open();
    private byte[] _buffer = new byte[1 << 16];
    private int _start;
    private int _end;
    private bool _atEnd;
    private int _lineStart;
    private int _lineLength;

    public ReadOnlySpan<byte> Line => this._buffer.AsSpan(this._lineStart, this._lineLength);

    /// <summary>From 1.</summary>
    public long Number { get; private set; }

    public double Fraction => this._reading.Fraction;

    /// <exception cref="ImportException">A line is longer than a line may be.</exception>
    public bool Read()
    {
        var searched = 0;
        while (true)
        {
            var found = this._buffer.AsSpan(this._start + searched, this._end - this._start - searched).IndexOf((byte)'\n');
            if (found >= 0) return this.Take(searched + found, 1);
            searched = this._end - this._start;
            if (searched > MaxLineBytes)
            {
                throw new ImportException(
                    $"{file.Name}, line {this.Number + 1}: the line is longer than {MaxLineBytes >> 20} MiB. Each line holds one event; split the file into lines.");
            }

            if (this._atEnd) return searched > 0 && this.Take(searched, 0);
            this.Fill();
        }
    }

    public void Dispose() => this._reading.Dispose();

    private bool Take(int length, int lineBreak)
    {
        this._lineStart = this._start;
        this._lineLength = length > 0 && this._buffer[this._start + length - 1] == (byte)'\r' ? length - 1 : length;
        this._start += length + lineBreak;
        this.Number++;
        if (this.Number == 1 && this.Line.StartsWith("\uFEFF"u8))
        {
            this._lineStart += 3;
            this._lineLength -= 3;
        }

        return true;
    }

    private void Fill()
    {
        if (this._start > 0)
        {
            this._buffer.AsSpan(this._start, this._end - this._start).CopyTo(this._buffer);
            this._end -= this._start;
            this._start = 0;
        }

        if (this._end == this._buffer.Length) Array.Resize(ref this._buffer, this._buffer.Length * 2);
        var read = this._reading.Stream.Read(this._buffer, this._end, this._buffer.Length - this._end);
        this._atEnd = read == 0;
        this._end += read;
    }
}
