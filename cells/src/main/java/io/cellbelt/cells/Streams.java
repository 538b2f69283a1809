package io.cellbelt.cells;

import io.cellbelt.cells.engine.Unrolled;
import io.cellbelt.kernels.ExclusiveUse;
import java.lang.foreign.MemorySegment;

/**
 * B streams advanced together, so that the weights are read once for all of them.
 *
 * <p>Each has the same bits as if it were a {@link Stream} of its own, stepped alone. Steps
 * allocate nothing, start no threads and take no locks; only the first {@code run} of several steps
 * allocates, scratch for {@value #RUN_STEPS} of them.
 *
 * <p>Callers' memory is checked and copied at the border: arrays, or segments of any kind and
 * alignment, of which the first floats are used; x and y must not overlap. When a call throws, no
 * state has changed. Methods throw
 *
 * <ul>
 *   <li>{@link IllegalArgumentException} if memory is too short or read-only, a token is not in the
 *       vocabulary, or tokens are given where the network takes vectors or the other way round;
 *   <li>{@link IllegalStateException} if the streams are closed, another thread is using them, or
 *       the arena of a segment is closed; {@link WrongThreadException} if it is another thread's.
 * </ul>
 *
 * <p>Thread safety: may move between threads, but has one user at a time; concurrent use is
 * detected and refused. Ownership: closed by whoever opened it, before the network.
 */
public final class Streams implements AutoCloseable {
  private static final int RUN_STEPS = 32;

  private final Weights weights;
  private final int count;
  private final ExclusiveUse use = new ExclusiveUse("stream");

  /** Holds the states, at its step 0. */
  private final Unrolled single;

  /** Holds the token of a single stream during a step. */
  private final int[] one = new int[1];

  /** Scratch for several steps; null until needed. */
  private Unrolled several;

  Streams(Weights weights, int count) {
    this.weights = weights;
    this.count = count;
    weights.parameters().slab().acquire();
    try {
      single = new Unrolled(weights.parameters(), 1, count);
    } catch (Throwable e) {
      weights.parameters().slab().release();
      throw e;
    }
  }

  /** B, the number of streams. */
  public int count() {
    return count;
  }

  /**
   * One step of all streams.
   *
   * @param x {@code [B, I]}
   * @param y {@code [B, O]}, written
   */
  public void step(float[] x, float[] y) {
    advance(x, 1, y);
  }

  /**
   * One step of all streams.
   *
   * @param x {@code [B, I]}
   * @param y {@code [B, O]}, written
   */
  public void step(MemorySegment x, MemorySegment y) {
    advance(x, 1, y);
  }

  /**
   * One step of all streams, each fed a token.
   *
   * @param tokens {@code [B]}
   * @param y {@code [B, O]}, written
   */
  public void step(int[] tokens, float[] y) {
    advance(tokens, 1, y);
  }

  /**
   * T steps of all streams.
   *
   * @param x {@code [T, B, I]}
   * @param steps T, 0 or more
   * @param y {@code [T, B, O]}, written
   */
  public void run(float[] x, int steps, float[] y) {
    advance(x, steps, y);
  }

  /**
   * T steps of all streams.
   *
   * @param x {@code [T, B, I]}
   * @param steps T, 0 or more
   * @param y {@code [T, B, O]}, written
   */
  public void run(MemorySegment x, int steps, MemorySegment y) {
    advance(x, steps, y);
  }

  /**
   * T steps of all streams, each fed tokens.
   *
   * @param tokens {@code [T, B]}
   * @param steps T, 0 or more
   * @param y {@code [T, B, O]}, written
   */
  public void run(int[] tokens, int steps, float[] y) {
    advance(tokens, steps, y);
  }

  /** One step of a single stream, fed a token. */
  void step(int token, float[] y) {
    use.enter();
    try {
      one[0] = token;
      advanceAlone(one, 1, y);
    } finally {
      use.exit();
    }
  }

  /** Any of the public forms: x and y are arrays or segments. */
  private void advance(Object x, int steps, Object y) {
    use.enter();
    try {
      advanceAlone(x, steps, y);
    } finally {
      use.exit();
    }
  }

  private void advanceAlone(Object x, int steps, Object y) {
    Border.check(weights.architecture(), (long) steps * count, x, y);
    if (steps == 1) {
      Border.copyIn(single, x, 0, count);
      single.forward(1);
      Border.copyOut(single, y, 0, count);
      single.carry(1);
    } else if (steps > 1) {
      runChunks(x, steps, y);
    }
  }

  private void runChunks(Object x, int steps, Object y) {
    if (several == null) {
      several = new Unrolled(weights.parameters(), RUN_STEPS, count);
    }
    several.copyStates(single);
    for (int from = 0; from < steps; from += RUN_STEPS) {
      int chunk = Math.min(RUN_STEPS, steps - from);
      Border.copyIn(several, x, (long) from * count, chunk * count);
      several.forward(chunk);
      Border.copyOut(several, y, (long) from * count, chunk * count);
      several.carry(chunk);
    }
    single.copyStates(several);
  }

  /** Sets the state of all streams to zero. */
  public void reset() {
    for (int stream = 0; stream < count; stream++) {
      reset(stream);
    }
  }

  /** Sets the state of one stream to zero. */
  public void reset(int stream) {
    use.enter();
    try {
      checkStream(stream);
      single.reset(stream);
    } finally {
      use.exit();
    }
  }

  /** Floats in the state of one stream: the states of every layer, {@code [L][states][H]}. */
  public int stateSize() {
    return single.stateSize();
  }

  /**
   * Copies the state of one stream out.
   *
   * @param state {@code [L][states][H]}: for every layer h, then c where the cell has one; written
   */
  public void saveState(int stream, float[] state) {
    use.enter();
    try {
      checkStream(stream);
      checkState(state);
      single.saveState(stream, state);
    } finally {
      use.exit();
    }
  }

  /**
   * Sets the state of one stream to what {@link #saveState} gave.
   *
   * @param state {@code [L][states][H]}
   */
  public void restoreState(int stream, float[] state) {
    use.enter();
    try {
      checkStream(stream);
      checkState(state);
      single.restoreState(stream, state);
    } finally {
      use.exit();
    }
  }

  /** Bytes held off-heap, without the shared weights. */
  public long byteSize() {
    return single.slab().byteSize() + (several == null ? 0 : several.slab().byteSize());
  }

  private void checkStream(int stream) {
    if (stream < 0 || stream >= count) {
      throw new IllegalArgumentException(
          "There are streams 0 to " + (count - 1) + ", but got " + stream + ".");
    }
  }

  private void checkState(float[] state) {
    if (state.length != stateSize()) {
      throw new IllegalArgumentException(
          "The state of a stream has "
              + stateSize()
              + " floats, but got an array of "
              + state.length
              + ".");
    }
  }

  /**
   * Gives the memory back. Closing again does nothing.
   *
   * @throws IllegalStateException if another thread is using the streams
   */
  @Override
  public void close() {
    if (use.close()) {
      single.close();
      if (several != null) {
        several.close();
      }
      weights.parameters().slab().release();
    }
  }
}
