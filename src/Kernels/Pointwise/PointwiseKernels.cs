namespace InrFast.Kernels.Pointwise;

/// <summary>
/// Small operations on whole values, blocks of jets included. Matrices of one call have the same columns and rows unless said otherwise, and
/// do not overlap except where a result is named in place of its operand. Padding columns of results are zero where those of the operands are.
/// </summary>
public abstract class PointwiseKernels
{
    /// <summary>y = a + b.</summary>
    public abstract void Add(in Matrix a, in Matrix b, in Matrix y);

    /// <summary>sum += term.</summary>
    public void Accumulate(in Matrix sum, in Matrix term) => Add(sum, term, sum);

    /// <summary>y = factor * x; they may be the same.</summary>
    public abstract void Scale(in Matrix x, float factor, in Matrix y);

    /// <summary>y = x in the blocks that both have; other blocks of y are zero: a plain value as a jet is a constant.</summary>
    public abstract void Copy(in Matrix x, in Matrix y);

    /// <summary>
    /// y = a b. Of jets: y_i = a_i b + a b_i, y_ij = a_ij b + a_i b_j + a_j b_i + a b_ij. An operand of one block is a constant.
    /// </summary>
    public abstract void Multiply(in Matrix a, in Matrix b, in Matrix y);

    /// <summary>Writes da and db, the transpose of that product rule in the other operand, unless they are empty.</summary>
    public abstract void MultiplyBackward(in Matrix dy, in Matrix a, in Matrix b, in Matrix da, in Matrix db);

    /// <summary>Each row of y = factor * sum of <paramref name="group"/> neighbouring rows of x, in their order.</summary>
    public abstract void GroupSum(in Matrix x, int group, float factor, in Matrix y);

    /// <summary>Its transpose: each of <paramref name="group"/> neighbouring rows of dx = factor * a row of dy.</summary>
    public abstract void GroupSpread(in Matrix dy, int group, float factor, in Matrix dx);

    /// <summary>
    /// Columns firstColumn .. firstColumn + count of <paramref name="from"/> to those from toColumn on of <paramref name="to"/>, in all blocks of
    /// it; other columns stay. Concatenation and slices are made of this.
    /// </summary>
    public abstract void CopyColumns(in Matrix from, int firstColumn, in Matrix to, int toColumn, int count);

    /// <summary>Zeros in the columns from the last to the next multiple of 16 of a wide value, in all blocks.</summary>
    public abstract void PadColumns(in Matrix y);

    /// <summary>y = 0, padding columns and all blocks included.</summary>
    public abstract void Clear(in Matrix y);

    /// <summary>
    /// Space is divided into cells of 1 / frequency of the length from -1 to 1, and neighbours along an axis belong to different ones of 2^d experts (Hao 2022, Levels of
    /// experts): expert = sum over axes k of 2^k (floor(frequency (x_k + 1) / 2) mod 2). Each row of x goes to columns expert * x.Columns and on of y, in
    /// all blocks; the others are zero.
    /// </summary>
    public abstract void PlaceByExpert(in Matrix x, in Matrix coordinates, float frequency, in Matrix y);

    /// <summary>Its transpose: each row of dx is the expert's part of the row of dy.</summary>
    public abstract void TakeFromExpert(in Matrix dy, in Matrix coordinates, float frequency, in Matrix dx);

    /// <summary>Coordinates x as a jet: block 0 = x, block 1 + i = unit vector i, second derivatives zero.</summary>
    public abstract void JetSeed(in Matrix x, in Matrix y);
}
