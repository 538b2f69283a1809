package io.cellbelt.bptt;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.engine.Sequences;
import io.cellbelt.cells.engine.Unrolled;
import io.cellbelt.kernels.Slab;
import io.cellbelt.kernels.product.RowLoops;
import io.cellbelt.kernels.training.Ctc;
import io.cellbelt.kernels.training.Losses;
import io.cellbelt.kernels.training.MixtureDensity;

/**
 * The loss of some sequences of a batch over the output rows of their tape, and the checks of the
 * whole batch.
 */
final class BatchLoss {
  /** Targets of a row of a mixture. */
  private static final int POINT = 3;

  private final Loss loss;
  private final Architecture architecture;
  private final int window;
  private final Sequences sequences;
  private final int batch;
  private final int outputs;
  private final Ctc ctc;
  private final MixtureDensity mixture;
  private final Slab scratch;

  /**
   * Scratch.
   *
   * @throws IllegalArgumentException if the network's outputs are not those of the loss
   */
  BatchLoss(Owned owned, Loss loss, Architecture architecture, int window, Sequences sequences) {
    this.loss = loss;
    this.architecture = architecture;
    this.window = window;
    this.sequences = sequences;
    batch = sequences.of();
    outputs = architecture.outputSize();
    Ctc ofCtc = null;
    MixtureDensity ofMixture = null;
    if (loss instanceof Loss.Ctc(int blank)) {
      boolean perSequence = architecture.readout().perSequence();
      if (blank >= outputs || perSequence) {
        throw new IllegalArgumentException(
            "CTC with the blank "
                + blank
                + " needs more than "
                + blank
                + " outputs at each step, but the network has "
                + outputs
                + (perSequence ? " per sequence." : "."));
      }
      ofCtc = new Ctc(window, outputs, blank);
    } else if (loss instanceof Loss.MixtureDensity density) {
      if (outputs != density.outputs()) {
        throw new IllegalArgumentException(
            "A mixture of "
                + density.components()
                + " components needs "
                + density.outputs()
                + " outputs, but the network has "
                + outputs
                + ".");
      }
      ofMixture = new MixtureDensity(density.components());
    }
    ctc = ofCtc;
    mixture = ofMixture;
    scratch = owned.slab(outputs);
  }

  /** Bytes held off-heap. */
  static long bytes(Architecture architecture) {
    return Slab.bytes(architecture.outputSize());
  }

  /** What the mean loss of a batch is taken over, weighted. */
  double terms(Batch data) {
    double sum = 0;
    if (data.sequences() != null) {
      for (int b = 0; b < batch; b++) {
        sum += data.sequences()[b] == null ? 0 : weight(data, b);
      }
      return sum;
    }
    for (int row = 0; row < outputRows(data); row++) {
      sum += counts(data, row) ? weight(data, row) : 0;
    }
    return data.labels() != null || mixture != null ? sum : sum * outputs;
  }

  private int outputRows(Batch data) {
    return (architecture.readout().perSequence() ? 1 : data.steps()) * batch;
  }

  private static double weight(Batch data, int index) {
    return data.weights() == null ? 1 : data.weights()[index];
  }

  /** Whether a row of the outputs has a loss. */
  private boolean counts(Batch data, int row) {
    if (data.lengths() != null && row / batch >= data.lengths()[row % batch]) {
      return false;
    }
    if (row / batch < data.context()) {
      return false;
    }
    return weight(data, row) > 0 && (data.labels() == null || data.labels()[row] >= 0);
  }

  /**
   * The sum of the losses of these sequences; every row of their outputs becomes the gradient of
   * the mean.
   *
   * @param terms what the mean is taken over
   */
  double apply(Batch data, double terms, Unrolled tape, Backward backward) {
    int rows = outputRows(data) / batch * sequences.count();
    int columns = Slab.pad(outputs);
    long y = tape.output();
    long yRow = tape.outputRow();
    if (architecture.outputs() == 0) {
      // Without a head the output is h, which the reverse loop still needs.
      y = backward.outputGradient();
      yRow = backward.outputGradientRow();
      RowLoops.copy(tape.output(), tape.outputRow(), y, yRow, columns, rows);
    }
    double scale = terms == 0 ? 0 : 1 / terms;
    double sum = 0;
    if (ctc != null) {
      for (int b = 0; b < sequences.count(); b++) {
        int sequence = sequences.first() + b;
        int length = tape.lengths()[b];
        long row = sequences.count() * yRow;
        sum += ofSequence(data, sequence, length, y + b * yRow, row, columns, scale);
      }
      return sum;
    }
    for (int own = 0; own < rows; own++) {
      int row = sequences.row(own);
      if (counts(data, row)) {
        double weight = weight(data, row);
        sum += weight * ofRow(data, row, y + own * yRow, columns, scale * weight);
      } else {
        RowLoops.zero(y + own * yRow, 0, columns, 1);
      }
    }
    return sum;
  }

  private double ofRow(Batch data, int row, long at, int columns, double scale) {
    float factor = (float) scale;
    float[] targets = data.targets();
    int from = row * outputs;
    return switch (loss) {
      case Loss.Simple simple ->
          switch (simple) {
            case SOFTMAX_CROSS_ENTROPY ->
                Losses.softmaxCrossEntropy(at, outputs, columns, data.labels()[row], factor);
            case SIGMOID_CROSS_ENTROPY ->
                Losses.sigmoidCrossEntropy(
                    at, outputs, columns, targets, from, scratch.address(), factor);
            case MEAN_SQUARED_ERROR -> Losses.squaredError(at, outputs, targets, from, factor);
            case MEAN_ABSOLUTE_ERROR -> Losses.absoluteError(at, outputs, targets, from, factor);
          };
      case Loss.Huber huber ->
          Losses.huber(at, outputs, targets, from, (float) huber.delta(), factor);
      case Loss.MixtureDensity density -> mixture.apply(at, targets, POINT * row, scale);
      case Loss.Ctc whole -> throw new AssertionError("CTC has no loss of a row.");
    };
  }

  private double ofSequence(
      Batch data, int b, int length, long at, long stride, int columns, double scale) {
    int[] labels = data.sequences()[b];
    double weight = weight(data, b);
    boolean counts = labels != null && weight > 0;
    int from = counts ? length : 0;
    RowLoops.zero(at + from * stride, stride, columns, data.steps() - from);
    return counts ? weight * ctc.apply(at, stride, length, labels, scale * weight) : 0;
  }

  /** Refuses a batch that does not fit. */
  void check(Batch data) {
    if (data.steps() > window) {
      throw new IllegalArgumentException(
          "A batch has at most the "
              + window
              + " steps of the window, but got "
              + data.steps()
              + ".");
    }
    if (data.context() > 0 && (ctc != null || architecture.readout().perSequence())) {
      throw new IllegalArgumentException(
          "A loss of whole sequences has no context of steps that had it before, but got "
              + data.context()
              + " steps.");
    }
    if (data.advance() < data.steps() && architecture.needsWholeSequences()) {
      throw new IllegalArgumentException(
          "The network needs whole sequences, so windows cannot overlap, but the next one starts"
              + " after "
              + data.advance()
              + " of "
              + data.steps()
              + " steps.");
    }
    int rows = data.steps() * batch;
    Ranges.checkInput(data.tokens() != null, architecture);
    if (data.tokens() != null) {
      Ranges.checkRange("tokens", data.tokens(), rows, 0, architecture.input().tokens());
    } else {
      Ranges.checkSize("x", data.x().length, (long) rows * architecture.input().size());
    }
    checkKind(data);
    if (data.lengths() != null) {
      Ranges.checkRange("lengths", data.lengths(), batch, 0, data.steps() + 1);
    }
    if (data.restarts() != null) {
      Ranges.checkSize("restarts", data.restarts().length, batch);
    }
    if (data.labels() != null) {
      Ranges.checkRange("labels", data.labels(), outputRows(data), -1, outputs);
    } else if (data.targets() != null) {
      int width = mixture == null ? outputs : POINT;
      Ranges.checkSize("targets", data.targets().length, (long) outputRows(data) * width);
    } else {
      Ranges.checkSize("sequences", data.sequences().length, batch);
      for (int b = 0; b < batch; b++) {
        checkSequence(data, b);
      }
    }
    checkWeights(data);
  }

  private void checkKind(Batch data) {
    String needed =
        loss.equals(Loss.SOFTMAX_CROSS_ENTROPY) ? "labels" : ctc == null ? "targets" : "sequences";
    String given =
        data.labels() != null ? "labels" : data.targets() != null ? "targets" : "sequences";
    if (!needed.equals(given)) {
      throw new IllegalArgumentException(
          "The loss " + loss + " goes with " + needed + ", but the batch holds " + given + ".");
    }
  }

  private void checkSequence(Batch data, int b) {
    int[] labels = data.sequences()[b];
    if (labels == null) {
      return;
    }
    int blank = ((Loss.Ctc) loss).blank();
    for (int label : labels) {
      if (label < 0 || label >= outputs || label == blank) {
        throw new IllegalArgumentException(
            "The labels of a sequence are 0 to "
                + (outputs - 1)
                + " without the blank "
                + blank
                + ", but sequence "
                + b
                + " has "
                + label
                + ".");
      }
    }
    int length = data.lengths() == null ? data.steps() : data.lengths()[b];
    int fewest = Ctc.fewestSteps(labels);
    if (fewest > length) {
      throw new IllegalArgumentException(
          "Sequence "
              + b
              + " has "
              + labels.length
              + " labels, which need "
              + fewest
              + " steps with the blanks between equal ones, but it has "
              + length
              + ".");
    }
  }

  private void checkWeights(Batch data) {
    if (data.weights() == null) {
      return;
    }
    int size = data.sequences() == null ? outputRows(data) : batch;
    Ranges.checkSize("weights", data.weights().length, size);
    for (int i = 0; i < size; i++) {
      float weight = data.weights()[i];
      if (!(weight >= 0 && weight < Float.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException(
            "The weights are numbers of 0 or more, but got " + weight + " at index " + i + ".");
      }
    }
  }
}
