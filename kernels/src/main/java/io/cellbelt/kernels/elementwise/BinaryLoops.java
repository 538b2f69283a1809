package io.cellbelt.kernels.elementwise;

import io.cellbelt.kernels.simd.Lanes;
import io.cellbelt.kernels.simd.Outlined;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;

/**
 * The loops of {@link Binary}: of two rows, of a row and a scalar, and of a scalar and a row where
 * the operands do not commute. Every one is a method of its own, compiled by itself
 * (docs/decisions/2-kernels-called-through-handles.md).
 */
@SuppressWarnings("UnusedMethod") // through handles
final class BinaryLoops {
  private BinaryLoops() {}

  /** A loop by its name, or null for none. */
  static Outlined named(String name) {
    return name == null ? null : Outlined.addresses(MethodHandles.lookup(), name, 8);
  }

  private static void addVectors(
      long a, long aRow, long b, long bRow, long y, long yRow, long bytes, long rows) {
    for (long r = 0; r < rows; r++) {
      long left = Lanes.base(a + r * aRow);
      long right = Lanes.base(b + r * bRow);
      long result = Lanes.base(y + r * yRow);
      for (int at = 0; at < (int) bytes; at += Lanes.BYTES) {
        Lanes.store(Lanes.load(left + at).add(Lanes.load(right + at)), result + at);
      }
    }
  }

  private static void subtractVectors(
      long a, long aRow, long b, long bRow, long y, long yRow, long bytes, long rows) {
    for (long r = 0; r < rows; r++) {
      long left = Lanes.base(a + r * aRow);
      long right = Lanes.base(b + r * bRow);
      long result = Lanes.base(y + r * yRow);
      for (int at = 0; at < (int) bytes; at += Lanes.BYTES) {
        Lanes.store(Lanes.load(left + at).sub(Lanes.load(right + at)), result + at);
      }
    }
  }

  private static void multiplyVectors(
      long a, long aRow, long b, long bRow, long y, long yRow, long bytes, long rows) {
    for (long r = 0; r < rows; r++) {
      long left = Lanes.base(a + r * aRow);
      long right = Lanes.base(b + r * bRow);
      long result = Lanes.base(y + r * yRow);
      for (int at = 0; at < (int) bytes; at += Lanes.BYTES) {
        Lanes.store(Lanes.load(left + at).mul(Lanes.load(right + at)), result + at);
      }
    }
  }

  private static void divideVectors(
      long a, long aRow, long b, long bRow, long y, long yRow, long bytes, long rows) {
    for (long r = 0; r < rows; r++) {
      long left = Lanes.base(a + r * aRow);
      long right = Lanes.base(b + r * bRow);
      long result = Lanes.base(y + r * yRow);
      for (int at = 0; at < (int) bytes; at += Lanes.BYTES) {
        Lanes.store(Lanes.load(left + at).div(Lanes.load(right + at)), result + at);
      }
    }
  }

  private static void minimumVectors(
      long a, long aRow, long b, long bRow, long y, long yRow, long bytes, long rows) {
    for (long r = 0; r < rows; r++) {
      long left = Lanes.base(a + r * aRow);
      long right = Lanes.base(b + r * bRow);
      long result = Lanes.base(y + r * yRow);
      for (int at = 0; at < (int) bytes; at += Lanes.BYTES) {
        Lanes.store(Lanes.load(left + at).min(Lanes.load(right + at)), result + at);
      }
    }
  }

  private static void maximumVectors(
      long a, long aRow, long b, long bRow, long y, long yRow, long bytes, long rows) {
    for (long r = 0; r < rows; r++) {
      long left = Lanes.base(a + r * aRow);
      long right = Lanes.base(b + r * bRow);
      long result = Lanes.base(y + r * yRow);
      for (int at = 0; at < (int) bytes; at += Lanes.BYTES) {
        Lanes.store(Lanes.load(left + at).max(Lanes.load(right + at)), result + at);
      }
    }
  }

  private static void preluVectors(
      long a, long aRow, long b, long bRow, long y, long yRow, long bytes, long rows) {
    for (long r = 0; r < rows; r++) {
      long left = Lanes.base(a + r * aRow);
      long right = Lanes.base(b + r * bRow);
      long result = Lanes.base(y + r * yRow);
      for (int at = 0; at < (int) bytes; at += Lanes.BYTES) {
        FloatVector x = Lanes.load(left + at);
        Lanes.store(x.blend(x.mul(Lanes.load(right + at)), x.lt(0)), result + at);
      }
    }
  }

  private static void addScalar(
      long a, long aRow, long b, long bRow, long y, long yRow, long bytes, long rows) {
    for (long r = 0; r < rows; r++) {
      long left = Lanes.base(a + r * aRow);
      float right = Lanes.get(Lanes.base(b + r * bRow));
      long result = Lanes.base(y + r * yRow);
      for (int at = 0; at < (int) bytes; at += Lanes.BYTES) {
        Lanes.store(Lanes.load(left + at).add(right), result + at);
      }
    }
  }

  private static void subtractScalar(
      long a, long aRow, long b, long bRow, long y, long yRow, long bytes, long rows) {
    for (long r = 0; r < rows; r++) {
      long left = Lanes.base(a + r * aRow);
      float right = Lanes.get(Lanes.base(b + r * bRow));
      long result = Lanes.base(y + r * yRow);
      for (int at = 0; at < (int) bytes; at += Lanes.BYTES) {
        Lanes.store(Lanes.load(left + at).sub(right), result + at);
      }
    }
  }

  private static void multiplyScalar(
      long a, long aRow, long b, long bRow, long y, long yRow, long bytes, long rows) {
    for (long r = 0; r < rows; r++) {
      long left = Lanes.base(a + r * aRow);
      float right = Lanes.get(Lanes.base(b + r * bRow));
      long result = Lanes.base(y + r * yRow);
      for (int at = 0; at < (int) bytes; at += Lanes.BYTES) {
        Lanes.store(Lanes.load(left + at).mul(right), result + at);
      }
    }
  }

  private static void divideScalar(
      long a, long aRow, long b, long bRow, long y, long yRow, long bytes, long rows) {
    for (long r = 0; r < rows; r++) {
      long left = Lanes.base(a + r * aRow);
      float right = Lanes.get(Lanes.base(b + r * bRow));
      long result = Lanes.base(y + r * yRow);
      for (int at = 0; at < (int) bytes; at += Lanes.BYTES) {
        Lanes.store(Lanes.load(left + at).div(right), result + at);
      }
    }
  }

  private static void minimumScalar(
      long a, long aRow, long b, long bRow, long y, long yRow, long bytes, long rows) {
    for (long r = 0; r < rows; r++) {
      long left = Lanes.base(a + r * aRow);
      float right = Lanes.get(Lanes.base(b + r * bRow));
      long result = Lanes.base(y + r * yRow);
      for (int at = 0; at < (int) bytes; at += Lanes.BYTES) {
        Lanes.store(Lanes.load(left + at).min(right), result + at);
      }
    }
  }

  private static void maximumScalar(
      long a, long aRow, long b, long bRow, long y, long yRow, long bytes, long rows) {
    for (long r = 0; r < rows; r++) {
      long left = Lanes.base(a + r * aRow);
      float right = Lanes.get(Lanes.base(b + r * bRow));
      long result = Lanes.base(y + r * yRow);
      for (int at = 0; at < (int) bytes; at += Lanes.BYTES) {
        Lanes.store(Lanes.load(left + at).max(right), result + at);
      }
    }
  }

  private static void preluScalar(
      long a, long aRow, long b, long bRow, long y, long yRow, long bytes, long rows) {
    for (long r = 0; r < rows; r++) {
      long left = Lanes.base(a + r * aRow);
      float right = Lanes.get(Lanes.base(b + r * bRow));
      long result = Lanes.base(y + r * yRow);
      for (int at = 0; at < (int) bytes; at += Lanes.BYTES) {
        FloatVector x = Lanes.load(left + at);
        Lanes.store(x.blend(x.mul(right), x.lt(0)), result + at);
      }
    }
  }

  private static void subtractFromScalar(
      long a, long aRow, long b, long bRow, long y, long yRow, long bytes, long rows) {
    for (long r = 0; r < rows; r++) {
      float left = Lanes.get(Lanes.base(a + r * aRow));
      long right = Lanes.base(b + r * bRow);
      long result = Lanes.base(y + r * yRow);
      for (int at = 0; at < (int) bytes; at += Lanes.BYTES) {
        Lanes.store(
            FloatVector.broadcast(Lanes.SPECIES, left).sub(Lanes.load(right + at)), result + at);
      }
    }
  }

  private static void divideFromScalar(
      long a, long aRow, long b, long bRow, long y, long yRow, long bytes, long rows) {
    for (long r = 0; r < rows; r++) {
      float left = Lanes.get(Lanes.base(a + r * aRow));
      long right = Lanes.base(b + r * bRow);
      long result = Lanes.base(y + r * yRow);
      for (int at = 0; at < (int) bytes; at += Lanes.BYTES) {
        Lanes.store(
            FloatVector.broadcast(Lanes.SPECIES, left).div(Lanes.load(right + at)), result + at);
      }
    }
  }

  private static void preluFromScalar(
      long a, long aRow, long b, long bRow, long y, long yRow, long bytes, long rows) {
    for (long r = 0; r < rows; r++) {
      float left = Lanes.get(Lanes.base(a + r * aRow));
      long right = Lanes.base(b + r * bRow);
      long result = Lanes.base(y + r * yRow);
      for (int at = 0; at < (int) bytes; at += Lanes.BYTES) {
        FloatVector x = FloatVector.broadcast(Lanes.SPECIES, left);
        Lanes.store(x.blend(x.mul(Lanes.load(right + at)), x.lt(0)), result + at);
      }
    }
  }
}
