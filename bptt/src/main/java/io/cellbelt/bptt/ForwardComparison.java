package io.cellbelt.bptt;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * How a forward pass of the kernels compares with that of the double reference: the states of every
 * layer and direction at every step, what layers hand up, the outputs, and the final states.
 *
 * <p>Immutable, thread-safe.
 *
 * @param compared how many values were compared, up to and with those where the first difference is
 * @param worst the largest difference, as a share of its tolerance; over 1, or NaN, where they
 *     differ
 * @param first the first difference in the order of computing: in the lowest layer, and there at
 *     the step that runs first; empty where there is none
 */
public record ForwardComparison(long compared, double worst, Optional<Difference> first) {
  /**
   * Where kernels and reference differ.
   *
   * @param place such as {@code layer 0 (lstm), state c}, or {@code output}
   * @param layer 0 for the lowest; -1 for outputs of the network and final states
   * @param step 0 to T - 1; -1 for what there is once for a sequence
   * @param sequence 0 to B - 1
   * @param unit entry of the vector
   * @param kernel value of the SIMD kernels
   * @param reference value of the reference
   * @param tolerance the most by which they may differ
   * @param pattern what is common to the wrong values of this step, a sentence without a full stop
   */
  public record Difference(
      String place,
      int layer,
      int step,
      int sequence,
      int unit,
      double kernel,
      double reference,
      double tolerance,
      String pattern) {
    /** Checks that nothing is missing. */
    public Difference {
      Objects.requireNonNull(place, "A difference has a place, but got null.");
      Objects.requireNonNull(pattern, "A difference has a pattern, but got null.");
    }

    /** In one line, such as {@code forward: kernel and reference differ at step 0, unit 3}. */
    public String headline() {
      String when = step >= 0 ? "at step " + step : "after the last step";
      return "forward: kernel and reference differ " + when + ", unit " + unit;
    }
  }

  /** Checks that nothing is missing. */
  public ForwardComparison {
    Objects.requireNonNull(first, "There is a first difference or none, but got null.");
  }

  /** Whether no value differs. */
  public boolean passed() {
    return first.isEmpty();
  }

  /** What was found, in one line or, where something differs, in a few. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    if (first.isEmpty()) {
      lines.add(
          String.format(
              Locale.ROOT,
              "forward: kernel and reference agree in %,d values, all within %.0f %% of the tolerance",
              compared,
              Math.ceil(100 * worst)));
      return lines;
    }
    Difference one = first.get();
    lines.add(one.headline());
    lines.add(String.format(Locale.ROOT, "  where: %s, sequence %d", one.place(), one.sequence()));
    lines.add(
        String.format(
            Locale.ROOT,
            "  kernel %.9g, reference %.9g, difference %.1e, tolerance %.1e",
            one.kernel(),
            one.reference(),
            Math.abs(one.kernel() - one.reference()),
            one.tolerance()));
    lines.add("  " + one.pattern());
    lines.add(
        "  Gradients were not compared, because they follow from the forward pass: mend it first, or"
            + " the reference.");
    return lines;
  }
}
