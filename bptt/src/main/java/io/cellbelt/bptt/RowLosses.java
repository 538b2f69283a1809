package io.cellbelt.bptt;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.engine.Unrolled;
import io.cellbelt.kernels.Slab;
import io.cellbelt.kernels.product.RowLoops;
import io.cellbelt.kernels.training.Losses;

/** The loss of a batch over the output rows of a tape, and its checks. */
final class RowLosses {
  private RowLosses() {}

  /** Number of terms that the mean loss is taken over. */
  static int terms(Batch batch, int outputs) {
    if (batch.labels() == null) {
      return batch.targets().length / outputs * outputs;
    }
    int count = 0;
    for (int label : batch.labels()) {
      count += label >= 0 ? 1 : 0;
    }
    return count;
  }

  /** The mean loss; every row of the outputs becomes its gradient. */
  static double apply(Batch batch, Loss loss, Unrolled tape, Backward backward) {
    int outputs = tape.outputSize();
    int rows = (int) tape.outputRows(batch.steps());
    int columns = Slab.pad(outputs);
    long y = tape.output();
    long yRow = tape.outputRow();
    if (tape.architecture().outputs() == 0) {
      // Without a head the output is h, which the reverse loop still needs.
      y = backward.outputGradient();
      yRow = backward.outputGradientRow();
      RowLoops.copy(tape.output(), tape.outputRow(), y, yRow, columns, rows);
    }
    int terms = terms(batch, outputs);
    float scale = terms == 0 ? 0 : 1f / terms;
    double sum = 0;
    for (int row = 0; row < rows; row++) {
      long at = y + row * yRow;
      if (loss == Loss.MEAN_SQUARED_ERROR) {
        sum += Losses.squaredError(at, outputs, batch.targets(), row * outputs, scale);
      } else if (batch.labels()[row] >= 0) {
        sum += Losses.softmaxCrossEntropy(at, outputs, columns, batch.labels()[row], scale);
      } else {
        RowLoops.zero(at, 0, columns, 1);
      }
    }
    return terms == 0 ? 0 : sum / terms;
  }

  static void check(Batch batch, Trainer.Options options, Architecture architecture) {
    if (batch.steps() > options.window()) {
      throw new IllegalArgumentException(
          "A batch has at most the "
              + options.window()
              + " steps of the window, but got "
              + batch.steps()
              + ".");
    }
    int rows = batch.steps() * options.batch();
    int outputRows = architecture.readout().perSequence() ? options.batch() : rows;
    checkInput(batch.tokens() != null, architecture);
    if (batch.tokens() != null) {
      checkRange("tokens", batch.tokens(), rows, 0, architecture.input().tokens());
    } else {
      checkSize("x", batch.x().length, rows * architecture.input().size());
    }
    int outputs = architecture.outputSize();
    if ((batch.labels() != null) != (options.loss() == Loss.SOFTMAX_CROSS_ENTROPY)) {
      throw new IllegalArgumentException(
          "The loss "
              + options.loss()
              + " goes with "
              + (batch.labels() != null ? "targets" : "labels")
              + ", but the batch holds the"
              + " other.");
    }
    if (batch.labels() != null) {
      checkRange("labels", batch.labels(), outputRows, -1, outputs);
    } else {
      checkSize("targets", batch.targets().length, outputRows * outputs);
    }
  }

  static void checkInput(boolean tokens, Architecture architecture) {
    if (tokens != architecture.input().tokens() > 0) {
      throw new IllegalArgumentException(
          "The network takes " + (tokens ? "vectors" : "tokens") + ", but got the other.");
    }
  }

  static void checkRange(String name, int[] values, int rows, int from, int to) {
    checkSize(name, values.length, rows);
    for (int i = 0; i < rows; i++) {
      if (values[i] < from || values[i] >= to) {
        throw new IllegalArgumentException(
            "The "
                + name
                + " are "
                + from
                + " to "
                + (to - 1)
                + ", but got "
                + values[i]
                + " at index "
                + i
                + ".");
      }
    }
  }

  static void checkSize(String name, int given, int expected) {
    if (given != expected) {
      throw new IllegalArgumentException(
          "'" + name + "' needs " + expected + " values, time-major, but got " + given + ".");
    }
  }
}
