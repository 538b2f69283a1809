package io.cellbelt.kernels.pointwise;

import io.cellbelt.kernels.activation.Activation;

/**
 * An activation of a value that is kept within ± a limit, {@code y = f(min(clip, max(-clip, a)))},
 * and its gradient, {@code da = dy f'(a)}, 0 where a was clipped. That a was clipped follows from
 * y, which is then what f makes of a limit.
 *
 * @param function f
 * @param clip the limit, {@link Float#MAX_VALUE} or more for none
 * @param bottom f(-clip)
 * @param top f(clip)
 */
record ClippedActivation(Activation function, float clip, float bottom, float top) {
  /** With its limits. */
  static ClippedActivation of(Activation function, float clip) {
    return new ClippedActivation(function, clip, function.scalar(-clip), function.scalar(clip));
  }

  /** Whether there is a limit. */
  boolean clips() {
    return clip < Float.MAX_VALUE;
  }

  /** Whether zeros, such as those of padding, do not stay zero. */
  boolean movesZero() {
    return function.scalar(0) != 0;
  }

  /** Replaces every float of a block by its activation. */
  void apply(long a, int floats) {
    if (clips()) {
      Blocks.clamp(a, floats, clip);
    }
    function.apply(a, floats);
  }

  /**
   * Replaces every y of a block by the gradient of its a.
   *
   * @param dy gradients of the block; left as anything
   */
  void gradient(long y, long dy, int floats) {
    if (clips()) {
      Blocks.stopClamped(dy, y, floats, bottom, top);
    }
    function.derivative(y, floats);
    Blocks.multiply(y, dy, y, floats);
  }
}
