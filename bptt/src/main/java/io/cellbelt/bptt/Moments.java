package io.cellbelt.bptt;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.engine.ParameterSlab;
import io.cellbelt.kernels.training.Updates;

/** An optimiser at work: what it remembers of the gradients, and its update of the weights. */
final class Moments {
  private final Optimiser optimiser;
  private final ParameterSlab[] slabs;

  Moments(Owned owned, Optimiser optimiser, Architecture architecture) {
    this.optimiser = optimiser;
    slabs = new ParameterSlab[optimiser.moments().size()];
    for (int i = 0; i < slabs.length; i++) {
      slabs[i] = owned.add(new ParameterSlab(architecture));
    }
  }

  /** How many numbers are kept for each parameter. */
  int count() {
    return slabs.length;
  }

  /** Their name in checkpoints, up to the parameter's. */
  String prefix(int i) {
    return optimiser.moments().get(i) + "/";
  }

  /** Those of all parameters. */
  ParameterSlab slab(int i) {
    return slabs[i];
  }

  /**
   * One update.
   *
   * @param scale factor of the gradients
   * @param rate γ
   * @param update t, 1 or more
   */
  void apply(
      ParameterSlab weights, ParameterSlab gradients, double scale, double rate, long update) {
    float s = (float) scale;
    float alpha = (float) rate;
    float decay = (float) optimiser.weightDecay();
    long w = weights.address();
    long g = gradients.address();
    long floats = weights.floats();
    switch (optimiser) {
      case Adam adam ->
          adam(w, g, floats, s, adam.beta1(), adam.beta2(), adam.epsilon(), decay, 1, rate, update);
      case AdamW adam -> {
        float keep = (float) (1 - rate * adam.weightDecay());
        adam(w, g, floats, s, adam.beta1(), adam.beta2(), adam.epsilon(), 0, keep, rate, update);
      }
      case RmsProp rms -> {
        float keep = (float) rms.decay();
        float add = (float) (1 - rms.decay());
        float epsilon = (float) rms.epsilon();
        float momentum = (float) rms.momentum();
        long m = address(1);
        Updates.squares(w, g, m, address(0), floats, s, decay, alpha, keep, add, epsilon, momentum);
      }
      case AdaGrad ada ->
          Updates.squares(
              w, g, 0, address(0), floats, s, decay, alpha, 1, 1, (float) ada.epsilon(), 0);
      case Sgd sgd -> {
        float momentum = (float) sgd.momentum();
        float direct = sgd.nesterov() || momentum == 0 ? 1 : 0;
        float through = sgd.nesterov() ? momentum : 1;
        Updates.momentum(w, g, address(0), floats, s, decay, alpha, momentum, direct, through);
      }
    }
  }

  private void adam(
      long w,
      long g,
      long floats,
      float scale,
      double beta1,
      double beta2,
      double epsilon,
      float decay,
      float keep,
      double rate,
      long update) {
    double correction1 = 1 - Math.pow(beta1, (double) update);
    double correction2 = Math.sqrt(1 - Math.pow(beta2, (double) update));
    Updates.adam(
        w,
        g,
        address(0),
        address(1),
        floats,
        scale,
        decay,
        keep,
        (float) (rate * correction2 / correction1),
        (float) beta1,
        (float) beta2,
        (float) (epsilon * correction2));
  }

  private long address(int i) {
    return i < slabs.length ? slabs[i].address() : 0;
  }
}
