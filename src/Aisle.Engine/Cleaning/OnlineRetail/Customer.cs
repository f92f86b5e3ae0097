using Aisle.Engine.Profiles;

namespace Aisle.Engine.Cleaning.OnlineRetail;

/// <summary>What the file tells of one customer.</summary>
internal sealed class Customer(string id)
{
    private DateTimeOffset _countrySince = DateTimeOffset.MinValue;

    public UserId Id { get; } = new(id);

    public ShopperPace Pace { get; } = new();

    /// <summary>The country of the latest row that names one.</summary>
    public string? Country { get; private set; }

    public void SeenIn(string? country, DateTimeOffset time)
    {
        if (country is null || time < this._countrySince) return;
        this.Country = country;
        this._countrySince = time;
    }
}
