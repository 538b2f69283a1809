package io.cellbelt.kernels.elementwise;

import io.cellbelt.kernels.activation.Exp;
import io.cellbelt.kernels.activation.Log;
import io.cellbelt.kernels.activation.Sigmoid;
import io.cellbelt.kernels.activation.Softplus;
import io.cellbelt.kernels.activation.Softsign;
import io.cellbelt.kernels.activation.Tanh;
import io.cellbelt.kernels.simd.Lanes;
import io.cellbelt.kernels.simd.Outlined;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The loops of {@link Unary}, each a method of its own, compiled by itself
 * (docs/decisions/2-kernels-called-through-handles.md).
 */
@SuppressWarnings("UnusedMethod") // through handles
final class UnaryLoops {
  private UnaryLoops() {}

  /** A loop by its name. */
  static Outlined named(String name) {
    return Outlined.addresses(MethodHandles.lookup(), name, 3);
  }

  private static void copy(long x, long y, long bytes) {
    long from = Lanes.base(x);
    long to = Lanes.base(y);
    for (int at = 0; at < (int) bytes; at += Lanes.BYTES) {
      Lanes.store(Lanes.load(from + at), to + at);
    }
  }

  private static void absolute(long x, long y, long bytes) {
    long from = Lanes.base(x);
    long to = Lanes.base(y);
    for (int at = 0; at < (int) bytes; at += Lanes.BYTES) {
      Lanes.store(Lanes.load(from + at).abs(), to + at);
    }
  }

  private static void negate(long x, long y, long bytes) {
    long from = Lanes.base(x);
    long to = Lanes.base(y);
    for (int at = 0; at < (int) bytes; at += Lanes.BYTES) {
      Lanes.store(Lanes.load(from + at).neg(), to + at);
    }
  }

  private static void sign(long x, long y, long bytes) {
    long from = Lanes.base(x);
    long to = Lanes.base(y);
    for (int at = 0; at < (int) bytes; at += Lanes.BYTES) {
      FloatVector v = Lanes.load(from + at);
      Lanes.store(v.blend(-1, v.lt(0)).blend(1, v.compare(VectorOperators.GT, 0)), to + at);
    }
  }

  private static void squareRoot(long x, long y, long bytes) {
    long from = Lanes.base(x);
    long to = Lanes.base(y);
    for (int at = 0; at < (int) bytes; at += Lanes.BYTES) {
      Lanes.store(Lanes.load(from + at).sqrt(), to + at);
    }
  }

  private static void reciprocal(long x, long y, long bytes) {
    long from = Lanes.base(x);
    long to = Lanes.base(y);
    for (int at = 0; at < (int) bytes; at += Lanes.BYTES) {
      Lanes.store(FloatVector.broadcast(Lanes.SPECIES, 1).div(Lanes.load(from + at)), to + at);
    }
  }

  private static void square(long x, long y, long bytes) {
    long from = Lanes.base(x);
    long to = Lanes.base(y);
    for (int at = 0; at < (int) bytes; at += Lanes.BYTES) {
      FloatVector v = Lanes.load(from + at);
      Lanes.store(v.mul(v), to + at);
    }
  }

  private static void relu(long x, long y, long bytes) {
    long from = Lanes.base(x);
    long to = Lanes.base(y);
    for (int at = 0; at < (int) bytes; at += Lanes.BYTES) {
      FloatVector v = Lanes.load(from + at);
      Lanes.store(v.blend(0, v.lt(0)), to + at);
    }
  }

  private static void exp(long x, long y, long bytes) {
    long from = Lanes.base(x);
    long to = Lanes.base(y);
    for (int at = 0; at < (int) bytes; at += Lanes.BYTES) {
      Lanes.store(Exp.apply(Lanes.load(from + at)), to + at);
    }
  }

  private static void log(long x, long y, long bytes) {
    long from = Lanes.base(x);
    long to = Lanes.base(y);
    for (int at = 0; at < (int) bytes; at += Lanes.BYTES) {
      Lanes.store(Log.apply(Lanes.load(from + at)), to + at);
    }
  }

  private static void sigmoid(long x, long y, long bytes) {
    long from = Lanes.base(x);
    long to = Lanes.base(y);
    for (int at = 0; at < (int) bytes; at += Lanes.BYTES) {
      Lanes.store(Sigmoid.apply(Lanes.load(from + at)), to + at);
    }
  }

  private static void tanh(long x, long y, long bytes) {
    long from = Lanes.base(x);
    long to = Lanes.base(y);
    for (int at = 0; at < (int) bytes; at += Lanes.BYTES) {
      Lanes.store(Tanh.apply(Lanes.load(from + at)), to + at);
    }
  }

  private static void softplus(long x, long y, long bytes) {
    long from = Lanes.base(x);
    long to = Lanes.base(y);
    for (int at = 0; at < (int) bytes; at += Lanes.BYTES) {
      Lanes.store(Softplus.apply(Lanes.load(from + at)), to + at);
    }
  }

  private static void softsign(long x, long y, long bytes) {
    long from = Lanes.base(x);
    long to = Lanes.base(y);
    for (int at = 0; at < (int) bytes; at += Lanes.BYTES) {
      Lanes.store(Softsign.apply(Lanes.load(from + at)), to + at);
    }
  }

  private static void floor(long x, long y, long bytes) {
    long from = Lanes.base(x);
    long to = Lanes.base(y);
    for (int at = 0; at < (int) bytes; at += Lanes.BYTES) {
      Lanes.store(Rounding.floor(Lanes.load(from + at)), to + at);
    }
  }

  private static void ceil(long x, long y, long bytes) {
    long from = Lanes.base(x);
    long to = Lanes.base(y);
    for (int at = 0; at < (int) bytes; at += Lanes.BYTES) {
      FloatVector v = Lanes.load(from + at);
      Lanes.store(Rounding.floor(v.neg()).neg(), to + at);
    }
  }

  private static void roundEven(long x, long y, long bytes) {
    long from = Lanes.base(x);
    long to = Lanes.base(y);
    for (int at = 0; at < (int) bytes; at += Lanes.BYTES) {
      Lanes.store(Rounding.even(Lanes.load(from + at)), to + at);
    }
  }
}
