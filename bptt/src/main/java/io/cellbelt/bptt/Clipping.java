package io.cellbelt.bptt;

/** How large a gradient may be, against the one that explodes (Pascanu et al. 2013). */
public sealed interface Clipping {
  /** The gradient is taken as large as it is. */
  Clipping NONE = new None();

  /** The gradient is taken as large as it is. */
  record None() implements Clipping {}

  /**
   * Every number of the gradient is kept within ± a limit ({@code clip_grad_value_}).
   *
   * @param limit over 0
   */
  record Value(double limit) implements Clipping {
    /**
     * Checks the range.
     *
     * @throws IllegalArgumentException if the number is out of its range
     */
    public Value {
      if (!(limit > 0)) {
        throw new IllegalArgumentException(
            "The gradient is clipped to a value over 0, such as 1, but got " + limit + ".");
      }
    }
  }

  /**
   * The gradient of each tensor is scaled down to a norm by itself.
   *
   * @param limit over 0
   */
  record TensorNorm(double limit) implements Clipping {
    /**
     * Checks the range.
     *
     * @throws IllegalArgumentException if the number is out of its range
     */
    public TensorNorm {
      checkNorm(limit);
    }
  }

  /**
   * The gradient of all parameters together is scaled down to a norm ({@code clip_grad_norm_}, but
   * to the limit itself).
   *
   * @param limit over 0; infinity for never
   */
  record GlobalNorm(double limit) implements Clipping {
    /**
     * Checks the range.
     *
     * @throws IllegalArgumentException if the number is out of its range
     */
    public GlobalNorm {
      checkNorm(limit);
    }
  }

  private static void checkNorm(double limit) {
    if (!(limit > 0)) {
      throw new IllegalArgumentException(
          "The gradient is clipped to a norm over 0, such as 1, but got " + limit + ".");
    }
  }
}
