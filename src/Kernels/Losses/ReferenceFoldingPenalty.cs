namespace InrFast.Kernels.Losses;

/// <summary>The oracle: determinant and cofactors by their definition, row by row, in double.</summary>
sealed unsafe class ReferenceFoldingPenalty<TLoss>(TLoss loss) : JacobianPenaltyKernels where TLoss : struct, ILoss
{
    public override void Forward(in Matrix displacement, double factor, nint accumulator)
    {
        double sum = 0;
        for (int r = 0; r < displacement.Rows; r++)
        {
            loss.Evaluate(ReferenceMinors.Determinant(ReferenceMinors.Map(displacement, r)), 1, out double value, out _);
            sum += value;
        }
        *(double*)accumulator += factor * sum;
    }

    public override void Backward(in Matrix displacement, double factor, nint outputGradient, in Matrix gradient)
    {
        gradient.ClearBlocks(0);
        for (int r = 0; r < displacement.Rows; r++)
        {
            var m = ReferenceMinors.Map(displacement, r);
            loss.Evaluate(ReferenceMinors.Determinant(m), 1, out _, out double slope);
            for (int i = 0; i < m.GetLength(0); i++)
                for (int j = 0; j < m.GetLength(0); j++) gradient.Row(1 + j, r)[i] = (float)(factor * *(double*)outputGradient * slope * ReferenceMinors.Cofactor(m, i, j));
        }
    }
}
