namespace Aisle.Engine.Expressions;

/// <summary>A parameter of a function.</summary>
/// <param name="Types">Any of these is taken.</param>
public sealed record ExpressionParameter(string Name, IReadOnlyList<ExpressionType> Types, bool Optional = false);

/// <summary>A function that expressions may call.</summary>
public sealed class ExpressionFunction
{
    internal ExpressionFunction(string name, ExpressionParameter[] parameters, string summary, Func<CodeBuilder, Code?[], Span, Code> build, bool repeats = false)
    {
        this.Name = name;
        this.Parameters = parameters;
        this.Summary = summary;
        this.Build = build;
        this.Repeats = repeats;
    }

    public string Name { get; }

    public IReadOnlyList<ExpressionParameter> Parameters { get; }

    /// <summary>Whether the last parameter may be given again and again.</summary>
    public bool Repeats { get; }

    /// <summary>What it answers, for people.</summary>
    public string Summary { get; }

    /// <summary>As it is called, e.g. <c>bought(item, days: …)</c>.</summary>
    public string Signature =>
        $"{this.Name}({string.Join(", ", this.Parameters.Select(parameter => parameter.Optional ? $"{parameter.Name}: …" : parameter.Name))}{(this.Repeats ? ", …" : "")})";

    internal Func<CodeBuilder, Code?[], Span, Code> Build { get; }

    /// <summary>The arguments of a call in the order of the parameters; null where an optional one is left out.</summary>
    internal IReadOnlyList<Syntax?> Arrange(CallSyntax call, CodeBuilder builder)
    {
        var arranged = new List<Syntax?>(new Syntax?[this.Parameters.Count]);
        var position = 0;
        foreach (var argument in call.Arguments)
        {
            if (argument.Name is { } name)
            {
                var index = this.Parameters.ToList().FindIndex(parameter => parameter.Name == name);
                if (index < 0) throw builder.Wrong($"{this.Name} has no parameter {Suggestions.Shown(name)}; it is {this.Signature}.", argument.NameAt);
                if (arranged[index] is not null) throw builder.Wrong($"{name} of {this.Name} is given twice.", argument.NameAt);
                arranged[index] = argument.Value;
                // What follows a named one must be named too.
                position = int.MaxValue;
                continue;
            }

            if (position == int.MaxValue) throw builder.Wrong($"After a named argument all are named: {this.Signature}.", argument.Value.At);
            if (position < arranged.Count) arranged[position] = argument.Value;
            else if (this.Repeats) arranged.Add(argument.Value);
            else throw builder.Wrong($"{this.Name} takes at most {this.Parameters.Count} arguments: {this.Signature}.", argument.Value.At);
            position++;
        }

        for (var i = 0; i < this.Parameters.Count; i++)
        {
            if (arranged[i] is null && !this.Parameters[i].Optional)
                throw builder.Wrong($"{this.Parameters[i].Name} is missing; the function is {this.Signature}.", call.At);
        }

        return arranged;
    }
}
