package io.cellbelt.propertytests.bptt;

import io.cellbelt.bptt.AdaGrad;
import io.cellbelt.bptt.Adam;
import io.cellbelt.bptt.AdamW;
import io.cellbelt.bptt.Optimiser;
import io.cellbelt.bptt.RmsProp;
import io.cellbelt.bptt.Sgd;

/** Every optimiser, with and without what it can do besides. */
enum Optimisers {
  SGD(new Sgd(0.03, 0, false)),
  SGD_MOMENTUM(new Sgd(0.03, 0.9, false, 0.01)),
  SGD_NESTEROV(new Sgd(0.03, 0.8, true, 0.02)),
  RMS_PROP(RmsProp.of(0.01)),
  RMS_PROP_MOMENTUM(new RmsProp(0.01, 0.9, 1e-4, 0.7, 0.03)),
  ADAM(Adam.of(0.01)),
  ADAM_DECAY(new Adam(0.01, 0.8, 0.95, 1e-5, 0.05)),
  ADAM_W(new AdamW(0.01, 0.9, 0.99, 1e-6, 0.1)),
  ADA_GRAD(AdaGrad.of(0.02)),
  ADA_GRAD_DECAY(new AdaGrad(0.02, 1e-6, 0.04));

  @SuppressWarnings("ImmutableEnumChecker") // records of numbers
  private final Optimiser optimiser;

  Optimisers(Optimiser optimiser) {
    this.optimiser = optimiser;
  }

  Optimiser get() {
    return optimiser;
  }

  /** PyTorch's formulas, for one parameter, in double. */
  static final class Reference {
    double w;
    private double m;
    private double v;

    /** One update, the t-th. */
    void step(Optimiser optimiser, double gradient, double rate, long t) {
      double g = optimiser instanceof AdamW ? gradient : gradient + optimiser.weightDecay() * w;
      switch (optimiser) {
        case Sgd sgd -> {
          m = sgd.momentum() * m + g;
          w -= rate * (sgd.nesterov() ? g + sgd.momentum() * m : m);
        }
        case RmsProp rms -> {
          v = rms.decay() * v + (1 - rms.decay()) * g * g;
          m = rms.momentum() * m + g / (Math.sqrt(v) + rms.epsilon());
          w -= rate * m;
        }
        case AdaGrad ada -> {
          v += g * g;
          w -= rate * g / (Math.sqrt(v) + ada.epsilon());
        }
        case Adam adam -> adam(g, adam.beta1(), adam.beta2(), adam.epsilon(), rate, t);
        case AdamW adam -> {
          w -= rate * adam.weightDecay() * w;
          adam(g, adam.beta1(), adam.beta2(), adam.epsilon(), rate, t);
        }
      }
    }

    private void adam(double g, double beta1, double beta2, double epsilon, double rate, long t) {
      m = beta1 * m + (1 - beta1) * g;
      v = beta2 * v + (1 - beta2) * g * g;
      double corrected = v / (1 - Math.pow(beta2, (double) t));
      w -= rate * (m / (1 - Math.pow(beta1, (double) t))) / (Math.sqrt(corrected) + epsilon);
    }
  }
}
