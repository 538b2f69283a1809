package io.cellbelt.graphs.operators;

import io.cellbelt.graphs.ElementType;
import io.cellbelt.graphs.ElementType.Storage;
import io.cellbelt.graphs.plan.Elements;
import io.cellbelt.graphs.plan.Operand;
import io.cellbelt.graphs.plan.Site;
import io.cellbelt.kernels.Slab;
import io.cellbelt.kernels.activation.Activation;
import io.cellbelt.kernels.elementwise.Unary;
import java.util.List;
import java.util.function.DoublePredicate;
import java.util.function.DoubleUnaryOperator;
import java.util.function.LongUnaryOperator;

/** Kernels with one operand, element by element, in the order in which that lies in memory. */
final class Flat {
  /** Floats that all stages of a function go over before the next ones: they stay in L1. */
  private static final int BLOCK = 1024;

  private Flat() {}

  /**
   * A loop over floats. Up to 15 floats behind the end of y may be written, and those of x read.
   */
  @FunctionalInterface
  interface Loop {
    void run(long x, long y, int floats);

    /** An activation, which works in place. */
    static Loop of(Activation activation) {
      return (x, y, floats) -> {
        Unary.COPY.apply(x, y, floats);
        activation.apply(y, Slab.pad(floats));
      };
    }

    /** Then another function, in place. */
    default Loop then(Loop next) {
      return (x, y, floats) -> {
        run(x, y, floats);
        next.run(y, y, floats);
      };
    }

    /** Then an activation. */
    default Loop then(Activation next) {
      return (x, y, floats) -> {
        run(x, y, floats);
        next.apply(y, Slab.pad(floats));
      };
    }

    /** In blocks that stay in the cache between stages. */
    default Loop inBlocks() {
      return (x, y, floats) -> {
        for (int i = 0; i < floats; i += BLOCK) {
          long at = (long) Float.BYTES * i;
          run(x + at, y + at, Math.min(BLOCK, floats - i));
        }
      };
    }
  }

  /** {@code y = f(x)} of floats. */
  static Operand floats(Site site, Operand operand, Loop loop) {
    Stretch stretch = Stretch.of(site, operand);
    Operand x = stretch.x();
    Operand y = stretch.fresh(site, x.type());
    int size = stretch.size();
    site.run(memory -> loop.run(x.at(memory), y.at(memory), size), List.of(x), List.of(y));
    return y;
  }

  /** {@code y = f(x)} of floats of any width, calculated in double. */
  static Operand doubles(Site site, Operand operand, DoubleUnaryOperator f) {
    Stretch stretch = Stretch.of(site, operand);
    Operand x = stretch.x();
    Operand y = stretch.fresh(site, x.type());
    int size = stretch.size();
    boolean narrow = x.storage() == Storage.FLOAT;
    site.run(
        memory -> {
          long from = x.at(memory);
          long to = y.at(memory);
          if (narrow) {
            for (long at = 0; at < (long) Float.BYTES * size; at += Float.BYTES) {
              Elements.setFloat(to + at, (float) f.applyAsDouble(Elements.getFloat(from + at)));
            }
          } else {
            for (long at = 0; at < (long) Double.BYTES * size; at += Double.BYTES) {
              Elements.setDouble(to + at, f.applyAsDouble(Elements.getDouble(from + at)));
            }
          }
        },
        List.of(x),
        List.of(y));
    return y;
  }

  /** {@code y = f(x)} of integers, which stay in the range of their type. */
  static Operand longs(Site site, Operand operand, LongUnaryOperator f) {
    Stretch stretch = Stretch.of(site, operand);
    Operand x = stretch.x();
    Operand y = stretch.fresh(site, x.type());
    long bytes = (long) Long.BYTES * stretch.size();
    site.run(
        memory -> {
          long from = x.at(memory);
          long to = y.at(memory);
          for (long at = 0; at < bytes; at += Long.BYTES) {
            long value = f.applyAsLong(Elements.getLong(from + at));
            Elements.setLong(to + at, y.type().wrapped(value));
          }
        },
        List.of(x),
        List.of(y));
    return y;
  }

  /** Where floats of any width are such. */
  static Operand test(Site site, Operand operand, DoublePredicate test) {
    Stretch stretch = Stretch.of(site, operand);
    Operand x = stretch.x();
    Operand y = stretch.fresh(site, ElementType.BOOL);
    int size = stretch.size();
    long step = x.storage().bytes();
    site.run(
        memory -> {
          long from = x.at(memory);
          long to = y.at(memory);
          for (int i = 0; i < size; i++) {
            boolean holds = test.test(Elements.get(x.storage(), from + i * step));
            Elements.setLong(to + (long) Long.BYTES * i, holds ? 1 : 0);
          }
        },
        List.of(x),
        List.of(y));
    return y;
  }
}
