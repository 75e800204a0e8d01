namespace InrFast.Autodiff;

/// <summary>
/// In which stage each operation runs forward and backward. A sum over the batch is known only when its stage is over, so whoever reads it
/// comes one stage later; the same holds, mirrored, for its gradient. A shared operation runs at the end of its stage. What only a later stage reads runs there.
/// </summary>
sealed class Schedule
{
    /// <summary>By operation.</summary>
    public int[] Forward { get; }

    /// <summary>By operation; -1: it has no backward.</summary>
    public int[] Backward { get; }
    public int Stages { get; }

    public Schedule(Operation[] operations, HashSet<Value> needsGradient)
    {
        var order = operations.SelectMany((operation, i) => operation.Outputs.Select(output => (output, i))).ToDictionary(pair => pair.output, pair => pair.i);
        int[] forward = new int[operations.Length], backward = new int[operations.Length];

        for (int i = 0; i < operations.Length; i++)
            foreach (var producer in Producers(operations[i].Inputs))
                forward[i] = Math.Max(forward[i], forward[producer] + (EndsStage(producer) && operations[i].Kind != OperationKind.Shared ? 1 : 0));

        // The earliest stage in which the gradients of all outputs have arrived.
        for (int i = operations.Length - 1; i >= 0; i--)
        {
            backward[i] = operations[i].Outputs.Any(needsGradient.Contains) ? forward[i] : -1;
            if (backward[i] < 0) continue;
            foreach (int consumer in Consumers(i))
                backward[i] = Math.Max(backward[i], backward[consumer] + (operations[i].Kind == OperationKind.Reduction ? 1 : 0));
        }

        // Then as late as its inputs' producers allow, so that gradients meet in one stage and need not be kept. A sum's backward is one stage
        // after its consumers' and cannot wait for them longer.
        for (int i = 0; i < operations.Length; i++)
        {
            if (backward[i] < 0) continue;
            int latest = int.MaxValue;
            foreach (var producer in Producers(operations[i].Inputs.Where(needsGradient.Contains)))
                latest = Math.Min(latest, backward[producer] - (operations[producer].Kind == OperationKind.Reduction ? 1 : 0));
            if (latest != int.MaxValue) backward[i] = Math.Max(backward[i], latest);
        }

        // Forwards too as late as their consumers allow; a sum that nobody reads (a loss), beside its backward.
        for (int i = operations.Length - 1; i >= 0; i--)
        {
            if (operations[i].Kind == OperationKind.Shared) continue;
            int latest = backward[i] < 0 ? int.MaxValue : backward[i];
            foreach (int reader in Readers(i)) latest = operations[i].Kind == OperationKind.Reduction ? forward[i] : Math.Min(latest, forward[reader]);
            if (latest != int.MaxValue) forward[i] = Math.Max(forward[i], latest);
        }
        (Forward, Backward, Stages) = (forward, backward, 1 + Math.Max(forward.Max(), backward.Max()));

        IEnumerable<int> Producers(IEnumerable<Value> inputs) => inputs.Where(order.ContainsKey).Select(input => order[input]);
        IEnumerable<int> Readers(int i) => Enumerable.Range(i + 1, operations.Length - i - 1).Where(other => operations[other].Inputs.Any(operations[i].Outputs.Contains));
        IEnumerable<int> Consumers(int i) => Readers(i).Where(other => backward[other] >= 0 && operations[other].Inputs.Any(input => operations[i].Outputs.Contains(input) && needsGradient.Contains(input)));
        bool EndsStage(int producer) => operations[producer].Kind != OperationKind.RowLocal;
    }
}
