package io.cellbelt.graphs.operators;

import io.cellbelt.graphs.ElementType.Storage;
import io.cellbelt.graphs.Node;
import io.cellbelt.graphs.Tensor;
import io.cellbelt.graphs.plan.Elements;
import io.cellbelt.graphs.plan.Operand;
import io.cellbelt.graphs.plan.Operator;
import io.cellbelt.graphs.plan.Site;
import io.cellbelt.kernels.elementwise.Moves;
import java.util.Arrays;
import java.util.List;

/** Operators to which the order of elements in a dimension matters. */
final class Sequences {
  private Sequences() {}

  /** The operator of a name. */
  static Operator operator(String name) {
    return switch (name) {
      case "CumSum" -> Operator.of(name, Sequences::cumulate, "exclusive", "reverse");
      case "Trilu" -> Operator.of(name, Sequences::triangle, "upper");
      case "ReverseSequence" -> Operator.of(name, Sequences::reverse, "batch_axis", "time_axis");
      default -> throw Operators.unknown(name);
    };
  }

  private static void cumulate(Site site) {
    Operand x = site.dense(site.in(0));
    int[] axis = site.knownWholes(1, "the axis");
    if (axis.length != 1 || x.rank() == 0) {
      throw site.refuse(
          "it sums along one axis, but got " + Arrays.toString(axis) + " of " + x + ".");
    }
    Along along = Along.of(x.shape(), site.axis(axis[0], x.rank()));
    Operand y = site.scratch(x.type(), x.shape());
    boolean exclusive = site.whole("exclusive", 0) != 0;
    boolean reverse = site.whole("reverse", 0) != 0;
    long step = x.storage().bytes();
    long next = (reverse ? -step : step) * along.inner();
    long start = reverse ? step * along.inner() * (along.size() - 1) : 0;
    site.run(
        memory -> {
          for (int row = 0; row < along.rows(); row++) {
            long first = step * along.first(row) + start;
            long from = x.at(memory) + first;
            long to = y.at(memory) + first;
            if (x.storage() == Storage.LONG) {
              longs(y, from, to, next, along.size(), exclusive);
            } else {
              doubles(y, from, to, next, along.size(), exclusive);
            }
          }
        },
        List.of(x),
        List.of(y));
    site.outRounded(0, y);
  }

  private static void longs(Operand y, long x, long to, long next, int size, boolean exclusive) {
    long sum = 0;
    for (int i = 0; i < size; i++) {
      long before = sum;
      sum += Elements.getLong(x + next * i);
      Elements.setLong(to + next * i, y.type().wrapped(exclusive ? before : sum));
    }
  }

  private static void doubles(Operand y, long x, long to, long next, int size, boolean exclusive) {
    double sum = 0;
    for (int i = 0; i < size; i++) {
      double before = sum;
      sum += Elements.get(y.storage(), x + next * i);
      Elements.set(y.storage(), to + next * i, exclusive ? before : sum);
    }
  }

  private static void triangle(Site site) {
    Operand x = site.dense(site.in(0));
    int rank = x.rank();
    if (rank < 2) {
      throw site.refuse("its input is a matrix, or several, but got " + x + ".");
    }
    Operand given = site.optional(1);
    Operand k = site.dense(given == null ? site.constant(Tensor.of(new long[1])) : given);
    if (k.storage() != Storage.LONG || k.size() != 1) {
      throw site.refuse("its second input is the number of a diagonal, but got " + k + ".");
    }
    boolean upper = site.whole("upper", 1) != 0;
    int rows = x.size(rank - 2);
    int columns = x.size(rank - 1);
    int all = x.size() == 0 ? 0 : x.size() / columns;
    Operand y = site.scratch(x.type(), x.shape());
    int words = x.storage().bytes() / Float.BYTES;
    site.run(
        memory -> {
          // Further away no diagonal crosses the matrix.
          long shift = Math.clamp(Elements.getLong(k.at(memory)), -rows - 1, columns + 1);
          long width = (long) words * columns;
          for (int i = 0; i < all; i++) {
            int diagonal = Math.clamp(i % rows + shift + (upper ? 0 : 1), 0, columns);
            long from = upper ? (long) words * diagonal : 0;
            long to = upper ? width : (long) words * diagonal;
            long source = x.at(memory) + Float.BYTES * width * i;
            long target = y.at(memory) + Float.BYTES * width * i;
            Moves.fill(target, from, 0);
            Moves.copy(source + Float.BYTES * from, target + Float.BYTES * from, to - from);
            Moves.fill(target + Float.BYTES * to, width - to, 0);
          }
        },
        List.of(x, k),
        List.of(y));
    site.out(0, y);
  }

  private static void reverse(Site site) {
    Operand x = site.dense(site.in(0));
    Operand lengths = site.dense(site.in(1));
    int batch = site.whole("batch_axis", 1);
    int time = site.whole("time_axis", 0);
    if (x.rank() < 2 || Math.min(batch, time) != 0 || Math.max(batch, time) != 1) {
      throw site.refuse(
          "time and batch are the first two axes of its input, but got "
              + time
              + " and "
              + batch
              + " of "
              + x
              + ".");
    }
    int sequences = x.size(batch);
    int steps = x.size(time);
    if (lengths.storage() != Storage.LONG || lengths.size() != sequences) {
      throw site.refuse(
          "there are " + sequences + " lengths of sequences, but got " + lengths + ".");
    }
    if (lengths.isConstant()) {
      Arrays.stream(lengths.value().longs()).forEach(n -> checkLength(site.node(), n, steps));
    }
    long bytes = (long) x.storage().bytes() * Along.of(x.shape(), 1).inner();
    long perStep = time == 0 ? bytes * sequences : bytes;
    long perSequence = time == 0 ? bytes : bytes * steps;
    Operand y = site.scratch(x.type(), x.shape());
    Node node = site.node();
    site.run(
        memory -> {
          for (int i = 0; i < sequences; i++) {
            long length = Elements.getLong(lengths.at(memory) + (long) Long.BYTES * i);
            checkLength(node, length, steps);
            long from = x.at(memory) + perSequence * i;
            long to = y.at(memory) + perSequence * i;
            for (int step = 0; step < steps; step++) {
              long source = step < length ? length - 1 - step : step;
              Picking.move(from + perStep * source, to + perStep * step, bytes);
            }
          }
        },
        List.of(x, lengths),
        List.of(y));
    site.out(0, y);
  }

  private static void checkLength(Node node, long length, int steps) {
    if (length < 0 || length > steps) {
      throw new IllegalArgumentException(
          node.describe()
              + ": sequences have 0 to "
              + steps
              + " steps, but one has the length "
              + length
              + ".");
    }
  }
}
