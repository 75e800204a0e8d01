namespace InrFast.Tasks.Reconstruction;

/// <summary>Simple completion of sinograms: what every learned one has to beat.</summary>
public static class Sinogram
{
    /// <summary>Linear interpolation in angle of parallel projections at equal steps over half a turn; after the last comes the first with its columns reversed (the axis in the middle).</summary>
    /// <param name="projections">[view][column].</param>
    public static float[] InterpolateHalfTurn(float[] projections, int columns, int views)
    {
        int measured = projections.Length / columns;
        var result = new float[views * columns];
        for (int view = 0; view < views; view++)
        {
            double place = (double)view * measured / views;
            int before = (int)place;
            float part = (float)(place - before);
            for (int column = 0; column < columns; column++)
            {
                float next = before + 1 < measured ? projections[(before + 1) * columns + column] : projections[columns - 1 - column];
                result[view * columns + column] = projections[before * columns + column] * (1 - part) + next * part;
            }
        }
        return result;
    }
}
