package io.cellbelt.bptt;

import io.cellbelt.bptt.LearningRate.Plateau;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Parameter;
import io.cellbelt.cells.Weights;
import io.cellbelt.cells.engine.Noise;
import io.cellbelt.cells.engine.ParameterSlab;
import io.cellbelt.cells.engine.Sequences;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Executor;

/**
 * Trains a network by truncated backpropagation through time.
 *
 * <p>The same weights, options and batches give the same result bit for bit, whatever the vector
 * width and the number of threads; the masks of dropout and zoneout follow from the number of the
 * update. All memory is allocated at construction. Not thread-safe. Ownership: closed by whoever
 * made it; the weights it started from are copied, and an executor stays the caller's.
 */
public final class Trainer implements AutoCloseable {
  private static final String WEIGHTS = "weights/";
  private static final String STATE = "state/";
  private static final String UPDATES = "updates";
  private static final String PLATEAU = "plateau";

  /** Half of what a float counts exactly, so that two of them hold a long. */
  private static final long FLOAT_DIGIT = 1L << 23;

  /**
   * How to train.
   *
   * @param batch B, sequences side by side
   * @param window T, the most steps of a batch
   * @param loss what to make small
   * @param optimiser what becomes of the gradients
   * @param clipping how large a gradient may be
   * @param learningRate how the optimiser's learning rate changes
   * @param parts how many parts a batch is divided into, 1 to B: each has neighbouring sequences
   *     and gradients of its own, which are added in their order. As many threads as there are
   *     parts can work at once. It does not follow from the number of threads, because it decides
   *     the last bits of sums; parts of 8 sequences and more cost little
   */
  public record Options(
      int batch,
      int window,
      Loss loss,
      Optimiser optimiser,
      Clipping clipping,
      LearningRate learningRate,
      int parts) {
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
      if (loss == null || optimiser == null) {
        throw new IllegalArgumentException("Training needs a loss and an optimiser, not null.");
      }
      if (clipping == null || learningRate == null) {
        throw new IllegalArgumentException(
            "Training needs a clipping and a learning rate, Clipping.NONE and"
                + " LearningRate.CONSTANT too, not null.");
      }
      if (parts < 1 || parts > batch) {
        throw new IllegalArgumentException(
            "A batch of "
                + batch
                + " sequences has 1 to "
                + batch
                + " parts, but got "
                + parts
                + ".");
      }
    }

    /** A batch in one part. */
    public Options(
        int batch,
        int window,
        Loss loss,
        Optimiser optimiser,
        Clipping clipping,
        LearningRate learningRate) {
      this(batch, window, loss, optimiser, clipping, learningRate, 1);
    }

    /**
     * With the optimiser's own learning rate.
     *
     * @param clipNorm the gradient of all parameters together is scaled down to this norm; infinity
     *     for never
     */
    public Options(int batch, int window, Loss loss, Optimiser optimiser, double clipNorm) {
      this(
          batch, window, loss, optimiser, new Clipping.GlobalNorm(clipNorm), LearningRate.CONSTANT);
    }

    /** The same with batches in parts. */
    public Options withParts(int count) {
      return new Options(batch, window, loss, optimiser, clipping, learningRate, count);
    }
  }

  private final Options options;
  private final ParameterSlab weights;
  private final Part[] parts;
  private final Workers workers;
  private final Moments moments;
  private final Gradients gradients;
  private final boolean masks;
  private final Workers.Work learn = this::learn;
  private final Workers.Work evaluate = this::evaluatePart;
  private final Workers.Work next = this::next;
  private final Workers.Work refresh = this::refresh;

  /** What the parts are working on. */
  private Batch batch;

  private double terms;
  private Noise noise;
  private Plateau.State plateau = Plateau.State.FIRST;
  private double learningRate;
  private long updates;

  /** A trainer on the caller's thread that starts from a copy of the weights. */
  public Trainer(Weights start, Options options) {
    this(start, options, null);
  }

  /**
   * A trainer that starts from a copy of the weights.
   *
   * @param executor lends its threads to the {@link Options#parts} of a batch; the caller's thread
   *     works too, and does alone what the executor's do not. Null for the caller's thread alone
   */
  public Trainer(Weights start, Options options, Executor executor) {
    this.options = options;
    learningRate = options.optimiser().learningRate();
    Architecture architecture = start.architecture();
    weights = ParameterSlab.trainable(start);
    masks = architecture.hasMasks();
    parts = new Part[options.parts()];
    for (int p = 0; p < parts.length; p++) {
      parts[p] = new Part(weights, options, sequences(options, p), masks ? new Noise(0) : null);
    }
    workers = new Workers(executor, parts.length);
    moments = new Moments(options.optimiser(), architecture);
    gradients = new Gradients(parts[0].gradients());
  }

  private static Sequences sequences(Options options, int part) {
    long batch = options.batch();
    int first = (int) (part * batch / options.parts());
    int end = (int) ((part + 1) * batch / options.parts());
    return new Sequences(first, end - first, options.batch());
  }

  /**
   * Bytes that a trainer will hold off-heap. With W the parameters, m the optimiser's numbers for
   * each and P parts: {@code W (1 + m + P)}, transposes of the matrices for each part, and for each
   * step and sequence its x, gates, states and outputs, and the gradients of a layer's outputs and
   * inputs.
   */
  public static long bytes(Architecture architecture, Options options) {
    long bytes =
        (1 + options.optimiser().moments().size()) * ParameterSlab.bytes(architecture)
            + Gradients.bytes(architecture);
    for (int p = 0; p < options.parts(); p++) {
      bytes += Part.bytes(architecture, options, sequences(options, p).count());
    }
    return bytes;
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

  /**
   * Sets γ, the learning rate that the schedule starts from, for the updates to come.
   *
   * @param rate over 0
   */
  public void learningRate(double rate) {
    Ranges.checkLearningRate(rate);
    learningRate = rate;
  }

  /** The learning rate of the next update. */
  public double learningRate() {
    return options.learningRate().at(learningRate, updates) * plateau.factor();
  }

  /**
   * Tells a {@link LearningRate.Plateau} of a validation; other learning rates do not need it.
   *
   * @param loss the validation loss, such as {@link #evaluate(Dataset)} gives; NaN is not better
   */
  public void validated(double loss) {
    if (options.learningRate() instanceof Plateau schedule) {
      plateau = schedule.next(plateau, loss);
    }
  }

  /**
   * One update.
   *
   * @return the mean loss of the batch before the update
   * @throws IllegalArgumentException if the batch does not fit the network and the options
   * @throws ArithmeticException if the loss or the gradient is not a finite number; the weights are
   *     as they were
   */
  public double update(Batch data) {
    // By the number of the update, so that what was resumed draws the same.
    noise = masks ? new Noise(updates).next() : null;
    double loss = run(learn, data);
    if (!Double.isFinite(loss)) {
      throw notFinite("loss", loss);
    }
    for (int p = 1; p < parts.length; p++) {
      parts[0].gradients().add(parts[p].gradients());
    }
    String culprit = gradients.measure();
    if (culprit != null) {
      throw notFinite("norm of the gradient of '" + culprit + "'", gradients.norm(culprit));
    }
    double scale = gradients.clip(options.clipping());
    double rate = learningRate();
    updates++;
    moments.apply(weights, parts[0].gradients(), scale, rate, updates);
    workers.run(next);
    return loss;
  }

  /** Runs all parts on a batch; returns its mean loss. */
  private double run(Workers.Work work, Batch data) {
    BatchLoss batchLoss = parts[0].batchLoss();
    batchLoss.check(data);
    batch = data;
    terms = batchLoss.terms(data);
    workers.run(work);
    double sum = 0;
    for (Part part : parts) {
      sum += part.loss();
    }
    return terms == 0 ? 0 : sum / terms;
  }

  private void learn(int part) {
    parts[part].learn(batch, terms, noise);
  }

  private void evaluatePart(int part) {
    parts[part].evaluate(batch, terms);
  }

  private void next(int part) {
    parts[part].next(batch);
  }

  private void refresh(int part) {
    parts[part].refresh();
  }

  private ArithmeticException notFinite(String what, double value) {
    return new ArithmeticException(
        "The "
            + what
            + " at update "
            + (updates + 1)
            + " is "
            + value
            + Culprit.of(batch, parts)
            + "; the weights are as before it. Try a smaller learning rate, and look for NaN or"
            + " huge values in the data.");
  }

  /**
   * The mean loss of a batch, without an update; its states are its own and not those of training.
   *
   * @throws IllegalArgumentException if the batch does not fit the network and the options
   */
  public double evaluate(Batch data) {
    return run(evaluate, data);
  }

  /**
   * The mean loss of all batches, each counting by its labels, targets or sequences and their
   * weights.
   *
   * @throws IllegalArgumentException also if there is not a single label or target
   */
  public double evaluate(Dataset data) {
    double sum = 0;
    double count = 0;
    for (int i = 0; i < data.size(); i++) {
      sum += evaluate(data.batch(i)) * terms;
      count += terms;
    }
    if (count == 0) {
      throw new IllegalArgumentException(
          "The data has no label or target to take the mean loss over.");
    }
    return sum / count;
  }

  /** A copy of the weights as they are now. */
  public Weights snapshot() {
    return Weights.of(architecture(), weights.values());
  }

  /**
   * What training has come to, by name: weights, moments, carried states, number of updates. What a
   * plateau has come to is in it, too. Options and γ are the caller's to keep.
   */
  public Map<String, float[]> checkpoint() {
    Map<String, float[]> values = new LinkedHashMap<>();
    values.put(UPDATES, new float[] {updates / FLOAT_DIGIT, updates % FLOAT_DIGIT});
    for (Parameter parameter : architecture().parameters()) {
      values.put(WEIGHTS + parameter.name(), weights.get(parameter));
      for (int i = 0; i < moments.count(); i++) {
        values.put(moments.prefix(i) + parameter.name(), moments.slab(i).get(parameter));
      }
    }
    for (Part part : parts) {
      for (int b = 0; b < part.sequences().count(); b++) {
        float[] state = new float[architecture().stateSize()];
        part.tape().saveState(b, state);
        values.put(STATE + (part.sequences().first() + b), state);
      }
    }
    if (options.learningRate() instanceof Plateau) {
      values.put(PLATEAU, Digits.of(plateau.best(), plateau.bad(), plateau.factor()));
    }
    return values;
  }

  /**
   * Goes on from a checkpoint of a trainer of the same architecture, optimiser, batch and kind of
   * learning rate, bit for bit.
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
      entry(checkpoint, WEIGHTS + parameter.name(), parameter.size());
      for (int i = 0; i < moments.count(); i++) {
        entry(checkpoint, moments.prefix(i) + parameter.name(), parameter.size());
      }
    }
    for (int b = 0; b < options.batch(); b++) {
      entry(checkpoint, STATE + b, architecture().stateSize());
    }
    Plateau.State state = plateau;
    if (options.learningRate() instanceof Plateau) {
      state = plateauState(entry(checkpoint, PLATEAU, 3 * Digits.COUNT));
    }
    plateau = state;
    updates = ((long) count[0]) * FLOAT_DIGIT + (long) count[1];
    for (Parameter parameter : architecture().parameters()) {
      weights.put(parameter, checkpoint.get(WEIGHTS + parameter.name()));
      for (int i = 0; i < moments.count(); i++) {
        moments.slab(i).put(parameter, checkpoint.get(moments.prefix(i) + parameter.name()));
      }
    }
    for (Part part : parts) {
      for (int b = 0; b < part.sequences().count(); b++) {
        part.tape().restoreState(b, checkpoint.get(STATE + (part.sequences().first() + b)));
      }
    }
    workers.run(refresh);
  }

  private static Plateau.State plateauState(float[] digits) {
    double best = Digits.get(digits, 0);
    double bad = Digits.get(digits, 1);
    double factor = Digits.get(digits, 2);
    if (Double.isNaN(best) || !(bad >= 0 && bad == (int) bad && factor >= 0 && factor <= 1)) {
      throw new IllegalArgumentException(
          "The checkpoint holds "
              + new Plateau.State(best, (int) bad, factor)
              + " in '"
              + PLATEAU
              + "'; it is damaged.");
    }
    return new Plateau.State(best, (int) bad, factor);
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
    gradients.close();
    moments.close();
    for (Part part : parts) {
      part.close();
    }
    weights.close();
  }
}
