using InrFast.Kernels.Projection;
using InrFast.Kernels.Sampling;

namespace InrFast.Kernels.Rendering;

/// <summary>
/// Makes the rows of a training batch of rays: points along each ray from where it enters the volume to where it leaves it, one in each of so many equal parts, in the part's middle or (jittered) anywhere in it, but at the same
/// place of all parts: at equal distances errors of neighbouring points cancel, where points that are free of each other leave noise many times as large (systematic sampling: Cochran, Annals of Mathematical Statistics 17, 1946).
/// The mean of a function at a ray's points times the ray's length estimates its line integral, without bias where jittered. Everything follows from the clock, the order and the ray's place in the batch.
/// </summary>
public abstract class RaySamplerKernels
{
    protected readonly ProjectionGeometry geometry;
    protected readonly VoxelGrid grid;
    protected readonly int samples;
    protected readonly bool jitter;

    /// <param name="grid">The volume's voxels in the network's coordinates: z only where it has slices.</param>
    /// <param name="samples">Points of a ray.</param>
    protected RaySamplerKernels(ProjectionGeometry geometry, VoxelGrid grid, int samples, bool jitter)
    {
        (this.geometry, this.grid, this.samples, this.jitter) = (geometry, grid, samples, jitter);
        ArgumentOutOfRangeException.ThrowIfLessThan(samples, 1);
        int axes = geometry.Volume.IsFlat ? 2 : 3;
        if (grid.Axes != axes || Enumerable.Range(0, axes).Any(axis => grid[axis].Size != geometry.Volume[axis])) throw new ArgumentException("the grid's voxels are not the volume's", nameof(grid));
    }

    /// <summary>Writes rays firstRay, firstRay + 1, ... of this step's batch.</summary>
    /// <param name="clock">Address of a <see cref="Clock"/>. Ray r of step s is element s * batchRays + r of the order, which numbers the projections' pixels.</param>
    /// <param name="projections">Address of the projections, float [view][row][column]. 0: values are not wanted.</param>
    /// <param name="coordinates">A column for each axis, rows of a ray one after another.</param>
    /// <param name="lengths">One row for each ray: its length within the volume, in the geometry's unit; 0 of one that misses it, whose points lie in its middle.</param>
    /// <param name="values">One row for each ray: what was measured.</param>
    public abstract void Sample(nint clock, long firstRay, long batchRays, nint projections, in Matrix coordinates, in Matrix lengths, in Matrix values);

    /// <summary>Where a ray enters and leaves the box of the voxels, in units of its direction; leaving is not beyond entering where it misses.</summary>
    protected static void Clip(ScanVolume volume, bool isParallel, Point3 origin, Point3 direction, out double enter, out double leave)
    {
        (enter, leave) = (double.NegativeInfinity, double.PositiveInfinity);
        int axes = volume.IsFlat ? 2 : 3;
        for (int axis = 0; axis < axes; axis++)
        {
            double low = volume.Origin[axis] - volume.Spacing[axis] / 2 - origin[axis], high = low + volume[axis] * volume.Spacing[axis];
            if (direction[axis] != 0)
            {
                double one = low / direction[axis], other = high / direction[axis];
                (enter, leave) = (Math.Max(enter, Math.Min(one, other)), Math.Min(leave, Math.Max(one, other)));
            }
            else if (low > 0 || high < 0) leave = double.NegativeInfinity;
        }
        if (!isParallel) enter = Math.Max(0, enter); // a source inside sees only what lies before it
    }
}
