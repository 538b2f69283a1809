package io.cellbelt.cells;

import io.cellbelt.cells.engine.Compaction;
import io.cellbelt.cells.engine.ParameterSlab;
import io.cellbelt.cells.engine.Unrolled;
import io.cellbelt.kernels.ExclusiveUse;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * B streams advanced together, so that the weights are read once for all of them.
 *
 * <p>Each has the same bits as if it were a {@link Stream} of its own, stepped alone. Steps
 * allocate nothing, start no threads and take no locks; only the first {@code run} of several steps
 * allocates, scratch for {@value #MOST_STEPS} of them at most.
 *
 * <p>Callers' memory is checked and copied at the border: arrays, or segments of any kind and
 * alignment, of which the first floats are used; x and y must not overlap. When a call throws, no
 * state has changed. Methods throw
 *
 * <ul>
 *   <li>{@link IllegalArgumentException} if memory is too short or read-only, a token is not in the
 *       vocabulary, or tokens are given where the network takes vectors or the other way round;
 *   <li>{@link IllegalStateException} if one step is asked of a network that needs whole sequences,
 *       the streams are closed, another thread is using them, or the arena of a segment is closed;
 *       {@link WrongThreadException} if it is another thread's.
 * </ul>
 *
 * <p>Thread safety: may move between threads, but has one user at a time; concurrent use is
 * detected and refused. Ownership: closed by whoever opened it, before the network.
 */
public final class Streams implements AutoCloseable {
  /**
   * Rows of a longer run that are in memory at once: W is read once for all of them, and what they
   * leave behind fits the L2 cache beside it (32 steps of 32 streams took 5 to 8 percent longer).
   */
  private static final int RUN_ROWS = 64;

  private static final int MOST_STEPS = 32;

  private final ParameterSlab weights;
  private final int count;
  private final ExclusiveUse use = new ExclusiveUse("stream");

  /** Holds the states, at its step 0. */
  private final Unrolled single;

  /** Holds the token of a single stream during a step. */
  private final int[] one = new int[1];

  /** Scratch for several steps; null until needed. */
  private Unrolled several;

  Streams(ParameterSlab weights, int count) {
    this.weights = weights;
    this.count = count;
    weights.slab().acquire();
    try {
      single = new Unrolled(weights, 1, count);
    } catch (Throwable e) {
      weights.slab().release();
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
    advanceOne(x, y);
  }

  /**
   * One step of all streams.
   *
   * @param x {@code [B, I]}
   * @param y {@code [B, O]}, written
   */
  public void step(MemorySegment x, MemorySegment y) {
    advanceOne(x, y);
  }

  /**
   * One step of all streams, each fed a token.
   *
   * @param tokens {@code [B]}
   * @param y {@code [B, O]}, written
   */
  public void step(int[] tokens, float[] y) {
    advanceOne(tokens, y);
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

  /**
   * Steps of streams that end at different times: behind its end a stream's outputs are 0 and its
   * state stays; a reverse direction starts at the end.
   *
   * @param x {@code [T, B, I]}
   * @param steps T, 0 or more
   * @param lengths {@code [B]}, 0 to T
   * @param y {@code [T, B, O]}, written
   */
  public void run(float[] x, int steps, int[] lengths, float[] y) {
    advance(x, steps, lengths, y);
  }

  /**
   * Steps of streams that end at different times; see {@link #run(float[], int, int[], float[])}.
   *
   * @param x {@code [T, B, I]}
   * @param steps T, 0 or more
   * @param lengths {@code [B]}, 0 to T
   * @param y {@code [T, B, O]}, written
   */
  public void run(MemorySegment x, int steps, int[] lengths, MemorySegment y) {
    advance(x, steps, lengths, y);
  }

  /**
   * Steps of streams that end at different times; see {@link #run(float[], int, int[], float[])}.
   *
   * @param tokens {@code [T, B]}, in the vocabulary behind the ends, too
   * @param steps T, 0 or more
   * @param lengths {@code [B]}, 0 to T
   * @param y {@code [T, B, O]}, written
   */
  public void run(int[] tokens, int steps, int[] lengths, float[] y) {
    advance(tokens, steps, lengths, y);
  }

  /**
   * Steps of which streams skip some: at a masked step a stream's state stays, and its output is
   * what {@code masked} says. A reverse direction skips the same steps. With attention there are
   * outputs of whole sequences only, and {@code masked} changes nothing. Allocates.
   *
   * @param x {@code [T, B, I]}; not looked at where a step is masked
   * @param steps T, 0 or more
   * @param mask whether a step counts, {@code [T, B]}
   * @param masked what comes out at other steps
   * @param y {@code [T, B, O]}, written
   */
  public void run(float[] x, int steps, boolean[] mask, Masked masked, float[] y) {
    advance(x, steps, mask, masked, y);
  }

  /**
   * Steps of which streams skip some; see {@link #run(float[], int, boolean[], Masked, float[])}.
   *
   * @param tokens {@code [T, B]}; not looked at where a step is masked
   * @param steps T, 0 or more
   * @param mask whether a step counts, {@code [T, B]}
   * @param masked what comes out at other steps
   * @param y {@code [T, B, O]}, written
   */
  public void run(int[] tokens, int steps, boolean[] mask, Masked masked, float[] y) {
    advance(tokens, steps, mask, masked, y);
  }

  /** One step of a single stream, fed a token. */
  void step(int token, float[] y) {
    use.enter();
    try {
      one[0] = token;
      requireSteps();
      advanceAlone(one, 1, null, y);
    } finally {
      use.exit();
    }
  }

  /** Any of the public forms: x and y are arrays or segments. */
  private void advanceOne(Object x, Object y) {
    use.enter();
    try {
      requireSteps();
      advanceAlone(x, 1, null, y);
    } finally {
      use.exit();
    }
  }

  private void advance(Object x, int steps, int[] lengths, Object y) {
    use.enter();
    try {
      Border.checkLengths(lengths, steps, count);
      advanceAlone(x, steps, lengths, y);
    } finally {
      use.exit();
    }
  }

  private void advance(Object x, int steps, boolean[] mask, Masked masked, float[] y) {
    use.enter();
    try {
      Border.check(single, steps, x, y);
      Objects.requireNonNull(masked, "Masked steps put out ZERO or CARRY, but got null.");
      Compaction compaction = new Compaction(mask, steps, count);
      Object gathered =
          x instanceof int[] tokens
              ? compaction.gatherTokens(tokens, single.architecture().input().tokens())
              : compaction.gather((float[]) x, single.inputSize());
      if (single.attention() != null) {
        advanceAlone(gathered, compaction.steps(), compaction.lengths(), y);
        return;
      }
      float[] outputs = new float[compaction.steps() * count * single.outputSize()];
      advanceAlone(gathered, compaction.steps(), compaction.lengths(), outputs);
      compaction.scatter(outputs, single.outputSize(), masked, y);
    } finally {
      use.exit();
    }
  }

  private void advance(Object x, int steps, Object y) {
    use.enter();
    try {
      advanceAlone(x, steps, null, y);
    } finally {
      use.exit();
    }
  }

  private void requireSteps() {
    if (single.needsWholeSequences()) {
      throw new IllegalStateException(
          "The outputs of this network depend on later steps, by a reverse direction or attention;"
              + " give it whole sequences by run.");
    }
  }

  private void advanceAlone(Object x, int steps, int[] lengths, Object y) {
    Border.check(single, steps, x, y);
    if (single.needsWholeSequences()) {
      if (steps > 0) {
        require(steps);
        several.copyStates(single);
        advance(several, x, 0, steps, lengths, y);
        single.copyStates(several);
      }
    } else if (steps == 1) {
      advance(single, x, 0, 1, lengths, y);
    } else if (steps > 1) {
      int most = Math.clamp(RUN_ROWS / count, 1, MOST_STEPS);
      require(most);
      several.copyStates(single);
      for (int from = 0; from < steps; from += most) {
        advance(several, x, from, Math.min(most, steps - from), lengths, y);
      }
      single.copyStates(several);
    }
  }

  /** Makes room for some steps. */
  private void require(int steps) {
    if (several == null || several.maxSteps() < steps) {
      Unrolled more = new Unrolled(weights, steps, count);
      if (several != null) {
        several.close();
      }
      several = more;
    }
  }

  private void advance(Unrolled room, Object x, int from, int steps, int[] lengths, Object y) {
    int rows = steps * count;
    int outputs = (int) room.outputRows(steps);
    Border.copyIn(room, x, (long) from * count, rows);
    room.forward(steps, lengths == null ? null : left(lengths, from, steps));
    Border.copyOut(room, y, (long) from * count, outputs);
    room.carry();
  }

  /** How many of some steps are left of each stream. */
  private int[] left(int[] lengths, int from, int steps) {
    int[] left = new int[count];
    for (int b = 0; b < count; b++) {
      left[b] = Math.clamp((long) lengths[b] - from, 0, steps);
    }
    return left;
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

  /** Floats in the state of one stream; see {@link #saveState}. */
  public int stateSize() {
    return single.stateSize();
  }

  /**
   * Copies the state of one stream out.
   *
   * @param state {@code [L][directions][states][H]}: for every layer and direction h, then c where
   *     the cell has one, then the steps taken where it has a clock; written
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
   * Sets the state of one stream to what {@link #saveState} gave, bit for bit: NaN and infinities
   * are taken as they are, so that a stream that was fed them can be saved, too.
   *
   * @param state {@code [L][directions][states][H]}, and the clocks, whole numbers within their
   *     periods
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
    Objects.requireNonNull(state, "The state of a stream is an array, but got null.");
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
      weights.slab().release();
    }
  }
}
