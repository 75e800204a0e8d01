using ILGPU;
using InrFast.Kernels.Gpu;

namespace InrFast.Kernels.Encodings;

/// <summary>
/// Grids of jets, by the definition: a node's share in each block is a weight (<see cref="ReferenceGrid"/>). A thread takes a row; shares are computed again
/// where they are needed, which keeps them in registers.
/// </summary>
sealed partial class GpuGrid<TFeatures>
{
    const int None = -1;

    /// <summary>A cell as derivatives of any order need it: how far behind the lower node a point lies along each axis, and the slope of that.</summary>
    struct JetCell
    {
        public uint N0, N1, N2, N3;
        public float W0, W1, W2, W3, S0, S1, S2, S3;
        public int Smooth;

        /// <summary>A derivative of one axis's weight on one side.</summary>
        readonly float Side(float w, float s, int upper, int order)
        {
            float u;
            if (Smooth == 0) u = order == 0 ? w : order == 1 ? s : 0f;
            else u = order == 0 ? w * w * (3 - 2 * w) : order == 1 ? 6 * w * (1 - w) * s : order == 2 ? (6 - 12 * w) * s * s : -12 * s * s * s;
            return upper != 0 ? u : order == 0 ? 1 - u : -u;
        }

        static int Order(int axis, int i, int j, int k)
        {
            int order = 0;
            if (i == axis) order++;
            if (j == axis) order++;
            if (k == axis) order++;
            return order;
        }

        /// <summary>Derivative of a corner's weight along up to three axes.</summary>
        public readonly float Derivative(int corner, int i, int j, int k) =>
            Side(W0, S0, corner & 1, Order(0, i, j, k)) * Side(W1, S1, corner & 2, Order(1, i, j, k)) * Side(W2, S2, corner & 4, Order(2, i, j, k)) * Side(W3, S3, corner & 8, Order(3, i, j, k));
    }

    static JetCell JetCellOf(in Argument a, int row)
    {
        JetCell cell = default;
        cell.Smooth = a.Smooth;
        Locate(a.A0, a.X[0, row, 0], a.Scale, 0, out cell.N0, out cell.W0, out cell.S0);
        if (a.Corners > 2) Locate(a.A1, a.X[0, row, 1], a.Scale, 0, out cell.N1, out cell.W1, out cell.S1);
        if (a.Corners > 4) Locate(a.A2, a.X[0, row, 2], a.Scale, 0, out cell.N2, out cell.W2, out cell.S2);
        if (a.Corners > 8) Locate(a.A3, a.X[0, row, 3], a.Scale, 0, out cell.N3, out cell.W3, out cell.S3);
        return cell;
    }

    static uint Entry(in JetCell cell, int corner, in Argument a) => new Cell { N0 = cell.N0, N1 = cell.N1, N2 = cell.N2, N3 = cell.N3 }.Entry(corner, a);

    /// <summary>A corner's share in a block.</summary>
    static float Share(in Argument a, in JetCell cell, int row, int corner, int block)
    {
        if (block == 0) return cell.Derivative(corner, None, None, None);
        int dimensions = a.X.Columns, directions = a.X.Directions, first = 1 + directions, i = 0;
        float sum = 0;
        for (int k = 0; k < dimensions; k++) sum += cell.Derivative(corner, k, None, None) * a.X[block, row, k];
        if (block <= directions) return sum;
        while (block >= first + directions - i)
        {
            first += directions - i;
            i++;
        }
        int j = i + block - first;
        for (int k = 0; k < dimensions; k++)
            for (int m = 0; m < dimensions; m++) sum += cell.Derivative(corner, k, m, None) * a.X[1 + i, row, k] * a.X[1 + j, row, m];
        return sum;
    }

    static void ForwardJet(Argument a)
    {
        int row = (int)Elements.Index, features = default(TFeatures).Count;
        if (row >= a.X.Rows) return;
        bool active = IsActive(a);
        var cell = JetCellOf(a, row);
        for (int block = 0; block < a.X.Blocks; block++)
        {
            var sums = LocalMemory.Allocate<float>(MostFeatures);
            for (int f = 0; f < MostFeatures; f++) sums[f] = 0;
            for (int corner = 0; corner < a.Corners && active; corner++)
            {
                long at = (long)Entry(cell, corner, a) * features;
                float share = Share(a, cell, row, corner, block);
                for (int f = 0; f < MostFeatures; f++)
                    if (f < features) sums[f] = Intrinsics.Fma(share, a.Table[at + f], sums[f]);
            }
            for (int f = 0; f < MostFeatures; f++)
                if (f < features) a.Y[block, row, a.Level * features + f] = sums[f];
            if (a.Level == a.Levels - 1)
                for (int column = a.Y.Columns; column < a.Y.Width; column++) a.Y[block, row, column] = 0;
        }
    }

    /// <summary>What a row adds to a feature of a corner's entry.</summary>
    static float Term(in Argument a, in JetCell cell, int row, int corner, int feature)
    {
        int columns = a.Y.Columns, parts = default(TFeatures).Count / columns;
        float sum = 0;
        for (int block = 0; block < a.X.Blocks; block++)
            sum = Intrinsics.Fma(Share(a, cell, row, corner, block), a.Y[a.Block + block * parts + feature / columns, row, feature % columns], sum);
        return sum;
    }

    static void LargestJet(Argument a)
    {
        int row = (int)Elements.Index, most = 0;
        if (row >= a.X.Rows || !IsActive(a)) return;
        var cell = JetCellOf(a, row);
        for (int corner = 0; corner < a.Corners; corner++)
            for (int f = 0; f < default(TFeatures).Count; f++)
            {
                int bits = (int)Interop.FloatAsInt(Term(a, cell, row, corner, f)) & int.MaxValue;
                most = bits > most ? bits : most;
            }
        Intrinsics.AtomicMax(a.Sums, most);
    }

    static void ScatterJet(Argument a)
    {
        int row = (int)Elements.Index, features = default(TFeatures).Count;
        if (row >= a.X.Rows || !IsActive(a) || !FixedPoint.IsFinite(a.Sums)) return;
        double units = FixedPoint.UnitsOf(a.Sums, a.X.Rows * a.Corners);
        var cell = JetCellOf(a, row);
        for (int corner = 0; corner < a.Corners; corner++)
        {
            long at = (long)Entry(cell, corner, a) * features;
            for (int f = 0; f < features; f++) Intrinsics.AtomicAdd(a.Sums + (1 + at + f) * sizeof(long), Intrinsics.Round(Term(a, cell, row, corner, f) * units));
        }
    }

    /// <summary>The shares, differentiated by the coordinates and their tangents; a thread goes through the blocks of dx.</summary>
    static void BackwardInputJet(Argument a)
    {
        int row = (int)Elements.Index, dimensions = a.X.Columns;
        if (row >= a.X.Rows) return;
        bool active = IsActive(a);
        var cell = JetCellOf(a, row);
        for (int block = 0; block < a.X.Blocks; block++)
            for (int axis = 0; axis < dimensions; axis++)
            {
                float sum = 0;
                for (int corner = 0; corner < a.Corners && active; corner++) sum += OfInput(a, cell, row, corner, block, axis);
                a.DX[block, row, axis] = a.IsFirst != 0 ? sum : a.DX[block, row, axis] + sum;
            }
    }

    /// <summary>Features of a corner times dy in a block.</summary>
    static float Product(in Argument a, in JetCell cell, int row, int corner, int block)
    {
        int features = default(TFeatures).Count;
        long at = (long)Entry(cell, corner, a) * features;
        float product = 0;
        for (int f = 0; f < features; f++) product = Intrinsics.Fma(a.Table[at + f], a.Y[block, row, a.Level * features + f], product);
        return product;
    }

    /// <summary>What a corner gives to the gradient of one coordinate (block 0), of a tangent, or of a second derivative.</summary>
    static float OfInput(in Argument a, in JetCell cell, int row, int corner, int block, int axis)
    {
        int dimensions = a.X.Columns, directions = a.X.Directions;
        float sum = Product(a, cell, row, corner, block) * cell.Derivative(corner, axis, None, None);
        if (block == 0)
            for (int b = 1; b < a.X.Blocks; b++)
            {
                float change = 0;
                for (int k = 0; k < dimensions; k++) change += cell.Derivative(corner, axis, k, None) * a.X[b, row, k];
                sum += Product(a, cell, row, corner, b) * change;
            }
        if (block > directions || !a.X.IsSecondOrder) return sum;
        for (int i = 0, b = 1 + directions; i < directions; i++)
            for (int j = i; j < directions; j++, b++)
            {
                float change = 0;
                for (int k = 0; k < dimensions; k++)
                {
                    float ti = a.X[1 + i, row, k], tj = a.X[1 + j, row, k];
                    if (block == 0)
                        for (int m = 0; m < dimensions; m++) change += cell.Derivative(corner, axis, k, m) * ti * a.X[1 + j, row, m];
                    else
                    {
                        float second = cell.Derivative(corner, axis, k, None);
                        if (block == 1 + i) change += second * tj;
                        if (block == 1 + j) change += second * ti;
                    }
                }
                sum += Product(a, cell, row, corner, b) * change;
            }
        return sum;
    }
}
