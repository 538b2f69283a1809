package io.cellbelt.app;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Cell;
import io.cellbelt.cells.Network;
import io.cellbelt.cells.Rnn;
import io.cellbelt.cells.Stream;
import io.cellbelt.cells.Weights;
import io.cellbelt.kernels.Timing;
import java.util.ArrayList;
import java.util.List;

/**
 * Times a step of a stream in turn with its matrix products alone.
 *
 * @param seconds how long each is timed, after a warm-up
 */
record StepBench(double seconds) {
  /**
   * Times one cell. With a clock, all times are means over its period, and a plain RNN of the same
   * size is timed as well.
   */
  StepResult run(CellKind kind, int inputSize, int hiddenSize) {
    Cell cell = kind.cell(kind.fitInput(inputSize, hiddenSize), hiddenSize);
    Architecture architecture = Architecture.of(cell);
    int steps = ProductsAlone.steps(cell);
    float[] x = Bench.random(cell.inputSize());
    float[] state = Bench.random(architecture.stateSize());
    if (cell.clock() > 0) {
      state[state.length - 1] = 0;
    }
    try (Network network = new Network(Weights.random(architecture, 1));
        Stream stream = network.newStream();
        ProductsAlone products = new ProductsAlone(network.weights(), x, state);
        Network plain =
            new Network(Weights.random(Architecture.of(new Rnn(cell.inputSize(), hiddenSize)), 1));
        Stream rnn = plain.newStream()) {
      List<Runnable> tasks = new ArrayList<>(List.of(steps(stream, x, cell.outputSize(), steps)));
      tasks.add(products);
      if (cell.clock() > 0) {
        tasks.add(steps(rnn, x, hiddenSize, 1));
      }
      List<Timing> timings = Timing.interleaved(seconds, tasks);
      double step = timings.get(0).median() / steps;
      double alone = timings.get(1).median() / steps;
      return new StepResult(
          kind.toString(),
          cell.inputSize(),
          hiddenSize,
          1e6 * alone,
          1e6 * step,
          1e6 * timings.get(1).best() / steps,
          1e6 * timings.get(0).best() / steps,
          100 * (step - alone) / step,
          100 * active(cell),
          cell.clock() > 0 ? step / timings.get(2).median() : null);
    }
  }

  private static Runnable steps(Stream stream, float[] x, int outputs, int steps) {
    float[] y = new float[outputs];
    return () -> {
      for (int t = 0; t < steps; t++) {
        stream.step(x, y);
      }
    };
  }

  /** Share of the units that change at a step, on average over a period. */
  static double active(Cell cell) {
    long units = 0;
    for (int t = 0; t < ProductsAlone.steps(cell); t++) {
      units += cell.active(t);
    }
    return (double) units / ProductsAlone.steps(cell) / cell.hiddenSize();
  }
}
