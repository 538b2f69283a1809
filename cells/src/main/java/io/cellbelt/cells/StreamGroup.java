package io.cellbelt.cells;

import io.cellbelt.cells.engine.NetworkPlan;
import io.cellbelt.cells.engine.StateMemory;

/** What {@link Streams} guard: the states of some streams, and the scratch that advances them. */
final class StreamGroup implements AutoCloseable {
  private final NetworkPlan plan;
  private final Scratch scratch;
  private final StateMemory states;

  StreamGroup(NetworkPlan plan, int count) {
    this.plan = plan;
    scratch = new Scratch(plan);
    try {
      scratch.require(Math.min(count, Scratch.MOST_STREAMS));
      states = new StateMemory(plan.stateBytes(), count);
    } catch (Throwable e) {
      scratch.close();
      throw e;
    }
  }

  StateMemory states() {
    return states;
  }

  int count() {
    return states.count();
  }

  int open() {
    int needed = states.count() + 1;
    if (needed > scratch.rows() && needed <= Scratch.MOST_STREAMS) {
      scratch.require(Math.clamp(2L * scratch.rows(), needed, Scratch.MOST_STREAMS));
    }
    return states.open();
  }

  /** One step of the first of some streams, checked: x and y are arrays or segments. */
  void advance(int[] streams, int count, Object x, Object y) {
    Border.checkSingleSteps(plan);
    states.check(streams, count);
    Border.check(plan, count, 1, x, y);
    advance(streams, count, x, 1, null, y);
  }

  /** Steps of all streams, which end at different times where there are lengths, checked. */
  void advance(Object x, int steps, int[] lengths, Object y) {
    if (lengths != null) {
      Border.checkLengths(lengths, steps, states.count());
    }
    Border.check(plan, states.count(), steps, x, y);
    advance(null, states.count(), x, steps, lengths, y);
  }

  /** Steps of all streams, which skip some, checked. */
  void advance(Object x, int steps, boolean[] mask, Masked masked, float[] y) {
    int count = states.count();
    MaskedRun.Run run = (in, some, lengths, out) -> advance(null, count, in, some, lengths, out);
    MaskedRun.of(plan, count, x, steps, mask, masked, y, run);
  }

  /**
   * Advances streams in passes.
   *
   * @param streams which, or null for all that are open
   */
  private void advance(int[] streams, int count, Object x, int steps, int[] lengths, Object y) {
    if (count > Scratch.MOST_STREAMS && x instanceof int[] tokens) {
      checkTokens(tokens, steps * count);
    }
    int stream = -1;
    for (int from = 0; steps > 0 && from < count; from += Scratch.MOST_STREAMS) {
      int some = Math.min(Scratch.MOST_STREAMS, count - from);
      for (int row = 0; row < some; row++) {
        // Checked before, but the caller's array may have changed since.
        stream = streams == null ? states.next(stream + 1) : states.checked(streams[from + row]);
        scratch.state(row, states.address(stream));
      }
      scratch.advance(from, some, count, x, steps, lengths, y);
    }
  }

  /** Before the first pass, because the passes before a refused one would have gone on. */
  private void checkTokens(int[] tokens, int count) {
    for (int i = 0; i < count; i++) {
      plan.checkToken(tokens[i], i);
    }
  }

  long byteSize() {
    return states.byteSize() + scratch.byteSize();
  }

  @Override
  public void close() {
    scratch.close();
    states.close();
  }
}
