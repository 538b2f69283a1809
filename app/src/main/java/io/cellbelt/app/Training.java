package io.cellbelt.app;

import com.sun.management.OperatingSystemMXBean;
import io.cellbelt.bptt.Batch;
import io.cellbelt.bptt.EarlyStopping;
import io.cellbelt.bptt.TokenWindows;
import io.cellbelt.bptt.Trainer;
import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Weights;
import io.cellbelt.models.ModelFileException;
import io.cellbelt.models.ModelFiles;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Trains a character model, keeps the best one in its file, and leaves a checkpoint from which a
 * later run goes on bit for bit. One user at a time; closed by whoever made it.
 */
final class Training implements AutoCloseable {
  /** The share of the text, at its end, that only measures. */
  static final double VALIDATION_SHARE = 0.1;

  private final Console console;
  private final TextFile text;
  private final Path model;
  private final TrainOptions options;
  private final Vocabulary vocabulary;
  private final long pauseNanos;
  private final OptionalInt start;
  private final TokenWindows training;
  private final TokenWindows validation;
  private final long bytes;
  private final ExecutorService helpers;
  private final Trainer trainer;

  private TrainingLog log = new TrainingLog();
  private long characters;
  private long nanos;
  private long nextCheckpoint;

  /**
   * A training from the start.
   *
   * @param pause from one checkpoint in an epoch to the next
   * @param threads that share the work, 1 or more
   * @throws Failure if the text is too short for the options
   */
  Training(
      Console console,
      TextFile text,
      Path model,
      TrainOptions options,
      Duration pause,
      int threads) {
    this.console = console;
    this.text = text;
    this.model = model;
    this.options = options;
    pauseNanos = pause.toNanos();
    nextCheckpoint = System.nanoTime() + pauseNanos;
    int length = text.characters().length;
    // The shortest text of which the last tenth has a character and a label for each sequence.
    long shortest = Math.round((options.batch() + 1) / VALIDATION_SHARE);
    if (length < shortest) {
      throw new Failure(
          String.format(
                  Locale.ROOT,
                  "The text has %d characters, but with --batch %d at least %d are needed, as a"
                      + " tenth is for",
                  length,
                  options.batch(),
                  shortest)
              + " validation; take a longer text or a smaller --batch.");
    }
    vocabulary = Vocabulary.of(text.characters());
    TokenWindows.Split split =
        TokenWindows.split(
            vocabulary.tokens(text.characters()),
            VALIDATION_SHARE,
            options.batch(),
            options.window(),
            options.steps());
    start = Opening.start(text.characters());
    int token = start.isPresent() ? vocabulary.find(start.getAsInt()) : -1;
    training = split.training().withRestarts(options.restarts(), token, options.seed());
    validation = split.validation();
    Architecture architecture = options.architecture(vocabulary.size());
    Trainer.Options how = options.trainer(training.size());
    bytes = Trainer.bytes(architecture, how);
    requireMemory(bytes);
    helpers =
        threads == 1
            ? null
            : Executors.newFixedThreadPool(threads - 1, Thread.ofPlatform().daemon().factory());
    trainer = new Trainer(Weights.random(architecture, options.seed()), how, helpers);
  }

  private static void requireMemory(long bytes) {
    if (ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean machine
        && bytes > machine.getTotalMemorySize()) {
      throw new Failure(
          String.format(
                  Locale.ROOT,
                  "This training needs %s of memory, but the machine has %s; take a smaller"
                      + " --hidden, --batch,",
                  megabytes(bytes),
                  megabytes(machine.getTotalMemorySize()))
              + " --window or --embedding.");
    }
  }

  private static String megabytes(long bytes) {
    return String.format(Locale.ROOT, "%,d MB", Math.ceilDiv(bytes, 1_000_000));
  }

  /**
   * Goes on where a checkpoint was made.
   *
   * @throws Failure if the checkpoint is not one of this training
   */
  void resume(Path file, Checkpoint checkpoint) {
    if (!checkpoint.position().log().fits(options.epochs(), training.size())) {
      throw new Failure(
          "The checkpoint "
              + file
              + " is at a place that its training does not have; start again"
              + " with --force.");
    }
    try {
      trainer.restore(checkpoint.values());
    } catch (IllegalArgumentException e) {
      throw new Failure("The checkpoint " + file + " does not fit. " + e.getMessage(), e);
    }
    log = checkpoint.position().log();
  }

  /** The losses so far. */
  LossCurve curve() {
    return new LossCurve(log, training.size());
  }

  /** The lowest validation loss so far, in nats per character. */
  OptionalDouble best() {
    return log.best();
  }

  /** One line about text and network. */
  String summary() {
    int parameters = trainer.architecture().parameters().stream().mapToInt(p -> p.size()).sum();
    return String.format(
            Locale.ROOT,
            "%,d characters, %d of them different; %,d for training, the last %,d for validation%n",
            text.characters().length,
            vocabulary.size(),
            training.labels(),
            validation.labels())
        + String.format(
            Locale.ROOT,
            "%s, %d layer(s) of %d, %,d parameters; %d epoch(s) of %,d updates, %s, %s, %s of"
                + " memory",
            options.cell(),
            options.layers(),
            options.hidden(),
            parameters,
            options.epochs(),
            training.size(),
            options.optimiser(),
            options.schedule(),
            megabytes(bytes));
  }

  /**
   * Trains until the end, or until asked to stop; what was reached is saved either way.
   *
   * @return whether the end was reached
   * @throws ModelFileException if a file cannot be written
   * @throws ArithmeticException if the loss is no longer a number; the files are as they were
   */
  boolean run(StopSignal stop) throws ModelFileException {
    console.println(console.bold("epoch   training   validation   bits/char   chars/s   elapsed"));
    long start = System.nanoTime();
    while (!complete()) {
      OptionalDouble loss = epoch(stop);
      if (loss.isEmpty()) {
        saveStopped();
        return false;
      }
      double trainingLoss = log.epochLoss();
      boolean best = log.endEpoch(loss.getAsDouble());
      if (best) {
        saveModel(Map.of("cellbelt.validation_loss", Double.toString(loss.getAsDouble())));
      }
      trainer.validated(loss.getAsDouble());
      // Without one at the very end, a training that is killed there repeats the end.
      if (!complete()) {
        saveCheckpoint();
      }
      console.println(
          String.format(
              Locale.ROOT,
              "%5d   %8.4f   %10.4f   %9.4f   %,7d   %7s%s",
              log.epoch(),
              trainingLoss,
              loss.getAsDouble(),
              loss.getAsDouble() / Math.log(2),
              speed(),
              clock(System.nanoTime() - start),
              best ? "   best, saved" : ""));
    }
    if (log.epoch() < options.epochs()) {
      console.println(
          String.format(
              Locale.ROOT,
              "Stopped early: %d validation(s) in a row were not better than the best.",
              options.patience()));
    }
    return true;
  }

  private boolean complete() {
    return log.epoch() == options.epochs() || noLongerBetter();
  }

  /** By all validations, which the log keeps, so that there is nothing else to save. */
  private boolean noLongerBetter() {
    if (options.patience() == 0) {
      return false;
    }
    EarlyStopping stopping = new EarlyStopping(options.patience(), 0);
    log.validation().forEach(stopping::validated);
    return stopping.stop();
  }

  /** The rest of an epoch; its validation loss, or nothing if asked to stop before. */
  private OptionalDouble epoch(StopSignal stop) throws ModelFileException {
    TokenWindows windows = training.epoch(log.epoch());
    String task = String.format(Locale.ROOT, "epoch %d/%d", log.epoch() + 1, options.epochs());
    try (Progress progress = console.progress(task, training.size() + validation.size() / 3L)) {
      progress.step(log.window());
      while (log.window() < training.size()) {
        if (stop.requested()) {
          return OptionalDouble.empty();
        }
        update(windows.batch(log.window()));
        progress.step(1);
        progress.message(message());
        if (System.nanoTime() - nextCheckpoint >= 0) {
          saveCheckpoint();
        }
      }
      return validate(stop, progress);
    }
  }

  private void update(Batch batch) {
    long begin = System.nanoTime();
    log.update(trainer.update(batch), training.size());
    characters += (long) (batch.steps() - batch.context()) * options.batch();
    nanos += System.nanoTime() - begin;
  }

  /** As {@link Trainer#evaluate}, but a stop does not have to wait for it. */
  private OptionalDouble validate(StopSignal stop, Progress progress) {
    double sum = 0;
    for (int i = 0; i < validation.size(); i++) {
      if (stop.requested()) {
        return OptionalDouble.empty();
      }
      Batch batch = validation.batch(i);
      sum += trainer.evaluate(batch) * batch.labels().length;
      progress.step(i % 3 == 0 ? 1 : 0);
    }
    if (!Double.isFinite(sum)) {
      throw new ArithmeticException(
          String.format(
                  Locale.ROOT,
                  "The validation loss after update %d is %s; the files are as before it. Try a"
                      + " smaller",
                  trainer.updates(),
                  sum)
              + " learning rate.");
    }
    return OptionalDouble.of(sum / validation.labels());
  }

  /** Characters per second. */
  private long speed() {
    return Math.round(characters * 1e9 / Math.max(1, nanos));
  }

  private String message() {
    double left = (double) (options.epochs() - log.epoch()) * training.size() - log.window();
    double updates = Math.max(1, characters / (double) (options.batch() * options.window()));
    return String.format(
        Locale.ROOT,
        " %.3f nats, %s left",
        log.epochLoss(),
        clock((long) (left * nanos / updates)));
  }

  private static String clock(long nanos) {
    long seconds = Duration.ofNanos(nanos).toSeconds();
    return String.format(Locale.ROOT, "%d:%02d", seconds / 60, seconds % 60);
  }

  private void saveModel(Map<String, String> metadata) throws ModelFileException {
    Map<String, String> all = new HashMap<>(metadata);
    all.put(Vocabulary.METADATA, vocabulary.toString());
    if (options.restarts() > 0) {
      all.putAll(Opening.metadata(start));
    }
    ModelFiles.write(model, trainer.snapshot(), all);
  }

  private void saveCheckpoint() throws ModelFileException {
    new Checkpoint(new Checkpoint.Position(options, text.hash(), log), trainer.checkpoint())
        .write(Checkpoint.path(model));
    nextCheckpoint = System.nanoTime() + pauseNanos;
  }

  /** A model too, if no epoch has written one: something to look at. */
  private void saveStopped() throws ModelFileException {
    saveCheckpoint();
    if (log.best().isEmpty() || !Files.exists(model)) {
      saveModel(Map.of());
    }
  }

  @Override
  public void close() {
    if (helpers != null) {
      helpers.shutdown();
    }
    trainer.close();
  }
}
