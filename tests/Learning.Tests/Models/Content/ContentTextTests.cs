using Aisle.Learning.Data;
using Aisle.Learning.Models;

namespace Aisle.Learning.Tests.Models;

public sealed class ContentTextTests : ModelContract
{
    private protected override ITrainer Trainer { get; } = new ContentTextTrainer();

    private protected override string OptionsJson => """{"characters":true,"minimumItems":3}""";

    private protected override bool KnowsItemsByInteractionsAlone => false;

    private protected override Dataset DataOf(Interactions interactions) => ToldItems.WithTexts(interactions);

    [Fact]
    public void Fit_SmallTexts_GivesTheCosinesComputedByHand()
    {
        var model = Fit(["red mug", "red mug mug", "red towel", "green towel"]);
        double Idf(int items) => Math.Log(1 + (4.0 / items));
        var first = (Red: Idf(3), Mug: Idf(2));
        var second = (Red: Idf(3), Mug: Idf(2) * (1 + Math.Log(2)));
        var expected = ((first.Red * second.Red) + (first.Mug * second.Mug)) / (Length(first.Red, first.Mug) * Length(second.Red, second.Mug));
        ((double)Similar(model, 0)[1]).ShouldBe(expected, 1e-5);
        ((double)Similar(model, 0)[2]).ShouldBe(first.Red * Idf(3) / (Length(first.Red, first.Mug) * Length(Idf(3), Idf(2))), 1e-5);
        Similar(model, 0)[3].ShouldBe(float.NegativeInfinity, "no word is shared");

        static double Length(double a, double b) => Math.Sqrt((a * a) + (b * b));
    }

    [Theory]
    [InlineData("Ｒｅｄ　ＭＵＧＳ", "a red mug!")]
    [InlineData("the women's berries", "womens BERRY")]
    [InlineData("陶瓷马克杯", "手工陶瓷碗")]
    [InlineData("ﾏｸﾞｶｯﾌﾟ", "マグカップ 赤")]
    [InlineData("แก้วกาแฟ", "กาแฟสด")]
    [InlineData("кружка \uD83D", "Кружка большая")]
    public void Cut_SameThingWrittenOtherwise_SharesTerms(string one, string other)
    {
        var model = Fit([one, other, "nothing alike", "全く別物"]);
        Similar(model, 0)[1].ShouldBeGreaterThan(0.2f);
        Similar(model, 0)[2].ShouldBe(float.NegativeInfinity);
    }

    [Theory]
    [InlineData("The mugs of glass and us", "mug glass")]
    [InlineData("陶瓷的杯", "陶 陶瓷 陶瓷的 瓷 瓷的 瓷的杯 的杯 杯")]
    [InlineData("iPhone15 保护壳", "iphone15 保 保护 保护壳 护 护壳 壳")]
    public void Cut_Text_GivesTheseTerms(string text, string expected)
    {
        var terms = new List<string>();
        new TextTerms(characters: false).Cut(text, terms.Add);
        terms.ShouldBe(expected.Split(' '));
    }

    [Fact]
    public void Cut_WithCharacters_LetsCompoundsMeet()
    {
        var texts = new[] { "teapot", "tea pot warmer", "hammer", "saw" };
        Similar(Fit(texts), 0)[1].ShouldBe(float.NegativeInfinity);
        Similar(Fit(texts, """{"characters":true}"""), 0)[1].ShouldBeGreaterThan(0f);
    }

    [Fact]
    public void Keywords_OfAnItem_AreItsRareWordsFirst()
    {
        var model = (ContentTextModel)Fit(["red enamel mug", "red enamel jug", "red mug", "red towel", "陶瓷杯", "陶瓷杯"], """{"characters":true}""");
        model.Keywords(0, 2).Select(keyword => keyword.Term).ShouldBe(["enamel", "mug"], ignoreOrder: true);
        model.Keywords(0, 10)[^1].Term.ShouldBe("red");
        model.Keywords(4, 1).Single().Term.ShouldBe("陶瓷杯");
    }

    [Fact]
    public void Fit_ItemThatNobodyTouched_IsScoredByItsWords()
    {
        var train = Interactions.From(1, 4, [0], [0]);
        var scores = Scores(new ContentTextTrainer().Fit(new Dataset(train) { ItemTexts = ["red mug", "red mug", "blue towel", ""] }, new FitContext()), 0);
        ((double)scores[1]).ShouldBe(1, 1e-5);
        scores[2].ShouldBe(float.NegativeInfinity);
        scores[3].ShouldBe(float.NegativeInfinity);
    }

    [Fact]
    public void Fit_WithoutTexts_SaysWhatIsMissing()
    {
        Should.Throw<ArgumentException>(() => new ContentTextTrainer().Fit(Checkerboard.Train, new FitContext())).Message.ShouldContain("needs the texts");
        Should.Throw<ArgumentException>(() => new ContentTextTrainer().Fit(new Dataset(Checkerboard.Train) { ItemTexts = ["one"] }, new FitContext())).Message.ShouldContain("1 texts for 50 items");
    }

    private static IModel Fit(string[] texts, string? options = null) =>
        Trainers.Create("content-text", options).Fit(new Dataset(Interactions.From(1, texts.Length, [0], [0])) { ItemTexts = texts }, new FitContext());
}
