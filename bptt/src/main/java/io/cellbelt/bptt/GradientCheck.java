package io.cellbelt.bptt;

import io.cellbelt.bptt.NetworkLoss.Data;
import io.cellbelt.cells.Weights;
import io.cellbelt.kernels.checks.Sizes;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Are the gradients right? First the forward pass of the SIMD kernels is compared with that of the
 * double reference, at every step and layer by layer ({@link ForwardComparison}), because gradients
 * of something else are wrong, too, and say nothing. If it is right, two links of one chain follow:
 * finite differences, in double, check the gradients of the reference, and those check the
 * gradients of the kernels.
 *
 * <p>The loss is a random linear function of all outputs and final states of random sequences, of
 * different lengths and from random initial states, with the masks of training where the network
 * has any, so every path through it counts. Errors are relative: the difference over the larger of
 * the two gradients, but no less than a hundredth of the largest gradient of the tensor and a
 * ten-thousandth of the largest of all, because below that a difference says nothing; for the
 * kernels, in floats, ten times as much.
 *
 * <p>Besides, both ends are held against each other, all entries at once, by the adjoint identity
 * {@code <J v, u> = <v, Jᵀ u>}: J is the Jacobian of all outputs and final states with respect to
 * all parameters, inputs and initial states, v a random direction, J v a central difference in
 * double, u the loss, and Jᵀ u the gradient of the kernels.
 *
 * <p>{@link #of} checks your own function in the same way, against finite differences alone. Of
 * every tensor that fails, the report guesses what is wrong.
 *
 * <p>Thread-safe: the methods are static and keep nothing. A network is checked on copies of its
 * weights; what is allocated off-heap for it is freed before a method returns.
 */
public final class GradientCheck {
  /** The most a kernel's gradient may differ from the reference's. */
  public static final double KERNEL_LIMIT = 1e-4;

  /** The most the reference's gradient may differ from finite differences. */
  public static final double REFERENCE_LIMIT = 1e-7;

  /** The most that the two sides of the adjoint identity may differ, relative to the larger. */
  public static final double ADJOINT_LIMIT = 1e-5;

  /** Random directions v of the adjoint identity: one alone may happen to be at right angles. */
  static final int DIRECTIONS = 4;

  private GradientCheck() {}

  /**
   * What was found for one tensor. For your own function, its gradient is {@code analytic}, and
   * {@code kernel} is the same.
   *
   * @param parameter its name; {@code x} and {@code initial state} are tensors too
   * @param layout what its entries are
   * @param index the entry where one of the errors is the largest; -1 where the numbers are those
   *     along a random direction
   * @param kernel gradient of that entry by the SIMD kernels
   * @param analytic gradient by the reference
   * @param numeric gradient by finite differences
   * @param kernelError largest relative error of the kernels against the reference
   * @param referenceError largest relative error of the reference against finite differences
   * @param limit the most that error may be
   * @param entries how many, or how many directions, finite differences were compared with
   * @param kinks entries at a kink of an activation, where there is no gradient to compare with
   * @param guess at what is wrong, a sentence without a full stop; empty where nothing is
   */
  public record Row(
      String parameter,
      Layout layout,
      int index,
      double kernel,
      double analytic,
      double numeric,
      double kernelError,
      double referenceError,
      double limit,
      int entries,
      int kinks,
      String guess) {
    /** Checks that nothing is missing. */
    public Row {
      Objects.requireNonNull(parameter, "A row is about a tensor with a name, but got null.");
      Objects.requireNonNull(layout, "A row is about a tensor with a layout, but got null.");
      Objects.requireNonNull(guess, "A row has a guess, which may be empty, but got null.");
    }

    /** Whether both errors are within their limits, of something that was compared; NaN is not. */
    public boolean passed() {
      return kernelError < KERNEL_LIMIT && referenceError < limit && (entries > 0 || kinks == 0);
    }

    /** {@link #index} as {@code [row, column]}, or {@code [row]} of a vector; - for directions. */
    public String place() {
      return index < 0 ? "-" : layout.index(index);
    }

    /** The larger difference of two gradients of the entry. */
    public double absoluteError() {
      return Math.max(Math.abs(kernel - analytic), Math.abs(analytic - numeric));
    }

    Row with(String newGuess) {
      return new Row(
          parameter,
          layout,
          index,
          kernel,
          analytic,
          numeric,
          kernelError,
          referenceError,
          limit,
          entries,
          kinks,
          newGuess);
    }
  }

  /**
   * What was found: the forward pass first, then all tensors.
   *
   * @param forward how the kernels' forward pass compares with that of the reference; empty for
   *     your own function
   * @param rows one for each tensor; none where the forward pass is wrong, because then gradients
   *     are not compared
   * @param adjointError largest difference of the two sides of the adjoint identity over a few
   *     random directions, relative to the largest of their values; NaN where the forward pass is
   *     wrong
   * @param adjointLimit the most that may be
   * @param guess at what is wrong with all of it, a sentence without a full stop; empty where
   *     nothing is, or the rows tell more
   */
  public record Report(
      Optional<ForwardComparison> forward,
      List<Row> rows,
      double adjointError,
      double adjointLimit,
      String guess) {
    /** Copies the list. */
    public Report {
      Objects.requireNonNull(forward, "A report has a forward pass or none, but got null.");
      Objects.requireNonNull(rows, "A report has rows, but got null.");
      Objects.requireNonNull(guess, "A report has a guess, which may be empty, but got null.");
      if (rows.stream().anyMatch(Objects::isNull)) {
        throw new IllegalArgumentException("A report has rows, but one of them is null.");
      }
      rows = List.copyOf(rows);
    }

    /** One of a wrong forward pass. */
    static Report of(ForwardComparison wrong) {
      return new Report(Optional.of(wrong), List.of(), Double.NaN, ADJOINT_LIMIT, "");
    }

    /** Whether the forward pass is right; your own function has none. */
    public boolean forwardPassed() {
      return forward.map(ForwardComparison::passed).orElse(true);
    }

    /** Whether the forward pass is right, every tensor passed, and the adjoint identity holds. */
    public boolean passed() {
      return forwardPassed() && rows.stream().allMatch(Row::passed) && adjointError < adjointLimit;
    }

    /**
     * Fails a test, with {@link #toString} as the message.
     *
     * @throws AssertionError unless all passed
     */
    public void assertPassed() {
      if (!passed()) {
        String what = forwardPassed() ? "The gradients are wrong." : "The forward pass is wrong.";
        throw new AssertionError(what + System.lineSeparator() + this);
      }
    }

    /** Entries at a kink of an activation, where there is no gradient to compare with. */
    public int kinks() {
      return rows.stream().mapToInt(Row::kinks).sum();
    }

    /** The largest relative error of the kernels against the reference; NaN where none is known. */
    public double worstKernelError() {
      return rows.stream().mapToDouble(Row::kernelError).max().orElse(Double.NaN);
    }

    /**
     * The largest relative error of the reference against finite differences; NaN where none is
     * known.
     */
    public double worstReferenceError() {
      return rows.stream().mapToDouble(Row::referenceError).max().orElse(Double.NaN);
    }

    /** What the forward pass showed, a table of all tensors, and the guesses. */
    @Override
    public String toString() {
      return String.join(System.lineSeparator(), lines());
    }

    /** The lines of {@link #toString}. */
    public List<String> lines() {
      return ReportTable.lines(this);
    }
  }

  /**
   * Checks your own function, of any named tensors.
   *
   * @return what can be told about it before {@link FunctionCheck#run}
   */
  public static FunctionCheck of(Differentiable function) {
    return new FunctionCheck(function);
  }

  /**
   * Checks the gradients of a network.
   *
   * @param steps T, 1 or more
   * @param batch B, 1 or more
   * @param seed of the random sequences, states and loss
   * @throws IllegalArgumentException if a size is under 1, or a custom cell has no reference or no
   *     kernel, or one of them fails or does not fit its schedule
   */
  public static Report run(Weights weights, int steps, int batch, long seed) {
    checkSizes(weights, steps, batch);
    return NetworkCheck.run(weights, steps, batch, null, seed);
  }

  /**
   * Checks the gradients of a network for given sequences, from a state of zero.
   *
   * @param x {@code [T, B, I]}
   * @param steps T, 1 or more
   * @param batch B, 1 or more
   * @param seed of the random loss
   * @throws IllegalArgumentException if the array has another size, or the input is tokens
   */
  public static Report run(Weights weights, float[] x, int steps, int batch, long seed) {
    checkSizes(weights, steps, batch);
    Ranges.checkInput(false, weights.architecture());
    int size = weights.architecture().input().size();
    Objects.requireNonNull(x, "'x' are the inputs, but got null.");
    Ranges.checkSize("x", x.length, (long) Sizes.product("rows", steps, batch) * size);
    return NetworkCheck.run(weights, steps, batch, new Data(null, x), seed);
  }

  /**
   * Checks the gradients of a network for given sequences, from a state of zero.
   *
   * @param tokens {@code [T, B]}
   * @param steps T, 1 or more
   * @param batch B, 1 or more
   * @param seed of the random loss
   * @throws IllegalArgumentException if the array has another size, a token is not in the
   *     vocabulary, or the input is a vector
   */
  public static Report run(Weights weights, int[] tokens, int steps, int batch, long seed) {
    checkSizes(weights, steps, batch);
    Ranges.checkInput(true, weights.architecture());
    Objects.requireNonNull(tokens, "'tokens' are the inputs, but got null.");
    int rows = Sizes.product("rows", steps, batch);
    Ranges.checkRange("tokens", tokens, rows, 0, weights.architecture().input().tokens());
    return NetworkCheck.run(weights, steps, batch, new Data(tokens, null), seed);
  }

  private static void checkSizes(Weights weights, int steps, int batch) {
    Objects.requireNonNull(weights, "A check is one of weights, but got null.");
    if (steps < 1 || batch < 1) {
      throw new IllegalArgumentException(
          "A check needs 1 step and 1 sequence or more, but got " + steps + " and " + batch + ".");
    }
  }
}
