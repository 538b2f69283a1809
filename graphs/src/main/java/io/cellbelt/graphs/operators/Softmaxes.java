package io.cellbelt.graphs.operators;

import io.cellbelt.graphs.ElementType.Storage;
import io.cellbelt.graphs.plan.Elements;
import io.cellbelt.graphs.plan.Operand;
import io.cellbelt.graphs.plan.Operator;
import io.cellbelt.graphs.plan.Site;
import io.cellbelt.kernels.elementwise.Reduction;
import io.cellbelt.kernels.elementwise.Softmax;
import java.util.Arrays;
import java.util.List;

/** Operators that make shares of one of all numbers along an axis. */
final class Softmaxes {
  /**
   * Dimensions from one to before another. Up to opset 12 all from the axis on are taken as one.
   */
  private record Axis(int from, int to) {
    static Axis of(Site site, Operand x) {
      if (!x.type().isFloating()) {
        throw site.refuse("it works on floats, but got " + x + ".");
      }
      int rank = x.rank();
      if (site.version() >= 13) {
        int axis = site.axis(site.whole("axis", -1), rank);
        return new Axis(axis, Math.min(axis + 1, rank));
      }
      int axis = site.whole("axis", 1);
      return new Axis(axis == rank ? rank : site.axis(axis, rank), rank);
    }
  }

  private Softmaxes() {}

  /** The operator of a name. */
  static Operator operator(String name) {
    return switch (name) {
      case "Softmax" -> Operator.of(name, site -> softmax(site, false), "axis");
      case "LogSoftmax" -> Operator.of(name, site -> softmax(site, true), "axis");
      case "Hardmax" -> Operator.of(name, Softmaxes::hardmax, "axis");
      default -> throw Operators.unknown(name);
    };
  }

  private static void softmax(Site site, boolean log) {
    Operand x = site.in(0);
    Axis axis = Axis.of(site, x);
    if (x.storage() != Storage.FLOAT) {
      site.out(0, inDouble(site, x, axis, log));
      return;
    }
    RowWise rows = RowWise.of(site, x, axis.from(), axis.to());
    int floats = rows.floats();
    long row = (long) Float.BYTES * floats;
    rows.run(
        site,
        (memory, from, fromRow, to, count, first) ->
            Softmax.rows(from, fromRow, to, row, floats, count, log),
        List.of(),
        List.of());
    site.outRounded(0, rows.y());
  }

  private static Operand inDouble(Site site, Operand x, Axis axis, boolean log) {
    boolean[] along = new boolean[x.rank()];
    Arrays.fill(along, axis.from(), axis.to(), true);
    Operand largest = Reductions.reduce(site, x, along, Reduction.MAXIMUM);
    Operand differences = Arithmetic.subtract(site, x, largest);
    Operand powers = Flat.doubles(site, differences, Math::exp);
    Operand sum = Reductions.reduce(site, powers, along, Reduction.SUM);
    return log
        ? Arithmetic.subtract(site, differences, Flat.doubles(site, sum, Math::log))
        : Arithmetic.divide(site, powers, sum);
  }

  /** 1 for the first of the largest numbers, 0 for the others. */
  private static void hardmax(Site site) {
    Operand operand = site.in(0);
    Axis axis = Axis.of(site, operand);
    Operand x = site.dense(operand);
    Operand y = site.out(0, x.type(), x.shape());
    int[] shape = x.shape();
    int count = Arrays.stream(shape, axis.from(), axis.to()).reduce(1, (a, b) -> a * b);
    int inner = Arrays.stream(shape, axis.to(), shape.length).reduce(1, (a, b) -> a * b);
    int outer = Arrays.stream(shape, 0, axis.from()).reduce(1, (a, b) -> a * b);
    Storage storage = x.storage();
    long step = (long) storage.bytes() * inner;
    site.run(
        memory -> {
          for (int i = 0; i < outer; i++) {
            for (int j = 0; j < inner; j++) {
              long start = step * count * i + (long) storage.bytes() * j;
              long from = x.at(memory) + start;
              long to = y.at(memory) + start;
              int largest = 0;
              for (int k = 0; k < count; k++) {
                Elements.set(storage, to + step * k, 0);
                boolean larger =
                    Elements.get(storage, from + step * k)
                        > Elements.get(storage, from + step * largest);
                largest = larger ? k : largest;
              }
              if (count > 0) {
                Elements.set(storage, to + step * largest, 1);
              }
            }
          }
        },
        List.of(x),
        List.of(y));
  }
}
