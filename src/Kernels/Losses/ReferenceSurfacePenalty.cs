namespace InrFast.Kernels.Losses;

/// <summary>The oracle: cofactors and their derivatives by their definition, row by row, in double.</summary>
sealed unsafe class ReferenceSurfacePenalty<TLoss>(TLoss loss) : JacobianPenaltyKernels where TLoss : struct, ILoss
{
    public override void Forward(in Matrix displacement, double factor, nint accumulator)
    {
        double sum = 0;
        for (int r = 0; r < displacement.Rows; r++) sum += Terms(ReferenceMinors.Map(displacement, r)).Sum(term => term.Value);
        *(double*)accumulator += factor * sum;
    }

    public override void Backward(in Matrix displacement, double factor, nint outputGradient, in Matrix gradient)
    {
        gradient.ClearBlocks(0);
        double scale = factor * *(double*)outputGradient;
        int axes = displacement.Columns;
        for (int r = 0; r < displacement.Rows; r++)
        {
            var m = ReferenceMinors.Map(displacement, r);
            var terms = Terms(m);
            for (int k = 0; k < axes; k++)
                for (int l = 0; l < axes; l++)
                {
                    // A cofactor is linear in an element: its derivative is the difference of its values at 1 and at 0.
                    double sum = 0, element = m[k, l];
                    for (int i = 0; i < axes; i++)
                        for (int j = 0; j < axes; j++)
                        {
                            double here = ReferenceMinors.Cofactor(m, i, j);
                            m[k, l] = 1;
                            double one = ReferenceMinors.Cofactor(m, i, j);
                            m[k, l] = 0;
                            double slope = one - ReferenceMinors.Cofactor(m, i, j);
                            m[k, l] = element;
                            sum += terms[j].Slope * 2 * here * slope;
                        }
                    gradient.Row(1 + l, r)[k] = (float)(scale * sum);
                }
        }
    }

    (double Value, double Slope)[] Terms(double[,] m)
    {
        int axes = m.GetLength(0);
        var terms = new (double Value, double Slope)[axes];
        for (int j = 0; j < axes; j++)
        {
            double squares = 0;
            for (int i = 0; i < axes; i++) squares += Math.Pow(ReferenceMinors.Cofactor(m, i, j), 2);
            loss.Evaluate(squares, 1, out terms[j].Value, out terms[j].Slope);
        }
        return terms;
    }
}
