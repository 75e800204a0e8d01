namespace InrFast.Cli.Output;

/// <summary>What bench found. Peaks and shares are of processors: those of a card stand in its data sheet.</summary>
/// <param name="PeakGigaflopsOneThread">Measured float32 multiply-add rate, 10⁹ operations per second.</param>
/// <param name="PeakGigaflops">The same on all threads: what shares are shares of.</param>
/// <param name="LoadAverage">Over 1, 5 and 15 minutes, at the start, where the system tells.</param>
internal sealed record BenchDescription(int? VectorBits, double? PeakGigaflopsOneThread, double? PeakGigaflops, IReadOnlyList<double>? LoadAverage, IReadOnlyList<ModelSpeed> Models);

/// <param name="Training">An update of a fit.</param>
/// <param name="Derivatives">An update whose loss has first spatial derivatives too.</param>
internal sealed record ModelSpeed(string Model, long Parameters, int BatchRows, SpeedOf Training, SpeedOf Inference, SpeedOf Derivatives);

/// <param name="GigaflopsPerSecond">Operations of the dense layers alone.</param>
/// <param name="ShareOfPeak">The same per operation of the peak.</param>
/// <param name="HostMicroseconds">A step's on the processor, of a card.</param>
internal sealed record SpeedOf(double RowsPerSecond, double GigaflopsPerSecond, double? ShareOfPeak, double? HostMicroseconds);
