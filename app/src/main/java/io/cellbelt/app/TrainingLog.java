package io.cellbelt.app;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalDouble;

/** Where a training is, and the losses on the way there. Stored in checkpoints as JSON. */
final class TrainingLog {
  /** Points of the training curve in an epoch, at most. */
  private static final int SECTIONS = 20;

  private int epoch;
  private int window;
  private double epochSum;
  private double sectionSum;
  private int sectionWindows;
  private final List<Double> training = new ArrayList<>();
  private final List<Double> validation = new ArrayList<>();

  /** Points of the training curve in an epoch of so many windows. */
  static int sections(int windows) {
    return Math.min(SECTIONS, windows);
  }

  /** Epochs that are complete. */
  int epoch() {
    return epoch;
  }

  /** Windows of the current epoch that are done. */
  int window() {
    return window;
  }

  /** Mean loss of each section of training so far, in nats per character; unmodifiable. */
  List<Double> training() {
    return Collections.unmodifiableList(training);
  }

  /** Validation loss after each epoch so far, in nats per character; unmodifiable. */
  List<Double> validation() {
    return Collections.unmodifiableList(validation);
  }

  /** The lowest validation loss so far. */
  OptionalDouble best() {
    return validation.stream().mapToDouble(Double::doubleValue).min();
  }

  /** Mean training loss of the current epoch so far. */
  double epochLoss() {
    return epochSum / window;
  }

  /**
   * Notes an update.
   *
   * @param loss of its window
   * @param windows of the epoch
   */
  void update(double loss, int windows) {
    window++;
    epochSum += loss;
    sectionSum += loss;
    sectionWindows++;
    if ((long) window * SECTIONS / windows > (window - 1L) * SECTIONS / windows) {
      training.add(sectionSum / sectionWindows);
      sectionSum = 0;
      sectionWindows = 0;
    }
  }

  /** Notes the end of an epoch and its validation loss; tells whether that is the best so far. */
  boolean endEpoch(double loss) {
    boolean best = best().isEmpty() || loss < best().getAsDouble();
    validation.add(loss);
    epoch++;
    window = 0;
    epochSum = 0;
    return best;
  }

  /** Whether this can be the log of a training of so many epochs of so many windows. */
  boolean fits(int epochs, int windows) {
    return epoch >= 0
        && epoch < epochs
        && window >= 0
        && window <= windows
        && training != null
        && validation != null
        && validation.size() == epoch
        && training.size() <= (long) epochs * SECTIONS
        && !training.contains(null)
        && !validation.contains(null);
  }
}
