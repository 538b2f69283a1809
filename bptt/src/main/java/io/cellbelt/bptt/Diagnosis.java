package io.cellbelt.bptt;

import io.cellbelt.bptt.Layout.Block;
import io.cellbelt.bptt.Layout.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.IntUnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What may be wrong with a gradient, guessed from how it differs from the right one: a factor, a
 * transposed matrix, another order of gates, a missing term.
 *
 * <p>Of the right gradient some entries are enough. A guess is made only if it explains all of
 * them.
 */
public final class Diagnosis {
  /** Entries under this share of the largest count as that large. */
  private static final double FLOOR = 1e-2;

  /** So many entries, and not fewer, have a common factor that is no accident. */
  private static final int FEW = 3;

  /** Cosine over which two gradients point the same way, more or less. */
  private static final double ALIKE = 0.5;

  /** Cosine under which they have nothing in common. */
  private static final double UNLIKE = 0.1;

  private final double[] claimed;
  private final int[] at;
  private final double[] expected;
  private final Layout layout;
  private final double tolerance;
  private final double floor;

  private Diagnosis(
      double[] claimed, int[] at, double[] expected, Layout layout, double tolerance) {
    this.claimed = claimed;
    this.at = at;
    this.expected = expected;
    this.layout = layout;
    this.tolerance = tolerance;
    floor = Math.max(FLOOR * largest(expected), Double.MIN_NORMAL);
  }

  /**
   * A guess at what is wrong, in a sentence without a full stop.
   *
   * @param claimed the wrong gradient, all entries
   * @param expected the right one, all entries
   * @param layout what the entries are
   * @param tolerance up to which relative difference two entries are equal
   */
  public static String of(double[] claimed, double[] expected, Layout layout, double tolerance) {
    Objects.requireNonNull(expected, "The right gradient is an array, but got null.");
    return of(claimed, IntStream.range(0, expected.length).toArray(), expected, layout, tolerance);
  }

  /**
   * A guess at what is wrong, where the right gradient is only known in part.
   *
   * @param claimed the wrong gradient, all entries
   * @param at which entries of the right one are known
   * @param expected those
   * @param layout what the entries are
   * @param tolerance up to which relative difference two entries are equal
   */
  public static String of(
      double[] claimed, int[] at, double[] expected, Layout layout, double tolerance) {
    Objects.requireNonNull(claimed, "The wrong gradient is an array, but got null.");
    Objects.requireNonNull(at, "The known entries are an array, but got null.");
    Objects.requireNonNull(expected, "The right gradient is an array, but got null.");
    Objects.requireNonNull(layout, "A gradient has a layout, but got null.");
    if (claimed.length != layout.size() || at.length != expected.length) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "A gradient of %d entries, of which %d are at %d places, does not fit into %d by %d.",
              claimed.length,
              expected.length,
              at.length,
              layout.rows(),
              layout.columns()));
    }
    if (Arrays.stream(at).anyMatch(i -> i < 0 || i >= claimed.length)) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "The entries of a gradient of %d are 0 to %d, but got others among %d.",
              claimed.length,
              claimed.length - 1,
              at.length));
    }
    return new Diagnosis(claimed, at, expected, layout, tolerance).guess();
  }

  private String guess() {
    int[] broken =
        IntStream.range(0, claimed.length).filter(i -> !Double.isFinite(claimed[i])).toArray();
    if (broken.length > 0) {
      return String.format(
              Locale.ROOT,
              "the gradient is NaN or infinite at %d of %d entries, first at %s; look for 0 / 0, the",
              broken.length,
              claimed.length,
              layout.place(broken[0]))
          + " logarithm or the root of 0, or an exponential of something large";
    }
    if (at.length == 0) {
      return "nothing could be compared: every entry is at a kink; move away from it, for example"
          + " by adding small random numbers to the tensor";
    }
    if (Arrays.stream(expected).anyMatch(value -> !Double.isFinite(value))) {
      return "the loss itself is NaN or infinite near this point";
    }
    int[] all = IntStream.range(0, at.length).toArray();
    if (Arrays.stream(all).allMatch(k -> same(claimed[at[k]], expected[k]))) {
      return String.format(
              Locale.ROOT,
              "the gradient is nearly right, to %s of it; is something computed in float, a small term",
              Factor.number(tolerance))
          + " such as an epsilon left out, or the network chaotic, so that rounding grows?";
    }
    if (isZero(claimed)) {
      return "the gradient is zero: the tensor is not reached";
    }
    double factor = factor(all);
    if (!Double.isNaN(factor)) {
      Factor of = new Factor(factor, tolerance);
      return "the gradient is " + of.times() + " what it should be; " + of.cause();
    }
    for (String guess : new String[] {permuted(), transposed(), blocks(), lines()}) {
      if (guess != null) {
        return guess;
      }
    }
    return direction();
  }

  private static double largest(double[] values) {
    double largest = 0;
    for (double value : values) {
      largest = Double.isFinite(value) ? Math.max(largest, Math.abs(value)) : largest;
    }
    return largest;
  }

  private static boolean isZero(double[] values) {
    return largest(values) == 0;
  }

  private boolean same(double a, double b) {
    return Math.abs(a - b) <= tolerance * Math.max(floor, Math.max(Math.abs(a), Math.abs(b)));
  }

  /** What entries are multiplied by, NaN if there is no such number. */
  private double factor(int[] entries) {
    double products = 0;
    double squares = 0;
    int counting = 0;
    for (int k : entries) {
      products += claimed[at[k]] * expected[k];
      squares += expected[k] * expected[k];
      counting += Math.abs(expected[k]) > floor ? 1 : 0;
    }
    double factor = products / squares;
    if (!(Math.abs(factor) > tolerance)
        || (counting < FEW && !new Factor(factor, tolerance).isRound())) {
      return Double.NaN;
    }
    double least = floor * Math.min(1, Math.abs(factor));
    for (int k : entries) {
      double right = factor * expected[k];
      double scale = Math.max(least, Math.max(Math.abs(right), Math.abs(claimed[at[k]])));
      if (Math.abs(claimed[at[k]] - right) > tolerance * scale) {
        return Double.NaN;
      }
    }
    return factor;
  }

  /** Whether an entry of the right gradient stands somewhere else in the wrong one. */
  private boolean moved(int[] entries, IntUnaryOperator to) {
    for (int k : entries) {
      if (!same(claimed[to.applyAsInt(at[k])], expected[k])) {
        return false;
      }
    }
    return true;
  }

  private int[] entriesOf(int block) {
    return IntStream.range(0, at.length).filter(k -> layout.blockOf(at[k]) == block).toArray();
  }

  private String permuted() {
    List<Block> blocks = layout.blocks();
    if (layout.kind() != Kind.GATES || blocks.size() < 2) {
      return null;
    }
    int[] order = new int[blocks.size()];
    Arrays.fill(order, -1);
    for (int pass = 0; pass < 2; pass++) {
      for (int right = 0; right < order.length; right++) {
        int[] entries = entriesOf(right);
        int block = right;
        boolean placed = Arrays.stream(order).anyMatch(one -> one == block);
        for (int there = 0; there < order.length && !placed; there++) {
          int shift = layout.start(there) - layout.start(right);
          boolean free = order[there] < 0 && (pass == 1 || there == right);
          if (free
              && entries.length > 0
              && blocks.get(there).rows() == blocks.get(right).rows()
              && moved(entries, i -> i + shift)) {
            order[there] = right;
            placed = true;
          }
        }
      }
    }
    if (Arrays.stream(order).anyMatch(block -> block < 0)) {
      return null;
    }
    return String.format(
            Locale.ROOT,
            "the gates are in another order: the blocks of rows are %s and should be %s; is it that of",
            Arrays.stream(order)
                .mapToObj(block -> blocks.get(block).name())
                .collect(Collectors.joining(" ")),
            blocks.stream().map(Block::name).collect(Collectors.joining(" ")))
        + " another library?";
  }

  private String transposed() {
    int rows = layout.rows();
    int columns = layout.columns();
    int[] all = IntStream.range(0, at.length).toArray();
    if (rows < 2 || columns < 2) {
      return null;
    }
    if (moved(all, i -> i % columns * rows + i / columns)) {
      return String.format(
          Locale.ROOT,
          "the matrix is transposed: it is %d by %d and should be %d by %d",
          columns,
          rows,
          rows,
          columns);
    }
    List<Block> blocks = layout.blocks();
    boolean square = blocks.size() > 1 && blocks.stream().allMatch(b -> b.rows() == columns);
    int block = columns * columns;
    if (square
        && moved(all, i -> i / block * block + i % columns * columns + i % block / columns)) {
      return "the matrix of each gate is transposed, by itself";
    }
    return null;
  }

  /** Which blocks are wrong, and in what way. */
  private String blocks() {
    List<Block> blocks = layout.blocks();
    List<String> names = new ArrayList<>();
    List<String> how = new ArrayList<>();
    boolean someRight = false;
    boolean allExplained = true;
    for (int block = 0; block < blocks.size(); block++) {
      int[] entries = entriesOf(block);
      if (moved(entries, i -> i)) {
        someRight |= entries.length > 0;
        continue;
      }
      String name = blocks.get(block).name();
      double factor = factor(entries);
      String ways =
          Arrays.stream(entries).allMatch(k -> claimed[at[k]] == 0)
              ? "zero"
              : Double.isNaN(factor)
                  ? ""
                  : new Factor(factor, tolerance).times() + " what it should be";
      allExplained &= !ways.isEmpty();
      if (!names.contains(name)) {
        names.add(name);
        how.add(ways);
      } else if (!how.get(names.indexOf(name)).equals(ways)) {
        how.set(names.indexOf(name), "");
      }
    }
    if (names.isEmpty() || (!someRight && !allExplained)) {
      return null;
    }
    String list = Enumeration.of(names);
    boolean alike = how.stream().distinct().count() == 1;
    String ways = "";
    if (alike && !how.getFirst().isEmpty()) {
      ways = " (" + how.getFirst() + ")";
    } else if (how.stream().noneMatch(String::isEmpty)) {
      ways =
          IntStream.range(0, names.size())
              .mapToObj(k -> names.get(k) + " is " + how.get(k))
              .collect(Collectors.joining(", ", " (", ")"));
    }
    String what = names.size() == 1 ? "" : "s";
    return switch (layout.kind()) {
      case GATES ->
          String.format(
              Locale.ROOT,
              "only the rows of gate%s %s are wrong%s: look at the term that flows through %s",
              what,
              list,
              ways,
              list);
      case STATES ->
          String.format(
              Locale.ROOT,
              "only the part of %s is wrong%s: look at how its gradient goes to the step before",
              list,
              ways);
      case STEPS ->
          String.format(
              Locale.ROOT,
              "only step%s %s %s wrong%s: look at how the gradient goes from one step to the one before",
              what,
              list,
              names.size() == 1 ? "is" : "are",
              ways);
    };
  }

  /** A few wrong rows or columns among right ones. */
  private String lines() {
    for (boolean byRow : new boolean[] {true, false}) {
      int[] wrong =
          IntStream.range(0, at.length)
              .filter(k -> !same(claimed[at[k]], expected[k]))
              .map(k -> line(at[k], byRow))
              .distinct()
              .sorted()
              .toArray();
      long seen = Arrays.stream(at).map(i -> line(i, byRow)).distinct().count();
      if (2L * wrong.length <= seen) {
        String noun = byRow ? layout.columns() > 1 ? "row" : "entry" : "column";
        String plural = noun.equals("entry") ? "entries" : noun + "s";
        return String.format(
            Locale.ROOT,
            "only %s %s %s wrong, of %d that were compared",
            wrong.length == 1 ? noun : plural,
            Enumeration.of(wrong),
            wrong.length == 1 ? "is" : "are",
            seen);
      }
    }
    return null;
  }

  private int line(int index, boolean byRow) {
    return byRow ? index / layout.columns() : index % layout.columns();
  }

  private String direction() {
    double product = 0;
    double ofClaimed = 0;
    double ofExpected = 0;
    double ofRest = 0;
    for (int k = 0; k < at.length; k++) {
      double c = claimed[at[k]];
      product += c * expected[k];
      ofClaimed += c * c;
      ofExpected += expected[k] * expected[k];
      ofRest += (c - expected[k]) * (c - expected[k]);
    }
    if (ofExpected == 0) {
      return "the gradient should be zero: the loss does not depend on this tensor";
    }
    double cosine = product / Math.sqrt(ofClaimed * ofExpected);
    String angle = String.format(Locale.ROOT, "%.2f", cosine);
    if (cosine > ALIKE) {
      return String.format(
              Locale.ROOT,
              "the direction is about right (cosine %s): a term is missing or too much, with %.0f %% of",
              angle,
              100 * Math.sqrt(ofRest / ofExpected))
          + " the length of the gradient";
    }
    return Math.abs(cosine) < UNLIKE
        ? String.format(
                Locale.ROOT,
                "the gradient has nothing in common with the right one (cosine %s): is it another",
                angle)
            + " tensor's, or one of another point?"
        : String.format(Locale.ROOT, "most of the gradient is wrong (cosine %s)", angle);
  }
}
