namespace InrFast.Kernels.Encodings;

/// <summary>
/// The definition, scalar, in double; storage in float. A node's share in each block of a jet is a weight: y_b = sum over nodes of weight_b *
/// features. Only the position within the grid is computed in float, as everywhere, so that all devices agree on the cell.
/// </summary>
unsafe class ReferenceGrid(GridSettings settings) : GridKernels(settings)
{
    const int Corners = 1 << GridSettings.MaximumDimensions, Orders = 4, None = -1;

    protected readonly int dimensions = settings.Dimensions, features = settings.Features;

    protected int ActiveLevels(nint clock) => Settings.ActiveLevels(Settings.CoarseToFineSteps > 0 ? ((Clock*)clock)->Step : 0);

    protected static int WrittenColumns(in Matrix m) => m.Columns <= Matrix.Packed ? m.Columns : Matrix.PadColumns(m.Columns);

    public override void Forward(in Matrix x, nint tables, nint clock, in Matrix y)
    {
        int corners = 1 << dimensions, blocks = x.Blocks, active = ActiveLevels(clock);
        uint* entries = stackalloc uint[Corners];
        double* axes = stackalloc double[GridSettings.MaximumDimensions * 2 * Orders], weights = stackalloc double[Corners * blocks];
        for (int r = 0; r < x.Rows; r++)
        {
            for (int b = 0; b < blocks; b++) new Span<float>(y.Row(b, r), WrittenColumns(y)).Clear();
            for (int l = 0; l < active; l++)
            {
                float* table = (float*)tables + Settings.Levels[l].Offset;
                Locate(Settings.Levels[l], x.Row(r), entries, axes);
                Weigh(x, r, axes, weights);
                for (int b = 0; b < blocks; b++)
                    for (int f = 0; f < features; f++)
                    {
                        double sum = 0;
                        for (int c = 0; c < corners; c++) sum += weights[c * blocks + b] * table[(long)entries[c] * features + f];
                        y.Row(b, r)[l * features + f] = (float)sum;
                    }
            }
        }
    }

    public override void StoreGradient(in Matrix dy, in Matrix planes)
    {
        int columns = PlaneColumns, parts = features / columns;
        for (int p = 0; p < planes.Blocks; p++)
        {
            int level = p / (dy.Blocks * parts), block = p / parts % dy.Blocks, column = level * features + p % parts * columns;
            for (int r = 0; r < dy.Rows; r++)
                for (int c = 0; c < columns; c++) planes.Row(p, r)[c] = dy.Row(block, r)[column + c];
        }
    }

    public override void Scatter(int level, in Matrix x, in Matrix planes, nint clock, nint tableGradient)
    {
        if (level >= ActiveLevels(clock)) return;
        int corners = 1 << dimensions, blocks = x.Blocks, columns = PlaneColumns, parts = features / columns;
        uint* entries = stackalloc uint[Corners];
        double* axes = stackalloc double[GridSettings.MaximumDimensions * 2 * Orders], weights = stackalloc double[Corners * blocks];
        for (int r = 0; r < x.Rows; r++)
        {
            Locate(Settings.Levels[level], x.Row(r), entries, axes);
            Weigh(x, r, axes, weights);
            for (int c = 0; c < corners; c++)
                for (int f = 0; f < features; f++)
                {
                    double sum = 0;
                    for (int b = 0; b < blocks; b++) sum += weights[c * blocks + b] * planes.Row((level * blocks + b) * parts + f / columns, r)[f % columns];
                    ((float*)tableGradient)[(long)entries[c] * features + f] += (float)sum;
                }
        }
    }

    public override void BackwardInput(in Matrix dy, in Matrix x, nint tables, nint clock, in Matrix dx)
    {
        int corners = 1 << dimensions, blocks = x.Blocks, active = ActiveLevels(clock);
        uint* entries = stackalloc uint[Corners];
        double* axes = stackalloc double[GridSettings.MaximumDimensions * 2 * Orders];
        double* s = stackalloc double[blocks], gradient = stackalloc double[blocks * GridSettings.MaximumDimensions];
        for (int r = 0; r < x.Rows; r++)
        {
            new Span<double>(gradient, blocks * dimensions).Clear();
            for (int l = 0; l < active; l++)
            {
                float* table = (float*)tables + Settings.Levels[l].Offset;
                Locate(Settings.Levels[l], x.Row(r), entries, axes);
                for (int c = 0; c < corners; c++)
                {
                    for (int b = 0; b < blocks; b++)
                    {
                        s[b] = 0;
                        for (int f = 0; f < features; f++) s[b] += (double)dy.Row(b, r)[l * features + f] * table[(long)entries[c] * features + f];
                    }
                    for (int k = 0; k < dimensions; k++) AddInputGradient(x, r, axes, c, k, s, gradient + k);
                }
            }
            for (int b = 0; b < blocks; b++)
                for (int k = 0; k < dimensions; k++) dx.Row(b, r)[k] = (float)gradient[b * dimensions + k];
        }
    }

    /// <summary>Entries of the cell's corners (bit k of a corner: the upper side along axis k), and per axis and side the weight and its first three derivatives.</summary>
    void Locate(GridLevel level, float* x, uint* entries, double* axes)
    {
        for (int c = 0; c < 1 << dimensions; c++) entries[c] = 0;
        uint step = 1;
        for (int k = 0; k < dimensions; k++)
        {
            float top = level.Nodes[k] - 1, p = MathF.FusedMultiplyAdd(x[k], level.Scale, level.Origin[k]);
            double slope = p > 0 && p < top ? level.Scale : 0;
            p = p > 0 ? MathF.Min(p, top) : 0;
            uint cell = (uint)MathF.Min(MathF.Floor(p), top - 1);
            double w = p - cell;
            double* lower = axes + k * 2 * Orders, upper = lower + Orders;
            if (Settings.Interpolation == Interpolation.Linear) (upper[0], upper[1], upper[2], upper[3]) = (w, slope, 0, 0);
            else (upper[0], upper[1], upper[2], upper[3]) = (w * w * (3 - 2 * w), 6 * w * (1 - w) * slope, (6 - 12 * w) * slope * slope, -12 * slope * slope * slope);
            (lower[0], lower[1], lower[2], lower[3]) = (1 - upper[0], -upper[1], -upper[2], -upper[3]);
            for (int c = 0; c < 1 << dimensions; c++)
            {
                uint node = cell + (uint)(c >> k & 1);
                if (level.IsDense) entries[c] += node * step;
                else entries[c] = (entries[c] ^ node * GridSettings.Primes[k]) & (uint)(level.Entries - 1);
            }
            step *= (uint)level.Nodes[k];
        }
    }

    /// <summary>Derivative of a corner's weight along up to three axes.</summary>
    double Derivative(double* axes, int corner, int first = None, int second = None, int third = None)
    {
        double product = 1;
        for (int k = 0; k < dimensions; k++)
            product *= axes[(2 * k + (corner >> k & 1)) * Orders + (first == k ? 1 : 0) + (second == k ? 1 : 0) + (third == k ? 1 : 0)];
        return product;
    }

    /// <summary>weights[corner][block].</summary>
    void Weigh(in Matrix x, int row, double* axes, double* weights)
    {
        int blocks = x.Blocks, directions = x.Directions;
        for (int c = 0; c < 1 << dimensions; c++)
        {
            double* w = weights + c * blocks;
            w[0] = Derivative(axes, c);
            if (blocks > 1) new Span<double>(w + 1, blocks - 1).Clear();
            for (int k = 0; k < dimensions && blocks > 1; k++)
            {
                double d = Derivative(axes, c, k);
                for (int b = 1; b < blocks; b++) w[b] += d * x.Row(b, row)[k];
                for (int m = 0; m < dimensions && x.IsSecondOrder; m++)
                {
                    double dd = Derivative(axes, c, k, m);
                    for (int i = 0, b = 1 + directions; i < directions; i++)
                        for (int j = i; j < directions; j++, b++) w[b] += dd * x.Row(1 + i, row)[k] * x.Row(1 + j, row)[m];
                }
            }
        }
    }

    /// <summary>
    /// Adds what one corner gives to the gradient of coordinate <paramref name="axis"/> and its tangents, gradient[block][axis]: the weights of
    /// <see cref="Weigh"/>, differentiated. s: features times dy, per block.
    /// </summary>
    void AddInputGradient(in Matrix x, int row, double* axes, int corner, int axis, double* s, double* gradient)
    {
        int blocks = x.Blocks, directions = x.Directions;
        double d = Derivative(axes, corner, axis);
        for (int b = 0; b < blocks; b++) gradient[b * dimensions] += s[b] * d;
        for (int k = 0; k < dimensions && blocks > 1; k++)
        {
            double dd = Derivative(axes, corner, axis, k);
            for (int b = 1; b < blocks; b++) gradient[0] += s[b] * dd * x.Row(b, row)[k];
            if (!x.IsSecondOrder) continue;
            for (int i = 0, b = 1 + directions; i < directions; i++)
                for (int j = i; j < directions; j++, b++)
                {
                    double ti = x.Row(1 + i, row)[k], tj = x.Row(1 + j, row)[k];
                    gradient[(1 + i) * dimensions] += s[b] * dd * tj;
                    gradient[(1 + j) * dimensions] += s[b] * dd * ti;
                    for (int m = 0; m < dimensions; m++) gradient[0] += s[b] * Derivative(axes, corner, axis, k, m) * ti * x.Row(1 + j, row)[m];
                }
        }
    }
}
