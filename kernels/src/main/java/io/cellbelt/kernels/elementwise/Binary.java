package io.cellbelt.kernels.elementwise;

import io.cellbelt.kernels.pointwise.Blocks;
import io.cellbelt.kernels.simd.Cold;
import io.cellbelt.kernels.simd.Lanes;
import io.cellbelt.kernels.simd.Outlined;

/** Operators of two operands, elementwise over rows of floats. */
@SuppressWarnings("ImmutableEnumChecker") // the handles never change
public enum Binary {
  /** {@code a + b}. */
  ADD("add", null),
  /** {@code a - b}. */
  SUBTRACT("subtract", "subtractFromScalar"),
  /** {@code a b}. */
  MULTIPLY("multiply", null),
  /** {@code a / b}. */
  DIVIDE("divide", "divideFromScalar"),
  /** The smaller, as {@link Math#min(float, float)}: NaN if one is, and -0 is less than 0. */
  MINIMUM("minimum", null),
  /** The larger, as {@link Math#max(float, float)}: NaN if one is, and -0 is less than 0. */
  MAXIMUM("maximum", null),
  /** {@code a} from 0 on, {@code a b} otherwise: a rectifier whose slope below 0 is b. */
  PRELU("prelu", "preluFromScalar");

  private final Outlined vectors;
  private final Outlined scalar;

  /** Null where a and b can change places. */
  private final Outlined fromScalar;

  Binary(String name, String fromScalar) {
    vectors = BinaryLoops.named(name + "Vectors");
    scalar = BinaryLoops.named(name + "Scalar");
    this.fromScalar = BinaryLoops.named(fromScalar);
  }

  /**
   * {@code y[r][j] = a[r][j] op b[r][j]}. Whole vectors are computed, row after row, so up to 15
   * floats behind each row of y are written, and those of the operands read.
   *
   * @param a the first row; {@code aRow} bytes to the next, 0 for one row that all share
   * @param aScalar whether a row of a is one float
   * @param b like a
   * @param y may be an operand if there is one row, or if its rows are as far apart as that
   *     operand's and that is a multiple of 64 bytes
   * @param floats in a row, 1 or more
   * @param rows 0 or more
   */
  public void apply(
      long a,
      long aRow,
      boolean aScalar,
      long b,
      long bRow,
      boolean bScalar,
      long y,
      long yRow,
      int floats,
      int rows) {
    if (Cold.takesElements((long) floats * rows)) {
      for (int r = 0; r < rows; r++) {
        plain(a + r * aRow, aScalar, b + r * bRow, bScalar, y + r * yRow, floats);
      }
      return;
    }
    long bytes = (long) Float.BYTES * floats;
    if (aScalar && bScalar) {
      for (int r = 0; r < rows; r++) {
        float left = Lanes.get(Lanes.base(a + r * aRow));
        float right = Lanes.get(Lanes.base(b + r * bRow));
        Blocks.fill(y + r * yRow, floats, scalar(left, right));
      }
    } else if (bScalar) {
      scalar.call(a, aRow, b, bRow, y, yRow, bytes, rows);
    } else if (!aScalar) {
      vectors.call(a, aRow, b, bRow, y, yRow, bytes, rows);
    } else if (fromScalar == null) {
      scalar.call(b, bRow, a, aRow, y, yRow, bytes, rows);
    } else {
      fromScalar.call(a, aRow, b, bRow, y, yRow, bytes, rows);
    }
  }

  private void plain(long a, boolean aScalar, long b, boolean bScalar, long y, int floats) {
    float left = Lanes.get(Lanes.base(a));
    float right = Lanes.get(Lanes.base(b));
    for (int j = 0; j < floats; j++) {
      long at = (long) Float.BYTES * j;
      left = aScalar ? left : Lanes.get(Lanes.base(a + at));
      right = bScalar ? right : Lanes.get(Lanes.base(b + at));
      Lanes.set(Lanes.base(y + at), scalar(left, right));
    }
  }

  /** Returns {@code a op b}, with the bits of {@link #apply}. */
  public float scalar(float a, float b) {
    return switch (this) {
      case ADD -> a + b;
      case SUBTRACT -> a - b;
      case MULTIPLY -> a * b;
      case DIVIDE -> a / b;
      case MINIMUM -> Math.min(a, b);
      case MAXIMUM -> Math.max(a, b);
      case PRELU -> a < 0 ? a * b : a;
    };
  }
}
