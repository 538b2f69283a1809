package io.cellbelt.app;

import io.cellbelt.bptt.LearningRate;
import java.util.Locale;

/** How {@code train} lets the learning rate change, each fitted to the number of updates. */
enum ScheduleKind {
  /** Up over the first hundredth of the updates, and along half a cosine down to a twentieth. */
  WARM_COSINE,
  CONSTANT,
  /** A tenth after each third of the updates. */
  STEP,
  /** Along half a cosine down to 0. */
  COSINE,
  ONE_CYCLE,
  /** Half after {@link #BAD_VALIDATIONS} in a row. */
  PLATEAU;

  /** Validations in a row without a better loss that make a plateau. */
  static final int BAD_VALIDATIONS = 2;

  /**
   * A schedule of this kind.
   *
   * @param rate the highest learning rate
   * @param updates of the whole training
   */
  LearningRate learningRate(double rate, long updates) {
    return switch (this) {
      case WARM_COSINE -> new LearningRate.WarmCosine(updates, 0.01, 0.05);
      case CONSTANT -> LearningRate.CONSTANT;
      case STEP -> new LearningRate.Step(Math.ceilDiv(updates, 3), 0.1);
      case COSINE -> new LearningRate.Cosine(updates, 0);
      case ONE_CYCLE -> new LearningRate.OneCycle(Math.max(2, updates), rate);
      case PLATEAU -> new LearningRate.Plateau(BAD_VALIDATIONS - 1, 0.5);
    };
  }

  /** Names on the command line. */
  static final class Converter extends KindConverter<ScheduleKind> {
    Converter() {
      super(values());
    }
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
