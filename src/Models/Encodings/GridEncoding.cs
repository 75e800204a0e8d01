using System.Collections.Immutable;
using InrFast.Autodiff.Operations;
using InrFast.Kernels.Encodings;

namespace InrFast.Models;

/// <summary>
/// The multiresolution grid encoding (Müller 2022) of an image's field: levels in geometric steps from <paramref name="Coarse"/> cells along the
/// longest side to <paramref name="Fine"/> cells per voxel, dense where their nodes fit into the table, hashed above. Tables begin uniform in ±1e-4.
/// </summary>
/// <param name="Size">Voxels of the image per axis: one number per column of the coordinates.</param>
/// <param name="Features">Per node: 1, 2, 4 or 8.</param>
/// <param name="Log2TableSize">A hashed level has two to this power entries.</param>
public sealed record GridEncoding(ImmutableArray<int> Size, int Levels = 8, int Features = 2, double Coarse = 16, double Fine = 0.8, int Log2TableSize = 13,
    Interpolation Interpolation = Interpolation.Linear) : EncodingSettings
{
    GridSettings Grid(int inputs)
    {
        if (Size.IsDefault || Size.Length != inputs) throw new ArgumentException($"A grid's image has one size per axis: {inputs}, not {(Size.IsDefault ? 0 : Size.Length)}.");
        if (!Enum.IsDefined(Interpolation)) throw new ArgumentException($"There is no interpolation {Interpolation}.");
        Range.Check("Levels", Levels, 1, GridSettings.MaximumLevels);
        var grid = GridSettings.ForImage(Size.AsSpan(), Levels, Features, Coarse, Fine, Log2TableSize) with { Interpolation = Interpolation };
        Range.Check("Numbers in a grid's tables", grid.TableFloats, 1, int.MaxValue);
        return grid;
    }

    public override int Columns(int inputs) => Grid(inputs).Outputs;

    internal override Encoding Create(NetworkParameters parameters, string name, int inputs)
    {
        var grid = Grid(inputs);
        var tables = parameters.Tables(name, grid, Initializers.Uniform(1e-4));
        return (coordinates, steps) => new Grid(coordinates, tables, grid with { CoarseToFineSteps = steps }).Output;
    }
}
