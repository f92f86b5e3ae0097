using Aisle.Engine.Cleaning.OnlineRetail;

namespace Aisle.Engine.Tests.Cleaning.OnlineRetail;

public sealed class RepeatedRowsTests
{
    [Fact]
    public void Row_OfTheSameContentInOtherWords_GetsAnIdentityOfItsOwn()
    {
        var rows = new RepeatedRows();

        rows.IsNew(10, 1, out var first).ShouldBeTrue();
        rows.IsNew(10, 2, out var second).ShouldBeTrue();
        rows.IsNew(10, 1, out _).ShouldBeFalse();
        rows.IsNew(10, 2, out _).ShouldBeFalse();
        (first, second).ShouldBe(((UInt128)10, (UInt128)11));
    }

    [Fact]
    public void Rows_ByTheHundredThousand_AreForgottenOnlyWhenFarBehind()
    {
        const int Generation = 1 << 17;
        var rows = new RepeatedRows();
        for (var i = 0; i < 2 * Generation; i++) rows.IsNew((UInt128)(uint)i << 64, 1, out _).ShouldBeTrue();

        rows.IsNew((UInt128)(uint)Generation << 64, 1, out _).ShouldBeFalse();
        for (var i = 2 * Generation; i < 3 * Generation; i++) rows.IsNew((UInt128)(uint)i << 64, 1, out _);
        rows.IsNew(0, 1, out _).ShouldBeTrue();
    }
}
