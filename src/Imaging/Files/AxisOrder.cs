namespace InrFast.Imaging;

/// <summary>Arrays whose axes stand in another order than an image's.</summary>
internal static class AxisOrder
{
    /// <summary>Lays an array out anew, both with the first axis running fastest.</summary>
    /// <param name="sizes">Lengths of the axes as they are.</param>
    /// <param name="order">For each axis of the result, which axis of the source it is.</param>
    public static float[] Transpose(float[] source, ReadOnlySpan<int> sizes, ReadOnlySpan<int> order)
    {
        Span<int> strides = stackalloc int[sizes.Length];
        var stride = 1;
        for (var axis = 0; axis < sizes.Length; axis++)
        {
            strides[axis] = stride;
            stride *= sizes[axis];
        }
        var (inner, innerStride) = (sizes[order[0]], strides[order[0]]);
        var target = new float[source.Length];
        Span<int> index = stackalloc int[order.Length];
        index.Clear();
        for (int to = 0, from = 0; to < target.Length; to += inner)
        {
            for (var i = 0; i < inner; i++)
            {
                target[to + i] = source[from + i * innerStride];
            }
            for (var axis = 1; axis < order.Length; axis++)
            {
                from += strides[order[axis]];
                if (++index[axis] < sizes[order[axis]])
                {
                    break;
                }
                from -= strides[order[axis]] * sizes[order[axis]];
                index[axis] = 0;
            }
        }
        return target;
    }
}
