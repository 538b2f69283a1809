package io.cellbelt.cells;

import io.cellbelt.cells.engine.NetworkPlan;
import io.cellbelt.cells.engine.ParameterSlab;
import io.cellbelt.cells.engine.StateMemory;
import io.cellbelt.kernels.ExclusiveUse;
import java.lang.foreign.MemorySegment;

/**
 * Streams of a network, any of which advance together, so that the weights are read once for up to
 * {@value Scratch#MOST_STREAMS} of them.
 *
 * <p>Each has the same bits as if it were a {@link Stream} of its own, stepped alone, whichever
 * others advance with it. A stream is no more than its states, {@link Network#streamBytes}; the
 * memory of a step is there once, {@link Network#scratchBytes}.
 *
 * <p>Streams are {@linkplain #open opened} and {@linkplain #close(int) closed} at any time; a
 * number stands for a stream, and closed ones are given again. {@code advance} takes any of them;
 * {@code step} and {@code run} take all that are open, B, in the order of their numbers. Steps
 * allocate nothing, start no threads and take no locks; only the first {@code run} of several steps
 * allocates scratch.
 *
 * <p>Callers' memory is checked and copied at the border: arrays, or segments of any kind and
 * alignment, of which the first floats are used; x and y must not overlap. What is refused changes
 * no state. Where a kernel of the user's own throws, or memory changes during a call, the streams
 * of the same pass stay as they were; of a call of more than {@value Scratch#MOST_STREAMS}, the
 * passes before have gone on. Methods throw
 *
 * <ul>
 *   <li>{@link IllegalArgumentException} if memory is too short or read-only, a token is not in the
 *       vocabulary, tokens are given where the network takes vectors or the other way round, or a
 *       stream is not open or given twice;
 *   <li>{@link IllegalStateException} if one step is asked of a network that needs whole sequences,
 *       the streams are closed, another thread is using them, or the arena of a segment is closed;
 *       {@link WrongThreadException} if it is another thread's.
 * </ul>
 *
 * <p>Thread safety: may move between threads, but has one user at a time; concurrent use is
 * detected and refused. Ownership: closed by whoever opened it, before the network.
 */
public final class Streams implements AutoCloseable {
  private final ParameterSlab parameters;
  private final NetworkPlan plan;
  private final ExclusiveUse use = new ExclusiveUse("group of streams");
  private final StreamGroup group;

  Streams(ParameterSlab parameters, NetworkPlan plan, int count) {
    this.parameters = parameters;
    this.plan = plan;
    parameters.slab().acquire();
    try {
      group = new StreamGroup(plan, count);
    } catch (Throwable e) {
      parameters.slab().release();
      throw e;
    }
  }

  /**
   * Opens a stream, its state zero. Allocates where there was never room for as many.
   *
   * @return the number that stands for it, the lowest that is free
   */
  public int open() {
    use.enter();
    try {
      return group.open();
    } finally {
      use.exit();
    }
  }

  /** Closes a stream, whose number may then be given again. */
  public void close(int stream) {
    use.enter();
    try {
      group.states().close(group.states().checked(stream));
    } finally {
      use.exit();
    }
  }

  /** B, the number of streams that are open. */
  public int count() {
    use.enter();
    try {
      return group.count();
    } finally {
      use.exit();
    }
  }

  /** Whether a number stands for a stream that is open. */
  public boolean isOpen(int stream) {
    use.enter();
    try {
      return group.states().isOpen(stream);
    } finally {
      use.exit();
    }
  }

  /**
   * One step of some streams.
   *
   * @param streams which, each once, in any order, {@code [K]}
   * @param x {@code [K, I]}
   * @param y {@code [K, O]}, written
   */
  public void advance(int[] streams, float[] x, float[] y) {
    advanceSome(streams, StateMemory.count(streams), x, y);
  }

  /**
   * One step of some streams, whose number may vary without new arrays.
   *
   * @param streams which, each once, in any order, and then any numbers
   * @param count K, how many of them
   * @param x {@code [K, I]}
   * @param y {@code [K, O]}, written
   */
  public void advance(int[] streams, int count, float[] x, float[] y) {
    advanceSome(streams, count, x, y);
  }

  /**
   * One step of some streams.
   *
   * @param streams which, each once, in any order, {@code [K]}
   * @param x {@code [K, I]}
   * @param y {@code [K, O]}, written
   */
  public void advance(int[] streams, MemorySegment x, MemorySegment y) {
    advanceSome(streams, StateMemory.count(streams), x, y);
  }

  /**
   * One step of some streams, each fed a token.
   *
   * @param streams which, each once, in any order, {@code [K]}
   * @param tokens {@code [K]}
   * @param y {@code [K, O]}, written
   */
  public void advance(int[] streams, int[] tokens, float[] y) {
    advanceSome(streams, StateMemory.count(streams), tokens, y);
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
    runAll(x, steps, null, y);
  }

  /**
   * T steps of all streams.
   *
   * @param x {@code [T, B, I]}
   * @param steps T, 0 or more
   * @param y {@code [T, B, O]}, written
   */
  public void run(MemorySegment x, int steps, MemorySegment y) {
    runAll(x, steps, null, y);
  }

  /**
   * T steps of all streams, each fed tokens.
   *
   * @param tokens {@code [T, B]}
   * @param steps T, 0 or more
   * @param y {@code [T, B, O]}, written
   */
  public void run(int[] tokens, int steps, float[] y) {
    runAll(tokens, steps, null, y);
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
    runAll(x, steps, Border.given(lengths), y);
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
    runAll(x, steps, Border.given(lengths), y);
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
    runAll(tokens, steps, Border.given(lengths), y);
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

  /** Any of the public forms: x and y are arrays or segments. */
  private void advanceSome(int[] streams, int count, Object x, Object y) {
    use.enter();
    try {
      group.advance(streams, count, x, y);
    } finally {
      use.exit();
    }
  }

  private void advanceOne(Object x, Object y) {
    use.enter();
    try {
      Border.checkSingleSteps(plan);
      group.advance(x, 1, null, y);
    } finally {
      use.exit();
    }
  }

  /** Null lengths are those of streams that all go to the end. */
  private void runAll(Object x, int steps, int[] lengths, Object y) {
    use.enter();
    try {
      group.advance(x, steps, lengths, y);
    } finally {
      use.exit();
    }
  }

  private void advance(Object x, int steps, boolean[] mask, Masked masked, float[] y) {
    use.enter();
    try {
      group.advance(x, steps, mask, masked, y);
    } finally {
      use.exit();
    }
  }

  /** Sets the state of all open streams to zero. */
  public void reset() {
    use.enter();
    try {
      group.states().reset();
    } finally {
      use.exit();
    }
  }

  /** Sets the state of one stream to zero. */
  public void reset(int stream) {
    use.enter();
    try {
      group.states().reset(group.states().checked(stream));
    } finally {
      use.exit();
    }
  }

  /** Floats in the state of one stream; see {@link #saveState}. */
  public int stateSize() {
    return plan.stateSize();
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
      Border.checkState(plan, state);
      group.states().save(group.states().checked(stream), state);
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
      Border.checkState(plan, state);
      group.states().checked(stream);
      plan.checkClocks(state);
      group.states().restore(stream, state);
    } finally {
      use.exit();
    }
  }

  /**
   * Bytes held off-heap, without the shared weights: {@link Network#streamBytes} for each stream
   * that there was room for at first, what was opened besides, and {@link Network#scratchBytes}.
   */
  public long byteSize() {
    use.enter();
    try {
      return group.byteSize();
    } finally {
      use.exit();
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
      group.close();
      parameters.slab().release();
    }
  }
}
