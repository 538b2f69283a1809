package io.cellbelt.bptt;

import io.cellbelt.bptt.LearningRate.Plateau;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Weights;
import io.cellbelt.cells.engine.Noise;
import io.cellbelt.cells.engine.ParameterSlab;
import io.cellbelt.kernels.ExclusiveUse;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executor;

/**
 * Trains a network by truncated backpropagation through time.
 *
 * <p>The same weights, options and batches give the same result bit for bit, whatever the vector
 * width and the number of threads; the masks of dropout and zoneout follow from the number of the
 * update. All memory is allocated at construction. When a call throws, nothing has changed.
 *
 * <p>Thread safety: may move between threads, but has one user at a time; concurrent use, and use
 * after {@link #close}, is an {@link IllegalStateException}. Ownership: closed by whoever made it;
 * the weights it started from are copied, and an executor stays the caller's.
 */
public final class Trainer implements AutoCloseable {
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
    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException if a number is out of range or something is null
     */
    public Options {
      Ranges.checkBatch(batch, window, parts);
      if (loss == null || optimiser == null) {
        throw new IllegalArgumentException("Training needs a loss and an optimiser, not null.");
      }
      if (clipping == null || learningRate == null) {
        throw new IllegalArgumentException(
            "Training needs a clipping and a learning rate, Clipping.NONE and"
                + " LearningRate.CONSTANT too, not null.");
      }
    }

    /** Options for a batch in one part, which one thread works on. */
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

  private final ExclusiveUse use = new ExclusiveUse("trainer");
  private final Owned owned = new Owned();
  private final Options options;
  private final ParameterSlab weights;
  private final Part[] parts;
  private final Workers workers;
  private final Moments moments;
  private final Gradients gradients;
  private final Checkpoints checkpoints;
  private final boolean masks;

  /** What the parts are working on. */
  private Batch batch;

  private double terms;
  private Noise noise;
  private Plateau.State plateau = Plateau.State.FIRST;
  private double learningRate;
  private long updates;

  private final Workers.Work learn = part -> part.learn(batch, terms, noise);
  private final Workers.Work evaluate = part -> part.evaluate(batch, terms);
  private final Workers.Work undo = Part::undo;
  private final Workers.Work next = part -> part.next(batch);
  private final Workers.Work refresh = Part::refresh;

  /** A trainer on the caller's thread that starts from a copy of the weights. */
  public Trainer(Weights start, Options options) {
    this(start, options, null);
  }

  /**
   * A trainer that starts from a copy of the weights.
   *
   * @param executor lends its threads to the {@link Options#parts} of a batch; the caller's thread
   *     works too, and does alone what the executor's do not, be that busy, shut down or broken.
   *     Null for the caller's thread alone
   * @throws IllegalArgumentException if the weights are quantised, or the loss is none for the
   *     network
   * @throws OutOfMemoryError if there is no room for {@link #bytes}; then nothing is held
   */
  public Trainer(Weights start, Options options, Executor executor) {
    Objects.requireNonNull(start, "Training starts from weights, but got null.");
    Objects.requireNonNull(options, "Training needs its options, but got null.");
    this.options = options;
    learningRate = options.optimiser().learningRate();
    Architecture architecture = start.architecture();
    masks = architecture.hasMasks();
    parts = new Part[options.parts()];
    workers = new Workers(executor, parts);
    try {
      weights = owned.add(ParameterSlab.trainable(start));
      for (int p = 0; p < parts.length; p++) {
        parts[p] = new Part(owned, weights, options, p, masks ? new Noise(0) : null);
      }
      moments = new Moments(owned, options.optimiser(), architecture);
      gradients = new Gradients(owned, parts[0].gradients());
      checkpoints = new Checkpoints(options, weights, moments, parts);
    } catch (RuntimeException | Error e) {
      owned.close();
      throw e;
    }
  }

  /**
   * Bytes that a trainer will hold off-heap. With W the parameters, m the optimiser's numbers for
   * each and P parts: {@code W (1 + m + P)}, transposes of the matrices for each part, and for each
   * step and sequence its x, gates, states and outputs, and the gradients of a layer's outputs and
   * inputs.
   */
  public static long bytes(Architecture architecture, Options options) {
    Objects.requireNonNull(architecture, "The bytes are those of an architecture, but got null.");
    Objects.requireNonNull(options, "Training needs its options, but got null.");
    return (1 + options.optimiser().moments().size()) * ParameterSlab.bytes(architecture)
        + Gradients.bytes(architecture)
        + Part.bytes(architecture, options);
  }

  /** The architecture of the network that is trained. */
  public Architecture architecture() {
    return weights.architecture();
  }

  /** The options that the trainer was made with. */
  public Options options() {
    return options;
  }

  /** How many updates have changed the weights so far, those before {@link #restore} too. */
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
    try (var _ = use.hold()) {
      learningRate = rate;
    }
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
    try (var _ = use.hold()) {
      if (options.learningRate() instanceof Plateau schedule) {
        plateau = schedule.next(plateau, loss);
      }
    }
  }

  /**
   * One update.
   *
   * @return the mean loss of the batch before the update
   * @throws IllegalArgumentException if the batch does not fit the network and the options
   * @throws ArithmeticException if the loss, the gradient or the learning rate is not a finite
   *     number; then nothing has changed
   */
  public double update(Batch data) {
    try (var _ = use.hold()) {
      return updateHeld(data);
    }
  }

  private double updateHeld(Batch data) {
    // By the number of the update, so that what was resumed draws the same.
    noise = masks ? new Noise(updates).next() : null;
    boolean learnt = false;
    check(data);
    try {
      double loss = run(learn);
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
      double rate = learningRate();
      if (!Float.isFinite((float) rate)) {
        throw notFinite("learning rate", rate);
      }
      learnt = true;
      updates++;
      double scale = gradients.clip(options.clipping());
      moments.apply(weights, parts[0].gradients(), scale, rate, updates);
      workers.run(next);
      return loss;
    } finally {
      if (!learnt) {
        workers.run(undo);
      }
      batch = null;
    }
  }

  /** Takes a batch, if it fits. */
  private void check(Batch data) {
    Objects.requireNonNull(data, "What is trained or evaluated on is a batch, but got null.");
    BatchLoss batchLoss = parts[0].batchLoss();
    batchLoss.check(data);
    batch = data;
    terms = batchLoss.terms(data);
  }

  /** Runs all parts on the batch; returns its mean loss. */
  private double run(Workers.Work work) {
    RuntimeException broken = workers.run(work);
    if (broken != null) {
      throw broken;
    }
    double sum = 0;
    for (Part part : parts) {
      sum += part.loss();
    }
    return terms == 0 ? 0 : sum / terms;
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
            + "; the weights are as before it, and so is all else. Try a smaller learning rate, and look for NaN or"
            + " huge values in the data.");
  }

  /**
   * The mean loss of a batch, without an update; its states are its own and not those of training.
   *
   * @throws IllegalArgumentException if the batch does not fit the network and the options
   */
  public double evaluate(Batch data) {
    try (var _ = use.hold()) {
      return evaluateHeld(data);
    }
  }

  private double evaluateHeld(Batch data) {
    check(data);
    try {
      return run(evaluate);
    } finally {
      batch = null;
    }
  }

  /**
   * The mean loss of all batches, each counting by its labels, targets or sequences and their
   * weights. The data must not use this trainer.
   *
   * @throws IllegalArgumentException also if there is not a single label or target
   */
  public double evaluate(Dataset data) {
    Objects.requireNonNull(data, "What is evaluated on is a dataset, but got null.");
    double sum = 0;
    double count = 0;
    try (var _ = use.hold()) {
      for (int i = 0; i < data.size(); i++) {
        sum += evaluateHeld(data.batch(i)) * terms;
        count += terms;
      }
    }
    if (count == 0) {
      throw new IllegalArgumentException(
          "The data has no label or target to take the mean loss over.");
    }
    return sum / count;
  }

  /** A copy of the weights as they are now. */
  public Weights snapshot() {
    try (var _ = use.hold()) {
      return Weights.of(architecture(), weights.values());
    }
  }

  /**
   * What training has come to, by name: weights, moments, carried states, number of updates. What a
   * plateau has come to is in it, too. Options and γ are the caller's to keep.
   */
  public Map<String, float[]> checkpoint() {
    try (var _ = use.hold()) {
      return checkpoints.take(updates, plateau);
    }
  }

  /**
   * Goes on from a checkpoint of a trainer of the same architecture, optimiser, batch and kind of
   * learning rate, bit for bit.
   *
   * @throws IllegalArgumentException if the checkpoint does not fit; then nothing has changed
   */
  public void restore(Map<String, float[]> checkpoint) {
    try (var _ = use.hold()) {
      Checkpoints.Progress progress = checkpoints.put(checkpoint);
      updates = progress.updates();
      plateau = progress.plateau();
      workers.run(refresh);
    }
  }

  /**
   * Gives the memory back. Closing again does nothing.
   *
   * @throws IllegalStateException if an update or another call is going on
   */
  @Override
  public void close() {
    if (use.close()) {
      owned.close();
    }
  }
}
