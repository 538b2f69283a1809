package io.cellbelt.cells;

import io.cellbelt.kernels.ExclusiveUse;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * One sequence on its way through a network: the state between two steps, and nothing more, {@link
 * Network#streamBytes} off-heap. What a step needs besides, the network lends to the thread that
 * calls.
 *
 * <p>Steps allocate nothing, start no threads and take no locks. Only where more threads compute at
 * the same time than ever before, or the first {@code run} of several steps comes, is scratch
 * allocated, {@link Network#scratchBytes}; it stays with the network.
 *
 * <p>Errors, thread safety and ownership are those of {@link Streams}.
 */
public final class Stream implements AutoCloseable {
  private final ExclusiveUse use = new ExclusiveUse("stream");
  private final StreamPool pool;
  private final int index;

  Stream(StreamPool pool) {
    this.pool = pool;
    index = pool.open();
  }

  /**
   * One step.
   *
   * @param x {@code [I]}
   * @param y {@code [O]}, written
   */
  public void step(float[] x, float[] y) {
    stepOnce(x, y);
  }

  /**
   * One step.
   *
   * @param x {@code [I]}
   * @param y {@code [O]}, written
   */
  public void step(MemorySegment x, MemorySegment y) {
    stepOnce(x, y);
  }

  /**
   * One step, fed a token.
   *
   * @param token 0 to vocabulary - 1
   * @param y {@code [O]}, written
   */
  public void step(int token, float[] y) {
    use.enter();
    try {
      Scratch scratch = pool.lease();
      try {
        int[] tokens = scratch.token(token);
        check(tokens, y);
        advance(scratch, tokens, 1, null, y);
      } finally {
        scratch.release();
      }
    } finally {
      use.exit();
    }
  }

  private void stepOnce(Object x, Object y) {
    use.enter();
    try {
      check(x, y);
      advance(x, 1, null, y);
    } finally {
      use.exit();
    }
  }

  private void check(Object x, Object y) {
    Border.checkSingleSteps(pool.plan());
    Border.check(pool.plan(), 1, 1, x, y);
  }

  private void runAll(Object x, int steps, Object y) {
    use.enter();
    try {
      Border.check(pool.plan(), 1, steps, x, y);
      advance(x, steps, null, y);
    } finally {
      use.exit();
    }
  }

  private void runSome(Object x, int steps, boolean[] mask, Masked masked, float[] y) {
    use.enter();
    try {
      MaskedRun.of(pool.plan(), 1, x, steps, mask, masked, y, this::advance);
    } finally {
      use.exit();
    }
  }

  private void advance(Object x, int steps, int[] lengths, Object y) {
    if (steps > 0) {
      Scratch scratch = pool.lease();
      try {
        advance(scratch, x, steps, lengths, y);
      } finally {
        scratch.release();
      }
    }
  }

  private void advance(Scratch scratch, Object x, int steps, int[] lengths, Object y) {
    scratch.state(0, pool.address(index));
    scratch.advance(0, 1, 1, x, steps, lengths, y);
  }

  /**
   * T steps, with the same bits as one after the other, but W x is one product for all.
   *
   * @param x {@code [T, I]}
   * @param steps T, 0 or more
   * @param y {@code [T, O]}, written
   */
  public void run(float[] x, int steps, float[] y) {
    runAll(x, steps, y);
  }

  /**
   * T steps, with the same bits as one after the other, but W x is one product for all.
   *
   * @param x {@code [T, I]}
   * @param steps T, 0 or more
   * @param y {@code [T, O]}, written
   */
  public void run(MemorySegment x, int steps, MemorySegment y) {
    runAll(x, steps, y);
  }

  /**
   * As many steps as tokens, with the same bits as one after the other.
   *
   * @param tokens {@code [T]}
   * @param y {@code [T, O]}, written
   */
  public void run(int[] tokens, float[] y) {
    Objects.requireNonNull(tokens, "The input is an array or a segment, but got null.");
    runAll(tokens, tokens.length, y);
  }

  /**
   * Steps of which some are skipped; see {@link Streams#run(float[], int, boolean[], Masked,
   * float[])}.
   *
   * @param x {@code [T, I]}; not looked at where a step is masked
   * @param steps T, 0 or more
   * @param mask whether a step counts, {@code [T]}
   * @param masked what comes out at other steps
   * @param y {@code [T, O]}, written
   */
  public void run(float[] x, int steps, boolean[] mask, Masked masked, float[] y) {
    runSome(x, steps, mask, masked, y);
  }

  /**
   * As many steps as tokens, of which some are skipped; see {@link Streams#run(float[], int,
   * boolean[], Masked, float[])}.
   *
   * @param tokens {@code [T]}; not looked at where a step is masked
   * @param mask whether a step counts, {@code [T]}
   * @param masked what comes out at other steps
   * @param y {@code [T, O]}, written
   */
  public void run(int[] tokens, boolean[] mask, Masked masked, float[] y) {
    Objects.requireNonNull(tokens, "The input is an array or a segment, but got null.");
    runSome(tokens, tokens.length, mask, masked, y);
  }

  /** Sets the state to zero, as that of a new stream. */
  public void reset() {
    use.enter();
    try {
      pool.reset(index);
    } finally {
      use.exit();
    }
  }

  /** Floats in the state: {@code [L][directions][states][H]}, and one more for each clock. */
  public int stateSize() {
    return pool.plan().stateSize();
  }

  /**
   * Copies the state out.
   *
   * @param state {@code [L][directions][states][H]}: for every layer and direction h, then c where
   *     the cell has one, then the steps taken where it has a clock; written
   */
  public void saveState(float[] state) {
    use.enter();
    try {
      Border.checkState(pool.plan(), state);
      pool.save(index, state);
    } finally {
      use.exit();
    }
  }

  /**
   * Sets the state to what {@link #saveState} gave.
   *
   * @param state {@code [L][directions][states][H]}, and the clocks
   */
  public void restoreState(float[] state) {
    use.enter();
    try {
      Border.checkState(pool.plan(), state);
      pool.plan().checkClocks(state);
      pool.restore(index, state);
    } finally {
      use.exit();
    }
  }

  /** Bytes held off-heap: those of the state, {@link Network#streamBytes}. */
  public long byteSize() {
    return pool.plan().stateBytes();
  }

  /**
   * Gives the memory back. Closing again does nothing.
   *
   * @throws IllegalStateException if another thread is using the stream
   */
  @Override
  public void close() {
    if (use.close()) {
      pool.close(index);
    }
  }
}
