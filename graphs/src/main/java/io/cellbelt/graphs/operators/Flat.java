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
    void run(long x, long y, int count);

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
  static Operand doubles(Site site, Operand x, DoubleUnaryOperator f) {
    Loop narrow =
        (from, to, count) -> {
          for (long at = 0; at < (long) Float.BYTES * count; at += Float.BYTES) {
            Elements.setFloat(to + at, (float) f.applyAsDouble(Elements.getFloat(from + at)));
          }
        };
    Loop wide =
        (from, to, count) -> {
          for (long at = 0; at < (long) Double.BYTES * count; at += Double.BYTES) {
            Elements.setDouble(to + at, f.applyAsDouble(Elements.getDouble(from + at)));
          }
        };
    return scalar(site, x, x.type(), x.storage() == Storage.FLOAT ? narrow : wide);
  }

  /** {@code y = f(x)} of integers, which stay in the range of their type. */
  static Operand longs(Site site, Operand x, LongUnaryOperator f) {
    ElementType type = x.type();
    return scalar(
        site,
        x,
        type,
        (from, to, count) -> {
          for (long at = 0; at < (long) Long.BYTES * count; at += Long.BYTES) {
            long value = f.applyAsLong(Elements.getLong(from + at));
            Elements.setLong(to + at, type.wrapped(value));
          }
        });
  }

  /** Where floats of any width are such. */
  static Operand test(Site site, Operand x, DoublePredicate test) {
    Storage storage = x.storage();
    return scalar(
        site,
        x,
        ElementType.BOOL,
        (from, to, count) -> {
          for (int i = 0; i < count; i++) {
            boolean holds = test.test(Elements.get(storage, from + (long) storage.bytes() * i));
            Elements.setLong(to + (long) Long.BYTES * i, holds ? 1 : 0);
          }
        });
  }

  /** {@code y = f(x)} of any storages, by a loop that runs on a part at a time. */
  static Operand scalar(Site site, Operand operand, ElementType type, Loop loop) {
    Stretch stretch = Stretch.of(site, operand);
    Operand x = stretch.x();
    Operand y = stretch.fresh(site, type);
    int size = stretch.size();
    long wide = x.storage().bytes();
    long step = type.storage().bytes();
    // A loop that is called often is compiled sooner and better than one that is long.
    site.run(
        memory -> {
          for (int i = 0; i < size; i += BLOCK) {
            loop.run(x.at(memory) + wide * i, y.at(memory) + step * i, Math.min(BLOCK, size - i));
          }
        },
        List.of(x),
        List.of(y));
    return y;
  }
}
