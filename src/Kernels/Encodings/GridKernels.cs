namespace InrFast.Kernels.Encodings;

/// <summary>
/// The multiresolution grid encoding on one device. x: coordinates, one column per dimension; y: Levels x Features columns, level by level;
/// tables: <see cref="GridSettings.TableFloats"/> floats; clock: a <see cref="Clock"/>, for the schedule of levels. Of a jet, with E the
/// encoding: y_i = sum over k of dE/dx_k x_k,i and y_ij = sum over k of dE/dx_k x_k,ij + sum over k, l of d²E/dx_k dx_l x_k,i x_l,j.
/// <para>
/// Tables are large and every row touches a few entries anywhere in them, so their gradient has two steps: each tile of rows leaves its dy in
/// <i>planes</i>, memory for all rows in which a level lies in one piece (<see cref="PlaneColumns"/> columns, <see cref="PlaneBlocks"/> blocks);
/// when all tiles have, each level is scattered by one worker, row after row: the same sum for any number of workers.
/// </para>
/// </summary>
public abstract class GridKernels(GridSettings settings)
{
    public GridSettings Settings { get; } = settings;

    /// <summary>Columns of planes: always packed.</summary>
    public int PlaneColumns => Math.Min(Settings.Features, Matrix.Packed);

    /// <summary>Blocks of planes, for coordinates of so many blocks: by level, then block, then (8 features) half.</summary>
    public int PlaneBlocks(int blocks) => Settings.Levels.Length * blocks * (Settings.Features / PlaneColumns);

    public abstract void Forward(in Matrix x, nint tables, nint clock, in Matrix y);

    /// <summary>Copies a tile's dy; <paramref name="planes"/> begins at the tile's first row.</summary>
    public abstract void StoreGradient(in Matrix dy, in Matrix planes);

    /// <summary>Adds the gradient of one level's table, of all rows of x. <paramref name="tableGradient"/>: the level's own, Entries x Features.</summary>
    public abstract void Scatter(int level, in Matrix x, in Matrix planes, nint clock, nint tableGradient);

    /// <summary>Writes dx, the gradient with respect to the coordinates (and their tangents).</summary>
    public abstract void BackwardInput(in Matrix dy, in Matrix x, nint tables, nint clock, in Matrix dx);
}
