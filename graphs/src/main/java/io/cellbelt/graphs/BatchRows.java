package io.cellbelt.graphs;

import io.cellbelt.graphs.ElementType.Storage;
import io.cellbelt.graphs.plan.Elements;
import io.cellbelt.graphs.plan.Memory;
import io.cellbelt.graphs.plan.Operand;
import io.cellbelt.kernels.elementwise.Moves;

/**
 * Where the elements of each stream of a batch lie in a tensor: in {@code outer} pieces, each of
 * {@code piece} elements, those of all streams of the batch side by side.
 *
 * @param operand dense
 * @param outer pieces of a stream
 * @param piece elements of a piece
 * @param batch streams
 */
record BatchRows(Operand operand, int outer, int piece, int batch) {
  /**
   * Compares a tensor of a batch with that of one stream.
   *
   * @return null unless one dimension is larger, and that as often as there are streams
   */
  static BatchRows of(Operand single, Operand batched, int batch) {
    if (single.rank() != batched.rank() || single.type() != batched.type()) {
      return null;
    }
    int axis = batch == 1 ? 0 : -1;
    for (int d = 0; d < single.rank() && batch > 1; d++) {
      if (single.size(d) != batched.size(d)) {
        if (axis >= 0 || (long) single.size(d) * batch != batched.size(d)) {
          return null;
        }
        axis = d;
      }
    }
    if (axis < 0) {
      return null;
    }
    int outer = 1;
    for (int d = 0; d < axis; d++) {
      outer *= single.size(d);
    }
    return new BatchRows(batched, outer, outer == 0 ? 0 : single.size() / outer, batch);
  }

  /** Elements of a stream. */
  int size() {
    return outer * piece;
  }

  private long at(Memory memory, int o, int row) {
    return operand.at(memory) + (long) operand.storage().bytes() * piece * ((long) o * batch + row);
  }

  /** Copies the elements of a stream in, whole numbers where the tensor has such. */
  void write(Memory memory, int row, float[] source, int from) {
    for (int o = 0; o < outer; o++) {
      long to = at(memory, o, row);
      if (operand.storage() == Storage.FLOAT) {
        Elements.write(to, source, from + o * piece, piece);
      } else {
        for (int i = 0; i < piece; i++) {
          long address = to + (long) operand.storage().bytes() * i;
          Elements.set(operand.storage(), address, source[from + o * piece + i]);
        }
      }
    }
  }

  /** Copies the elements of a stream out, as floats. */
  void read(Memory memory, int row, float[] target, int to) {
    for (int o = 0; o < outer; o++) {
      long from = at(memory, o, row);
      if (operand.storage() == Storage.FLOAT) {
        Elements.read(from, target, to + o * piece, piece);
      } else {
        for (int i = 0; i < piece; i++) {
          long address = from + (long) operand.storage().bytes() * i;
          target[to + o * piece + i] = (float) Elements.get(operand.storage(), address);
        }
      }
    }
  }

  /** Copies the floats of a stream in from a raw address. */
  void load(Memory memory, int row, long source) {
    for (int o = 0; o < outer; o++) {
      Moves.copy(source + (long) Float.BYTES * piece * o, at(memory, o, row), piece);
    }
  }

  /** Copies the floats of a stream out to a raw address. */
  void store(Memory memory, int row, long target) {
    for (int o = 0; o < outer; o++) {
      Moves.copy(at(memory, o, row), target + (long) Float.BYTES * piece * o, piece);
    }
  }
}
