package io.cellbelt.bptt;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Parameter;
import io.cellbelt.cells.Weights;
import io.cellbelt.cells.engine.ParameterSlab;
import io.cellbelt.cells.engine.Unrolled;
import io.cellbelt.kernels.PanelMatrix;
import io.cellbelt.kernels.Slab;
import io.cellbelt.kernels.training.AdamUpdate;
import io.cellbelt.kernels.training.Norm;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Trains a network by truncated backpropagation through time with Adam.
 *
 * <p>The same weights, options and batches give the same result bit for bit, whatever the vector
 * width. All memory is allocated at construction. Not thread-safe. Ownership: closed by whoever
 * made it; the weights it started from are copied and stay the caller's.
 */
public final class Trainer implements AutoCloseable {
  private static final String WEIGHTS = "weights/";
  private static final String MEAN = "adam.m/";
  private static final String SQUARE = "adam.v/";
  private static final String STATE = "state/";
  private static final String UPDATES = "updates";

  /** Half of what a float counts exactly, so that two of them hold a long. */
  private static final long FLOAT_DIGIT = 1L << 23;

  /**
   * How to train.
   *
   * @param batch B, sequences side by side
   * @param window T, the most steps of a batch
   * @param loss what to make small
   * @param adam the optimiser
   * @param clipNorm the gradient of all parameters together is scaled down to this norm; infinity
   *     for never
   */
  public record Options(int batch, int window, Loss loss, Adam adam, double clipNorm) {
    /** Checks the ranges. */
    public Options {
      if (batch < 1 || window < 1) {
        throw new IllegalArgumentException(
            "Training needs a batch and a window of 1 or more, but got "
                + batch
                + " and "
                + window
                + ".");
      }
      if (loss == null || adam == null) {
        throw new IllegalArgumentException("Training needs a loss and an optimiser, not null.");
      }
      if (!(clipNorm > 0)) {
        throw new IllegalArgumentException(
            "The gradient is clipped to a norm over 0, such as 1, but got " + clipNorm + ".");
      }
    }
  }

  private final Options options;
  private final ParameterSlab weights;
  private final ParameterSlab gradients;
  private final ParameterSlab mean;
  private final ParameterSlab square;
  private final Unrolled tape;
  private final Unrolled evaluation;
  private final Backward backward;
  private final PanelMatrix[] gradientMatrices;
  private final Slab scratch;
  private double learningRate;
  private long updates;

  /** A trainer that starts from a copy of the weights. */
  public Trainer(Weights start, Options options) {
    this.options = options;
    learningRate = options.adam().learningRate();
    Architecture architecture = start.architecture();
    weights = new ParameterSlab(architecture);
    weights.copyFrom(start.parameters());
    gradients = new ParameterSlab(architecture);
    mean = new ParameterSlab(architecture);
    square = new ParameterSlab(architecture);
    tape = new Unrolled(weights, options.window(), options.batch());
    evaluation = new Unrolled(weights, options.window(), options.batch());
    backward = new Backward(weights, gradients, tape, false);
    gradientMatrices = gradients.all().toArray(PanelMatrix[]::new);
    int widest = 0;
    for (PanelMatrix matrix : gradientMatrices) {
      widest = Math.max(widest, matrix.shape().columns());
    }
    scratch = Slab.allocate(widest);
  }

  /** What is trained. */
  public Architecture architecture() {
    return weights.architecture();
  }

  /** How. */
  public Options options() {
    return options;
  }

  /** Number of updates so far. */
  public long updates() {
    return updates;
  }

  /** Sets the learning rate of the updates to come, over 0. */
  public void learningRate(double rate) {
    Adam adam = options.adam();
    learningRate = new Adam(rate, adam.beta1(), adam.beta2(), adam.epsilon()).learningRate();
  }

  /**
   * One update.
   *
   * @return the mean loss of the batch before the update
   * @throws IllegalArgumentException if the batch does not fit the network and the options
   * @throws ArithmeticException if the loss or the gradient is not a finite number; the weights are
   *     as they were
   */
  public double update(Batch batch) {
    double loss = lossOf(batch, tape);
    requireFinite("loss", loss);
    gradients.clear();
    backward.run(batch.steps());
    double norm = gradientNorm();
    requireFinite("gradient's norm", norm);
    apply(Math.min(1, options.clipNorm() / norm));
    tape.carry();
    return loss;
  }

  private double gradientNorm() {
    double sum = 0;
    for (PanelMatrix matrix : gradientMatrices) {
      sum += Norm.sumOfSquares(matrix, scratch);
    }
    return Math.sqrt(sum);
  }

  private void apply(double scale) {
    updates++;
    Adam adam = options.adam();
    double correction1 = 1 - Math.pow(adam.beta1(), (double) updates);
    double correction2 = Math.sqrt(1 - Math.pow(adam.beta2(), (double) updates));
    AdamUpdate.step(
        weights.address(),
        gradients.address(),
        mean.address(),
        square.address(),
        weights.floats(),
        (float) scale,
        (float) (learningRate * correction2 / correction1),
        (float) adam.beta1(),
        (float) adam.beta2(),
        (float) (adam.epsilon() * correction2));
    backward.refresh();
  }

  private void requireFinite(String what, double value) {
    if (!Double.isFinite(value)) {
      throw new ArithmeticException(
          "The "
              + what
              + " at update "
              + (updates + 1)
              + " is "
              + value
              + "; the weights are as before it. Try a smaller learning rate, and look for NaN or"
              + " huge values in the data.");
    }
  }

  /**
   * The mean loss of a batch, without an update; its states are its own and not those of training.
   *
   * @throws IllegalArgumentException if the batch does not fit the network and the options
   */
  public double evaluate(Batch batch) {
    double loss = lossOf(batch, evaluation);
    evaluation.carry();
    return loss;
  }

  /**
   * The mean loss of all batches, each counting by its number of labels or targets.
   *
   * @throws IllegalArgumentException also if there is not a single label or target
   */
  public double evaluate(Dataset data) {
    double sum = 0;
    long count = 0;
    for (int i = 0; i < data.size(); i++) {
      Batch batch = data.batch(i);
      int terms = RowLosses.terms(batch, architecture().outputSize());
      sum += evaluate(batch) * terms;
      count += terms;
    }
    if (count == 0) {
      throw new IllegalArgumentException(
          "The data has no label or target to take the mean loss over.");
    }
    return sum / count;
  }

  /** Forward, and the gradient of the loss in place of the outputs. */
  private double lossOf(Batch batch, Unrolled unrolled) {
    RowLosses.check(batch, options, architecture());
    if (batch.fresh()) {
      for (int b = 0; b < options.batch(); b++) {
        unrolled.reset(b);
      }
    }
    int rows = batch.steps() * options.batch();
    if (batch.tokens() != null) {
      unrolled.putTokens(batch.tokens(), 0, rows);
    } else {
      unrolled.putInput(batch.x(), 0, rows);
    }
    unrolled.forward(batch.steps());
    return RowLosses.apply(batch, options.loss(), unrolled, backward);
  }

  /** A copy of the weights as they are now, which the caller closes. */
  public Weights snapshot() {
    Map<String, float[]> values = new LinkedHashMap<>();
    for (Parameter parameter : architecture().parameters()) {
      values.put(parameter.name(), weights.get(parameter));
    }
    return Weights.of(architecture(), values);
  }

  /**
   * What training has come to, by name: weights, moments, carried states, number of updates.
   * Options and the learning rate are the caller's to keep.
   */
  public Map<String, float[]> checkpoint() {
    Map<String, float[]> values = new LinkedHashMap<>();
    values.put(UPDATES, new float[] {updates / FLOAT_DIGIT, updates % FLOAT_DIGIT});
    for (Parameter parameter : architecture().parameters()) {
      values.put(WEIGHTS + parameter.name(), weights.get(parameter));
      values.put(MEAN + parameter.name(), mean.get(parameter));
      values.put(SQUARE + parameter.name(), square.get(parameter));
    }
    for (int b = 0; b < options.batch(); b++) {
      float[] state = new float[tape.stateSize()];
      tape.saveState(b, state);
      values.put(STATE + b, state);
    }
    return values;
  }

  /**
   * Goes on from a checkpoint of a trainer of the same architecture and batch, bit for bit.
   *
   * @throws IllegalArgumentException if the checkpoint does not fit; then nothing has changed
   */
  public void restore(Map<String, float[]> checkpoint) {
    float[] count = entry(checkpoint, UPDATES, 2);
    if (count[0] < 0 || count[1] < 0) {
      throw new IllegalArgumentException(
          "The checkpoint says that there were a negative number of updates; it is damaged.");
    }
    for (Parameter parameter : architecture().parameters()) {
      for (String prefix : new String[] {WEIGHTS, MEAN, SQUARE}) {
        entry(checkpoint, prefix + parameter.name(), parameter.size());
      }
    }
    for (int b = 0; b < options.batch(); b++) {
      entry(checkpoint, STATE + b, tape.stateSize());
    }
    updates = ((long) count[0]) * FLOAT_DIGIT + (long) count[1];
    for (Parameter parameter : architecture().parameters()) {
      weights.put(parameter, checkpoint.get(WEIGHTS + parameter.name()));
      mean.put(parameter, checkpoint.get(MEAN + parameter.name()));
      square.put(parameter, checkpoint.get(SQUARE + parameter.name()));
    }
    for (int b = 0; b < options.batch(); b++) {
      tape.restoreState(b, checkpoint.get(STATE + b));
    }
    backward.refresh();
  }

  private static float[] entry(Map<String, float[]> checkpoint, String name, int size) {
    float[] values = checkpoint.get(name);
    if (values == null || values.length != size) {
      throw new IllegalArgumentException(
          "The checkpoint needs '"
              + name
              + "' with "
              + size
              + " floats, but "
              + (values == null ? "has none" : "it has " + values.length)
              + "; it belongs to another network or batch.");
    }
    for (float value : values) {
      if (!Float.isFinite(value)) {
        throw new IllegalArgumentException(
            "The checkpoint holds " + value + " in '" + name + "'; it is damaged.");
      }
    }
    return values;
  }

  @Override
  public void close() {
    scratch.close();
    backward.close();
    evaluation.close();
    tape.close();
    square.close();
    mean.close();
    gradients.close();
    weights.close();
  }
}
