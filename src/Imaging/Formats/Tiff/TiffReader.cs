namespace InrFast.Imaging;

/// <summary>Reads the pages of a TIFF file as slices, channels and times of one image.</summary>
internal sealed class TiffReader
{
    private readonly InputFile file;
    private readonly List<string> warnings = [];
    private readonly TiffDirectory first;
    private readonly (long Width, long Height, int Samples, SampleType Type, int Bits) layout;

    public TiffReader(InputFile file)
    {
        this.file = file;
        Pages = TiffDirectory.ReadAll(file, file.ReadAll());
        first = Pages[0];
        layout = LayoutOf(first);
        // Thumbnails and other resolutions of the same image.
        var others = Pages.RemoveAll(page => (page.Integer(TiffTag.SubfileType, 0) & 1) != 0 && page != first || LayoutOf(page) != layout);
        if (others > 0)
        {
            warnings.Add($"{file.Name}: {others} pages of another size or type were left out");
        }
    }

    private List<TiffDirectory> Pages { get; }

    public Image Read()
    {
        var metadata = TiffMetadata.Of(first.Text(TiffTag.Description), Pages.Count);
        if (layout.Samples > 1 && metadata.Channels > 1)
        {
            throw file.Unsupported($"{metadata.Channels} channels of {layout.Samples} colours cannot be read; split the file");
        }
        var channels = layout.Samples * metadata.Channels;
        var count = file.Limits.CountSamples(file.Name, layout.Width, layout.Height, metadata.Slices, metadata.Times, channels);
        var isPlain = Pages.TrueForAll(page => page.Integer(TiffTag.Compression, TiffCompression.None) == TiffCompression.None);
        if (metadata.Images > 0 && (!isPlain || layout.Bits < 8))
        {
            throw file.Malformed($"it declares {metadata.Images} images and has one page, which is packed; get a whole copy");
        }
        var bytes = (Int128)count * layout.Bits / 8;
        file.RequireContent(isPlain ? bytes : bytes / TiffCompression.MaxRatio);
        WarnOfDisplay();
        var (x, y) = ((int)layout.Width, (int)layout.Height);
        var samples = new float[count];
        var page = new float[x * y * layout.Samples];
        for (var image = 0; image < metadata.Channels * metadata.Slices * metadata.Times; image++)
        {
            ReadPage(image, metadata.Images, page);
            var (channel, slice) = (image % metadata.Channels, image / metadata.Channels);
            var target = samples.AsSpan(slice * page.Length * metadata.Channels, page.Length * metadata.Channels);
            if (metadata.Channels == 1)
            {
                page.CopyTo(target);
                continue;
            }
            for (var i = 0; i < page.Length; i++)
            {
                target[i * metadata.Channels + channel] = page[i];
            }
        }
        var scale = new StoredScale(layout.Type);
        VoxelStream.WarnOfRounding(file.Name, samples, scale, warnings);
        return new Image(new Grid(new GridSize(x, y, metadata.Slices), Place(metadata)), samples, channels, metadata.Times)
        {
            TimeSpacing = metadata.Times > 1 ? metadata.TimeSpacing : 0,
            Stored = scale,
            Warnings = warnings,
        };
    }

    private (long Width, long Height, int Samples, SampleType Type, int Bits) LayoutOf(TiffDirectory page)
    {
        var bits = page.Integer(TiffTag.BitsPerSample, 1);
        var format = page.Integer(TiffTag.SampleFormat, 1);
        SampleType type = (format, bits) switch
        {
            (1 or 4, 1 or 8) => SampleType.UInt8,
            (1 or 4, 16) => SampleType.UInt16,
            (1 or 4, 32) => SampleType.UInt32,
            (1 or 4, 64) => SampleType.UInt64,
            (2, 8) => SampleType.Int8,
            (2, 16) => SampleType.Int16,
            (2, 32) => SampleType.Int32,
            (2, 64) => SampleType.Int64,
            (3, 32) => SampleType.Float32,
            (3, 64) => SampleType.Float64,
            _ => throw file.Unsupported($"samples of {bits} bits in format {format} cannot be read; save them with 8, 16 or 32 bits"),
        };
        var samples = page.Integer(TiffTag.SamplesPerPixel, 1);
        return samples is >= 1 and <= 4096
            ? (page.Integer(TiffTag.Width), page.Integer(TiffTag.Length), (int)samples, type, (int)bits)
            : throw file.Malformed($"a page has {samples} samples for each pixel; get a sound copy");
    }

    private void WarnOfDisplay()
    {
        switch (first.Integer(TiffTag.Photometric, 1))
        {
            case 0: warnings.Add($"{file.Name}: white is zero in this file; its numbers are given as they are stored"); break;
            case 3: warnings.Add($"{file.Name}: its palette was left out; the values are the numbers of its colours"); break;
        }
        if (first.Integer(TiffTag.FillOrder, 1) != 1 && layout.Bits == 1)
        {
            throw file.Unsupported("bits from the least significant on (FillOrder 2) cannot be read; save the file anew");
        }
    }

    private void ReadPage(int image, int images, float[] target)
    {
        if (images > 0)
        {
            // One directory, and the images one after the other from its first strip on.
            var pageBytes = (long)target.Length * layout.Bits / 8;
            var raw = first.Data(first.Integer(TiffTag.StripOffsets) + image * pageBytes, pageBytes).ToArray();
            SampleCodec.Decode(raw, new StoredScale(layout.Type), first.BigEndian, target);
            return;
        }
        var page = Pages[image];
        var isTiled = page.Has(TiffTag.TileOffsets);
        var (offsets, counts) = (page.Integers(isTiled ? TiffTag.TileOffsets : TiffTag.StripOffsets), page.Integers(isTiled ? TiffTag.TileByteCounts : TiffTag.StripByteCounts));
        var width = isTiled ? page.Integer(TiffTag.TileWidth) : layout.Width;
        var height = isTiled ? page.Integer(TiffTag.TileLength) : Math.Min(page.Integer(TiffTag.RowsPerStrip, layout.Height), layout.Height);
        var isPlanar = layout.Samples > 1 && page.Integer(TiffTag.PlanarConfiguration, 1) == 2;
        var samples = isPlanar ? 1 : layout.Samples;
        // A block is not larger than the page but for the rounding of tiles, or a lie.
        if (width <= 0 || height <= 0 || width > layout.Width + 4096 || height > layout.Height + 4096)
        {
            throw file.Malformed($"its blocks have {width} x {height} pixels and the page {layout.Width} x {layout.Height}; get a sound copy");
        }
        file.Limits.CountSamples(file.Name, width, height, samples);
        var (across, down) = ((layout.Width + width - 1) / width, (layout.Height + height - 1) / height);
        var perPlane = across * down;
        if (offsets.Length < perPlane * (isPlanar ? layout.Samples : 1) || counts.Length < offsets.Length)
        {
            throw file.Malformed($"a page has {offsets.Length} blocks where it needs {perPlane * (isPlanar ? layout.Samples : 1)}; get a sound copy");
        }
        for (var plane = 0; plane < (isPlanar ? layout.Samples : 1); plane++)
        {
            for (var block = 0; block < perPlane; block++)
            {
                var (left, top) = ((int)(block % across * width), (int)(block / across * height));
                // The last strip ends with the page; tiles are always whole.
                var rows = isTiled ? height : Math.Min(height, layout.Height - top);
                var index = plane * perPlane + block;
                var values = Unpack(page, page.Data(offsets[index], counts[index]), (int)width, (int)rows, samples);
                Place(values, (int)width, samples, left, top, plane, target);
            }
        }
    }

    private float[] Unpack(TiffDirectory page, ReadOnlyMemory<byte> data, int width, int rows, int samples)
    {
        var rowBytes = (int)(((long)width * samples * layout.Bits + 7) / 8);
        var raw = new byte[checked(rowBytes * rows)];
        TiffCompression.Unpack(file, page.Integer(TiffTag.Compression, TiffCompression.None), data, raw);
        var (bigEndian, elementBytes) = (page.BigEndian, layout.Type.Bytes());
        var predictor = page.Integer(TiffTag.Predictor, 1);
        if (predictor == 2 && bigEndian)
        {
            SampleCodec.Swap(raw, elementBytes);
            bigEndian = false;
        }
        for (var row = 0; row < rows && predictor != 1; row++)
        {
            var bytes = raw.AsSpan(row * rowBytes, rowBytes);
            if (predictor == 2 && layout.Bits >= 8)
            {
                TiffCompression.UndoDifferences(bytes, elementBytes, samples);
            }
            else if (predictor == 3 && !layout.Type.IsInteger())
            {
                TiffCompression.UndoFloatDifferences(bytes, elementBytes, samples);
                bigEndian = false;
            }
            else
            {
                throw file.Unsupported($"the predictor {predictor} of {layout.Bits}-bit samples cannot be read; save the file anew");
            }
        }
        var values = new float[checked(width * samples * rows)];
        if (layout.Bits == 1)
        {
            for (var i = 0; i < values.Length; i++)
            {
                var (row, column) = (i / (width * samples), i % (width * samples));
                values[i] = raw[row * rowBytes + column / 8] >> (7 - column % 8) & 1;
            }
            return values;
        }
        SampleCodec.Decode(raw, new StoredScale(layout.Type), bigEndian, values);
        return values;
    }

    // The part of a block that lies on the page.
    private void Place(float[] block, int width, int samples, int left, int top, int plane, float[] target)
    {
        var columns = Math.Min(width, (int)layout.Width - left);
        for (var row = 0; row < block.Length / (width * samples) && top + row < layout.Height; row++)
        {
            var source = block.AsSpan(row * width * samples, columns * samples);
            var at = ((top + row) * (int)layout.Width + left) * layout.Samples + plane;
            if (samples == layout.Samples)
            {
                source.CopyTo(target.AsSpan(at));
                continue;
            }
            for (var column = 0; column < columns; column++)
            {
                target[at + column * layout.Samples] = source[column];
            }
        }
    }

    private Affine Place(TiffMetadata metadata)
    {
        if (metadata.UnitMillimetres == 0)
        {
            return Affine.Identity;
        }
        double Step(TiffTag resolution) => first.Rational(resolution) is var dots && double.IsFinite(dots) && dots > 0 ? metadata.UnitMillimetres / dots : metadata.UnitMillimetres;
        var (x, y) = (Step(TiffTag.XResolution), Step(TiffTag.YResolution));
        var map = Affine.FromSpacing(x, y, metadata.SliceSpacing > 0 ? metadata.SliceSpacing : metadata.UnitMillimetres);
        return map.IsInvertible ? map : Affine.Identity;
    }
}
