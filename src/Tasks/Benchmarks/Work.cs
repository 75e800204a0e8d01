using InrFast.Autodiff;

namespace InrFast.Tasks.Benchmarks;

/// <summary>Floating-point operations of a row in the dense layers of a graph: what a share of the machine's peak counts. Activations, grids and sampling are not among them.</summary>
static class Work
{
    /// <summary>
    /// Two per weight for the values; training adds as many for the weights' gradient, and for the inputs' where something is trained before the layer. A jet has as many
    /// again for each of its derivatives.
    /// </summary>
    public static double FlopsPerRow(Graph graph, bool training)
    {
        var trained = new HashSet<Value>();
        double sum = 0;
        foreach (var operation in graph.Operations)
        {
            bool before = operation.Inputs.Any(trained.Contains), here = operation.Parameters.Any(parameter => parameter.IsTrained);
            if (before || here) trained.UnionWith(operation.Outputs);
            // A dense layer's weight: [outputs][inputs].
            if (operation.Parameters is not [{ HasLanes: true } weight, ..] || operation.Inputs is not [var input, ..] || weight.Columns != input.Shape.Columns) continue;
            int products = 1 + (training && here ? 1 : 0) + (training && before ? 1 : 0);
            sum += 2.0 * weight.Rows * weight.Columns * input.Shape.Blocks * products;
        }
        return sum;
    }
}
