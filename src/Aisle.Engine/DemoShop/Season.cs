namespace Aisle.Engine.DemoShop;

/// <summary>How demand for a kind of product moves through the year: a rest level and bumps around days of the year.</summary>
internal sealed class Season
{
    private readonly float[] _factors = new float[366];

    private Season(double rest, params (int Day, double Width, double Height)[] bumps)
    {
        for (var day = 0; day < this._factors.Length; day++)
        {
            var factor = rest;
            foreach (var (centre, width, height) in bumps)
            {
                // Distance around the year, so that a bump at Christmas reaches into January.
                var away = Math.Abs(day - centre);
                away = Math.Min(away, 366 - away);
                factor += height * Math.Exp(-away * away / (2 * width * width));
            }

            this._factors[day] = (float)factor;
        }
    }

    private static readonly Dictionary<string, Season> All = new()
    {
        ["-"] = new Season(1),
        ["spring"] = new Season(0.8, (100, 30, 0.9)),
        ["summer"] = new Season(0.45, (185, 38, 1.9)),
        ["garden"] = new Season(0.35, (110, 28, 2.2), (160, 40, 0.9)),
        ["winter"] = new Season(0.6, (350, 40, 1.4)),
        ["school"] = new Season(0.85, (240, 16, 1.5)),
        ["newyear"] = new Season(0.8, (10, 16, 1.9)),
        ["christmas"] = new Season(0.75, (342, 15, 2.4)),
        ["christmas-only"] = new Season(0.06, (335, 16, 5.0)),
    };

    /// <summary>Visits to the whole shop: busy before Christmas, in the January sales and a little in June, quiet in August.</summary>
    public static readonly Season Visits = new(0.85, (335, 18, 0.75), (8, 10, 0.3), (160, 20, 0.15), (225, 20, -0.12));

    public static Season Named(string name) => All[name];

    /// <param name="dayOfYear">1-based.</param>
    public float Factor(int dayOfYear) => this._factors[dayOfYear - 1];
}
