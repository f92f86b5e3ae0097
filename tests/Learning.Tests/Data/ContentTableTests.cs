using Aisle.Learning.Data;

namespace Aisle.Learning.Tests.Data;

public sealed class ContentTableTests
{
    [Fact]
    public void Items_OfATable_BecomeTextsAndAttributesInTheOrderOfTheData()
    {
        var split = ContentTable.OfItems(Text("brand,item_id,Title,description,colour\nAcme,b,Red mug,\"holds\na \"\"pint\"\"\",red|white\n,a,Spoon,,\nAcme,z,Gone,,blue\n")).AddTo(Ratings());
        split.Train.ItemTexts.ShouldBe(["Spoon\nSpoon\n", "Red mug\nRed mug\nholds\na \"pint\"", ""]);
        Words(split.Train.ItemAttributes!, 0).ShouldBeEmpty();
        Words(split.Train.ItemAttributes!, 1).ShouldBe(["brand", "colour", "colour"]);
        Words(split.Train.ItemAttributes!, 2).ShouldBeEmpty();
        split.Train.ItemAttributes!.Values.ShouldBe(3, "what is told of items outside the data is no value of any");
        split.Train.UserAttributes.ShouldBeNull();
        split.Full!.ItemTexts.ShouldBe(split.Train.ItemTexts);
        split.Notes.Count.ShouldBe(2);
        split.Notes[0].ShouldContain("1 of its 3 items are not in the data");
        split.Notes[1].ShouldContain("1 of 3 items of the data have no row");
    }

    [Fact]
    public void Users_OfATable_HaveAttributesOnly()
    {
        var split = ContentTable.OfUsers(Text("user;title\nu;Dr\nv;Ms\n")).AddTo(Ratings());
        split.Train.UserAttributes!.Fields.ShouldBe(["title"]);
        split.Train.UserAttributes.ValuesOf(0).ToArray().ShouldNotBe(split.Train.UserAttributes.ValuesOf(1).ToArray());
        split.Train.ItemTexts.ShouldBeNull();
        split.Notes.ShouldBeEmpty();
    }

    [Fact]
    public void Items_OfJson_AreValuesByIdOrFieldsByName()
    {
        var listed = ContentTable.OfItems(Text("{\"a\": [1, 2], \"b\": [2, \"x\"], \"c\": []}")).AddTo(Ratings()).Train;
        listed.ItemTexts.ShouldBeNull();
        listed.ItemAttributes!.Values.ShouldBe(3);
        listed.ItemAttributes.ValuesOf(1)[0].ShouldBe(listed.ItemAttributes.ValuesOf(0)[1], "2 is one value");
        var named = ContentTable.OfItems(Text("{\"a\": {\"title\": \"Mug\", \"colour\": [\"red\", \"blue\"], \"new\": true, \"weight\": null}}")).AddTo(Ratings()).Train;
        named.ItemTexts![0].ShouldBe("Mug\nMug");
        Words(named.ItemAttributes!, 0).ShouldBe(["colour", "colour", "new"]);
    }

    [Fact]
    public void Numbers_ManyDifferent_BecomeBandsButCodesAndFewKindsDoNot()
    {
        var rows = Enumerable.Range(0, 40).Select(i => $"{i},{i},{i},{i % 5},{(i == 0 ? "unknown" : i)}");
        var split = new SplitTexts(Lines("train", [.. Enumerable.Range(0, 40).Select(i => $"0 {i}")]), Test: Lines("test", ["1 0"]));
        var attributes = ContentTable.OfItems(Text($"id,price,brand_id,kind,year\n{string.Join('\n', rows)}\n")).AddTo(SplitFormats.Find("lightgcn").Read(split)).Train.ItemAttributes!;
        var values = attributes.Fields.ToDictionary(field => field, field => Enumerable.Range(0, attributes.Values).Count(value => attributes.Fields[attributes.FieldOf(value)] == field));
        values["price"].ShouldBe(10);
        values["brand_id"].ShouldBe(40);
        values["kind"].ShouldBe(5);
        values["year"].ShouldBe(11, "ten bands, and the word that is no number");
        attributes.ValuesOf(0)[0].ShouldBe(attributes.ValuesOf(3)[0]);
        attributes.ValuesOf(3)[0].ShouldNotBe(attributes.ValuesOf(4)[0]);
    }

    [Fact]
    public void Sequences_NumberedFromOne_AreMetByTheirIds()
    {
        var split = SplitFormats.Find("sequence").Read(new SplitTexts(Lines("train", ["1 1 2 3", "2 2 3 1"])));
        split.Ids!.Items.ShouldBe(["1", "2", "3"]);
        var told = ContentTable.OfItems(Text("id,title\n3,Third\n")).AddTo(split);
        told.Train.ItemTexts.ShouldBe(["", "", "Third\nThird"]);
        told.Full!.ItemTexts.ShouldBe(told.Train.ItemTexts);
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("id\n", "at least two columns")]
    [InlineData("id,,b\n1,2,3\n", "line 1: a column of the header has no name")]
    [InlineData("id,b,B\n1,2,3\n", "line 1: there are 2 columns 'b'")]
    [InlineData("id,title\n", "has no rows")]
    [InlineData("id,title\na,x\n,y\n", "line 3: the column id is empty")]
    [InlineData("id,title\na,\"x\ny\"\nb\n", "line 4: there are 1 columns, but 2")]
    [InlineData("id,title\na,x\na,y\n", "line 3: the id 'a' stands in an earlier row")]
    [InlineData("id,title\na,\"x\n", "line 2: a quote is opened and not closed")]
    [InlineData("id,title\nx1,x\n", "none of its 1 ids stands in the data")]
    [InlineData("{\"a\": [1],\n]", "line 2: this is no valid JSON")]
    [InlineData("{\"a\": 7}", "'a': there is neither a list nor an object")]
    [InlineData("{\"a\": {\"size\": {\"cm\": 1}}}", "'a': size holds an object")]
    [InlineData("{\"a\": [1], \"a\": [2]}", "'a': the id 'a' stands in an earlier row")]
    public void Malformed_NamesPlaceAndWhatIsAllowed(string text, string expected)
    {
        var message = Should.Throw<FormatException>(() => ContentTable.OfItems(Text(text)).AddTo(Ratings())).Message;
        message.ShouldContain("content.csv");
        message.ShouldContain(expected);
    }

    /// <summary>Users u and v; items a, b and c.</summary>
    private static Split Ratings() => SplitFormats.Find("ratings").Read(new SplitTexts(
        Lines("train", ["user,item", "u,a", "v,b"]), Lines("valid", ["user,item", "u,b"]), Lines("test", ["user,item", "u,c"])));

    private static string[] Words(Attributes attributes, int row) => [.. attributes.ValuesOf(row).ToArray().Select(value => attributes.Fields[attributes.FieldOf(value)])];

    private static NamedText Lines(string name, string[] lines) => new(name, new StringReader(string.Join('\n', lines)));

    private static NamedText Text(string text) => new("content.csv", new StringReader(text));
}
