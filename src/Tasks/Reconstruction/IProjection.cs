using InrFast.Kernels.Projection;

namespace InrFast.Tasks.Reconstruction;

/// <summary>A linear map from an image [z][y][x] to projections [view][row][column], and its transpose.</summary>
public interface IProjection
{
    /// <summary>Of the image.</summary>
    ScanVolume Volume { get; }

    /// <summary>Numbers of the projections.</summary>
    int Count { get; }
    void Forward(float[] image, float[] projections);
    void Adjoint(float[] projections, float[] image);
}
