using Aisle.Learning.Models;

namespace Aisle.Learning.Neural;

/// <summary>Where a network's parameters come from: drawn by chance for a new one, read for a saved one. A network asks for them in one fixed order.</summary>
internal sealed class ParameterSource
{
    private readonly ModelReader? _reader;
    private readonly List<Parameter> _made = [];
    private RandomStream _random;

    /// <summary>For a new network.</summary>
    public ParameterSource(int seed) => this._random = new RandomStream(seed, 0x5057);

    /// <summary>For a saved one. Nothing is allocated before as many numbers are there.</summary>
    public ParameterSource(ModelReader reader) => this._reader = reader;

    /// <summary>All that were asked for, in order.</summary>
    public IReadOnlyList<Parameter> Made => this._made;

    /// <param name="deviation">Standard deviation at the start.</param>
    /// <param name="mean">Mean at the start.</param>
    /// <exception cref="InvalidDataException">What is read has another length, or holds what is no finite number.</exception>
    public Parameter Make(string name, int rows, int columns, float deviation, float mean = 0f, bool isTable = false)
    {
        var read = this._reader?.ReadFiniteArray(name, (long)rows * columns);
        var parameter = new Parameter(name, rows, columns, isTable);
        if (read is not null)
        {
            read.CopyTo(parameter.Values);
        }
        else
        {
            foreach (ref var value in parameter.Values) value = deviation == 0 ? mean : mean + (deviation * this._random.Normal());
        }

        this._made.Add(parameter);
        return parameter;
    }

    /// <summary>Writes parameters for a source of a reader.</summary>
    public static void Save(IEnumerable<Parameter> parameters, ModelWriter writer)
    {
        foreach (var parameter in parameters) writer.WriteArray<float>(parameter.Values);
    }
}
