package io.cellbelt.cells;

import io.cellbelt.cells.engine.CarriedStates;
import io.cellbelt.cells.engine.NetworkPlan;
import io.cellbelt.cells.engine.Unrolled;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What a step needs besides the states: room for some rows, which whoever computes has for as long
 * as the call takes. It copies the states of a pass in, advances them, and copies them back at the
 * end, so that a pass that fails has changed none.
 */
final class Scratch implements AutoCloseable {
  /**
   * The most streams that advance in one pass, so the most rows for which the weights are read
   * once. What a pass leaves behind in each layer then fits the L2 cache beside the panels: a
   * stream of an LSTM (256, 256) took 30.4 us alone, 14.9 with 7 others, 13.4 with 31, 13.1 with 63
   * and with 127, which is the peak of the FMA units of an AVX2 machine.
   */
  static final int MOST_STREAMS = 64;

  /**
   * Rows of a longer run that are in memory at once: W is read once for all of them, and what they
   * leave behind fits the L2 cache beside it (32 steps of 32 streams took 5 to 8 percent longer).
   */
  private static final int RUN_ROWS = 64;

  private static final int MOST_STEPS = 32;

  private final NetworkPlan plan;
  private final AtomicBoolean leased = new AtomicBoolean();

  /** Where the packed states of a pass are. */
  private final long[] states = new long[MOST_STREAMS];

  /** Holds the token of a single stream during a step. */
  private final int[] token = new int[1];

  /** What is left of the streams of a pass. */
  private final int[] left = new int[MOST_STREAMS];

  private Unrolled room;
  private int rows;

  Scratch(NetworkPlan plan) {
    this.plan = plan;
  }

  /** Takes it for a call, if nobody has it. */
  boolean lease() {
    return !leased.getPlain() && leased.compareAndSet(false, true);
  }

  /** Gives it back. */
  void release() {
    leased.setRelease(false);
  }

  /** Makes room for some rows, if there is less. */
  void require(int needed) {
    if (needed > rows) {
      Unrolled more = new Unrolled(plan, 1, needed);
      close();
      room = more;
      rows = needed;
    }
  }

  int rows() {
    return rows;
  }

  long byteSize() {
    return room == null ? 0 : room.slab().byteSize();
  }

  /** A token as the input of a step. */
  int[] token(int value) {
    token[0] = value;
    return token;
  }

  /** Sets where the packed state of a row of the next pass is. */
  void state(int row, long address) {
    states[row] = address;
  }

  /**
   * Advances neighbours in a batch, whose sizes were checked.
   *
   * @param first index in the batch of the first
   * @param count how many, 1 to {@link #MOST_STREAMS}
   * @param of how many the batch has
   * @param x {@code [T, of, I]}
   * @param steps T, 1 or more
   * @param lengths {@code [of]}, or null
   * @param y {@code [T, of, O]}, written
   */
  void advance(int first, int count, int of, Object x, int steps, int[] lengths, Object y) {
    int most = steps;
    if (steps > 1 && !plan.needsWholeSequences()) {
      most = Math.clamp(RUN_ROWS / count, 1, MOST_STEPS);
    }
    require(plan.rows(most, count));
    room.sequences(first, count, of);
    CarriedStates carried = room.states();
    if (steps == 1 && count == 1) {
      advanceOne(carried, first, x, lengths, y);
      return;
    }
    for (int row = 0; row < count; row++) {
      carried.load(row, states[row]);
    }
    for (int from = 0; from < steps; from += most) {
      int some = Math.min(most, steps - from);
      if (from > 0) {
        carried.carry();
      }
      Border.copyIn(room, x, (long) from * of, some * count);
      room.forward(some, lengths == null ? null : left(lengths, first, count, from, some));
      Border.copyOut(room, y, (long) from * of, (int) room.outputRows(some));
    }
    for (int row = 0; row < count; row++) {
      carried.store(row, states[row]);
    }
  }

  /** A copy of the states would cost a small network 3 percent of its step. */
  private void advanceOne(CarriedStates carried, int first, Object x, int[] lengths, Object y) {
    carried.borrow(states[0]);
    try {
      Border.copyIn(room, x, 0, 1);
      room.forward(1, lengths == null ? null : left(lengths, first, 1, 0, 1));
      Border.copyOut(room, y, 0, 1);
      carried.store(0, states[0]);
    } finally {
      carried.giveBack();
    }
  }

  /** How many of some steps are left of each stream. */
  private int[] left(int[] lengths, int first, int count, int from, int steps) {
    for (int b = 0; b < count; b++) {
      left[b] = Math.clamp((long) lengths[first + b] - from, 0, steps);
    }
    return left;
  }

  @Override
  public void close() {
    if (room != null) {
      room.close();
    }
  }
}
