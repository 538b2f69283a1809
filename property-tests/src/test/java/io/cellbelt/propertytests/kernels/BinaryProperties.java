package io.cellbelt.propertytests.kernels;

import static io.cellbelt.propertytests.support.Floats.bits;
import static org.assertj.core.api.Assertions.assertThat;

import io.cellbelt.kernels.Slab;
import io.cellbelt.kernels.elementwise.Binary;
import io.cellbelt.propertytests.support.Strided;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;

/** Operators of two operands have the bits of plain Java, whatever the operands are. */
@Tag("any-width")
class BinaryProperties {
  private static float expected(Binary operator, float a, float b) {
    return switch (operator) {
      case ADD -> a + b;
      case SUBTRACT -> a - b;
      case MULTIPLY -> a * b;
      case DIVIDE -> a / b;
      case MINIMUM -> Math.min(a, b);
      case MAXIMUM -> Math.max(a, b);
      case PRELU -> a < 0 ? a * b : a;
    };
  }

  /** An operand: rows of its own or one that all share, of floats or of one float. */
  private record Operand(Strided values, boolean shared, boolean scalar) {
    static Operand of(int rows, int floats, boolean shared, boolean scalar, SplittableRandom r) {
      int own = scalar ? 1 : floats;
      Strided values = new Strided(shared ? 1 : rows, own, own + r.nextInt(20), r);
      return new Operand(values, shared, scalar);
    }

    long rowBytes() {
      return shared ? 0 : values.rowBytes();
    }

    float[][] read(int rows, int floats) {
      float[][] read = new float[rows][floats];
      for (int r = 0; r < rows; r++) {
        float[] row = values.get(shared ? 0 : r);
        for (int j = 0; j < floats; j++) {
          read[r][j] = row[scalar ? 0 : j];
        }
      }
      return read;
    }
  }

  private static void check(Binary operator, Strided y, float[][] a, float[][] b) {
    for (int r = 0; r < a.length; r++) {
      float[] expected = new float[a[r].length];
      for (int j = 0; j < expected.length; j++) {
        expected[j] = expected(operator, a[r][j], b[r][j]);
        assertThat(bits(operator.scalar(a[r][j], b[r][j]))).isEqualTo(bits(expected[j]));
      }
      assertThat(bits(y.get(r))).as(operator + " row " + r).isEqualTo(bits(expected));
    }
    assertThat(y.restUntouched(Strided.REACH)).isTrue();
  }

  @Property(tries = 60)
  void rowsHaveTheBitsOfPlainJava(
      @ForAll Binary operator,
      @ForAll @IntRange(min = 0, max = 6) int rows,
      @ForAll @IntRange(min = 1, max = 200) int floats,
      @ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int kind = 0; kind < 16; kind++) {
      Operand a = Operand.of(rows, floats, (kind & 1) != 0, (kind & 2) != 0, random);
      Operand b = Operand.of(rows, floats, (kind & 4) != 0, (kind & 8) != 0, random);
      try (Strided left = a.values();
          Strided right = b.values();
          Strided y = new Strided(rows, floats, floats + random.nextInt(40), random)) {
        operator.apply(
            left.address(),
            a.rowBytes(),
            a.scalar(),
            right.address(),
            b.rowBytes(),
            b.scalar(),
            y.address(),
            y.rowBytes(),
            floats,
            rows);
        check(operator, y, a.read(rows, floats), b.read(rows, floats));
        assertThat(left.restUntouched(0) && right.restUntouched(0)).isTrue();
      }
    }
  }

  /** Over an operand whose rows are whole cache lines apart, so that none reaches into the next. */
  @Property(tries = 40)
  void theResultMayReplaceAnOperand(
      @ForAll Binary operator,
      @ForAll @IntRange(min = 1, max = 6) int rows,
      @ForAll @IntRange(min = 1, max = 200) int floats,
      @ForAll boolean first,
      @ForAll boolean otherIsScalar,
      @ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int stride = rows == 1 ? floats : Slab.pad(floats) + Slab.LINE * random.nextInt(3);
    Operand o = Operand.of(rows, floats, false, otherIsScalar, random);
    try (Strided y = new Strided(rows, floats, stride, random);
        Strided other = o.values()) {
      float[][] before = new Operand(y, false, false).read(rows, floats);
      float[][] others = o.read(rows, floats);
      operator.apply(
          first ? y.address() : other.address(),
          first ? y.rowBytes() : other.rowBytes(),
          !first && otherIsScalar,
          first ? other.address() : y.address(),
          first ? other.rowBytes() : y.rowBytes(),
          first && otherIsScalar,
          y.address(),
          y.rowBytes(),
          floats,
          rows);
      check(operator, y, first ? before : others, first ? others : before);
    }
  }
}
