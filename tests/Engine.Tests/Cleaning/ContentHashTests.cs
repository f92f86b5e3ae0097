using System.Text;
using Aisle.Engine.Cleaning;

namespace Aisle.Engine.Tests.Cleaning;

public sealed class ContentHashTests
{
    [Fact]
    public void Content_Hashed_GivesTheBitsThatStoresOutThereHold()
    {
        // A change of these bits would make every shop's next import store all rows a second time.
        var hash = new ContentHash(1);
        hash.Add("536365"u8);
        hash.Add("WHITE HANGING HEART T-LIGHT HOLDER"u8);
        hash.Add(2.55);

        hash.ToUInt128().ToString("x32", null).ShouldBe("4602f357807653a7d17da17250c5ab5e");
    }

    [Fact]
    public void Fields_CutElsewhere_GiveAnotherHash()
    {
        Of("ab", "c").ShouldNotBe(Of("a", "bc"));
        Of("a", "").ShouldNotBe(Of("", "a"));
        Of("").ShouldNotBe(Of());
        Of("a\0").ShouldNotBe(Of("a"));
    }

    [Fact]
    public void ManyLikeFields_Hashed_DoNotCollideInEitherHalf()
    {
        var hashes = Enumerable.Range(0, 200_000).Select(i => Of("5363", $"{i}")).ToList();

        hashes.Select(hash => (ulong)hash).Distinct().Count().ShouldBe(hashes.Count);
        hashes.Select(hash => (ulong)(hash >> 64)).Distinct().Count().ShouldBe(hashes.Count);
    }

    private static UInt128 Of(params string[] fields)
    {
        var hash = new ContentHash(7);
        foreach (var field in fields) hash.Add(Encoding.UTF8.GetBytes(field));
        return hash.ToUInt128();
    }
}
