package io.cellbelt.cells;

/**
 * What numbers training starts from; {@link Weights#random(Architecture, Initialiser, long)} draws
 * them. Each gate's block of a matrix is drawn by itself: its inputs are the columns, its outputs
 * the rows of one gate. Rows of an embedding are uniform in ±1, peepholes and norms as the cell
 * says, the bias of the head 0.
 *
 * @param input of the matrices that x is multiplied with, and those of attention and head
 * @param recurrent of the matrices that a state is multiplied with
 * @param biases of the gates
 */
public record Initialiser(Matrices input, Matrices recurrent, Biases biases) {
  /** As PyTorch draws matrices, with the biases of {@link Cell#initialBias}. */
  public static final Initialiser DEFAULT =
      new Initialiser(Matrices.UNIFORM, Matrices.UNIFORM, Biases.DEFAULT);

  /** How a matrix is drawn. */
  public enum Matrices {
    /** Uniform in ±1/√H of the layer; of the head and attention, H is the length of their input. */
    UNIFORM,
    /** Uniform in ±√(6 / (inputs + outputs)) (Glorot and Bengio 2010). */
    XAVIER_UNIFORM,
    /** Normal with the variance 2 / (inputs + outputs) (Glorot and Bengio 2010). */
    XAVIER_NORMAL,
    /** Uniform in ±√(6 / inputs) (He et al. 2015). */
    HE_UNIFORM,
    /** Normal with the variance 2 / inputs (He et al. 2015). */
    HE_NORMAL,
    /**
     * Orthonormal columns, or rows where there are fewer, uniform among all such (Saxe et al.
     * 2014). Where a cell has no connection it is 0 all the same.
     */
    ORTHOGONAL
  }

  /** What the biases of gates start with. */
  public sealed interface Biases {
    /** What {@link Cell#initialBias} says. */
    Biases DEFAULT = new Usual();

    /** What {@link Cell#initialBias} says. */
    record Usual() implements Biases {}

    /**
     * A value for gates that keep what there was, {@link Cell#keeps}; for gates that write over it,
     * {@link Cell#writes}, its negative if there is none that keeps; 0 for others.
     *
     * @param value such as 1 (Jozefowicz et al. 2015)
     */
    record Forget(double value) implements Biases {
      /**
       * Checks the bias.
       *
       * @throws IllegalArgumentException if it is not finite
       */
      public Forget {
        if (!Double.isFinite(value)) {
          throw new IllegalArgumentException(
              "A forget bias is a number, such as 1, but got " + value + ".");
        }
      }
    }

    /**
     * The chrono initialisation (Tallec and Ollivier 2018, arXiv 1804.11188): {@code log u} for
     * gates that keep what there was and {@code -log u} for those that write over it, with one u,
     * uniform in 1 to {@code longest - 1}, for each unit; 0 for others.
     *
     * @param longest Tmax, the most steps over which something has to be remembered, over 2
     */
    record Chrono(double longest) implements Biases {
      /**
       * Checks the range.
       *
       * @throws IllegalArgumentException if the number is out of its range
       */
      public Chrono {
        if (!(longest > 2 && longest < Double.POSITIVE_INFINITY)) {
          throw new IllegalArgumentException(
              "The chrono initialisation needs a longest dependency of over 2 steps, but got "
                  + longest
                  + ".");
        }
      }
    }
  }

  /**
   * Checks that nothing is missing.
   *
   * @throws IllegalArgumentException if a part is null
   */
  public Initialiser {
    if (input == null || recurrent == null || biases == null) {
      throw new IllegalArgumentException(
          "An initialiser says how matrices and biases start, but something is null.");
    }
  }
}
