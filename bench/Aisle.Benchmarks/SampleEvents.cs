using Aisle.Engine.Catalog;
using Aisle.Engine.Events;
using Aisle.Engine.Profiles;

namespace Aisle.Benchmarks;

/// <summary>
/// Events like a shop's: a year, few busy and many quiet shoppers and products, a session and a placement on most events, prices on sales.
/// The same seed gives the same events.
/// </summary>
internal static class SampleEvents
{
    private static readonly DateTimeOffset Start = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly string[] Placements = ["home/recommended-for-you", "product/similar", "cart/bought-together", "category/list"];

    /// <param name="randomIds">True: ids as browsers make them (UUID version 4); false: ids that lead with the time, as imports make them.</param>
    public static List<Event> Make(int count, bool randomIds, int seed = 1)
    {
        var random = new Random(seed);
        var users = Enumerable.Range(0, 20_000).Select(_ => new UserId(NewUuid(random).ToString("D"))).ToArray();
        var items = Enumerable.Range(0, 4_000).Select(i => new ItemId($"SKU-{i:00000}")).ToArray();
        var step = TimeSpan.FromDays(365) / count;
        var events = new List<Event>(count);
        for (var i = 0; i < count; i++)
        {
            var time = DateTimeOffset.FromUnixTimeMilliseconds((Start + step * i).ToUnixTimeMilliseconds());
            var user = (int)(users.Length * Math.Pow(random.NextDouble(), 2.5));
            var sale = random.Next(10) == 0;
            events.Add(new Event
            {
                Id = randomIds ? new EventId(NewUuid(random)) : EventId.FromContent(time, (UInt128)random.NextInt64() << 64 | (UInt128)random.NextInt64()),
                Type = sale ? EventType.Purchase : random.Next(8) == 0 ? EventType.Cart : EventType.View,
                User = users[user],
                Item = items[(int)(items.Length * Math.Pow(random.NextDouble(), 2.5))],
                Time = time,
                Quantity = sale ? 1 + random.Next(12) : 1,
                Price = sale ? Math.Round(random.NextDouble() * 100, 2) : null,
                Basket = sale ? $"{500_000 + i / 30}" : null,
                Session = $"s{user}-{i / 5000}",
                Placement = Placements[random.Next(Placements.Length)],
            });
        }

        return events;
    }

    private static Guid NewUuid(Random random)
    {
        Span<byte> bytes = stackalloc byte[16];
        random.NextBytes(bytes);
        bytes[6] = (byte)(0x40 | (bytes[6] & 0x0F));
        bytes[8] = (byte)(0x80 | (bytes[8] & 0x3F));
        return new Guid(bytes, bigEndian: true);
    }
}
