package io.cellbelt.cells.engine;

import io.cellbelt.kernels.elementwise.Moves;
import io.cellbelt.kernels.product.RowLoops;
import io.cellbelt.kernels.simd.Lanes;
import java.util.Arrays;

/**
 * What a track carries from one pass to the next: the states at its step 0, and the clocks.
 *
 * <p>Outside of a track the state of a sequence is packed: its carried states one after the other
 * without gaps, and then the steps taken, modulo the cell's period, where it has a clock.
 */
final class TrackStates {
  private final TrackPlan plan;
  private final TrackMemory memory;
  private final int[] carried;
  private final int uncarried;

  /** Floats of all carried states where they have no gaps in a row either; otherwise 0. */
  private final int whole;

  /** Of the cell; 0 for none. */
  private final int clock;

  /** Steps that each sequence took before step 0. */
  private final int[] clocks;

  TrackStates(TrackPlan plan, TrackMemory memory) {
    this.plan = plan;
    this.memory = memory;
    carried = plan.carried();
    whole = wholeFloats(plan.carried(), memory);
    uncarried = plan.uncarried();
    clock = plan.clock();
    clocks = new int[memory.batch()];
  }

  private static int wholeFloats(int[] carried, TrackMemory memory) {
    int plane = (int) (memory.rows().plane() / Float.BYTES);
    boolean gaps = Arrays.stream(carried).anyMatch(floats -> floats != plane);
    return gaps ? 0 : plane * carried.length;
  }

  int[] clocks() {
    return clocks;
  }

  /** Units that any of the sequences changes at a step. */
  int active(int t, int[] lengths) {
    int active = plan.cell().hiddenSize();
    if (clock > 0) {
      active = 0;
      for (int b = 0; b < memory.batch(); b++) {
        if (t < lengths[b]) {
          active = Math.max(active, plan.cell().active((clocks[b] + t) % clock));
        }
      }
    }
    return active;
  }

  /** Zeroes the states of sequences that have ended by step t. */
  void end(int t, int[] lengths) {
    for (int b = 0; b < memory.batch(); b++) {
      if (t >= lengths[b]) {
        RowLoops.zero(row(t + 1, b), 0, memory.stateFloats(), 1);
      }
    }
  }

  /**
   * Makes the states after some steps, or a sequence's end, those that the next pass starts from.
   */
  void carry(int[] lengths, int steps) {
    for (int b = 0; b < memory.batch(); b++) {
      int taken = Math.min(steps, lengths[b]);
      RowLoops.copy(row(taken, b), 0, row(0, b), 0, memory.stateFloats(), 1);
      if (clock > 0) {
        clocks[b] = (clocks[b] + taken) % clock;
      }
    }
  }

  /** Takes over the states at step 0 of another track like this. */
  void copy(TrackStates other) {
    long row = memory.rows().stateRow();
    int floats = memory.stateFloats();
    RowLoops.copy(other.row(0, 0), row, row(0, 0), row, floats, memory.batch());
    System.arraycopy(other.clocks, 0, clocks, 0, memory.batch());
  }

  /** Sets the state of a sequence at step 0 to zero. */
  void reset(int sequence) {
    RowLoops.zero(row(0, sequence), 0, memory.stateFloats(), 1);
    clocks[sequence] = 0;
  }

  /** Sets the state of a sequence at step 0 to a packed one; returns where that ends. */
  long load(int sequence, long packed) {
    long plane = memory.rows().plane();
    long to = row(0, sequence);
    long at = packed;
    if (whole > 0) {
      RowLoops.copy(at, 0, to, 0, whole, 1);
      at += (long) Float.BYTES * whole;
      to += (long) Float.BYTES * whole;
    } else {
      for (int floats : carried) {
        Moves.copy(at, to, floats);
        at += (long) Float.BYTES * floats;
        to += plane;
      }
    }
    if (uncarried > 0) { // so that no kernel sees what another sequence has left there
      RowLoops.zero(to, 0, (int) (uncarried * plane / Float.BYTES), 1);
    }
    if (clock > 0) {
      clocks[sequence] = (int) Lanes.get(Lanes.base(at));
      at += Float.BYTES;
    }
    return at;
  }

  /** Whether a single sequence can start from its packed state where it lies. */
  boolean canBorrow() {
    return whole > 0 && uncarried == 0 && clock == 0 && !plan.isCustom();
  }

  /** Starts the only sequence from its packed state where it lies; returns where that ends. */
  long borrow(long packed) {
    memory.borrow(packed);
    return packed + (long) Float.BYTES * whole;
  }

  void giveBack() {
    memory.borrow(0);
  }

  /** Packs the state of a sequence after some steps; returns where that ends. */
  long store(int sequence, int steps, long packed) {
    long plane = memory.rows().plane();
    long from = row(steps, sequence);
    long at = packed;
    if (whole > 0) {
      RowLoops.copy(from, 0, at, 0, whole, 1);
      at += (long) Float.BYTES * whole;
    } else {
      for (int floats : carried) {
        Moves.copy(from, at, floats);
        at += (long) Float.BYTES * floats;
        from += plane;
      }
    }
    if (clock > 0) {
      Lanes.set(Lanes.base(at), (clocks[sequence] + steps) % clock);
      at += Float.BYTES;
    }
    return at;
  }

  private long row(int t, int sequence) {
    return memory.states(t) + sequence * memory.rows().stateRow();
  }
}
