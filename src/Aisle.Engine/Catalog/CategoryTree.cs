namespace Aisle.Engine.Catalog;

/// <summary>One node of the category tree: a name in each language, the items below it and its children by name.</summary>
public sealed class CategoryNode
{
    private readonly Dictionary<string, CategoryNode> _children = [];
    private readonly Dictionary<string, string> _names = [];

    internal CategoryNode(IReadOnlyList<string> path) => this.Path = path;

    /// <summary>From the root down; empty for the root.</summary>
    public IReadOnlyList<string> Path { get; }

    public int Items { get; private set; }

    public IReadOnlyCollection<CategoryNode> Children => this._children.Values;

    public CategoryNode? Child(string name) => this._children.GetValueOrDefault(name);

    public string NameIn(string language) => this._names.TryGetValue(language, out var name) ? name : this.Path.Count == 0 ? "" : this.Path[^1];

    internal void Add(Item item, int depth)
    {
        this.Items++;
        if (depth == item.Category.Count) return;
        if (!this._children.TryGetValue(item.Category[depth], out var child))
            this._children[item.Category[depth]] = child = new CategoryNode([.. item.Category.Take(depth + 1)]);
        foreach (var (language, text) in item.Translations)
            if (text.Category.Count == item.Category.Count) child._names.TryAdd(language, text.Category[depth]);
        child.Add(item, depth + 1);
    }
}

/// <summary>The catalogue's categories, built from the paths of its items.</summary>
public sealed class CategoryTree
{
    public CategoryNode Root { get; } = new([]);

    /// <summary>The node at a path, or null.</summary>
    public CategoryNode? Find(IEnumerable<string> path)
    {
        CategoryNode? node = this.Root;
        foreach (var name in path) node = node?.Child(name);
        return node;
    }

    internal static CategoryTree Of(IEnumerable<Item> items)
    {
        var tree = new CategoryTree();
        foreach (var item in items) tree.Root.Add(item, 0);
        return tree;
    }
}
