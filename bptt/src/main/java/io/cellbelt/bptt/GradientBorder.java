package io.cellbelt.bptt;

import io.cellbelt.cells.Architecture;
import io.cellbelt.cells.engine.Track;
import io.cellbelt.cells.engine.Unrolled;
import io.cellbelt.kernels.Slab;
import io.cellbelt.kernels.pointwise.Rows;
import io.cellbelt.kernels.product.RowLoops;

/** Copies gradients between callers' arrays, whose sizes were checked, and a {@link Backward}. */
final class GradientBorder {
  private final Unrolled tape;
  private final Backward backward;
  private final Architecture architecture;

  GradientBorder(Unrolled tape, Backward backward) {
    this.tape = tape;
    this.backward = backward;
    architecture = tape.architecture();
  }

  /** Copies gradients of rows of the outputs in. */
  void putOutputs(float[] dy, int rows) {
    int size = tape.outputSize();
    boolean head = architecture.outputs() > 0;
    if (!head) {
      RowLoops.zero(backward.outputGradient(), backward.outputGradientRow(), Slab.pad(size), rows);
    }
    for (int row = 0; row < rows; row++) {
      if (head) {
        tape.slab().put(tape.outputIndex(row), dy, row * size, size);
      } else {
        long index = row * backward.outputGradientRow() / Float.BYTES;
        backward.outputGradientSlab().put(index, dy, row * size, size);
      }
    }
  }

  /** Copies gradients of the final states of all sequences in; null for none. */
  void putFinal(float[] dFinal) {
    backward.clearFinal();
    for (int b = 0; dFinal != null && b < tape.batch(); b++) {
      int from = b * tape.states().size();
      forEachState(b, from, true, (slab, index, at, count) -> slab.put(index, dFinal, at, count));
    }
  }

  /** Gradients of rows of the input, a new array. */
  float[] input(int rows) {
    int size = architecture.input().size();
    float[] dx = new float[rows * size];
    for (int row = 0; row < rows; row++) {
      backward.inputGradient().get(backward.inputGradientIndex(row), dx, row * size, size);
    }
    return dx;
  }

  /** Gradients of the initial state of a sequence, a new array. */
  float[] initialState(int sequence) {
    float[] gradient = new float[tape.states().size()];
    forEachState(
        sequence, 0, false, (slab, index, at, count) -> slab.get(index, gradient, at, count));
    return gradient;
  }

  /** What is done with one state of one sequence. */
  private interface State {
    void at(Slab slab, long index, int offset, int count);
  }

  private void forEachState(int sequence, int from, boolean last, State state) {
    int at = from;
    for (int l = 0; l < architecture.layers().size(); l++) {
      for (Track track : tape.tracks(l)) {
        TrackBackward back = backward.track(l, track.direction());
        Slab slab = last ? back.finalGradient() : back.stateGradient();
        Rows rows = track.rows();
        for (int s = 0; s < track.schedule().carried(); s++) {
          int size = track.schedule().states().get(s);
          long index = (sequence * rows.stateRow() + s * rows.plane()) / Float.BYTES;
          state.at(slab, index, at, size);
          at += size;
        }
        at += track.cell().clock() > 0 ? 1 : 0;
      }
    }
  }
}
