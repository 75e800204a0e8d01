using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace InrFast.Kernels.Encodings;

/// <summary>The features of one node, or of two neighbours, in one register.</summary>
unsafe interface INode<N> where N : struct, INode<N>
{
    static abstract N Load(float* p);
    static abstract void Store(N a, float* p);
    static abstract N operator *(N a, float b);
    static abstract N operator -(N a, N b);
    static abstract N MultiplyAdd(N a, float b, N c);
}

/// <summary>One node.</summary>
unsafe interface IFeatures<N> : INode<N> where N : struct, IFeatures<N>
{
    static abstract int Count { get; }
    static abstract float Dot(N a, N b);

    /// <summary>From and to planes, of up to <see cref="Matrix.Packed"/> columns each.</summary>
    static abstract N LoadPlanes(float* p, nint planeStride);
    static abstract void StorePlanes(N a, float* p, nint planeStride);
}

/// <summary>Two nodes that lie one after the other: the two sides of the first axis.</summary>
unsafe interface IPair<P, N> : INode<P> where P : struct, IPair<P, N>
{
    static abstract P Join(N lower, N upper);
    static abstract N Lower(P a);
    static abstract N Upper(P a);
}

/// <summary>The lowest lane counts.</summary>
readonly unsafe struct Node1(Vector128<float> v) : IFeatures<Node1>
{
    const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
    public readonly Vector128<float> V = v;

    [MethodImpl(Inline)] public static Node1 Load(float* p) => new(Vector128.CreateScalarUnsafe(*p));
    [MethodImpl(Inline)] public static void Store(Node1 a, float* p) => *p = a.V.ToScalar();
    [MethodImpl(Inline)] public static Node1 operator *(Node1 a, float b) => new(a.V * Vector128.Create(b));
    [MethodImpl(Inline)] public static Node1 operator -(Node1 a, Node1 b) => new(a.V - b.V);
    [MethodImpl(Inline)] public static Node1 MultiplyAdd(Node1 a, float b, Node1 c) => new(Vector128.FusedMultiplyAdd(a.V, Vector128.Create(b), c.V));

    public static int Count { [MethodImpl(Inline)] get => 1; }
    [MethodImpl(Inline)] public static float Dot(Node1 a, Node1 b) => (a.V * b.V).ToScalar();
    [MethodImpl(Inline)] public static Node1 LoadPlanes(float* p, nint planeStride) => Load(p);
    [MethodImpl(Inline)] public static void StorePlanes(Node1 a, float* p, nint planeStride) => Store(a, p);
}

/// <summary>The lowest two lanes count.</summary>
readonly unsafe struct Node2(Vector128<float> v) : IFeatures<Node2>, IPair<Node2, Node1>
{
    const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
    public readonly Vector128<float> V = v;

    [MethodImpl(Inline)] public static Node2 Load(float* p) => new(Vector128.CreateScalarUnsafe(*(double*)p).AsSingle());
    [MethodImpl(Inline)] public static void Store(Node2 a, float* p) => *(double*)p = a.V.AsDouble().ToScalar();
    [MethodImpl(Inline)] public static Node2 operator *(Node2 a, float b) => new(a.V * Vector128.Create(b));
    [MethodImpl(Inline)] public static Node2 operator -(Node2 a, Node2 b) => new(a.V - b.V);
    [MethodImpl(Inline)] public static Node2 MultiplyAdd(Node2 a, float b, Node2 c) => new(Vector128.FusedMultiplyAdd(a.V, Vector128.Create(b), c.V));

    public static int Count { [MethodImpl(Inline)] get => 2; }
    [MethodImpl(Inline)] public static float Dot(Node2 a, Node2 b) => Sum(a.V * b.V);
    [MethodImpl(Inline)] static float Sum(Vector128<float> a) => a.ToScalar() + Vector128.Shuffle(a, Vector128.Create(1, 1, 1, 1)).ToScalar();
    [MethodImpl(Inline)] public static Node2 LoadPlanes(float* p, nint planeStride) => Load(p);
    [MethodImpl(Inline)] public static void StorePlanes(Node2 a, float* p, nint planeStride) => Store(a, p);

    [MethodImpl(Inline)] public static Node2 Join(Node1 lower, Node1 upper) => new(Vector128.ConditionalSelect(Vector128.Create(-1, 0, -1, 0).AsSingle(), lower.V, Vector128.Shuffle(upper.V, Vector128.Create(0, 0, 0, 0))));
    [MethodImpl(Inline)] public static Node1 Lower(Node2 a) => new(a.V);
    [MethodImpl(Inline)] public static Node1 Upper(Node2 a) => new(Vector128.Shuffle(a.V, Vector128.Create(1, 1, 1, 1)));
}

readonly unsafe struct Node4(Vector128<float> v) : IFeatures<Node4>, IPair<Node4, Node2>
{
    const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
    public readonly Vector128<float> V = v;

    [MethodImpl(Inline)] public static Node4 Load(float* p) => new(Vector128.Load(p));
    [MethodImpl(Inline)] public static void Store(Node4 a, float* p) => Vector128.Store(a.V, p);
    [MethodImpl(Inline)] public static Node4 operator *(Node4 a, float b) => new(a.V * Vector128.Create(b));
    [MethodImpl(Inline)] public static Node4 operator -(Node4 a, Node4 b) => new(a.V - b.V);
    [MethodImpl(Inline)] public static Node4 MultiplyAdd(Node4 a, float b, Node4 c) => new(Vector128.FusedMultiplyAdd(a.V, Vector128.Create(b), c.V));

    public static int Count { [MethodImpl(Inline)] get => 4; }
    [MethodImpl(Inline)] public static float Dot(Node4 a, Node4 b) => Vector128.Sum(a.V * b.V);
    [MethodImpl(Inline)] public static Node4 LoadPlanes(float* p, nint planeStride) => Load(p);
    [MethodImpl(Inline)] public static void StorePlanes(Node4 a, float* p, nint planeStride) => Store(a, p);

    [MethodImpl(Inline)] public static Node4 Join(Node2 lower, Node2 upper) => new(lower.V.AsDouble().WithElement(1, upper.V.AsDouble().ToScalar()).AsSingle());
    [MethodImpl(Inline)] public static Node2 Lower(Node4 a) => new(a.V);
    [MethodImpl(Inline)] public static Node2 Upper(Node4 a) => new(Vector128.Shuffle(a.V, Vector128.Create(2, 3, 2, 3)));
}

readonly unsafe struct Node8(Vector256<float> v) : IFeatures<Node8>, IPair<Node8, Node4>
{
    const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
    public readonly Vector256<float> V = v;

    [MethodImpl(Inline)] public static Node8 Load(float* p) => new(Vector256.Load(p));
    [MethodImpl(Inline)] public static void Store(Node8 a, float* p) => Vector256.Store(a.V, p);
    [MethodImpl(Inline)] public static Node8 operator *(Node8 a, float b) => new(a.V * Vector256.Create(b));
    [MethodImpl(Inline)] public static Node8 operator -(Node8 a, Node8 b) => new(a.V - b.V);
    [MethodImpl(Inline)] public static Node8 MultiplyAdd(Node8 a, float b, Node8 c) => new(Vector256.FusedMultiplyAdd(a.V, Vector256.Create(b), c.V));

    public static int Count { [MethodImpl(Inline)] get => 8; }
    [MethodImpl(Inline)] public static float Dot(Node8 a, Node8 b) => Vector256.Sum(a.V * b.V);
    [MethodImpl(Inline)] public static Node8 LoadPlanes(float* p, nint planeStride) => new(Vector256.Create(Vector128.Load(p), Vector128.Load(p + planeStride)));

    [MethodImpl(Inline)]
    public static void StorePlanes(Node8 a, float* p, nint planeStride)
    {
        Vector128.Store(a.V.GetLower(), p);
        Vector128.Store(a.V.GetUpper(), p + planeStride);
    }

    [MethodImpl(Inline)] public static Node8 Join(Node4 lower, Node4 upper) => new(Vector256.Create(lower.V, upper.V));
    [MethodImpl(Inline)] public static Node4 Lower(Node8 a) => new(a.V.GetLower());
    [MethodImpl(Inline)] public static Node4 Upper(Node8 a) => new(a.V.GetUpper());
}

/// <summary>Two nodes of 8 features.</summary>
readonly unsafe struct Node16(Vector512<float> v) : IPair<Node16, Node8>
{
    const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
    public readonly Vector512<float> V = v;

    [MethodImpl(Inline)] public static Node16 Load(float* p) => new(Vector512.Load(p));
    [MethodImpl(Inline)] public static void Store(Node16 a, float* p) => Vector512.Store(a.V, p);
    [MethodImpl(Inline)] public static Node16 operator *(Node16 a, float b) => new(a.V * Vector512.Create(b));
    [MethodImpl(Inline)] public static Node16 operator -(Node16 a, Node16 b) => new(a.V - b.V);
    [MethodImpl(Inline)] public static Node16 MultiplyAdd(Node16 a, float b, Node16 c) => new(Vector512.FusedMultiplyAdd(a.V, Vector512.Create(b), c.V));

    [MethodImpl(Inline)] public static Node16 Join(Node8 lower, Node8 upper) => new(Vector512.Create(lower.V, upper.V));
    [MethodImpl(Inline)] public static Node8 Lower(Node16 a) => new(a.V.GetLower());
    [MethodImpl(Inline)] public static Node8 Upper(Node16 a) => new(a.V.GetUpper());
}
