package io.cellbelt.graphs.operators;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.Masked;
import io.cellbelt.cells.Parameter;
import io.cellbelt.cells.engine.ParameterSlab;
import io.cellbelt.cells.engine.Track;
import io.cellbelt.cells.engine.Unrolled;
import io.cellbelt.graphs.operators.RecurrentLayers.Ports;
import io.cellbelt.graphs.plan.Elements;
import io.cellbelt.graphs.plan.Memory;
import io.cellbelt.graphs.plan.Operand;
import io.cellbelt.kernels.Slab;
import io.cellbelt.kernels.WeightFormat;
import io.cellbelt.kernels.elementwise.Moves;
import io.cellbelt.kernels.product.RowLoops;
import java.util.Arrays;
import java.util.Map;

/**
 * What a recurrent layer works in during the runs of one memory: the engine's unrolled layer, and
 * its states on their way in and out. Allocates nothing after construction.
 */
final class RecurrentRun implements AutoCloseable {
  private final ParameterSlab parameters;
  private final boolean owner;
  private final Unrolled unrolled;
  private final int steps;
  private final int batch;
  private final int directions;
  private final int hidden;
  private final int inputs;
  private final int states;
  private final int[] lengths;

  /** By row: where it goes, -1 for a row that does not count. */
  private final int[] moved;

  /** By row: the last one up to it that counts, and the first one from it on, -1 for none. */
  private final int[] last;

  private final int[] next;

  private RecurrentRun(ParameterSlab parameters, boolean owner, int steps, int batch) {
    this.parameters = parameters;
    this.owner = owner;
    this.steps = steps;
    this.batch = batch;
    Architecture architecture = parameters.architecture();
    directions = architecture.layers().getFirst().directions();
    hidden = architecture.layers().getFirst().cell().hiddenSize();
    inputs = architecture.input().size();
    states = architecture.stateSize() / directions / hidden;
    lengths = new int[batch];
    Arrays.fill(lengths, steps);
    moved = new int[steps * batch];
    Arrays.setAll(moved, row -> row);
    last = new int[steps * batch];
    next = new int[steps * batch];
    parameters.slab().acquire();
    try {
      unrolled = new Unrolled(parameters, steps, batch);
    } catch (Throwable e) {
      parameters.slab().release();
      throw e;
    }
  }

  /** With weights that others use, too. */
  static RecurrentRun sharing(ParameterSlab parameters, int steps, int batch) {
    return new RecurrentRun(parameters, false, steps, batch);
  }

  /** With weights that every run {@linkplain #pack brings}. */
  static RecurrentRun owning(Architecture architecture, int steps, int batch) {
    return new RecurrentRun(new ParameterSlab(architecture, WeightFormat.F32), true, steps, batch);
  }

  void pack(Map<String, float[]> values) {
    for (Parameter parameter : parameters.architecture().parameters()) {
      parameters.put(parameter, values.get(parameter.name()));
    }
  }

  /**
   * Runs the layer.
   *
   * @param first its first direction among those of the node
   */
  void run(Memory memory, Ports ports, int first, Masked masked) {
    boolean ragged = ports.lengths() != null || ports.mask() != null;
    int longest = ragged ? order(memory, ports) : steps;
    copyInput(memory, ports.rows(), ragged);
    copyStates(memory, ports, first);
    if (ragged) {
      unrolled.forward(Math.max(1, longest), lengths);
    } else {
      unrolled.forward(steps);
    }
    copyOutput(memory, ports, first, masked, ragged);
    copyLastStates(memory, ports, first);
  }

  /** Which steps count, so which rows there are; returns the most steps of a sequence. */
  private int order(Memory memory, Ports ports) {
    long mask = ports.mask() == null ? 0 : ports.mask().at(memory);
    long given = ports.lengths() == null ? 0 : ports.lengths().at(memory);
    int longest = 0;
    for (int b = 0; b < batch; b++) {
      long length = given == 0 ? steps : Elements.getLong(given + (long) Long.BYTES * b);
      if (length < 0 || length > steps) {
        throw new IllegalArgumentException(
            "A sequence has 0 to " + steps + " steps, but sequence_lens says " + length + ".");
      }
      int counted = 0;
      for (int t = 0; t < steps; t++) {
        int row = t * batch + b;
        boolean counts =
            t < length && (mask == 0 || Elements.getLong(mask + (long) Long.BYTES * row) != 0);
        moved[row] = counts ? counted++ * batch + b : -1;
        last[row] = counted == 0 ? -1 : (counted - 1) * batch + b;
      }
      for (int row = (steps - 1) * batch + b, found = -1; row >= 0; row -= batch) {
        found = moved[row] >= 0 ? moved[row] : found;
        next[row] = found;
      }
      lengths[b] = counted;
      longest = Math.max(longest, counted);
    }
    return longest;
  }

  private void copyInput(Memory memory, Operand rows, boolean ragged) {
    long from = rows.at(memory);
    long step = (long) Float.BYTES * rows.layout().strides()[0];
    long to = unrolled.input(0);
    if (!ragged) {
      // What is copied behind the end of a row is never multiplied.
      RowLoops.copy(from, step, to, unrolled.inputRow(0), Slab.pad(inputs), moved.length);
      return;
    }
    for (int row = 0; row < moved.length; row++, from += step) {
      if (moved[row] >= 0) {
        Moves.copy(from, to + moved[row] * unrolled.inputRow(0), inputs);
      }
    }
  }

  /**
   * Only what the states hold, not the zeros around them, which the engine keeps; so much faster
   * than through an array that networks of many small layers take half the time.
   */
  private void copyStates(Memory memory, Ports ports, int first) {
    for (int d = 0; d < directions; d++) {
      Track track = unrolled.tracks(0)[d];
      long row = track.stateRow();
      long to = track.states(0);
      long from = (long) Float.BYTES * hidden * (first + d);
      long step = (long) Float.BYTES * hidden * ports.h().size(1);
      for (int b = 0; b < batch; b++) {
        Moves.copy(ports.h().at(memory) + from + b * step, to + b * row, hidden);
        if (states > 1) {
          long c = to + b * row + track.plane();
          Moves.copy(ports.c().at(memory) + from + b * step, c, hidden);
        }
      }
    }
  }

  private void copyOutput(Memory memory, Ports ports, int first, Masked masked, boolean ragged) {
    Operand y = ports.y();
    long row = (long) Float.BYTES * y.size(2) * hidden;
    long to = y.at(memory) + (long) Float.BYTES * first * hidden;
    if (!ragged && directions == y.size(2)) {
      // Rows follow each other, so that what is written behind one is overwritten by the next.
      long from = unrolled.output();
      int width = Slab.pad(directions * hidden);
      RowLoops.copy(from, unrolled.outputRow(), to, row, width, moved.length);
      return;
    }
    boolean carry = ports.mask() != null && masked == Masked.CARRY;
    for (int d = 0; d < directions; d++) {
      int[] carried = unrolled.tracks(0)[d].reverse() ? next : last;
      copyRows(carry ? carried : moved, d, to + (long) Float.BYTES * d * hidden, row);
    }
  }

  /** Copies what a direction gives for each row, zeros where the source is -1. */
  private void copyRows(int[] source, int direction, long to, long row) {
    long from = unrolled.output() + (long) Float.BYTES * direction * hidden;
    for (int i = 0; i < source.length; i++) {
      if (source[i] < 0) {
        Moves.fill(to + i * row, hidden, 0);
      } else {
        Moves.copy(from + source[i] * unrolled.outputRow(), to + i * row, hidden);
      }
    }
  }

  private void copyLastStates(Memory memory, Ports ports, int first) {
    for (int d = 0; d < directions; d++) {
      Track track = unrolled.tracks(0)[d];
      long to = (long) Float.BYTES * hidden * (first + d);
      long step = (long) Float.BYTES * hidden * ports.h().size(1);
      for (int b = 0; b < batch; b++) {
        long from = track.states(lengths[b]) + b * track.stateRow();
        // What ONNX Runtime leaves of a sequence without steps are zeros; Keras what it was.
        boolean zero = lengths[b] == 0 && ports.mask() == null;
        state(zero, from, ports.lastH().at(memory) + to + b * step);
        if (states > 1) {
          state(zero, from + track.plane(), ports.lastC().at(memory) + to + b * step);
        }
      }
    }
  }

  private void state(boolean zero, long from, long to) {
    if (zero) {
      Moves.fill(to, hidden, 0);
    } else {
      Moves.copy(from, to, hidden);
    }
  }

  @Override
  public void close() {
    unrolled.close();
    parameters.slab().release();
    if (owner) {
      parameters.close();
    }
  }
}
