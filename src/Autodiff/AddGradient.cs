using InrFast.Kernels;
using InrFast.Kernels.Losses;

namespace InrFast.Autodiff;

/// <summary>Ends the step of a consumer of a value that has several: adds what it sent back.</summary>
sealed class AddGradient(Device device, Slot sum, Slot term) : Work
{
    public override void Forward(Tile tile) { }
    public override void Backward(Tile tile) => device.Pointwise.Accumulate(tile[sum], tile[term]);
}

/// <summary>The same of a shared value's gradient, once: the terms lie one after another.</summary>
sealed class AddSharedGradients(Device device, Slot terms, Slot sum, int count) : Work
{
    readonly SharedKernels kernels = device.Shared(new SumOfTerms(count, sum.Shape.Columns));

    public override void Forward(Tile tile) { }
    public override void Backward(Tile tile) => kernels.Forward(tile.Shared(terms), tile.Shared(sum));

    readonly struct SumOfTerms(int count, int columns) : ISharedFunction
    {
        public int Inputs => count * columns;
        public int Outputs => columns;

        public void Evaluate(Doubles x, Doubles y)
        {
            for (int c = 0; c < columns; c++)
            {
                y[c] = 0;
                for (int i = 0; i < count; i++) y[c] += x[i * columns + c];
            }
        }

        public void Backward(Doubles x, Doubles dy, Doubles dx)
        {
            for (int i = 0; i < Inputs; i++) dx[i] = dy[i % columns];
        }
    }
}
