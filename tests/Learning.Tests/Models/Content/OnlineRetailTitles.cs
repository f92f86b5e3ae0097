using System.IO.Compression;
using Aisle.Learning.Data;

namespace Aisle.Learning.Tests.Models;

/// <summary>What every other customer bought, and the products' titles, of the Online Retail data where a folder <c>shared/data</c> beside the repository has them.</summary>
internal static class OnlineRetailTitles
{
    public static (Interactions All, string[] Titles)? Read()
    {
        if (Find("online-retail/online_retail.csv.gz") is not { } path) return null;
        using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        var columns = Fields(reader.ReadLine()!);
        var (code, title, customer) = (columns.IndexOf("StockCode"), columns.IndexOf("Description"), columns.IndexOf("CustomerID"));
        Dictionary<string, int> users = [], items = [];
        List<string> titles = [];
        List<int> rowUsers = [], rowItems = [];
        while (reader.ReadLine() is { } line)
        {
            var fields = Fields(line);
            if (fields.Count <= customer || fields[customer].Length == 0 || (fields[customer][^1] & 1) == 1 || fields[title].Length == 0 || !char.IsDigit(fields[code][0])) continue;
            if (!users.TryGetValue(fields[customer], out var user)) users[fields[customer]] = user = users.Count;
            if (!items.TryGetValue(fields[code], out var item))
            {
                items[fields[code]] = item = items.Count;
                titles.Add(fields[title]);
            }

            rowUsers.Add(user);
            rowItems.Add(item);
        }

        return (Interactions.From(users.Count, items.Count, [.. rowUsers], [.. rowItems]).Reweight(_ => 1), [.. titles]);
    }

    private static string? Find(string name)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "shared", "data", name);
            if (File.Exists(path)) return path;
        }

        return null;
    }

    /// <summary>Commas within quotes part nothing.</summary>
    private static List<string> Fields(string line)
    {
        List<string> fields = [];
        var (start, quoted) = (0, false);
        for (var i = 0; i <= line.Length; i++)
        {
            if (i < line.Length && line[i] == '"') quoted = !quoted;
            if (i < line.Length && (line[i] != ',' || quoted)) continue;
            fields.Add(line[start..i].Trim('"'));
            start = i + 1;
        }

        return fields;
    }
}
