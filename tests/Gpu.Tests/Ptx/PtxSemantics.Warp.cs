using InrFast.Kernels.Gpu;

namespace InrFast.Tests.Ptx;

/// <summary>Instructions of a whole warp (sections 9.7.8.6, 9.7.13, 9.7.14).</summary>
sealed unsafe partial class PtxSemantics
{
    WarpAction Shuffle()
    {
        string mode = instruction.Opcode[2];
        int to = Register(Operands[0].Split('|')[0]);
        int? valid = Operands[0].Contains('|') ? Register(Operands[0].Split('|')[1]) : null;
        Func<PtxThread, ulong> value = Source(1, PtxType.B32), offset = Source(2, PtxType.B32), bounds = Source(3, PtxType.B32);
        return warp =>
        {
            var values = new ulong[warp.Length];
            var sources = new int[warp.Length];
            var within = new bool[warp.Length];
            for (int lane = 0; lane < warp.Length; lane++)
            {
                values[lane] = value(warp[lane]);
                int by = (int)offset(warp[lane]) & 31, c = (int)bounds(warp[lane]), clamp = c & 31, segment = c >> 8 & 31;
                int most = (lane & segment) | (clamp & ~segment), least = lane & segment;
                int source = mode switch { "up" => lane - by, "down" => lane + by, "bfly" => lane ^ by, _ => least | (by & ~segment) };
                within[lane] = mode == "up" ? source >= most : source <= most;
                sources[lane] = within[lane] ? source : lane;
            }
            for (int lane = 0; lane < warp.Length; lane++)
            {
                if (sources[lane] >= warp.Length) throw new PtxFault($"lane {lane} reads lane {sources[lane]} of a warp of {warp.Length}");
                warp[lane].Registers[to] = values[sources[lane]];
                if (valid is { } p) warp[lane].Registers[p] = within[lane] ? 1u : 0;
            }
        };
    }

    /// <summary>
    /// mma.m16n8k16.f32.f16.f16.f32. With g = lane / 4, t = lane mod 4: a_i holds row g + 8 (i mod 2), columns 2t + 8 (i / 2) and the next; b_i rows 2t + 8 i and
    /// the next, column g; c_i and d_i row g + 8 (i / 2), column 2t + i mod 2. Products are added one after another in float, which hardware need not do.
    /// </summary>
    WarpAction MatrixMultiply()
    {
        if (!instruction.Has("m16n8k16") || !instruction.Text.Contains("row.col.f32.f16.f16.f32", StringComparison.Ordinal)) throw Unknown();
        int[] d = Vector(0), a = Vector(1), b = Vector(2);
        Func<PtxThread, ulong>[] c = [.. PtxInstruction.SplitVector(Operands[3]).Select(operand => Source(operand, PtxType.F32))];
        return warp =>
        {
            Full(warp);
            var left = new float[16, 16];
            var right = new float[16, 8];
            for (int lane = 0; lane < warp.Length; lane++)
                for (int half = 0, g = lane >> 2, t = lane & 3; half < 2; half++)
                {
                    for (int i = 0; i < 4; i++) left[g + 8 * (i & 1), 2 * t + half + 8 * (i >> 1)] = PtxBits.Half(warp[lane].Registers[a[i]] >> 16 * half);
                    for (int i = 0; i < 2; i++) right[2 * t + half + 8 * i, g] = PtxBits.Half(warp[lane].Registers[b[i]] >> 16 * half);
                }
            var results = new float[warp.Length, 4];
            for (int lane = 0; lane < warp.Length; lane++)
                for (int i = 0; i < 4; i++)
                {
                    float sum = PtxBits.Single(c[i](warp[lane]));
                    for (int k = 0; k < 16; k++) sum += left[(lane >> 2) + 8 * (i >> 1), k] * right[k, 2 * (lane & 3) + (i & 1)];
                    results[lane, i] = sum;
                }
            for (int lane = 0; lane < warp.Length; lane++)
                for (int i = 0; i < 4; i++) warp[lane].Registers[d[i]] = PtxBits.Bits(results[lane, i]);
        };
    }

    /// <summary>ldmatrix.m8n8.x1, .x2, .x4, transposed or not: lane 8 m + r holds the address of row r of matrix m.</summary>
    WarpAction LoadMatrix()
    {
        const int RowBytes = 16;
        int[] d = Vector(0);
        var address = Address(Operands[1]);
        bool transposed = instruction.Has("trans");
        return warp =>
        {
            Full(warp);
            var results = new ulong[warp.Length, d.Length];
            for (int m = 0; m < d.Length; m++)
                for (int lane = 0; lane < warp.Length; lane++)
                    for (int half = 0; half < 2; half++)
                    {
                        var (row, column) = (lane >> 2, 2 * (lane & 3) + half);
                        if (transposed) (row, column) = (column, row);
                        ulong start = address(warp[8 * m + row]);
                        if (start % RowBytes != 0) throw new PtxFault($"misaligned: a row of 16 bytes at {start:x}");
                        results[lane, m] |= (ulong)*(ushort*)machine.Read(warp[lane], true, start + 2 * (ulong)column, 2) << 16 * half;
                    }
            for (int lane = 0; lane < warp.Length; lane++)
                for (int m = 0; m < d.Length; m++) warp[lane].Registers[d[m]] = results[lane, m];
        };
    }

    int[] Vector(int operand) => [.. PtxInstruction.SplitVector(Operands[operand]).Select(Register)];

    static void Full(Span<PtxThread> warp)
    {
        if (warp.Length != PtxThread.WarpSize) throw new PtxFault($"a warp of {warp.Length} threads");
    }
}
