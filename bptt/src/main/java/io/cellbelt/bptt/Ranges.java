package io.cellbelt.bptt;

import io.cellbelt.cells.Architecture;
import io.cellbelt.kernels.checks.Sizes;

/** Checks of settings and arrays. */
final class Ranges {
  private Ranges() {}

  /** Refuses a learning rate that is not a number over 0. */
  static void checkLearningRate(double rate) {
    if (!(rate > 0 && rate < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "A learning rate is a number over 0, such as 0.002, but got " + rate + ".");
    }
  }

  /** Refuses a decay that is not a number of 0 or more. */
  static void checkWeightDecay(double decay) {
    if (!(decay >= 0 && decay < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "A weight decay is a number of 0 or more, such as 0.01, but got " + decay + ".");
    }
  }

  /** Refuses what no optimiser has. */
  static void check(double learningRate, double weightDecay) {
    checkLearningRate(learningRate);
    checkWeightDecay(weightDecay);
  }

  /** Refuses a share that does not fade. */
  static void checkShare(String what, double share) {
    if (!(share >= 0 && share < 1)) {
      throw new IllegalArgumentException(
          what + " is 0 or more and under 1, such as 0.9, but got " + share + ".");
    }
  }

  /** Refuses an ε that could let something be divided by zero. */
  static void checkEpsilon(double epsilon) {
    if (!(epsilon > 0 && epsilon < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "An epsilon is a number over 0, such as 1e-8, but got " + epsilon + ".");
    }
  }

  /** Refuses a number of updates that is too small. */
  static void checkUpdates(long updates, long least) {
    if (updates < least) {
      throw new IllegalArgumentException(
          "A schedule needs " + least + " updates or more, but got " + updates + ".");
    }
  }

  /** Refuses a rise of the learning rate that never ends or is none. */
  static void checkRise(String what, double rise) {
    if (!(rise > 0 && rise < 1)) {
      throw new IllegalArgumentException(
          what
              + " rises for a share of the updates over 0 and under 1, such as 0.3, but got "
              + rise
              + ".");
    }
  }

  /** Refuses a patience under 0. */
  static void checkPatience(int patience) {
    if (patience < 0) {
      throw new IllegalArgumentException(
          "A patience is 0 validations or more, but got " + patience + ".");
    }
  }

  /** Refuses what is not a number over 0. */
  static void checkOver(String what, double value) {
    if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(what + " is a number over 0, but got " + value + ".");
    }
  }

  /** Refuses what is not a number of 0 or more. */
  static void checkNotNegative(String what, double value) {
    if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          what + " is a number of 0 or more, but got " + value + ".");
    }
  }

  /** Refuses what is not a number of 1 or more. */
  static void checkNotUnderOne(String what, double value) {
    if (!(value >= 1 && value < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          what + " is a number of 1 or more, but got " + value + ".");
    }
  }

  /** Refuses sizes of batches that cannot be trained on. */
  static void checkBatch(int batch, int window, int parts) {
    if (batch < 1 || window < 1) {
      throw new IllegalArgumentException(
          "Training needs a batch and a window of 1 or more, but got "
              + batch
              + " and "
              + window
              + ".");
    }
    Sizes.product("rows of a batch", batch, window);
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

  /** Refuses steps that there is no room for. */
  static void checkSteps(int steps, int most) {
    if (steps < 1 || steps > most) {
      throw new IllegalArgumentException(
          "There is room for 1 to " + most + " steps, but got " + steps + ".");
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

  static void checkSize(String name, int given, long expected) {
    if (given != expected) {
      throw new IllegalArgumentException(
          "'" + name + "' needs " + expected + " values, time-major, but got " + given + ".");
    }
  }
}
