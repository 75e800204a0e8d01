using InrFast.Kernels.Gpu;

namespace InrFast.Kernels.Pointwise;

/// <summary>A thread for each number of the result, its padding included.</summary>
sealed class GpuPointwise(GpuDevice device) : PointwiseKernels
{
    struct Argument
    {
        public GpuMatrix A, B, Y;
        public float Factor;

        /// <summary>Rows of a group, or the first column and the first of the result.</summary>
        public int Group, Column, ToColumn, Count;
    }

    void Launch(Action<Argument> kernel, in Matrix y, in Argument argument) => device.Kernel(kernel).Launch(argument, y, y.Blocks);

    public override void Add(in Matrix a, in Matrix b, in Matrix y) => Launch(Add, y, new() { A = new(a), B = new(b), Y = new(y) });

    static void Add(Argument a)
    {
        int block = Elements.Block, row = Elements.Row, column = Elements.Column;
        if (row < a.Y.Rows && column < a.Y.Width) a.Y[block, row, column] = a.A[block, row, column] + a.B[block, row, column];
    }

    public override void Scale(in Matrix x, float factor, in Matrix y) => Launch(Scale, y, new() { A = new(x), Y = new(y), Factor = factor });

    static void Scale(Argument a)
    {
        int block = Elements.Block, row = Elements.Row, column = Elements.Column;
        if (row < a.Y.Rows && column < a.Y.Width) a.Y[block, row, column] = a.Factor * a.A[block, row, column];
    }

    public override void Copy(in Matrix x, in Matrix y) => Launch(Copy, y, new() { A = new(x), Y = new(y) });

    static void Copy(Argument a)
    {
        int block = Elements.Block, row = Elements.Row, column = Elements.Column;
        if (row < a.Y.Rows && column < a.Y.Width) a.Y[block, row, column] = block < a.A.Blocks ? a.A[block, row, column] : 0;
    }

    public override void Multiply(in Matrix a, in Matrix b, in Matrix y) => Launch(Multiply, y, new() { A = new(a), B = new(b), Y = new(y) });

    /// <summary>One block of the product rule; blocks that an operand lacks are zero.</summary>
    static void Multiply(Argument a)
    {
        int block = Elements.Block, row = Elements.Row, column = Elements.Column;
        if (row >= a.Y.Rows || column >= a.Y.Width) return;
        float result = a.A[0, row, column] * At(a.B, block, row, column);
        if (block > 0)
        {
            result += At(a.A, block, row, column) * a.B[0, row, column];
            if (block > a.Y.Directions)
            {
                var (i, j) = Pair(block, a.Y.Directions);
                result += At(a.A, 1 + i, row, column) * At(a.B, 1 + j, row, column) + At(a.A, 1 + j, row, column) * At(a.B, 1 + i, row, column);
            }
        }
        a.Y[block, row, column] = result;
    }

    static float At(in GpuMatrix m, int block, int row, int column) => block < m.Blocks ? m[block, row, column] : 0;

    /// <summary>The directions, i not above j, of a block of second derivatives.</summary>
    static (int I, int J) Pair(int block, int directions)
    {
        int i = 0, first = 1 + directions;
        while (block >= first + directions - i) first += directions - i++;
        return (i, i + block - first);
    }

    /// <summary>Its inverse.</summary>
    static int BlockOf(int i, int j, int directions)
    {
        int low = i < j ? i : j, high = i < j ? j : i;
        return 1 + directions + low * directions - low * (low - 1) / 2 + high - low;
    }

    public override void MultiplyBackward(in Matrix dy, in Matrix a, in Matrix b, in Matrix da, in Matrix db)
    {
        if (!da.IsEmpty) Launch(Reverse, da, new() { A = new(dy), B = new(b), Y = new(da) });
        if (!db.IsEmpty) Launch(Reverse, db, new() { A = new(dy), B = new(a), Y = new(db) });
    }

    /// <summary>A: g, B: the other operand. da = sum of g_k b_k; da_i = g_i b + sum over j of g_ij b_j, twice for j = i; da_ij = g_ij b.</summary>
    static void Reverse(Argument a)
    {
        int block = Elements.Block, row = Elements.Row, column = Elements.Column, directions = a.A.Directions;
        if (row >= a.Y.Rows || column >= a.Y.Width) return;
        float result = 0;
        if (block == 0)
            for (int k = 0; k < a.A.Blocks && k < a.B.Blocks; k++) result += a.A[k, row, column] * a.B[k, row, column];
        else
        {
            result = At(a.A, block, row, column) * a.B[0, row, column];
            if (block <= directions && a.A.IsSecondOrder && a.B.Blocks > 1)
                for (int j = 0; j < directions; j++)
                {
                    float term = a.A[BlockOf(block - 1, j, directions), row, column] * a.B[1 + j, row, column];
                    result += j == block - 1 ? 2 * term : term;
                }
        }
        a.Y[block, row, column] = result;
    }

    public override void GroupSum(in Matrix x, int group, float factor, in Matrix y) => Launch(GroupSum, y, new() { A = new(x), Y = new(y), Group = group, Factor = factor });

    static void GroupSum(Argument a)
    {
        int block = Elements.Block, row = Elements.Row, column = Elements.Column;
        if (row >= a.Y.Rows || column >= a.Y.Width) return;
        float sum = 0;
        for (int i = 0; i < a.Group; i++) sum += a.A[block, row * a.Group + i, column];
        a.Y[block, row, column] = a.Factor * sum;
    }

    public override void GroupSpread(in Matrix dy, int group, float factor, in Matrix dx) => Launch(GroupSpread, dx, new() { A = new(dy), Y = new(dx), Group = group, Factor = factor });

    static void GroupSpread(Argument a)
    {
        int block = Elements.Block, row = Elements.Row, column = Elements.Column;
        if (row < a.Y.Rows && column < a.Y.Width) a.Y[block, row, column] = a.Factor * a.A[block, row / a.Group, column];
    }

    public override void CopyColumns(in Matrix from, int firstColumn, in Matrix to, int toColumn, int count) =>
        Launch(CopyColumns, to, new() { A = new(from), Y = new(to), Column = firstColumn, ToColumn = toColumn, Count = count });

    static void CopyColumns(Argument a)
    {
        int block = Elements.Block, row = Elements.Row, column = Elements.Column;
        if (row < a.Y.Rows && column >= a.ToColumn && column < a.ToColumn + a.Count) a.Y[block, row, column] = a.A[block, row, column - a.ToColumn + a.Column];
    }

    public override void PadColumns(in Matrix y)
    {
        if (y.Columns > Matrix.Packed) Launch(Clear, y, new() { Y = new(y), Column = y.Columns });
    }

    public override void Clear(in Matrix y) => Launch(Clear, y, new() { Y = new(y) });

    static void Clear(Argument a)
    {
        int row = Elements.Row, column = Elements.Column;
        if (row < a.Y.Rows && column >= a.Column && column < a.Y.Width) a.Y[Elements.Block, row, column] = 0;
    }

    public override void PlaceByExpert(in Matrix x, in Matrix coordinates, float frequency, in Matrix y) =>
        Launch(PlaceByExpert, y, new() { A = new(x), B = new(coordinates), Y = new(y), Factor = frequency });

    static void PlaceByExpert(Argument a)
    {
        int block = Elements.Block, row = Elements.Row, column = Elements.Column;
        if (row >= a.Y.Rows || column >= a.Y.Width) return;
        int own = column - ExpertOf(a.B, row, a.Factor) * a.A.Columns;
        a.Y[block, row, column] = own >= 0 && own < a.A.Columns ? a.A[block, row, own] : 0;
    }

    public override void TakeFromExpert(in Matrix dy, in Matrix coordinates, float frequency, in Matrix dx) =>
        Launch(TakeFromExpert, dx, new() { A = new(dy), B = new(coordinates), Y = new(dx), Factor = frequency });

    static void TakeFromExpert(Argument a)
    {
        int block = Elements.Block, row = Elements.Row, column = Elements.Column;
        if (row >= a.Y.Rows || column >= a.Y.Width) return;
        int first = ExpertOf(a.B, row, a.Factor) * a.Y.Columns;
        a.Y[block, row, column] = column < a.Y.Columns ? a.A[block, row, first + column] : 0;
    }

    static int ExpertOf(in GpuMatrix coordinates, int row, float frequency)
    {
        int expert = 0;
        for (int k = 0; k < coordinates.Columns; k++) expert |= ((int)Intrinsics.Floor((coordinates[0, row, k] + 1) * (frequency / 2)) & 1) << k;
        return expert;
    }

    public override void JetSeed(in Matrix x, in Matrix y) => Launch(JetSeed, y, new() { A = new(x), Y = new(y) });

    static void JetSeed(Argument a)
    {
        int block = Elements.Block, row = Elements.Row, column = Elements.Column;
        if (row >= a.Y.Rows || column >= a.Y.Width) return;
        a.Y[block, row, column] = block == 0 ? a.A[0, row, column] : block == 1 + column && column < a.Y.Directions ? 1f : 0f;
    }
}
