namespace InrFast.Kernels;

/// <summary>What a card computes chains of dense layers in. Everything else is float32 (sums of many rows: double).</summary>
public enum Precision
{
    Float32,

    /// <summary>Matrix units: halves multiplied, float32 sums and weights. Jets stay in float32.</summary>
    Half,
}
