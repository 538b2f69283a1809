package io.cellbelt.app;

import io.cellbelt.bptt.AdaGrad;
import io.cellbelt.bptt.Adam;
import io.cellbelt.bptt.AdamW;
import io.cellbelt.bptt.Optimiser;
import io.cellbelt.bptt.RmsProp;
import io.cellbelt.bptt.Sgd;
import java.util.Locale;

/** The optimisers that {@code train} offers, each with what it takes where nothing is given. */
enum OptimiserKind {
  /** With momentum or without. */
  SGD(1, 0, 0),
  NESTEROV(0.3, 0.9, 0),
  RMSPROP(0.006, 0, 0),
  ADAM(0.006, 0, 0),
  ADAMW(0.006, 0, 0.01),
  ADAGRAD(0.1, 0, 0);

  private static final double BETA1 = 0.9;
  private static final double BETA2 = 0.999;
  private static final double EPSILON = 1e-8;

  private final double learningRate;
  private final double momentum;
  private final double weightDecay;

  OptimiserKind(double learningRate, double momentum, double weightDecay) {
    this.learningRate = learningRate;
    this.momentum = momentum;
    this.weightDecay = weightDecay;
  }

  /** The learning rate where none is given. */
  double learningRate() {
    return learningRate;
  }

  /** The momentum where none is given. */
  double momentum() {
    return momentum;
  }

  /** The weight decay where none is given. */
  double weightDecay() {
    return weightDecay;
  }

  /** Whether it can have a momentum. */
  boolean takesMomentum() {
    return this == SGD || this == NESTEROV || this == RMSPROP;
  }

  /** An optimiser of this kind. */
  Optimiser optimiser(double rate, double mu, double decay) {
    return switch (this) {
      case SGD -> new Sgd(rate, mu, false, decay);
      case NESTEROV -> new Sgd(rate, mu, true, decay);
      case RMSPROP -> new RmsProp(rate, 0.99, EPSILON, mu, decay);
      case ADAM -> new Adam(rate, BETA1, BETA2, EPSILON, decay);
      case ADAMW -> new AdamW(rate, BETA1, BETA2, EPSILON, decay);
      case ADAGRAD -> new AdaGrad(rate, 1e-10, decay);
    };
  }

  /** Names on the command line. */
  static final class Converter extends KindConverter<OptimiserKind> {
    Converter() {
      super(values());
    }
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
