using System.Text;
using Aisle.Engine.Catalog;
using Aisle.Engine.Events;
using Aisle.Engine.Profiles;

namespace Aisle.Engine.Tests.Cleaning.MovieLens;

public sealed class MovieLensImportTests : IDisposable
{
    private readonly ImportBench _bench = new();

    public void Dispose() => this._bench.Dispose();

    [Fact]
    public async Task Set100k_GivenAsAFolder_BringsRatingsAndFilms()
    {
        this._bench.Write("ml/u.data", "196\t242\t3\t881250949\n186\t302\t4\t891717742\n");
        this._bench.Write("ml/u.item", "242|Kolya (1996)|24-Jan-1997||http://x|0|0|0|0|0|1|0|0|0|0|0|0|0|0|0|0|0|0|0\n302|Misérables, Les (1995)|01-Jan-1995||http://x|0|0|0|0|0|0|0|0|1|0|0|0|1|0|0|0|0|0|0\n", Encoding.Latin1);

        var report = await this._bench.ImportAsync(Path.Combine(this._bench.FolderPath, "ml"), "movielens");

        (report.RowsRead, report.EventsStored, report.Users, report.Items).ShouldBe((2, 2, 2, 2));
        var rating = this._bench.Events()[0];
        (rating.Type, rating.User, rating.Item, rating.Value).ShouldBe((EventType.Rating, new UserId("196"), new ItemId("242"), 3));
        rating.Time.ShouldBe(DateTimeOffset.FromUnixTimeSeconds(881250949));
        var film = this._bench.Store.Catalog.Find(new ItemId("302"))!;
        film.Title.ShouldBe("Misérables, Les (1995)");
        film.Tags.ShouldBe(["Drama", "Musical"]);
        film.Category.ShouldBe(["Drama"]);
        film.Attributes["year"].ShouldBe("1995");
    }

    [Fact]
    public async Task Set1M_GivenAsItsRatingsFile_BringsTheFilmsBesideIt()
    {
        var ratings = this._bench.Write("ratings.dat", "1::1193::5::978300760\n1::661::3::978302109\n");
        this._bench.Write("movies.dat", "1193::One Flew Over the Cuckoo's Nest (1975)::Drama\n661::James and the Giant Peach (1996)::Animation|Children's|Musical\n");

        var report = await this._bench.ImportAsync(ratings, "movielens");

        (report.EventsStored, report.Items, report.ItemsChanged).ShouldBe((2, 2, 2));
        this._bench.Store.Catalog.Find(new ItemId("661"))!.Tags.ShouldBe(["Animation", "Children's", "Musical"]);
    }

    [Fact]
    public async Task CsvEdition_Packed_IsToldByItsHeader()
    {
        var (ratings, films, events, items) = SharedData.Find("movielens-100k/ratings.csv.gz") is { } published
            ? (published, SharedData.Find("movielens-100k/items.csv.gz")!, 100_000, 1_682)
            : (this._bench.Write("ratings.csv.gz", ImportBench.Gzip("user_id,item_id,rating,timestamp\n196,1,3,881250949\n196,2,4,881250950\n")),
                this._bench.Write("items.csv.gz", ImportBench.Gzip("item_id,title,year,genres\n1,Toy Story,1995,Animation Children's Comedy\n2,GoldenEye,1995,Action Adventure Thriller\n")), 2, 2);

        var report = await this._bench.ImportAsync(ratings, "movielens");

        (report.RowsRead, report.EventsStored, report.Items).ShouldBe((events, events, items));
        this._bench.Store.Catalog.Find(new ItemId("1"))!.Tags.ShouldBe(["Animation", "Children's", "Comedy"]);
        var filmsAlone = await this._bench.ImportAsync(films, "movielens");
        (filmsAlone.RowsRead, filmsAlone.Items, filmsAlone.ItemsChanged, filmsAlone.EventsStored).ShouldBe((items, items, 0, 0));
        (await this._bench.ImportAsync(ratings, "movielens")).EventsStored.ShouldBe(0);
    }

    [Fact]
    public async Task Rows_ThatAreNoRatings_AreLeftOut()
    {
        var report = await this._bench.ImportAsync(this._bench.Write("u.data", "1\t2\t3\t881250949\n1\t\t3\t881250949\n1\t2\tfive\t881250949\n1\t2\t3\tthen\n1\t2\n"), "movielens");

        report.EventsStored.ShouldBe(1);
        this._bench.Rejects().Select(row => row.Reason).ShouldBe(["missing-item", "bad-rating", "bad-timestamp", "wrong-columns"]);
    }

    [Fact]
    public async Task Folder_WithoutRatings_IsRefused() =>
        (await this._bench.RefusedAsync(this._bench.FolderPath, "movielens")).ShouldContain("u.data, ratings.dat, ratings.csv");

    [Fact]
    public async Task Films_Damaged_StopTheImportOfTheRatings()
    {
        var ratings = this._bench.Write("u.data", "1\t2\t3\t881250949\n");
        this._bench.Write("movies.dat", "2::Toy St");

        (await this._bench.RefusedAsync(ratings, "movielens")).ShouldContain("movies.dat, line 1");
    }
}
