package io.cellbelt.propertytests.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.kernels.PanelShape;
import io.cellbelt.kernels.elementwise.Moves;
import io.cellbelt.kernels.product.Panels;
import io.cellbelt.propertytests.support.Strided;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.IntUnaryOperator;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;

/** Moves keep every bit, also those of NaN, and write nothing else. */
@Tag("any-width")
class MovesProperties {
  private static void check(Strided y, int count, IntUnaryOperator expected) {
    int[] values = new int[count];
    Arrays.setAll(values, expected);
    assertThat(y.bits(0)).isEqualTo(values);
    assertThat(y.restUntouched(0)).isTrue();
  }

  @Property(tries = 60)
  void copyCopies(
      @ForAll @IntRange(min = 0, max = 200) int count,
      @ForAll @IntRange(max = 20) int skipped,
      @ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    try (Strided x = new Strided(1, skipped + count, skipped + count, random);
        Strided y = new Strided(1, count, count, random)) {
      int[] from = x.bits(0);
      Moves.copy(x.address() + (long) Float.BYTES * skipped, y.address(), count);
      check(y, count, i -> from[skipped + i]);
    }
  }

  @Property(tries = 60)
  void gatherTakesWhatTheIndexSaysOrZero(
      @ForAll @IntRange(min = 1, max = 100) int size,
      @ForAll @IntRange(min = 0, max = 200) int count,
      @ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int[] index = random.ints(count + 3, -2, size).toArray();
    try (Strided x = new Strided(1, 2 * size, 2 * size, random);
        Strided y = new Strided(1, count, count, random);
        Strided wide = new Strided(1, 2 * count, 2 * count, random)) {
      int[] from = x.bits(0);
      Moves.gather(x.address(), y.address(), index, count);
      check(y, count, i -> index[i] < 0 ? 0 : from[index[i]]);
      Moves.gatherWide(x.address(), wide.address(), index, count);
      check(wide, 2 * count, i -> index[i / 2] < 0 ? 0 : from[2 * index[i / 2] + i % 2]);
    }
  }

  /** The last of several that go to one element stays. */
  @Property(tries = 60)
  void scatterPutsWhereTheIndexSays(
      @ForAll @IntRange(min = 1, max = 100) int size,
      @ForAll @IntRange(min = 0, max = 200) int count,
      @ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int[] index = random.ints(count + 3, 0, size).toArray();
    try (Strided x = new Strided(1, count, count, random);
        Strided y = new Strided(1, size, size, random)) {
      int[] from = x.bits(0);
      int[] expected = y.bits(0);
      for (int i = 0; i < count; i++) {
        expected[index[i]] = from[i];
      }
      Moves.scatter(x.address(), y.address(), index, count);
      check(y, size, i -> expected[i]);
    }
  }

  /** Runs of any length, also none, that fill parts of y in any order. */
  @Property(tries = 60)
  void runsAreCopied(
      @ForAll @IntRange(min = 0, max = 30) int count,
      @ForAll @IntRange(min = 0, max = 70) int longest,
      @ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int size = 100;
    int slot = longest + 1;
    int[] runs = new int[Moves.RUN * (count + 1)];
    try (Strided x = new Strided(1, size, size, random);
        Strided y = new Strided(1, count * slot, count * slot, random)) {
      int[] from = x.bits(0);
      int[] expected = y.bits(0);
      for (int i = 0; i < count; i++) {
        int length = random.nextInt(longest + 1);
        int source = random.nextInt(size - length + 1);
        int target = (count - 1 - i) * slot;
        System.arraycopy(from, source, expected, target, length);
        System.arraycopy(new int[] {source, target, length}, 0, runs, Moves.RUN * i, Moves.RUN);
      }
      Moves.runs(x.address(), y.address(), runs, count);
      check(y, expected.length, i -> expected[i]);
    }
  }

  @Property(tries = 40)
  void fillFills(
      @ForAll @IntRange(min = 0, max = 200) int count, @ForAll float value, @ForAll long seed) {
    try (Strided y = new Strided(1, count, count, new SplittableRandom(seed))) {
      Moves.fill(y.address(), count, value);
      check(y, count, _ -> Float.floatToRawIntBits(value));
    }
  }

  @Property(tries = 60)
  void panelsHoldTheMatrixAndZeros(
      @ForAll @IntRange(min = 1, max = 60) int k,
      @ForAll @IntRange(min = 1, max = 150) int n,
      @ForAll boolean transposed,
      @ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    PanelShape shape = new PanelShape(k, 1, n);
    int rows = transposed ? n : k;
    int columns = transposed ? k : n;
    int floats = Math.toIntExact(shape.floats());
    try (Strided b = new Strided(rows, columns, columns + random.nextInt(20), random);
        Strided panels = new Strided(1, floats, floats, random)) {
      int[] expected = new int[floats];
      for (int i = 0; i < rows; i++) {
        int[] row = b.bits(i);
        for (int j = 0; j < columns; j++) {
          expected[(int) (transposed ? shape.index(j, i) : shape.index(i, j))] = row[j];
        }
      }
      if (transposed) {
        Panels.packColumns(b.address(), b.rowBytes(), k, n, panels.address());
      } else {
        Panels.packRows(b.address(), b.rowBytes(), k, n, panels.address());
      }
      check(panels, floats, i -> expected[i]);
    }
  }
}
