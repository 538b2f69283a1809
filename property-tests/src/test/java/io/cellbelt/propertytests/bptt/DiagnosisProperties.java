package io.cellbelt.propertytests.bptt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cellbelt.bptt.Diagnosis;
import io.cellbelt.bptt.Layout;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** An error that was planted is the one that is guessed, from all entries and from some. */
class DiagnosisProperties {
  private static final double TOLERANCE = 1e-5;
  private static final String GATES = "ifgo";

  private static double[] random(int size, SplittableRandom random) {
    return random.doubles(size, -1, 1).map(value -> value + Math.signum(value) * 0.1).toArray();
  }

  /** The guess from all entries, which is also the one from two thirds of them. */
  private static String guess(double[] claimed, double[] expected, Layout layout) {
    String guess = Diagnosis.of(claimed, expected, layout, TOLERANCE);
    int[] some =
        IntStream.range(0, expected.length)
            .filter(i -> expected.length < 60 || i % 3 > 0)
            .toArray();
    double[] known = Arrays.stream(some).mapToDouble(i -> expected[i]).toArray();
    String fromSome = Diagnosis.of(claimed, some, known, layout, TOLERANCE);
    assertThat(fromSome.replaceAll("[0-9]", "")).isEqualTo(guess.replaceAll("[0-9]", ""));
    return guess;
  }

  private static double[] scaled(double[] values, int from, int to, double factor) {
    double[] scaled = values.clone();
    for (int i = from; i < to; i++) {
      scaled[i] *= factor;
    }
    return scaled;
  }

  private static Layout layout(int hidden, int columns) {
    return Layout.of(4 * hidden, columns).withGates(GATES);
  }

  @Property(tries = 50)
  void aConstantFactorIsNamed(
      @ForAll @IntRange(min = 1, max = 9) int hidden,
      @ForAll @IntRange(min = 1, max = 9) int columns,
      @ForAll @IntRange(min = 2, max = 64) int n,
      @ForAll long seed) {
    Layout layout = layout(hidden, columns);
    double[] right = random(layout.size(), new SplittableRandom(seed));
    assertThat(guess(scaled(right, 0, right.length, n), right, layout))
        .startsWith("the gradient is " + n + ".0 times what it should be; is a loss summed");
    assertThat(guess(scaled(right, 0, right.length, 1.0 / n), right, layout))
        .startsWith(
            "the gradient is 1/" + n + " times what it should be; is a loss averaged twice");
    assertThat(guess(scaled(right, 0, right.length, -1), right, layout))
        .startsWith("the gradient is -1.0 times what it should be; is it the gradient of the neg");
    assertThat(guess(scaled(right, 0, right.length, 0.7), right, layout))
        .startsWith("the gradient is 0.7000 times");
    assertThat(guess(new double[right.length], right, layout))
        .isEqualTo("the gradient is zero: the tensor is not reached");
  }

  @Property(tries = 50)
  void aTransposedMatrixIsNamed(
      @ForAll @IntRange(min = 2, max = 9) int rows,
      @ForAll @IntRange(min = 2, max = 9) int columns,
      @ForAll long seed) {
    double[] right = random(rows * columns, new SplittableRandom(seed));
    double[] wrong = new double[right.length];
    for (int i = 0; i < right.length; i++) {
      wrong[i % columns * rows + i / columns] = right[i];
    }
    assertThat(guess(wrong, right, Layout.of(rows, columns)))
        .isEqualTo(
            "the matrix is transposed: it is %d by %d and should be %d by %d"
                .formatted(columns, rows, rows, columns));
  }

  @Property(tries = 20)
  void aTransposedGateIsNamed(@ForAll @IntRange(min = 2, max = 7) int hidden, @ForAll long seed) {
    Layout layout = layout(hidden, hidden);
    double[] right = random(layout.size(), new SplittableRandom(seed));
    double[] wrong = new double[right.length];
    int block = hidden * hidden;
    for (int i = 0; i < right.length; i++) {
      wrong[i / block * block + i % hidden * hidden + i % block / hidden] = right[i];
    }
    assertThat(guess(wrong, right, layout)).startsWith("the matrix of each gate is transposed");
  }

  @Property(tries = 50)
  void anotherOrderOfGatesIsNamed(
      @ForAll @IntRange(min = 1, max = 9) int hidden,
      @ForAll @IntRange(min = 1, max = 9) int columns,
      @ForAll("orders") String order,
      @ForAll long seed) {
    Assume.that(!order.equals(GATES));
    Layout layout = layout(hidden, columns);
    double[] right = random(layout.size(), new SplittableRandom(seed));
    double[] wrong = new double[right.length];
    int block = hidden * columns;
    for (int k = 0; k < 4; k++) {
      System.arraycopy(right, GATES.indexOf(order.charAt(k)) * block, wrong, k * block, block);
    }
    assertThat(guess(wrong, right, layout))
        .contains(
            "the blocks of rows are "
                + String.join(" ", order.split(""))
                + " and should be i f g o");
  }

  @Provide
  Arbitrary<String> orders() {
    return Arbitraries.shuffle('i', 'f', 'g', 'o')
        .map(letters -> letters.stream().map(String::valueOf).reduce("", String::concat));
  }

  @Property(tries = 50)
  void aWrongGateIsNamed(
      @ForAll @IntRange(min = 1, max = 9) int hidden,
      @ForAll @IntRange(min = 3, max = 9) int columns,
      @ForAll @IntRange(min = 0, max = 3) int gate,
      @ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Layout layout = layout(hidden, columns);
    double[] right = random(layout.size(), random);
    String name = GATES.substring(gate, gate + 1);
    int from = gate * hidden * columns;
    int to = from + hidden * columns;
    String only = "only the rows of gate " + name + " are wrong";
    String look = ": look at the term that flows through " + name;
    assertThat(guess(scaled(right, from, to, 0), right, layout)).isEqualTo(only + " (zero)" + look);
    assertThat(guess(scaled(right, from, to, 3), right, layout))
        .isEqualTo(only + " (3.0 times what it should be)" + look);
    double[] wrong = right.clone();
    for (int i = from; i < to; i++) {
      wrong[i] += random.nextDouble(0.1, 1);
    }
    assertThat(guess(wrong, right, layout)).isEqualTo(only + look);
  }

  @Property(tries = 20)
  void wrongStatesAndStepsAreNamed(
      @ForAll @IntRange(min = 3, max = 9) int hidden, @ForAll long seed) {
    List<Layout.Block> states =
        List.of(
            new Layout.Block("h", hidden),
            new Layout.Block("c", hidden),
            new Layout.Block("h", hidden),
            new Layout.Block("c", hidden));
    Layout layout = new Layout(4 * hidden, 1, Layout.Kind.STATES, states, false);
    double[] right = random(layout.size(), new SplittableRandom(seed));
    double[] wrong = scaled(scaled(right, hidden, 2 * hidden, 0), 3 * hidden, 4 * hidden, 0);
    assertThat(guess(wrong, right, layout)).startsWith("only the part of c is wrong (zero)");
    List<Layout.Block> steps =
        List.of(
            new Layout.Block("0", hidden),
            new Layout.Block("1", hidden),
            new Layout.Block("2", hidden));
    Layout inTime = new Layout(3 * hidden, 2, Layout.Kind.STEPS, steps, false);
    double[] x = random(inTime.size(), new SplittableRandom(seed));
    assertThat(guess(scaled(x, 0, 4 * hidden, 0), x, inTime))
        .startsWith("only steps 0 and 1 are wrong (zero)");
  }

  @Property(tries = 20)
  void aWrongRowOrColumnIsNamed(
      @ForAll @IntRange(min = 4, max = 9) int rows,
      @ForAll @IntRange(min = 4, max = 9) int columns,
      @ForAll long seed) {
    Layout layout = Layout.of(rows, columns);
    double[] right = random(layout.size(), new SplittableRandom(seed));
    double[] row = right.clone();
    double[] column = right.clone();
    for (int i = 0; i < columns; i++) {
      row[2 * columns + i] += 1;
    }
    for (int i = 0; i < rows; i++) {
      column[i * columns + 3] += 1;
    }
    assertThat(Diagnosis.of(row, right, layout, TOLERANCE)).startsWith("only row 2 is wrong");
    assertThat(Diagnosis.of(column, right, layout, TOLERANCE)).startsWith("only column 3 is wrong");
  }

  @Property(tries = 20)
  void aMissingTermIsMeasured(@ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Layout layout = Layout.of(20, 20);
    double[] right = random(400, random);
    double[] near = right.clone();
    for (int i = 0; i < near.length; i++) {
      near[i] += random.nextDouble(-0.2, 0.2);
    }
    assertThat(guess(near, right, layout))
        .matches("the direction is about right \\(cosine 0\\.9\\d\\): a term .* with 1\\d %.*");
    assertThat(Diagnosis.of(random(400, random), right, layout, TOLERANCE))
        .matches("(the gradient has nothing in common|most of the gradient is wrong).*");
    assertThat(Diagnosis.of(right, new double[400], layout, TOLERANCE))
        .startsWith("the gradient should be zero");
  }

  @Example
  void whatIsNoNumberIsNamed() {
    Layout layout = layout(2, 3);
    double[] right = random(24, new SplittableRandom(1));
    double[] wrong = right.clone();
    wrong[7] = Double.NaN;
    wrong[8] = Double.NEGATIVE_INFINITY;
    assertThat(guess(wrong, right, layout))
        .startsWith("the gradient is NaN or infinite at 2 of 24 entries, first at [2, 1]")
        .contains("(gate f, unit 0, input 1)");
    double[] loss = right.clone();
    loss[3] = Double.NaN;
    assertThat(Diagnosis.of(right, loss, layout, TOLERANCE))
        .startsWith("the loss itself is NaN or infinite");
  }

  @Example
  void smallDifferencesAndNothingAreNamed() {
    Layout layout = layout(2, 3);
    double[] right = random(24, new SplittableRandom(1));
    assertThat(Diagnosis.of(scaled(right, 0, 24, 1 + 1e-6), right, layout, TOLERANCE))
        .startsWith("the gradient is nearly right");
    assertThat(Diagnosis.of(right, new int[0], new double[0], layout, TOLERANCE))
        .startsWith("nothing could be compared");
  }

  /** One number is always a multiple of another. */
  @Example
  void fewEntriesHaveNoFactorByAccident() {
    Layout layout = Layout.of(1, 1);
    assertThat(Diagnosis.of(new double[] {0.37}, new double[] {1}, layout, TOLERANCE))
        .doesNotContain("times");
    assertThat(Diagnosis.of(new double[] {2}, new double[] {1}, layout, TOLERANCE))
        .startsWith("the gradient is 2.0 times");
  }

  @Example
  void refusesWhatDoesNotFit() {
    assertThatThrownBy(() -> Diagnosis.of(new double[3], new double[3], Layout.of(2, 2), TOLERANCE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("does not fit into 2 by 2");
    assertThatThrownBy(() -> Layout.of(3, 2).withGates("if"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("equal shares");
    assertThatThrownBy(() -> Layout.of(0, 2)).isInstanceOf(IllegalArgumentException.class);
  }
}
