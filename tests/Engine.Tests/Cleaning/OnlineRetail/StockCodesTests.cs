using Aisle.Engine.Cleaning.OnlineRetail;

namespace Aisle.Engine.Tests.Cleaning.OnlineRetail;

public sealed class StockCodesTests
{
    [Theory]
    [InlineData("85123A", true)]
    [InlineData("22502", true)]
    [InlineData("15056BL", true)]
    [InlineData("4006381333931", true)]
    [InlineData("POST", false)]
    [InlineData("C2", false)]
    [InlineData("M", false)]
    [InlineData("GIFT_0001_20", false)]
    [InlineData("DCGS0076", false)]
    [InlineData("BANK CHARGES", false)]
    [InlineData("TEST001", false)]
    [InlineData("23444", false)]
    [InlineData("123", false)]
    [InlineData("85123A-1", false)]
    public void Code_ByItsShape_IsAProductOrNot(string code, bool expected) => StockCodes.IsProduct(code).ShouldBe(expected);
}
