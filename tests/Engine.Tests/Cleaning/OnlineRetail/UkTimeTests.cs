using System.Globalization;
using Aisle.Engine.Cleaning.OnlineRetail;

namespace Aisle.Engine.Tests.Cleaning.OnlineRetail;

public sealed class UkTimeTests
{
    [Theory]
    [InlineData("2010-12-01 08:26", "2010-12-01 08:26")]
    [InlineData("2011-03-27 00:59", "2011-03-27 00:59")]
    [InlineData("2011-03-27 02:00", "2011-03-27 01:00")]
    [InlineData("2011-07-01 10:00", "2011-07-01 09:00")]
    [InlineData("2011-10-30 01:30", "2011-10-30 00:30")]
    [InlineData("2011-10-30 02:00", "2011-10-30 02:00")]
    [InlineData("2009-10-25 01:59", "2009-10-25 00:59")]
    [InlineData("2024-03-31 02:00", "2024-03-31 01:00")]
    public void LocalTime_InWinterAndSummer_BecomesUtc(string local, string utc) =>
        UkTime.ToUtc(DateTime.Parse(local, CultureInfo.InvariantCulture)).ShouldBe(DateTimeOffset.Parse(utc + "Z", CultureInfo.InvariantCulture));
}
