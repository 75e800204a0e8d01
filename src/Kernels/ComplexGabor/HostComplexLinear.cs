namespace InrFast.Kernels.ComplexGabor;

/// <summary>Copies and single additions: the same on every host device.</summary>
sealed unsafe class HostComplexLinear : ComplexLinearKernels
{
    static ref float At(ParameterView p, int row, int column) => ref ((float*)p.Data)[(long)row * p.RowStride + (long)column * p.ColumnStride];

    public override void Expand(ParameterView weight, ParameterView expanded)
    {
        int outputs = weight.Rows / 2, inputs = weight.Columns;
        for (int n = 0; n < outputs; n++)
            for (int k = 0; k < inputs; k++)
            {
                float real = At(weight, n, k), imaginary = At(weight, outputs + n, k);
                At(expanded, n, k) = At(expanded, outputs + n, inputs + k) = real;
                At(expanded, outputs + n, k) = imaginary;
                At(expanded, n, inputs + k) = -imaginary;
            }
    }

    public override void Fold(ParameterView expandedGradient, ParameterView weightGradient)
    {
        int outputs = weightGradient.Rows / 2, inputs = weightGradient.Columns;
        for (int n = 0; n < outputs; n++)
            for (int k = 0; k < inputs; k++)
            {
                At(weightGradient, n, k) += At(expandedGradient, n, k) + At(expandedGradient, outputs + n, inputs + k);
                At(weightGradient, outputs + n, k) += At(expandedGradient, outputs + n, k) - At(expandedGradient, n, inputs + k);
            }
    }
}
