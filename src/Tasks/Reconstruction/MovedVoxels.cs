using InrFast.Autodiff;
using InrFast.Kernels.Projection;

namespace InrFast.Tasks.Reconstruction;

/// <summary>An image read at moved voxels, linearly, 0 beyond its border: y(x) = image(x + u(x)). Fields are [axis][voxel], in voxels, of two axes where the volume is flat.</summary>
static class MovedVoxels
{
    public static int Axes(ScanVolume volume) => volume.IsFlat ? 2 : 3;

    /// <param name="gradient">Null, or the image's gradient at the moved voxels, [axis][voxel].</param>
    public static void Read(ScanVolume volume, float[] image, float[] field, float[] moved, Workers workers, float[]? gradient = null)
    {
        int count = image.Length;
        Parts.Run(workers, (long)volume.Y * volume.Z, 8, (first, lines, _) =>
        {
            for (int i = (int)first * volume.X; i < (int)(first + lines) * volume.X; i++)
            {
                var cell = new Cell(volume, field, i, count);
                float sum = 0, alongX = 0, alongY = 0, alongZ = 0;
                for (int corner = 0; corner < cell.Corners; corner++)
                {
                    if (!cell.Has(corner, volume, out int at)) continue;
                    float value = image[at];
                    var (x, y, z) = cell.Shares(corner);
                    sum += value * x * y * z;
                    alongX += ((corner & 1) != 0 ? value : -value) * y * z;
                    alongY += ((corner & 2) != 0 ? value : -value) * x * z;
                    alongZ += ((corner & 4) != 0 ? value : -value) * x * y;
                }
                moved[i] = sum;
                if (gradient is null) continue;
                (gradient[i], gradient[count + i]) = (alongX, alongY);
                if (!volume.IsFlat) gradient[2 * count + i] = alongZ;
            }
        });
    }

    /// <summary>Adds the transpose of <see cref="Read"/>, applied to <paramref name="moved"/>, to the image.</summary>
    public static void AddAdjoint(ScanVolume volume, float[] moved, float[] field, float[] image)
    {
        for (int i = 0; i < moved.Length; i++)
        {
            if (moved[i] == 0) continue;
            var cell = new Cell(volume, field, i, moved.Length);
            for (int corner = 0; corner < cell.Corners; corner++)
            {
                if (!cell.Has(corner, volume, out int at)) continue;
                var (x, y, z) = cell.Shares(corner);
                image[at] += moved[i] * x * y * z;
            }
        }
    }

    // The voxels about a moved one, and where it lies between them.
    readonly struct Cell
    {
        readonly int x, y, z;
        readonly float right, below, behind;

        public Cell(ScanVolume volume, float[] field, int voxel, int count)
        {
            (x, right) = Floor(voxel % volume.X + field[voxel], volume.X);
            (y, below) = Floor(voxel / volume.X % volume.Y + field[count + voxel], volume.Y);
            if (!volume.IsFlat) (z, behind) = Floor(voxel / (volume.X * volume.Y) + field[2 * count + voxel], volume.Z);
            Corners = volume.IsFlat ? 4 : 8;
        }

        public int Corners { get; }

        public bool Has(int corner, ScanVolume volume, out int at)
        {
            int i = x + (corner & 1), j = y + (corner >> 1 & 1), k = z + (corner >> 2);
            at = i + volume.X * (j + volume.Y * k);
            return (uint)i < (uint)volume.X && (uint)j < (uint)volume.Y && (uint)k < (uint)volume.Z;
        }

        public (float X, float Y, float Z) Shares(int corner) =>
            ((corner & 1) != 0 ? right : 1 - right, (corner & 2) != 0 ? below : 1 - below, Corners == 4 ? 1 : (corner & 4) != 0 ? behind : 1 - behind);

        static (int, float) Floor(float place, int size)
        {
            place = Math.Clamp(place, -2, size); // no voxel is near beyond that: neither value nor gradient
            float floor = MathF.Floor(place);
            return ((int)floor, place - floor);
        }
    }
}
