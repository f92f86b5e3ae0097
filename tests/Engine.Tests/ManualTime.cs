namespace Aisle.Engine.Tests;

/// <summary>A clock that moves only when told.</summary>
internal sealed class ManualTime(DateTimeOffset now) : TimeProvider
{
    private long _ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => now + TimeSpan.FromTicks(this._ticks);

    public override long GetTimestamp() => this._ticks;

    public void Advance(TimeSpan by) => this._ticks += by.Ticks;
}
