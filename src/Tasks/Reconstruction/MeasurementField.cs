using InrFast.Autodiff;
using InrFast.Autodiff.Operations;
using InrFast.Kernels;
using InrFast.Kernels.Losses;
using InrFast.Kernels.Optimizers;
using InrFast.Kernels.Random;
using InrFast.Models;
using InrFast.Tasks.Fitting;

namespace InrFast.Tasks.Reconstruction;

/// <summary>
/// CoIL (Sun, Liu, Xie, Wohlberg and Kamilov: CoIL, coordinate-based internal learning for tomographic imaging, IEEE Trans. Computational Imaging 7, 2021): a network of the measurement field, from a view's angle and a
/// detector's column to the line integral, is trained on the measured pairs and read at views between them. Other than published: views beyond both ends repeat those of the other end, as the geometry has it, a rate
/// that falls along a cosine in fewer steps, and the network of the step that errs least on pairs held out.
/// </summary>
public static class MeasurementField
{
    const int Batch = 1000, HeldOut = 20, StepsOfACheck = 100, Mirrored = 5;
    const double Rate = 5e-4;

    public const int StandardIterations = 3000, Views = 360;

    public static SkipMlpSettings StandardNetwork { get; } = new(2, 1, new HarmonicEncoding(10));

    /// <param name="geometry">Parallel or fan, one row, a gantry on a circle.</param>
    /// <param name="projections">[view][column], line integrals.</param>
    /// <param name="report">After each iteration: its number, from 1, and the root of the batch's mean squared error over that of the projections. False ends the run.</param>
    /// <param name="settings">Null: <see cref="StandardNetwork"/>.</param>
    /// <returns>At least <see cref="Views"/> views at equal steps over what the measured ones cover, all of them the network's.</returns>
    /// <exception cref="FitException">WrongUse: a cone beam, or one without angles.</exception>
    public static (CtGeometry Geometry, float[] Projections) Complete(CtGeometry geometry, float[] projections, int iterations, ulong seed, Device device, Workers workers, Func<int, double, bool>? report = null, NetworkSettings? settings = null)
    {
        if (geometry.Kind == CtGeometry.Cone || geometry.Detector.Rows > 1) throw new FitException(FitError.WrongUse, "method coil completes sinograms of one detector row; use naf for volumes");
        int columns = geometry.Detector.Columns;
        // Half a turn turns a parallel view's columns around, if the axis lies in their middle; a whole turn changes nothing.
        bool turnsAround = geometry.Kind == CtGeometry.Parallel && geometry.Detector.ColumnOffsetMm == 0;
        double period = turnsAround ? Math.PI : 2 * Math.PI, most = projections.Max(Math.Abs);
        var views = new ViewWeights(geometry.Radians, turnsAround, Math.PI / 2);
        bool isWhole = views.Coverage > period - 1e-6;
        var (places, values) = Pairs();
        var graph = new Graph();
        Value coordinates = graph.Input(2), target = graph.Input(1);
        var network = (settings ?? StandardNetwork).Build(graph);
        var response = network.Apply(coordinates);
        var loss = new RowLoss<SquaredError>(response, target, default).Output;
        using var store = new ParameterStore(device, graph);
        network.Initialize(store, seed);
        Train();
        int times = (Views + geometry.Views - 1) / geometry.Views, count = geometry.Views * times;
        double[] angles = [.. Enumerable.Range(0, count).Select(i => views.First + views.Coverage * i / count)];
        var completed = Read([.. angles.SelectMany(angle => Enumerable.Range(0, columns).SelectMany(column => Place(angle - views.First, column)))]);
        return (geometry with { AnglesDegrees = [.. angles.Select(angle => angle * 180 / Math.PI)], TimesSeconds = null }, [.. completed.Select(value => (float)(value * most))]);

        float[] Place(double turned, int column) => [(float)(turned / period - 0.5), (column + 1f) / columns];

        (float[] Places, float[] Values) Pairs()
        {
            var places = new List<float>();
            var values = new List<float>();
            double step = views.Coverage / geometry.Views;
            for (int view = 0; view < geometry.Views; view++)
                for (int turn = -1; turn <= 1; turn++)
                {
                    double turned = geometry.Radians[view] - views.First, whole = Math.Floor(turned / period + 1e-9);
                    double place = turned - whole * period + turn * period;
                    if (turn != 0 && (!isWhole || place < -(Mirrored + 0.5) * step || place > period + (Mirrored - 0.5) * step)) continue;
                    bool isTurned = turnsAround && ((int)whole + turn) % 2 != 0;
                    for (int column = 0; column < columns; column++)
                    {
                        places.AddRange(Place(place, column));
                        values.Add((float)(projections[view * columns + (isTurned ? columns - 1 - column : column)] / most));
                    }
                }
            return ([.. places], [.. values]);
        }

        void Train()
        {
            int[] learned = [.. Enumerable.Range(0, values.Length).Where(i => i % HeldOut != i / columns * 7 % HeldOut)], held = [.. Enumerable.Range(0, values.Length).Except(learned)];
            float[] heldPlaces = [.. held.SelectMany(i => places[(2 * i)..(2 * i + 2)])], batchPlaces = new float[2 * Batch], batchValues = new float[Batch];
            float[] best = new float[store.Length], heldResponse = new float[held.Length];
            double power = Math.Sqrt(values.Average(value => (double)value * value)), least = double.PositiveInfinity;
            using Plan training = Plan.Train(device, [new(loss, 0.5)]), reading = Plan.Evaluate(device, response);
            using Runner runner = Runner.Create(training, store, workers, Batch, Optimizer.Create(device, new Adam(), Rate, new CosineSchedule(iterations, Floor: 0.01))), reader = Runner.Create(reading, store, workers, held.Length);
            reader.Feed(coordinates, heldPlaces);
            for (int step = 1; step <= iterations; step++)
            {
                // Each epoch in an order of its own.
                for (int i = 0; i < Batch; i++)
                {
                    var (epoch, place) = Math.DivRem((long)(step - 1) * Batch + i, learned.Length);
                    int pair = learned[(int)new Permutation((ulong)learned.Length, seed ^ (ulong)epoch << 32)[(ulong)place]];
                    (batchPlaces[2 * i], batchPlaces[2 * i + 1], batchValues[i]) = (places[2 * pair], places[2 * pair + 1], values[pair]);
                }
                runner.Feed(coordinates, batchPlaces);
                runner.Feed(target, batchValues);
                double error = 2 * runner.Train();
                if (!double.IsFinite(error)) throw new FitException(FitError.Diverged, $"the loss is {error} after {step} iterations; give another method");
                bool ends = report?.Invoke(step, Math.Sqrt(error) / power) == false || step == iterations;
                if (!ends && step % StepsOfACheck != 0) continue;
                reader.Evaluate();
                reader.Read(heldResponse);
                double heldError = heldResponse.Zip(held, (response, pair) => Math.Pow((double)response - values[pair], 2)).Sum();
                if (heldError < least)
                {
                    least = heldError;
                    store.Values.Read<float>(best);
                }
                if (ends) break;
            }
            store.Values.Write<float>(best);
        }

        float[] Read(float[] places)
        {
            var result = new float[places.Length / 2];
            using var plan = Plan.Evaluate(device, response);
            using var reader = Runner.Create(plan, store, workers, result.Length);
            reader.Feed(coordinates, places);
            reader.Evaluate();
            reader.Read(result);
            return result;
        }
    }
}
