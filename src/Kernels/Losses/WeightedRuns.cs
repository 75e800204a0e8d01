namespace InrFast.Kernels.Losses;

/// <summary>
/// Cuts the rows of a value into runs of adjacent numbers, each with its weights: all packed rows are one run (or chunks, where a row's
/// weight must be spread over its columns), a wide row is one each.
/// </summary>
/// <param name="spread">Room for <see cref="SpreadFloats"/> floats.</param>
unsafe ref struct WeightedRuns(Matrix value, Matrix weights, float* spread)
{
    const int Chunk = 128;
    public const int SpreadFloats = Chunk * Matrix.Packed;
    int next;

    /// <summary>First row of the run.</summary>
    public int Row { get; private set; }

    /// <summary>Numbers in the run.</summary>
    public int Length { get; private set; }

    /// <summary>One weight per number; null: all are <see cref="Weight"/>.</summary>
    public float* Weights { get; private set; }
    public float Weight { get; private set; } = 1;

    public bool Next()
    {
        if (next >= value.Rows) return false;
        Row = next;
        bool wide = value.Columns > Matrix.Packed;
        next = wide ? Row + 1 : weights.IsEmpty || value.Columns == 1 ? value.Rows : Math.Min(value.Rows, Row + Chunk);
        Length = (next - Row) * value.Columns;
        if (weights.IsEmpty) return true;
        float* w = weights.Row(Row);
        if (wide) Weight = *w;
        else if (value.Columns == 1) Weights = w;
        else
        {
            Weights = spread;
            for (int r = 0, i = 0; r < next - Row; r++)
                for (int c = 0; c < value.Columns; c++, i++) spread[i] = w[r];
        }
        return true;
    }
}
